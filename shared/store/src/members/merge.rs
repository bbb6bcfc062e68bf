//! Two members become one, and two again: both members, both accounts and what is remembered of it, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::kernel::id::MemberId;
use domain::kernel::membership::MemberState;
use domain::kernel::quantity::Points;
use domain::kernel::time::add_days;
use domain::ledger::doer::Doer;
use domain::ledger::transfer::{Transfer, Transferring};
use domain::members::conflict::Pair;
use domain::members::facts::MemberFact;
use domain::members::finding::Finding;
use domain::members::merging::{Joined, Merged, Merging, Undone, Unmerging, check, join, part, undoes};
use domain::members::state::{Member, State};
use domain::planted;

use crate::members::attempt::Attempt;
use crate::members::enrol::Kept;
use crate::members::merge_item::Asked;
use crate::members::read::Opened;
use crate::members::write::{Asking, News, Writing};
use crate::members::{conflict_item, merge_item};
use crate::race::Patience;
use crate::table::MEMBER_JOBS;
use crate::{Store, StoreError};

/// Two members are to be one, or two again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Who stands for both.
    pub survivor: MemberId,
    /// Who is absorbed.
    pub absorbed: MemberId,
    /// Fields of which the absorbed's value counts.
    pub take: BTreeSet<String>,
    /// Who says so.
    pub by: Doer,
    /// Why, in somebody's words: sealed in the survivor's log.
    pub reason: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeDone {
    /// The name of the merge.
    pub merge: String,
    /// The survivor afterwards.
    pub member: Member,
    /// Fields that came from the absorbed.
    pub copied: Vec<String>,
    /// Points that do not come back.
    pub not_returned: Points,
    /// It had been done before.
    pub replayed: bool,
    /// It is so much that a second person has to ask for it as well.
    pub waits: bool,
}

/// Why it was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotMerged {
    /// One of them is nobody, or nobody any more.
    Finding(Finding),
    /// They cannot be made one.
    Merging(Merging),
    /// They cannot be taken apart.
    Unmerging(Unmerging),
    /// Their accounts cannot.
    Transferring(Transferring),
}

impl From<Merging> for NotMerged {
    fn from(refusal: Merging) -> Self {
        Self::Merging(refusal)
    }
}

/// Which of two is nobody.
fn nobody(opened: &Opened, both: [&MemberId; 2]) -> NotMerged {
    let missing = both.into_iter().find(|member| !opened.members.contains_key(*member));
    NotMerged::Finding(missing.map_or(Finding::UnknownMember, |member| opened.finding(member)))
}

impl Store {
    /// Makes two members one.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn merge(
        &self,
        merge: &Merge,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Kept<MergeDone>, NotMerged>, StoreError> {
        let Asking { keys, setting, operation, .. } = asking;
        let Merge { survivor, absorbed, by, reason, .. } = merge;
        if [survivor, absorbed].iter().any(|member| member.as_str() == by.subject()) {
            return Ok(Err(Merging::SelfBenefit.into()));
        }
        let attempt = || async move {
            let name = operation.to_string();
            let opened = self.open(keys, vec![survivor.clone(), absorbed.clone()], setting.now).await?;
            let both = opened.members.get(survivor).zip(opened.members.get(absorbed));
            let Some((one, other)) = both else { return Ok(Attempt::Refused(nobody(&opened, [survivor, absorbed]))) };
            let known = self.merged(absorbed).await?;
            // It is answered as it was also when it has been undone since.
            let is_one = || !planted!("bug-merge-twice") || is_merged(&other.member);
            let same = |(known, _): &&(Merged, u64)| known.merge == name && is_one();
            if let Some((known, _)) = known.as_ref().filter(same) {
                let decided = done(known, one.member.clone(), Points::ZERO, true);
                return Ok(Attempt::Same(Kept { decided, version: one.version }));
            }
            let prepared = self.prepared_merge(merge, (&one.member, &other.member), asking).await?;
            let Ready { stood, joined, entry, points, writes } = match prepared {
                Ok(ready) => ready,
                Err(refused) => return Ok(Attempt::Refused(refused)),
            };
            let pair = Pair::of(survivor, absorbed).ok_or_else(|| StoreError::bug("one member is no pair"))?;
            let waits = |replayed| Kept { decided: waiting(&name, one.member.clone(), replayed), version: one.version };
            let asked = match self.asked_twice(&pair, (&points, merge), asking).await? {
                Seconded::Yes(asked) => asked,
                Seconded::Refused => return Ok(Attempt::Refused(Merging::SameApprover.into())),
                Seconded::Waits => return Ok(Attempt::Same(waits(true))),
                Seconded::First(writes) => return Ok(Attempt::Write(writes, waits(false))),
            };
            let disputed = self.conflict_of(&pair).await?;
            let merged = Merged {
                merge: name.clone(),
                survivor: survivor.clone(),
                absorbed: absorbed.clone(),
                at: setting.now,
                entry,
                stood,
                copied: joined.copied.clone(),
                consents: one.member.consents.clone(),
                with: other.member.absorbed.clone(),
                disputed: disputed.iter().flat_map(|(conflict, _)| &conflict.open).map(|open| open.index).collect(),
                undone: None,
            };
            let read = known.as_ref().map_or(0, |(_, version)| *version);
            let writes = Both { joined: &joined, merged: &merged, fact: told(&merged, true), reason, read, writes };
            let mut writing = self.written(&opened, asking, writes)?;
            if let Some((asked, read)) = asked {
                writing.put(&MEMBER_JOBS, merge_item::encode_asked(&pair, &asked, read + 1), read)?;
            }
            if let Some((mut conflict, read)) = disputed {
                conflict.open.clear();
                conflict.proposed = None;
                writing.conflict(&conflict, read)?;
            }
            let version = one.version + 1;
            let decided = done(&merged, joined.survivor.clone(), Points::ZERO, false);
            Ok(Attempt::Write(writing.all().await?, Kept { decided, version }))
        };
        self.until_written(patience, attempt).await
    }

    /// Takes two members apart who were made one.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn unmerge(
        &self,
        merge: &Merge,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Kept<MergeDone>, NotMerged>, StoreError> {
        let Asking { keys, rules, setting, operation, .. } = asking;
        let Merge { survivor, absorbed, by, reason, .. } = merge;
        if [survivor, absorbed].iter().any(|member| member.as_str() == by.subject()) {
            return Ok(Err(NotMerged::Unmerging(Unmerging::SelfBenefit)));
        }
        let not = |refusal| Ok(Attempt::Refused(NotMerged::Unmerging(refusal)));
        let attempt = || async move {
            let opened = self.open(keys, vec![survivor.clone(), absorbed.clone()], setting.now).await?;
            let both = opened.members.get(survivor).zip(opened.members.get(absorbed));
            let Some((one, other)) = both else { return Ok(Attempt::Refused(nobody(&opened, [survivor, absorbed]))) };
            let Some((mut merged, read)) = self.merged(absorbed).await? else { return not(Unmerging::NotMerged) };
            let own = |undone: &&Undone| undone.operation == operation.to_string() && merged.survivor == *survivor;
            if let Some(undone) = merged.undone.as_ref().filter(own) {
                let decided = done(&merged, one.member.clone(), undone.not_returned, true);
                return Ok(Attempt::Same(Kept { decided, version: one.version }));
            }
            if !is_merged(&other.member) {
                return not(Unmerging::NotMerged);
            }
            if let Err(refused) = undoes(&one.member, &merged, rules) {
                return not(refused);
            }
            let parted = part(&one.member, &other.member, &merged);
            let transfer = Transfer {
                merge: merged.merge.clone(),
                by: Some(by.clone()),
                survivor: parted.survivor.state.of_account(),
                absorbed: Some(parted.absorbed.state.of_account()),
            };
            let prepared = self.prepare_transfer((survivor, absorbed), &transfer, Some(merged.entry), setting).await?;
            let prepared = match prepared {
                Ok(prepared) => prepared,
                Err(refused) => return Ok(Attempt::Refused(NotMerged::Transferring(refused))),
            };
            merged.undone = Some(Undone { operation: operation.to_string(), not_returned: prepared.not_returned });
            let fact = told(&merged, false);
            let writes = Both { joined: &parted, merged: &merged, fact, reason, read, writes: prepared.writes };
            let mut writing = self.written(&opened, asking, writes)?;
            let pair = Pair::of(survivor, absorbed).ok_or_else(|| StoreError::bug("one member is no pair"))?;
            if let Some((mut conflict, read)) = self.conflict_of(&pair).await? {
                conflict.settled.extend(merged.disputed.iter().copied());
                writing.conflict(&conflict, read)?;
            }
            let version = one.version + 1;
            let decided = done(&merged, parted.survivor.clone(), prepared.not_returned, false);
            Ok(Attempt::Write(writing.all().await?, Kept { decided, version }))
        };
        self.until_written(patience, attempt).await
    }

    /// What is remembered of the merge of an absorbed member, if there was one.
    async fn merged(&self, absorbed: &MemberId) -> Result<Option<(Merged, u64)>, StoreError> {
        let found = self.job(merge_item::key(absorbed)).await?;
        Ok(found.as_ref().map(merge_item::decode).transpose()?)
    }

    /// What a merge makes of both members and their accounts.
    async fn prepared_merge(
        &self,
        merge: &Merge,
        (survivor, absorbed): (&Member, &Member),
        asking: Asking<'_>,
    ) -> Result<Result<Ready, NotMerged>, StoreError> {
        let Asking { rules, setting, operation, .. } = asking;
        let stood = match check(survivor, absorbed) {
            Ok(stood) => stood,
            Err(refused) => return Ok(Err(refused.into())),
        };
        let joined = join(survivor, absorbed, &merge.take, rules);
        let (name, by) = (operation.to_string(), Some(merge.by.clone()));
        let transfer = Transfer { merge: name, by, survivor: joined.survivor.state.of_account(), absorbed: None };
        let prepared = self.prepare_transfer((&survivor.id, &absorbed.id), &transfer, None, setting).await?;
        Ok(match prepared {
            Ok(prepared) => {
                let (entry, points) = (prepared.entry.sequence, prepared.points);
                Ok(Ready { stood, joined, entry, points, writes: prepared.writes })
            }
            Err(refused) => Err(NotMerged::Transferring(refused)),
        })
    }

    /// Has a second person asked for it as well, where that has to be?
    async fn asked_twice(
        &self,
        pair: &Pair,
        (points, merge): (&Points, &Merge),
        asking: Asking<'_>,
    ) -> Result<Seconded, StoreError> {
        let Asking { setting, operation, .. } = asking;
        let rules = &setting.programmes.at(setting.now).document().adjustment;
        if *points <= rules.approval_over {
            return Ok(Seconded::Yes(None));
        }
        let before = self.merge_asked(pair).await?;
        let version = before.as_ref().map_or(0, |(_, version)| *version);
        let own = Asked { by: merge.by.who.clone(), at: setting.now, operation: operation.to_string(), done: false };
        let open = before.map(|(before, _)| before);
        match open.filter(|open| !open.done && setting.now < add_days(open.at, rules.approval_days)) {
            Some(first) if first.by != own.by => Ok(Seconded::Yes(Some((Asked { done: true, ..own }, version)))),
            Some(first) if first.operation != own.operation => Ok(Seconded::Refused),
            Some(_) => Ok(Seconded::Waits),
            None => {
                let keys = BTreeMap::new();
                let mut writing = Writing::new(self, asking, &keys, Vec::new());
                writing.put(&MEMBER_JOBS, merge_item::encode_asked(pair, &own, version + 1), version)?;
                Ok(Seconded::First(writing.all().await?))
            }
        }
    }

    /// Whether somebody has asked for a merge that a second person has to ask for as well.
    async fn merge_asked(&self, pair: &Pair) -> Result<Option<(Asked, u64)>, StoreError> {
        let found = self.job(merge_item::key_asked(pair)).await?;
        Ok(found.as_ref().map(merge_item::decode_asked).transpose()?)
    }

    /// What two members both say is theirs, if anything was ever.
    async fn conflict_of(&self, pair: &Pair) -> Result<Option<(domain::members::conflict::Conflict, u64)>, StoreError> {
        let found = self.job(conflict_item::key(pair)).await?;
        Ok(found.as_ref().map(conflict_item::decode).transpose()?)
    }

    /// Both members, what is remembered, and both accounts.
    fn written<'a>(
        &'a self,
        opened: &'a Opened,
        asking: Asking<'a>,
        both: Both<'_>,
    ) -> Result<Writing<'a>, StoreError> {
        let Both { joined, merged, fact, reason, read, writes } = both;
        let version = |member: &Member| opened.members.get(&member.id).map_or(0, |stored| stored.version);
        let mut writing = Writing::new(self, asking, &opened.keys, writes);
        let facts = [fact];
        let news =
            News { facts: &facts, records: joined.records.iter().collect(), reason: Some(reason), ..News::default() };
        writing.member(&joined.survivor, version(&joined.survivor), news)?;
        writing.member(&joined.absorbed, version(&joined.absorbed), News::default())?;
        writing.put(&MEMBER_JOBS, merge_item::encode(merged, read + 1), read)?;
        Ok(writing)
    }
}

/// A merge that is decided, and not written yet.
struct Ready {
    /// Where both stood.
    stood: (MemberState, MemberState),
    /// What becomes of both.
    joined: Joined,
    /// The entry of the survivor's account.
    entry: u64,
    /// What the absorbed has and owes.
    points: Points,
    /// Both accounts.
    writes: Vec<TransactWriteItem>,
}

/// What has become of the question whether a second person asks for it.
enum Seconded {
    /// Nobody has to, or somebody does: what is remembered of that.
    Yes(Option<(Asked, u64)>),
    /// The first one asks again.
    Refused,
    /// The first one asks the same again, and waits on.
    Waits,
    /// This is the first: what keeps that.
    First(Vec<TransactWriteItem>),
}

/// What is written of both.
struct Both<'a> {
    joined: &'a Joined,
    merged: &'a Merged,
    fact: MemberFact,
    /// Why.
    reason: &'a str,
    /// The version of what is remembered that was read.
    read: u64,
    writes: Vec<TransactWriteItem>,
}

/// What others are told: that two are one, or two again.
fn told(merged: &Merged, one: bool) -> MemberFact {
    let (survivor, absorbed) = (merged.survivor.to_string(), merged.absorbed.to_string());
    let merge = merged.merge.clone();
    if one {
        MemberFact::MembersMerged { survivor, absorbed, merge }
    } else {
        MemberFact::MembersUnmerged { survivor, absorbed, merge }
    }
}

fn is_merged(member: &Member) -> bool {
    matches!(member.state, State::Merged { .. })
}

fn done(merged: &Merged, member: Member, not_returned: Points, replayed: bool) -> MergeDone {
    let copied = merged.copied.iter().map(|(field, _)| field.clone()).collect();
    MergeDone { merge: merged.merge.clone(), member, copied, not_returned, replayed, waits: false }
}

fn waiting(merge: &str, member: Member, replayed: bool) -> MergeDone {
    let (merge, copied, not_returned) = (merge.to_owned(), Vec::new(), Points::ZERO);
    MergeDone { merge, member, copied, not_returned, replayed, waits: true }
}
