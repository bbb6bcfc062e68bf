//! Rows that present members, each on the way of an enrolment.

use domain::kernel::id::{ContentHash, MemberId, OperationId};
use domain::kernel::stamp::Stamp;
use domain::ledger::doer::Doer;
use domain::members::bringing::{Stands, Stood, brings};
use domain::members::enrolment::{Called, Enrolled, Enrolling, Enrolment, Known};
use domain::members::import::Outcome;
use domain::members::speaking::Speaker;
use domain::members::state::{Member, State};
use futures_util::future::join_all;
use intake::{Applied, Asked, Came, Fault, MemberRow, Plan, Reader, applied, refused, stood};
use sheet::Row;
use store::{Asking, BroughtState, Considered, Doing, Kept, NotStood, StoreError, StoredMember};

use crate::work::{AT_ONCE, Work};

/// The rows of a part.
pub(crate) async fn rows(work: &Work<'_>, rows: &[Row]) -> Result<Came, StoreError> {
    let (speaker, started) = (Speaker::Source(work.source), work.import.as_of());
    let (header, epoch) = work.header;
    let identifiers = work.identifiers()?;
    let dictionary = work.programmes.at(started).document().tag.as_slice();
    let (mapping, rules) = (work.mapping, work.rules);
    let asked = Asked { mapping, identifiers: &identifiers, rules, dictionary, speaker, started };
    let reader = Reader::new(asked, header, epoch);
    let (mut came, waves, repeats) = Plan::new(rows, &reader).into_parts();
    let mut at_once = 1; // the first has the keys loaded that all need
    for wave in waves {
        work.wave(wave, &mut at_once, &mut came).await?;
    }
    Plan::ends(&repeats, &mut came);
    Ok(came)
}

impl Work<'_> {
    /// Rows that name nobody twice.
    async fn wave(&self, wave: Vec<Applied>, at_once: &mut usize, came: &mut Came) -> Result<(), StoreError> {
        let mut wave = wave.into_iter().peekable();
        while wave.peek().is_some() {
            let (mut done, mut told) = (Vec::new(), Vec::new());
            for (number, read, warnings) in wave.by_ref().take(*at_once) {
                done.push(self.proved(number, read));
                told.push((number, warnings));
            }
            *at_once = AT_ONCE;
            for ((number, mut faults), done) in told.into_iter().zip(join_all(done).await) {
                let (outcome, more) = done?;
                faults.extend(more);
                came.insert(number, (outcome, faults));
            }
        }
        Ok(())
    }

    /// One row, and where the member stands of whom it says so.
    async fn proved(&self, number: u32, read: MemberRow) -> Result<(Outcome, Vec<Fault>), StoreError> {
        let said = read.stands.map(|stands| (read.named.clone(), stands.name()));
        let came = self.one(number, read).await?;
        if let Some((named, stands)) = said.filter(|_| came.0 != Outcome::Refused) {
            self.proves_state(&named, stands).await?;
        }
        Ok(came)
    }

    /// One row, on the way of an enrolment.
    async fn one(&self, number: u32, read: MemberRow) -> Result<(Outcome, Vec<Fault>), StoreError> {
        let (bare, stands) = (read.is_bare(), read.stands);
        if let Some(stands) = stands.filter(|stands| stands.is_closed())
            && let Some((StoredMember { member, version }, _)) =
                self.store.holder(self.keys, &read.named, self.now).await?
            && matches!(member.state, State::Closed { .. })
        {
            // Of who has left nothing else is said.
            let mut came = (Outcome::Unchanged, Vec::new());
            self.stand(number, (&member, stands), &mut came).await?;
            return self.as_left(number, (&member.id, version), came).await;
        }
        let enrolment = self.presented(read).await?;
        if bare {
            let looked = self.present(&enrolment, number, Doing::Look).await?;
            if looked.as_ref().is_ok_and(|seen| seen.decided.new) {
                return Ok((Outcome::Refused, vec![MemberRow::nobody()]));
            }
        }
        let doing = if self.writes { Doing::Bring } else { Doing::Look };
        let seen = match self.present(&enrolment, number, doing).await? {
            Ok(seen) => seen,
            Err(refusal) => return Ok((Outcome::Refused, vec![refused(&refusal)])),
        };
        let mut came = applied(&enrolment, &seen.known, &seen.decided);
        let member = &seen.decided.member;
        if let Some(stands) = stands {
            self.stand(number, (member, stands), &mut came).await?;
        }
        self.as_left(number, (&member.id, seen.version), came).await
    }

    /// Of a part that was begun before, what it has written is found as it was left.
    async fn as_left(
        &self,
        number: u32,
        (member, version): (&MemberId, u64),
        (mut outcome, faults): (Outcome, Vec<Fault>),
    ) -> Result<(Outcome, Vec<Fault>), StoreError> {
        if self.again && self.writes && outcome == Outcome::Unchanged {
            let (all, mark) = (self.file(), self.mark(number));
            if self.store.wrote(member, version, (&all, &mark)).await? {
                outcome = Outcome::Accepted;
            }
        }
        Ok((outcome, faults))
    }

    /// Takes a member to where the row says that it stands.
    async fn stand(
        &self,
        number: u32,
        (member, stands): (&Member, Stands),
        came: &mut (Outcome, Vec<Fault>),
    ) -> Result<(), StoreError> {
        let looked = brings(&mut member.clone(), stands, self.rules);
        if !self.writes || !matches!(looked, Stood::There(..)) {
            stood(came, &looked);
            return Ok(());
        }
        let operation = OperationId::of_fact("import", &self.import.id, &format!("state {number}"));
        let content = ContentHash::of(&format!("{stands:?}").into());
        let stamp = Stamp { operation, content, occurred_at: self.now };
        let brought = BroughtState { stands, by: Doer::new(self.import.by.clone()), stamp };
        let mark = self.mark(number);
        let asking = Asking { keys: self.keys, by: &mark, operation, rules: self.rules, setting: self.setting() };
        match self.store.bring_state(&member.id, &brought, asking, &mut (self.patience)()).await? {
            Ok(Kept { decided, .. }) => stood(came, &decided),
            Err(NotStood::Finding(refusal)) => came.1.push(Fault::refused("state", &refusal).warned()),
            Err(NotStood::Refused(refusal)) => came.1.push(Fault::refused("state", &refusal).warned()),
            Err(NotStood::Account(refusal)) => came.1.push(Fault::refused("state", &refusal).warned()),
        }
        Ok(())
    }

    /// Whom a row presents.
    async fn presented(&self, read: MemberRow) -> Result<Enrolment, StoreError> {
        let (store, keys) = (self.store, self.keys);
        let new = keys.new_member_id()?;
        let index = store.index_of(keys, &read.named, self.now).await?;
        let called = Called::Name(read.named, index);
        let MemberRow { identifiers, told, brought, .. } = read;
        let mut enrolment = Enrolment { brought, ..Enrolment::of(new, called, told) };
        for (identifier, verified) in identifiers {
            let presented = store.presented(keys, &identifier, verified, self.now).await?;
            enrolment.present(identifier, presented);
        }
        Ok(enrolment)
    }

    async fn present(
        &self,
        enrolment: &Enrolment,
        number: u32,
        doing: Doing,
    ) -> Result<Result<Considered, Enrolling>, StoreError> {
        let operation = self.operation(number);
        let (file, mark) = (self.file(), self.mark(number));
        let asking = Asking { keys: self.keys, by: &file, operation, rules: self.rules, setting: self.setting() };
        let by = |known: &Known, decided: &Enrolled| {
            let news = applied(enrolment, known, decided).0 == Outcome::Accepted;
            if news { mark.clone() } else { file.clone() }
        };
        let mut patience = (self.patience)();
        self.store.present(enrolment, (asking, &by), &mut patience, doing).await
    }
}
