//! Where a member stands: the member's item and the account say it at once, or neither does.

use domain::kernel::id::MemberId;
use domain::kernel::membership::MemberState;
use domain::kernel::stamp::Stamp;
use domain::ledger::closing::Close;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::doer::Doer;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::refusal::Refused;
use domain::ledger::stand::Stand;
use domain::members::finding::Finding;
use domain::members::standing::{Standing, stand};
use domain::members::state::Member;
use domain::programme::setting::Setting;

use crate::members::attempt::Attempt;
use crate::members::enrol::Kept;
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::{Store, StoreError};

/// Says where a member stands from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standpoint {
    /// There.
    pub state: MemberState,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who says so, if it is not the member.
    pub by: Option<Doer>,
    /// What identifies the request.
    pub stamp: Stamp,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    /// The member afterwards.
    pub member: Member,
    /// The entry of the account.
    pub entry: Entry,
    /// It had been said before.
    pub replayed: bool,
}

/// Why nothing was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotStood {
    /// There is no such member, or none any more.
    Finding(Finding),
    /// It does not follow where the member stands.
    Refused(Standing),
    /// The account does not take it.
    Account(Refused),
}

impl Store {
    /// Suspends a member, lifts that, closes the account or opens it again: one transaction of the member and the account.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn stand(
        &self,
        member: &MemberId,
        standpoint: &Standpoint,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Kept<Stood>, NotStood>, StoreError> {
        let Asking { keys, rules, setting, .. } = asking;
        let Standpoint { state, reason, by, stamp } = standpoint.clone();
        let instruction = &Instruction::keyed(stamp, Command::Stand(Stand { state, reason })).by(by);
        let attempt = || async move {
            let opened = self.open(keys, vec![member.clone()], setting.now).await?;
            let Some(stored) = opened.of(member) else {
                return Ok(Attempt::Refused(NotStood::Finding(opened.finding(member))));
            };
            let mut after = stored.member.clone();
            let fact = stand(&mut after, state, rules);
            let prepared = match self.prepare(&after.id, instruction, setting).await? {
                Ok(prepared) => prepared,
                // What the member's item says comes first: it says why.
                Err(refused) => {
                    let why = fact.map_or_else(NotStood::Refused, |_| NotStood::Account(refused));
                    return Ok(Attempt::Refused(why));
                }
            };
            let stood = |member, replayed| Stood { member, entry: prepared.done.entry.clone(), replayed };
            let Some(write) = prepared.write else {
                let decided = stood(stored.member.clone(), true);
                return Ok(Attempt::Same(Kept { decided, version: stored.version }));
            };
            let fact = match fact {
                Ok(fact) => fact,
                Err(refused) => return Ok(Attempt::Refused(NotStood::Refused(refused))),
            };
            let mut writing = Writing::new(self, asking, &opened.keys, vec![write]);
            writing.member(&after, stored.version, News { facts: &[fact], ..News::default() })?;
            let version = stored.version + 1;
            Ok(Attempt::Write(writing.all().await?, Kept { decided: stood(after, false), version }))
        };
        self.until_written(patience, attempt).await
    }

    /// Empties a member's account for ever, and says why: what is held is released, all points expire, debt is forgiven. It happens once;
    /// the entry of the first time is answered, or none if it is long gone. Whatever else is done with it is up to the caller, before or
    /// after: nothing comes into the account any more.
    ///
    /// # Errors
    /// As [`Store::execute`].
    pub async fn close_account(
        &self,
        member: &MemberId,
        because: &str,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Option<Entry>, StoreError> {
        let instruction = Instruction::closing(member, Close { because: because.to_owned() }, setting.now);
        let mut outcomes = self.execute(member, std::slice::from_ref(&instruction), setting, patience).await?;
        match outcomes.pop() {
            Some(Ok(done)) if matches!(done.entry.detail, Detail::Closed { .. }) => Ok(Some(done.entry)),
            Some(Err(Refused::Gone(_))) => Ok(None),
            Some(Err(Refused::EndingHold(_))) => Err(StoreError::Busy), // another clock is ahead, and the hold is over there
            Some(Err(refused)) => {
                tracing::debug!(?refused, "an account was not closed");
                Err(StoreError::bug("an account can always be closed"))
            }
            _ => Err(StoreError::bug("one command has one outcome")),
        }
    }
}
