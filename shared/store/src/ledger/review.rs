//! Looking at an account without a command: what time has done, and what its facts call for.

use domain::kernel::id::MemberId;
use domain::kernel::membership::HOPS;
use domain::ledger::account::Account;
use domain::ledger::entry::Entry;
use domain::ledger::evaluation::{Evaluated, behaviour, evaluate_seen, lookback};
use domain::ledger::membership::Membership;
use domain::ledger::transfer::absorbed;
use domain::programme::setting::Setting;
use domain::standing::scores::Scored;
use jiff::Timestamp;

use crate::due::armed;
use crate::ledger::account_item::{Record, decode_record};
use crate::ledger::effects::Commit;
use crate::ledger::pages::History;
use crate::race::Patience;
use crate::{Store, StoreError};

/// When an account is looked at without a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// If time has done something to it.
    IfDue,
    /// In any case.
    Now,
    /// The member was seen doing something that the ledger does not tell.
    Seen,
}

/// How many pages are read at once to look back over a year: those of a member that shops every week fit.
const YEAR_OF_PAGES: i32 = 12;

/// Room for the entry of an earning, in bytes: a review, for which nobody waits, seals so that the next earning need not.
const ROOM: usize = 160;

impl Store {
    /// Looks at an account as it stands: writes its books for what time has done, with [`Review::Now`] also its scores, if
    /// what happened may have changed them; and finds its place among those due again. Returns what was written, if anything.
    ///
    /// # Errors
    /// As [`Store::execute`].
    pub async fn review(
        &self,
        member: &MemberId,
        review: Review,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Option<Entry>, StoreError> {
        // The index lags as well: a sweep that sees an account as it was loses the race, or finds it again.
        let mut record = self.read(member, review != Review::IfDue).await?;
        // What an absorbed member is seen doing counts for who stands for it.
        for _ in 0..HOPS {
            let Membership::Merged { into } = &record.account.membership else { break };
            if review != Review::Seen {
                break;
            }
            record = self.read(&into.clone(), true).await?;
        }
        let member = &record.account.member.clone();
        loop {
            if record.account.sequence == 0 {
                return Ok(None);
            }
            let now = record.newest_at().map_or(setting.now, |newest| newest.max(setting.now));
            let setting = Setting { now, ..setting };
            // What has fired is moved; what is yet to come stays where it is, unless it comes sooner.
            let waiting = record.due.filter(|due| *due > now);
            let due = record.account.due(setting);
            let overdue = due.is_some_and(|due| due <= now);
            let turns = record.account.score.as_ref().is_some_and(|score| score.room.activity_turns);
            let rescores = match review {
                Review::IfDue => false,
                Review::Now => record.account.rescore,
                Review::Seen => record.account.rescore || turns,
            };
            if !rescores && !overdue && armed(waiting, due) == record.due {
                return Ok(None);
            }
            let (history, seen) = if rescores || scores_are_next(&record.account, setting) {
                let history = self.looked_back(&record, setting).await?;
                let seen = self.last_seen(member, history.as_deref(), setting).await?;
                (history, seen)
            } else {
                (None, None)
            };
            let Evaluated { account, entry } = evaluate_seen(&record.account, history.as_deref(), seen, setting);
            let due = armed(waiting, account.due(setting));
            let same = (account.rescore, &account.score) == (record.account.rescore, &record.account.score);
            if entry.is_none() && due == record.due && same {
                return Ok(None);
            }
            let mut next = Record { account, version: record.version + 1, due, ..record.clone() };
            next.recent.extend(entry.clone());
            let sealed = self.seal_if_full(&record, next, Self::BUDGET - ROOM).await?;
            match self.commit(&record, &sealed, &[], true).await? {
                Commit::Done => return Ok(entry),
                Commit::Refused(_) => return Err(StoreError::bug("a review touches nothing shared")),
                Commit::Lost(newer) => {
                    if !patience.again().await {
                        return Err(StoreError::Busy);
                    }
                    let newer = decode_record(&newer.ok_or(StoreError::Busy)?);
                    record = newer.map_err(StoreError::of_account(member))?;
                }
            }
        }
    }

    /// The account, and its scores as they are now; no scores if the programme scores nobody.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn scored(
        &self,
        member: &MemberId,
        setting: Setting<'_>,
    ) -> Result<Option<(Account, Option<Scored>)>, StoreError> {
        let record = self.read(member, true).await?;
        if record.account.sequence == 0 {
            return Ok(None);
        }
        let programme = setting.programmes.at(setting.now);
        let (rfmls, history) = (programme.document().rfmls.as_ref(), self.looked_back(&record, setting).await?);
        let seen = self.last_seen(member, history.as_deref(), setting).await?;
        let behaviour = rfmls.zip(history).map(|(rfmls, history)| behaviour(&history, programme, rfmls));
        let behaviour = behaviour.map(|behaviour| behaviour.seen(programme, seen));
        let scored = behaviour.and_then(|behaviour| behaviour.score(programme, programme.zone().date(setting.now)));
        Ok(Some((record.account, scored)))
    }

    /// When a member, or one for whom it stands by its history, was seen last doing something that the ledger does not tell.
    async fn last_seen(
        &self,
        member: &MemberId,
        history: Option<&[Entry]>,
        setting: Setting<'_>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut newest = self.last_signal(member, setting).await?;
        let mut others = history.map(absorbed).unwrap_or_default();
        while let Some(other) = others.pop() {
            newest = newest.max(self.last_signal(&other, setting).await?);
            let record = self.read(&other, true).await?;
            others.extend(self.looked_back(&record, setting).await?.as_deref().map(absorbed).unwrap_or_default());
        }
        Ok(newest)
    }

    /// The entries that scores are worked out from; `None` if the programme scores nobody.
    async fn looked_back(&self, record: &Record, setting: Setting<'_>) -> Result<Option<Vec<Entry>>, StoreError> {
        let Some(since) = lookback(setting.programmes.at(setting.now), setting.now) else { return Ok(None) };
        let mut history = History { entries: record.recent.clone(), unread: record.sealed };
        while history.unread.is_some_and(|unread| unread.at >= since) {
            self.read_older(&record.account.member, &mut history, YEAR_OF_PAGES).await?;
        }
        Ok(Some(history.entries))
    }
}

/// Are the scores what becomes due next? Then they are worked out anew while the account is written anyway: what was bought since
/// mostly moves that instant, and a sweep for it alone would cost another move in the index.
fn scores_are_next(account: &Account, setting: Setting<'_>) -> bool {
    let (mut settled, _) = account.settled(setting);
    settled.written_at = Some(setting.now); // what was to be told has been told
    let next = settled.score.as_ref().and_then(|score| score.turns.first());
    next.is_some() && settled.due(setting) == next
}
