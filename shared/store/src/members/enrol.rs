//! A source presents somebody: read whom it may be about, decide, write all of it at once.

use std::collections::{BTreeMap, BTreeSet};

use domain::kernel::id::MemberId;
use domain::members::conflict::{Conflict, Pair};
use domain::members::enrolment::{Called, Enrolled, Enrolling, Enrolment, Known, enrol};
use domain::members::finding::Finding;
use domain::members::identifier::Index;
use domain::members::resolution::{Holder, Link};
use domain::members::state::Member;
use domain::members::telling::{Heard, Telling, Told, tell};

use crate::members::attempt::{Attempt, NotWritten};
use crate::members::claims::{self, Claimed, Seen as Held};
use crate::members::conflict_item;
use crate::members::member_item::Stored;
use crate::members::read::Opened;
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::sealed::keys::Keys;
use crate::table::{CLAIMS, MEMBER_JOBS};
use crate::write::Writes;
use crate::{Store, StoreError};

/// What a write of a member came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    /// What was decided.
    pub decided: T,
    /// The version of the member's item afterwards.
    pub version: u64,
}

/// Is what is decided written?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// No: what would come of it.
    Look,
    /// Yes.
    Write,
    /// Yes, and what was there before is kept in the log, so that it can be taken back.
    Bring,
}

/// What presenting somebody came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// What was known before.
    pub known: Known,
    /// What was decided.
    pub decided: Enrolled,
    /// The version of the member's item afterwards.
    pub version: u64,
}

/// Who writes, by what is known and decided.
pub type By<'a> = dyn Fn(&Known, &Enrolled) -> String + Sync + 'a;

/// Whom it may be about, as they are.
struct Seen {
    known: Known,
    opened: Opened,
    /// Claims, by key.
    claimed: BTreeMap<String, Claimed>,
    /// Claims of what belonged to people who were erased.
    erased: BTreeSet<String>,
    /// Versions of conflicts.
    conflicts: BTreeMap<Pair, u64>,
}

/// The member's own id, if the member is called so.
fn own_id(enrolment: &Enrolment) -> Option<&MemberId> {
    match &enrolment.called {
        Called::Id(member) => Some(member),
        Called::Name(name, _) => Some(&enrolment.new).filter(|new| new.as_str() == name.value),
    }
}

/// What a member was before, but for what moves to it: that stays, and a person decides.
fn before(enrolment: &Enrolment, decided: &Enrolled, known: &Known) -> Option<Member> {
    let mut before = known.members.get(&decided.member.id)?.clone();
    for (link, (_, presented)) in decided.links.iter().zip(&enrolment.identifiers) {
        if matches!(link, Link::Moved { .. }) {
            before.identifiers.extend(decided.member.has(presented.index).cloned());
        }
    }
    Some(before)
}

impl Store {
    /// Enrols somebody, or finds out who it is, and writes what is said.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races; what DynamoDB or the master key says; or an item is not what was written.
    pub async fn enrol(
        &self,
        enrolment: &Enrolment,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Kept<Enrolled>, Enrolling>, StoreError> {
        let by = |_: &Known, _: &Enrolled| asking.by.to_owned();
        let considered = self.present(enrolment, (asking, &by), patience, Doing::Write).await?;
        Ok(considered.map(|Considered { decided, version, .. }| Kept { decided, version }))
    }

    /// The same, or only what would come of it; with what was known before. `by` is who writes, as the row of the log says it.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn present(
        &self,
        enrolment: &Enrolment,
        (asking, by): (Asking<'_>, &By<'_>),
        patience: &mut Patience,
        doing: Doing,
    ) -> Result<Result<Considered, Enrolling>, StoreError> {
        let Asking { keys, rules, setting, .. } = asking;
        let attempt = || async move {
            let mut seen = self.seen(keys, enrolment, asking).await?;
            if own_id(enrolment).is_some_and(|member| seen.opened.erased.contains_key(member)) {
                return Ok(Attempt::Refused(Enrolling::MemberErased));
            }
            let decided = match enrol(enrolment, &seen.known, rules) {
                Ok(decided) => decided,
                Err(refused) => return Ok(Attempt::Refused(refused)),
            };
            let read = seen.opened.members.get(&decided.member.id).map_or(0, |stored| stored.version);
            if doing == Doing::Look || !decided.changes(&seen.known) {
                return Ok(Attempt::Same(Considered { known: seen.known, decided, version: read }));
            }
            let mut first = Vec::new();
            if decided.new {
                let (key, write) = self.new_member_key(keys, &decided.member.id, setting.now).await?;
                seen.opened.keys.insert(decided.member.id.clone(), key);
                first.push(write);
            }
            let by = by(&seen.known, &decided);
            let asking = Asking { by: &by, ..asking };
            let writing = Writing::new(self, asking, &seen.opened.keys, first);
            let before = (doing == Doing::Bring).then(|| before(enrolment, &decided, &seen.known)).flatten();
            let writes = self.enrolling(enrolment, (&decided, before.as_ref()), &seen, writing)?.all().await?;
            Ok(Attempt::Write(writes, Considered { known: seen.known, decided, version: read + 1 }))
        };
        self.until_written(patience, attempt).await
    }

    /// Writes what is said of a member. `version` is the one that whoever says it has seen, if it matters.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn tell(
        &self,
        (member, version): (&MemberId, Option<u64>),
        told: &Told,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Kept<(Stored, Heard)>, NotWritten<Telling>>, StoreError> {
        let Asking { keys, rules, setting, .. } = asking;
        let attempt = || async move {
            let opened = self.open(keys, vec![member.clone()], setting.now).await?;
            let Some(Stored { member: before, version: read }) = opened.of(member) else {
                return Ok(Attempt::nobody(opened.finding(member)));
            };
            if version.is_some_and(|version| version != *read) {
                return Ok(Attempt::Refused(NotWritten::Finding(Finding::ChangedMeanwhile { version: *read })));
            }
            let mut after = before.clone();
            let heard = match tell(&mut after, told, rules) {
                Ok(heard) => heard,
                Err(refused) => return Ok(Attempt::refused(refused)),
            };
            let said = |after, heard, version| Kept { decided: (Stored { member: after, version }, heard), version };
            if after == *before && heard.records.is_empty() {
                return Ok(Attempt::Same(said(after, heard, *read)));
            }
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            let (facts, records) = (heard.facts(&told.says.source), heard.records.iter().collect());
            writing.member(&after, *read, News { facts: &facts, records, ..News::default() })?;
            Ok(Attempt::Write(writing.all().await?, said(after, heard, read + 1)))
        };
        self.until_written(patience, attempt).await
    }

    /// What must be written for something to be said of a member, beside something else and at once; nothing if it says what is known.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn telling(
        &self,
        member: &MemberId,
        told: &Told,
        asking: Asking<'_>,
    ) -> Result<Result<Writes, NotWritten<Telling>>, StoreError> {
        let Asking { keys, rules, setting, .. } = asking;
        let opened = self.open(keys, vec![member.clone()], setting.now).await?;
        let Some(Stored { member: before, version: read }) = opened.of(member) else {
            return Ok(Err(NotWritten::Finding(opened.finding(member))));
        };
        let mut after = before.clone();
        let heard = match tell(&mut after, told, rules) {
            Ok(heard) => heard,
            Err(refused) => return Ok(Err(NotWritten::Refused(refused))),
        };
        if after == *before && heard.records.is_empty() {
            return Ok(Ok(Writes::default()));
        }
        let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
        let (facts, records) = (heard.facts(&told.says.source), heard.records.iter().collect());
        writing.member(&after, *read, News { facts: &facts, records, ..News::default() })?;
        Ok(Ok(Writes(writing.all().await?)))
    }

    /// Everybody whom it may be about: by what the source calls it, by its identifiers, and conflicts among them.
    async fn seen(&self, keys: &Keys, enrolment: &Enrolment, asking: Asking<'_>) -> Result<Seen, StoreError> {
        let setting = asking.setting;
        let (named, called) = match &enrolment.called {
            Called::Name(identifier, index) => (Some(claims::key(&identifier.kind, *index)), None),
            Called::Id(member) => (None, Some(member)),
        };
        let keyed =
            enrolment.identifiers.iter().map(|(identifier, presented)| claims::key(&identifier.kind, presented.index));
        let keyed: Vec<String> = keyed.collect();
        let mut wanted: Vec<String> = keyed.iter().chain(&named).cloned().collect();
        wanted.sort();
        wanted.dedup();
        let (claimed, gone) = self.claims(&wanted).await?;
        let members = claimed.values().map(|claimed| &claimed.member).chain(own_id(enrolment)).cloned().collect();
        let opened = self.open(keys, members, setting.now).await?;
        let privacy = asking.rules.privacy;
        let all = std::iter::once(&enrolment.called).filter_map(|called| match called {
            Called::Name(identifier, index) => Some((identifier, *index)),
            Called::Id(_) => None,
        });
        let all = all.chain(enrolment.identifiers.iter().map(|(identifier, presented)| (identifier, presented.index)));
        let erased = all.filter(|(identifier, index)| {
            let key = claims::key(&identifier.kind, *index);
            let kept = gone.get(&key).is_some_and(|at| privacy.keeps_away(*at, setting.now));
            // What is not yet set free of somebody who was erased is not free either.
            let going = claimed.get(&key).is_some_and(|claim| opened.erased.contains_key(&claim.member));
            kept || going && privacy.suppress_days > 0 && identifier.kind.stays_away()
        });
        let erased: BTreeSet<Index> = erased.map(|(_, index)| index).collect();
        let holder = |key: &String| {
            let Claimed { member, verified_at } = claimed.get(key)?;
            Some(Holder { member: opened.live(member)?.clone(), verified_at: *verified_at })
        };
        let holders: Vec<Option<Holder>> = keyed.iter().map(holder).collect();
        let named = named.and_then(|named| holder(&named)).map(|holder| holder.member);
        let named = named.or_else(|| opened.live(called?).cloned());
        let mut all: Vec<&MemberId> = holders.iter().flatten().map(|holder| &holder.member).collect();
        // Who is known by the source's name for them is no new member.
        all.push(named.as_ref().unwrap_or(&enrolment.new));
        let pairs = all
            .iter()
            .enumerate()
            .flat_map(|(place, one)| all[..place].iter().filter_map(|other| Pair::of(one, other)));
        let (conflicts, versions) = self.conflicts(pairs.collect()).await?;
        let members = opened.members.iter().map(|(id, stored)| (id.clone(), stored.member.clone())).collect();
        let known = Known { named, holders, members, conflicts, erased };
        let erased = gone.into_keys().collect();
        Ok(Seen { known, opened, claimed, erased, conflicts: versions })
    }

    /// Conflicts of pairs, and their versions; those that never were are left out.
    async fn conflicts(
        &self,
        mut pairs: Vec<Pair>,
    ) -> Result<(BTreeMap<Pair, Conflict>, BTreeMap<Pair, u64>), StoreError> {
        pairs.sort();
        pairs.dedup();
        let ids: Vec<String> = pairs.iter().map(conflict_item::key).collect();
        let mut found = (BTreeMap::new(), BTreeMap::new());
        for (_, item) in self.items_of(self.tables.of(&MEMBER_JOBS)?, MEMBER_JOBS.hash, &ids, true).await? {
            let (conflict, version) = conflict_item::decode(&item)?;
            found.1.insert(conflict.pair.clone(), version);
            found.0.insert(conflict.pair.clone(), conflict);
        }
        Ok(found)
    }

    /// Everything that an enrolment writes.
    fn enrolling<'a>(
        &self,
        enrolment: &Enrolment,
        (decided, before): (&Enrolled, Option<&Member>),
        seen: &Seen,
        mut writing: Writing<'a>,
    ) -> Result<Writing<'a>, StoreError> {
        let facts = decided.facts(enrolment);
        let version = |member: &MemberId| seen.opened.members.get(member).map_or(0, |stored| stored.version);
        for member in decided.others.values().chain([&decided.member]) {
            let records = decided.records.iter().filter(|(whose, _)| *whose == member.id).map(|(_, record)| record);
            let facts = facts.get(&member.id).map(Vec::as_slice).unwrap_or_default();
            let before = before.filter(|before| before.id == member.id);
            let news = News { facts, records: records.collect(), before, ..News::default() };
            writing.member(member, version(&member.id), news)?;
        }
        for (pair, conflict) in &decided.conflicts {
            writing.conflict(conflict, seen.conflicts.get(pair).copied().unwrap_or_default())?;
        }
        let (table, now) = (self.tables.of(&CLAIMS)?, writing.asking.setting.now);
        let own = &decided.member.id;
        let mut claim = |key: String, verified: bool, link: &Link| -> Result<(), StoreError> {
            let before = seen.claimed.get(&key);
            let verified_at = before.and_then(|claimed| claimed.verified_at);
            let after = match link {
                Link::Stayed { .. } => return Ok(()),
                Link::Own if !verified => return Ok(()),
                // Whom it was claimed by, even if another stands for that member now.
                Link::Own => {
                    Claimed { member: before.map_or(own, |claimed| &claimed.member).clone(), verified_at: Some(now) }
                }
                Link::Linked | Link::Moved { .. } => {
                    Claimed { member: own.clone(), verified_at: verified.then_some(now) }
                }
            };
            let held = if seen.erased.contains(&key) { Held::Erased } else { Held::of(before) };
            if before.is_some_and(|before| before.member == after.member && verified_at >= after.verified_at) {
                return Ok(());
            }
            writing.writes.push(claims::put(table, &key, &after, held, now)?);
            Ok(())
        };
        if let Called::Name(identifier, index) = &enrolment.called
            && seen.known.named.is_none()
            && decided.named
        {
            claim(claims::key(&identifier.kind, *index), false, &Link::Linked)?;
        }
        for ((identifier, presented), link) in enrolment.identifiers.iter().zip(&decided.links) {
            if identifier.kind.is_unique() {
                claim(claims::key(&identifier.kind, presented.index), presented.verified, link)?;
            }
        }
        Ok(writing)
    }
}
