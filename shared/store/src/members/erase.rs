//! A member is erased: it is asked for, waits, is taken back or begins; what is known of the member is gone in one write, and whatever
//! else there is goes after it, step by step, each as often as it takes (rules: privacy 20-22, 26).

use std::collections::BTreeMap;
use std::convert::Infallible;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::kernel::id::{ContentHash, EntryId, MemberId, OperationId};
use domain::kernel::membership::MemberState;
use domain::kernel::stamp::Stamp;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::doer::Doer;
use domain::ledger::stand::Stand;
use domain::members::erasing::{Because, Erasing, Request, Work};
use domain::members::facts::{LEFT, MemberFact};
use domain::members::receipt::{Receipt, Step};
use domain::members::state::{Member, State};
use domain::programme::privacy::SIGNALS as OWN;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::attribute::{instant, text};
use crate::members::access::ACCESS;
use crate::members::attempt::{Attempt, NotWritten};
use crate::members::claims;
use crate::members::erasure_item::{
    DUE, decode_receipt, decode_request, encode_receipt, encode_request, key, member_of,
};
use crate::members::member_item::Stored;
use crate::members::read::Opened;
use crate::members::records::RECORDS;
use crate::members::tag::Settled;
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::table::{ERASURES, MEMBER_JOBS, OPEN_AT, OPEN_INDEX, OPEN_KIND};
use crate::{Store, StoreError};

/// Somebody wants a member erased.
#[derive(Debug, Clone, Copy)]
pub struct AskErasure<'a> {
    /// Why.
    pub because: Because,
    /// At once, without days to think it over.
    pub at_once: bool,
    /// Who asks, if it is not the member.
    pub by: Option<&'a Doer>,
    /// Why, in somebody's words: sealed in the member's log, and gone with the member.
    pub reason: Option<&'a str>,
}

/// What is due beside members themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueJobs {
    /// Members whose erasure is due, or has begun and is not done.
    pub erasures: Vec<MemberId>,
    /// Members whose exports are not there though nobody is at work on them any more.
    pub exports: Vec<MemberId>,
    /// Members whose records of consent have been kept for long enough.
    pub records: Vec<MemberId>,
}

/// An erasure as it stands: asked for, or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasure {
    /// It has not begun.
    Waits(Request),
    /// The member is gone.
    Done(Receipt),
}

/// How it stands, or why nothing was done.
type Answer = Result<Erasure, NotWritten<Erasing>>;

impl Store {
    /// Asks that a member be erased, and begins if nothing keeps it waiting. Who has asked already is answered what was said then.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn ask_erasure(
        &self,
        member: &MemberId,
        ask: AskErasure<'_>,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Answer, StoreError> {
        let (now, rules) = (asking.setting.now, asking.rules);
        let attempt = || async move {
            let opened = self.open(asking.keys, vec![member.clone()], now).await?;
            let stored = match itself(&opened, member) {
                Ok(stored) => stored,
                // Whoever asks again, for the answer was lost, is answered the same.
                Err(why) => {
                    let receipt = if opened.erased.contains_key(member) { self.receipt(member).await? } else { None };
                    return Ok(receipt.map_or(Attempt::Refused(why), |(done, _)| Attempt::Same(Erasure::Done(done))));
                }
            };
            let (known, read) = self.request(member).await?;
            let mut request = known.clone().unwrap_or_else(|| Request::new(member.clone()));
            request.ask((asking.by, ask.because), ask.at_once, now, rules.privacy.cool_off_days);
            if request.due(rules.terms.zone).is_some_and(|due| due <= now) {
                return self.beginning((&opened, stored), (request, read), asking).await;
            }
            if known.as_ref() == Some(&request) {
                return Ok(Attempt::Same(Erasure::Waits(request)));
            }
            let (mut after, mut facts, mut first) = (stored.member.clone(), Vec::new(), Vec::new());
            if after.state == State::Active {
                first.extend(self.standing((&after, &request.id()), MemberState::Closed, ask.by, asking).await?);
                after.state = State::Closed { at: now, deceased: false };
                facts.push(MemberFact::MemberClosed { because: LEFT.to_owned() });
                if let Some(asked) = &mut request.asked {
                    asked.closed = true;
                }
            }
            let due = request.due(rules.terms.zone);
            facts.extend(due.map(|due| MemberFact::ErasureRequested { due: due.to_string() }));
            let mut writing = Writing::new(self, asking, &opened.keys, first);
            writing.member(&after, stored.version, News { facts: &facts, reason: ask.reason, ..News::default() })?;
            writing.put(&MEMBER_JOBS, encode_request(&request, read + 1, due, asking.setting), read)?;
            Ok(Attempt::Write(writing.all().await?, Erasure::Waits(request)))
        };
        self.until_written(patience, attempt).await
    }

    /// Takes back what was asked for; an account that was closed for it is opened again.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn revoke_erasure(
        &self,
        EntryId { member, sequence }: &EntryId,
        by: Option<&Doer>,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Option<Answer>, StoreError> {
        let (now, zone) = (asking.setting.now, asking.rules.terms.zone);
        let attempt = || async move {
            let (known, read) = self.request(member).await?;
            let Some(known) = known.filter(|known| known.n == *sequence) else { return Ok(Attempt::Same(None)) };
            let opened = self.open(asking.keys, vec![member.clone()], now).await?;
            let stored = match itself(&opened, member) {
                Ok(stored) => stored,
                Err(why) => return Ok(Attempt::Refused(why)),
            };
            let mut request = known.clone();
            let closed = match request.revoke(now, zone) {
                Ok(closed) => closed,
                Err(refused) => return Ok(Attempt::refused(refused)),
            };
            if request == known {
                return Ok(Attempt::Same(Some(Erasure::Waits(request))));
            }
            let (mut after, mut facts, mut first) = (stored.member.clone(), Vec::new(), Vec::new());
            if closed && matches!(after.state, State::Closed { .. }) {
                first.extend(self.standing((&after, &request.id()), MemberState::Active, by, asking).await?);
                after.state = State::Active;
                facts.push(MemberFact::MemberReactivated {});
            }
            let mut writing = Writing::new(self, asking, &opened.keys, first);
            let notes = vec![("erasure", "revoked".into())];
            writing.member(&after, stored.version, News { facts: &facts, notes, ..News::default() })?;
            writing.put(&MEMBER_JOBS, encode_request(&request, read + 1, None, asking.setting), read)?;
            Ok(Attempt::Write(writing.all().await?, Some(Erasure::Waits(request))))
        };
        Ok(self.until_written(patience, attempt).await?.transpose())
    }

    /// Keeps an erasure waiting until a local date is over: one that was asked for, or the one that will be asked for next.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn hold_erasure(
        &self,
        EntryId { member, sequence }: &EntryId,
        (until, reason): (Date, &str),
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Option<Answer>, StoreError> {
        let attempt = || async move {
            let (known, read) = self.request(member).await?;
            let mut request = known.clone().unwrap_or_else(|| Request::new(member.clone()));
            if request.revoked_at.is_some() {
                request = Request { n: request.n.saturating_add(1), ..Request::new(member.clone()) };
            }
            if request.n != *sequence {
                return Ok(Attempt::Same(None));
            }
            let opened = self.open(asking.keys, vec![member.clone()], asking.setting.now).await?;
            let stored = match itself(&opened, member) {
                Ok(stored) => stored,
                Err(why) => return Ok(Attempt::Refused(why)),
            };
            if let Err(refused) = request.hold(until) {
                return Ok(Attempt::refused(refused));
            }
            if known.as_ref() == Some(&request) {
                return Ok(Attempt::Same(Some(Erasure::Waits(request))));
            }
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            let notes = vec![("erasure", format!("held until {until}").into())];
            writing.member(&stored.member, stored.version, News { notes, reason: Some(reason), ..News::default() })?;
            let due = request.due(asking.rules.terms.zone);
            writing.put(&MEMBER_JOBS, encode_request(&request, read + 1, due, asking.setting), read)?;
            Ok(Attempt::Write(writing.all().await?, Some(Erasure::Waits(request))))
        };
        Ok(self.until_written(patience, attempt).await?.transpose())
    }

    /// An erasure by its name.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is not what was written.
    pub async fn erasure(&self, EntryId { member, sequence }: &EntryId) -> Result<Option<Erasure>, StoreError> {
        if let Some((receipt, _)) = self.receipt(member).await? {
            return Ok(Some(receipt).filter(|receipt| receipt.n == *sequence).map(Erasure::Done));
        }
        let (request, _) = self.request(member).await?;
        Ok(request.filter(|request| request.n == *sequence).map(Erasure::Waits))
    }

    /// Writes what time has done to a member: tags end, and who has closed the account for long is erased. True if it had done anything.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn settle_member(
        &self,
        member: &MemberId,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        match self.end_tags(member, asking, patience).await? {
            Settled::Nothing => Ok(false),
            Settled::Written => Ok(true),
            Settled::Gone => self.purge(member, Because::Closed, asking, patience).await,
            Settled::Quiet => self.look_at_quiet(member, asking, patience).await,
        }
    }

    /// Erases a member for whom nobody asks: true if nothing keeps it.
    pub(crate) async fn purge(
        &self,
        member: &MemberId,
        because: Because,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        let ask = AskErasure { because, at_once: true, by: None, reason: None };
        match self.ask_erasure(member, ask, asking, patience).await? {
            Ok(Erasure::Done(_)) => self.go_on_erasing(member, asking, patience).await,
            Ok(Erasure::Waits(_)) | Err(_) => Ok(false),
        }
    }

    /// What is due by an instant beside members themselves.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn due_jobs(&self, until: Timestamp) -> Result<DueJobs, StoreError> {
        let (mut due, mut start) = (DueJobs::default(), None);
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&MEMBER_JOBS)?).index_name(OPEN_INDEX);
            let query = query.key_condition_expression("#kind = :kind AND #at <= :at");
            let query = query.expression_attribute_names("#kind", OPEN_KIND).expression_attribute_names("#at", OPEN_AT);
            let query = query.expression_attribute_values(":kind", text(DUE));
            let query = query.expression_attribute_values(":at", instant(until));
            let found = query.set_exclusive_start_key(start).send().await?;
            for item in found.items.unwrap_or_default() {
                let (kind, member) = member_of(&item)?;
                match kind {
                    ACCESS => due.exports.push(member),
                    RECORDS => due.records.push(member),
                    _ => due.erasures.push(member),
                }
            }
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(due);
            }
        }
    }

    /// Begins an erasure that is due, and does what there is to do of one that has begun: true if anything was.
    ///
    /// # Errors
    /// As [`Store::enrol`]; whatever was done until then is done.
    pub async fn go_on_erasing(
        &self,
        member: &MemberId,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        let (now, zone) = (asking.setting.now, asking.rules.terms.zone);
        let (Some(mut request), mut read) = self.request(member).await? else { return Ok(false) };
        if request.work.is_none() {
            if request.revoked_at.is_some() || request.due(zone).is_none_or(|due| now < due) {
                return Ok(false); // the index lags
            }
            let because = request.asked.as_ref().map_or(Because::Asked, |asked| asked.because);
            let ask = AskErasure { because, at_once: false, by: None, reason: None };
            if !matches!(self.ask_erasure(member, ask, asking, patience).await?, Ok(Erasure::Done(_))) {
                return Ok(false);
            }
            let (Some(begun), version) = self.request(member).await? else { return Ok(false) };
            (request, read) = (begun, version);
        }
        loop {
            match self.finish((request, read), asking, patience).await {
                // Somebody else goes on with it, or what was written was not answered: what is left is done again.
                Err(StoreError::Busy) if patience.again().await => {}
                finished => return finished.map(|()| true),
            }
            let (Some(left), version) = self.request(member).await? else { return Ok(true) };
            (request, read) = (left, version);
        }
    }

    /// A context says how much of a member it has deleted.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn erasure_answered(
        &self,
        member: &MemberId,
        (context, deleted): (&str, u64),
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        let now = asking.setting.now;
        let attempt = || async move {
            let Some((mut receipt, read)) = self.receipt(member).await? else { return Ok(Attempt::Same(false)) };
            if !receipt.answered(context, deleted, now) {
                return Ok(Attempt::<_, Infallible>::Same(false));
            }
            let keys = BTreeMap::new();
            let mut writing = Writing::new(self, asking, &keys, Vec::new());
            writing.put(&ERASURES, encode_receipt(&receipt, read + 1, now), read)?;
            Ok(Attempt::Write(writing.all().await?, true))
        };
        let Ok(news) = self.until_written(patience, attempt).await?;
        Ok(news)
    }

    /// What was asked for of a member, as long as it has not happened.
    ///
    /// # Errors
    /// What DynamoDB says, or the job is not what was written.
    pub async fn erasure_asked(&self, member: &MemberId) -> Result<Option<Request>, StoreError> {
        Ok(self.request(member).await?.0.filter(|request| request.asked.is_some()))
    }

    /// The receipt of a member who was erased.
    ///
    /// # Errors
    /// What DynamoDB says, or the row is not what was written.
    pub async fn receipt_of(&self, member: &MemberId) -> Result<Option<Receipt>, StoreError> {
        Ok(self.receipt(member).await?.map(|(receipt, _)| receipt))
    }

    /// A step of an erasure that is not done here was done: what it came to the first time counts.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn erasure_did(
        &self,
        member: &MemberId,
        (step, count): (Step, u64),
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<(), StoreError> {
        let now = asking.setting.now;
        let attempt = || async move {
            let Some((mut receipt, read)) = self.receipt(member).await? else { return Ok(Attempt::Same(())) };
            if receipt.steps.contains_key(&step) {
                return Ok(Attempt::<_, Infallible>::Same(()));
            }
            receipt.did(step, count, now);
            let keys = BTreeMap::new();
            let mut writing = Writing::new(self, asking, &keys, Vec::new());
            writing.put(&ERASURES, encode_receipt(&receipt, read + 1, now), read)?;
            Ok(Attempt::Write(writing.all().await?, ()))
        };
        let Ok(()) = self.until_written(patience, attempt).await?;
        Ok(())
    }

    /// What is asked for of a member, and the version of its job.
    pub(crate) async fn request(&self, member: &MemberId) -> Result<(Option<Request>, u64), StoreError> {
        let found = self.job(key(member)).await?.as_ref().map(decode_request).transpose()?;
        Ok(found.map_or((None, 0), |(request, version)| (Some(request), version)))
    }

    /// The receipt of who was erased, and the version of its row.
    pub(crate) async fn receipt(&self, member: &MemberId) -> Result<Option<(Receipt, u64)>, StoreError> {
        Ok(self.item_at(&ERASURES, member).await?.as_ref().map(decode_receipt).transpose()?)
    }

    /// The write by which the account says where the member stands.
    async fn standing(
        &self,
        (member, erasure): (&Member, &str),
        state: MemberState,
        by: Option<&Doer>,
        asking: Asking<'_>,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        // Known by the erasure: whoever asks again, for the answer was lost, asks the same.
        let operation = OperationId::of_fact("/perennial/members", erasure, state.name());
        let occurred_at = asking.setting.now;
        let stamp = Stamp { operation, content: ContentHash([0; 8]), occurred_at };
        let stand = Instruction::keyed(stamp, Command::Stand(Stand { state, reason: None })).by(by.cloned());
        match self.prepare(&member.id, &stand, asking.setting).await? {
            Ok(prepared) => Ok(prepared.write),
            Err(refused) => {
                tracing::debug!(?refused, "an account does not follow its member");
                Err(StoreError::Busy) // it was read before the member was written, and is read again
            }
        }
    }

    /// Everything that is known of the member is gone in one write, and with it the keys of all it stood for.
    async fn beginning(
        &self,
        (opened, stored): (&Opened, &Stored),
        (mut request, read): (Request, u64),
        asking: Asking<'_>,
    ) -> Result<Attempt<Erasure, NotWritten<Erasing>>, StoreError> {
        let (now, rules) = (asking.setting.now, asking.rules);
        let Some(asked) = request.asked.clone() else { return Err(StoreError::bug("nobody has asked")) };
        let absorbed = self.open(asking.keys, stored.member.absorbed.clone(), now).await?;
        let went: Vec<&Stored> = stored.member.absorbed.iter().filter_map(|id| absorbed.members.get(id)).collect();
        let awaited = rules.privacy.erasable.iter().filter(|context| *context != OWN);
        let mut receipt = Receipt {
            member: stored.member.id.clone(),
            n: request.n,
            asked_at: asked.at,
            by: asked.by,
            because: asked.because,
            erased_at: now,
            absorbed: stored.member.absorbed.clone(),
            steps: BTreeMap::new(),
            answers: awaited.map(|context| (context.clone(), None)).collect(),
            late: false,
        };
        let everybody = || std::iter::once(stored).chain(went.iter().copied());
        let held = everybody().flat_map(|stored| &stored.member.identifiers);
        let held = held.filter(|held| held.identifier.kind.is_unique() && !held.contact);
        let claims = held.map(|held| claims::key(&held.identifier.kind, held.index)).collect();
        request.work = Some(Work { claims, signals: None });
        let count = u64::try_from(everybody().count()).unwrap_or(u64::MAX);
        receipt.did(Step::Members, count, now);
        receipt.did(Step::Keys, count, now);
        let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
        writing.put(&ERASURES, encode_receipt(&receipt, 1, now), 0)?;
        writing.put(&MEMBER_JOBS, encode_request(&request, read + 1, Some(now), asking.setting), read)?;
        let absorbed = receipt.absorbed.iter().map(ToString::to_string).collect();
        let erased = [MemberFact::MemberErased { receipt: receipt.id(), absorbed }];
        for one in everybody() {
            let facts: &[MemberFact] = if one.member.id == receipt.member { &erased } else { &[] };
            let notes = if facts.is_empty() { vec![("states", "erased".into())] } else { Vec::new() };
            writing.erased((&one.member.id, one.version), &receipt, &News { facts, notes, ..News::default() })?;
        }
        Ok(Attempt::Write(writing.all().await?, Erasure::Done(receipt)))
    }
}

/// A member under its own id: who is absorbed is not erased alone.
fn itself<'a>(opened: &'a Opened, member: &MemberId) -> Result<&'a Stored, NotWritten<Erasing>> {
    let Some(stored) = opened.members.get(member) else { return Err(NotWritten::Finding(opened.finding(member))) };
    match &stored.member.state {
        State::Merged { into } => {
            let survivor = opened.live(member).unwrap_or(into).clone();
            Err(NotWritten::Refused(Erasing::Merged { survivor }))
        }
        _ => Ok(stored),
    }
}
