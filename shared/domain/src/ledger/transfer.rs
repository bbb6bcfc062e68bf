//! Two members become one, and two again: everything goes from one account to the other, and what is still there comes back
//! (rules: members 20, 22).
//!
//! Nothing is earned or lost and no date moves: each of the two entries has the full list of what goes, and names the other.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::id::{ContentHash, EntryId, MemberId, OperationId};
use crate::kernel::membership::MemberState;
use crate::kernel::quantity::Points;
use crate::kernel::refusal::refusals;
use crate::kernel::stamp::Stamp;
use crate::ledger::account::Account;
use crate::ledger::books::{Books, Change};
use crate::ledger::brought::{Carried, Own};
use crate::ledger::counter::Counter;
use crate::ledger::doer::Doer;
use crate::ledger::earning::limits::joined;
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::pockets::Movement;
use crate::planted;
use crate::programme::compiled::Programme;
use crate::programme::setting::Setting;
use crate::standing::qualification::{Evidence, Floor};

refusals! {
    /// Accounts cannot become one.
    Transferring {
        /// Points are held at a checkout of the one that is absorbed.
        Conflict OpenHolds ("open_holds") {
            /// When the last of them ends.
            until: Timestamp,
        } = "points of the member are held at a checkout",
    }
}

/// Who asks, and under which name it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The name of the merge.
    pub merge: String,
    /// Who asks.
    pub by: Option<Doer>,
    /// Where the survivor stands afterwards.
    pub survivor: MemberState,
    /// Where the other one stands afterwards; nowhere while it is merged.
    pub absorbed: Option<MemberState>,
}

/// Both accounts afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transferred {
    /// Of the survivor.
    pub survivor: Change,
    /// Of the other one.
    pub absorbed: Change,
    /// What did not come back, of lots that have not expired.
    pub not_returned: Points,
}

impl Transfer {
    fn stamp(&self, leg: &str, now: Timestamp) -> Stamp {
        let operation = OperationId::of_fact("perennial:merge", &self.merge, leg);
        Stamp { operation, content: ContentHash([0; 8]), occurred_at: now }
    }
}

/// Merges two accounts at one instant: both are settled, everything goes over, and debt and points that can be spent meet.
///
/// # Errors
/// Points of the absorbed are held at a checkout.
pub fn merge(
    (survivor, absorbed): (&Account, &Account),
    transfer: &Transfer,
    setting: Setting<'_>,
) -> Result<Transferred, Transferring> {
    let programme = setting.programmes.at(setting.now);
    let mut from = Books::open(absorbed, programme, setting).caused_by(transfer.by.as_ref());
    let mut to = Books::open(survivor, programme, setting).caused_by(transfer.by.as_ref());
    if let Some(until) = from.account.holds.values().map(|hold| hold.until).max() {
        return Err(Transferring::OpenHolds { until });
    }
    let carried = from.everything();
    let own = Own {
        standing: to.account.tiers.standing().cloned(),
        floor: to.account.tiers.floor.clone(),
        debt: to.account.pockets.debt,
        cutovers: to.account.cutovers.clone(),
    };
    let names = (from.id(), to.id());
    from.gives(&carried);
    to.takes_in(&carried);
    to.joins(&mut from);
    to.account.joins_cutovers(&carried.cutovers);
    let met = to.meets();
    let standing =
        higher(programme, own.standing.clone(), carried.standing.clone(), |standing| (&standing.tier, standing.end));
    let floor = higher(programme, own.floor.clone(), carried.floor.clone(), |floor: &Floor| (&floor.tier, floor.until));
    to.carry(standing, floor);
    from.account.tiers.lost = None;
    from.account.tiers.revoked.clear();
    from.carry(None, None);
    to.lift(setting.programmes);
    let (out, into) = (transfer.stamp("out", setting.now), transfer.stamp("in", setting.now));
    let (merge, list) = (transfer.merge.clone(), Box::new(carried));
    let gone = Detail::TransferOut {
        to: names.1.clone(),
        merge: merge.clone(),
        carried: list.clone(),
        state: transfer.absorbed,
    };
    let came = Detail::TransferIn {
        from: names.0,
        merge,
        carried: list,
        met,
        own: Some(Box::new(own)),
        state: transfer.survivor,
    };
    Ok(Transferred { survivor: to.close(&into, came), absorbed: from.close(&out, gone), not_returned: Points::ZERO })
}

/// Undoes a merge: of what the absorbed had, what is still there goes back. `recorded` is the entry by which it had come.
#[must_use]
pub fn unmerge(
    (survivor, absorbed): (&Account, &Account),
    recorded: &Entry,
    transfer: &Transfer,
    setting: Setting<'_>,
) -> Option<Transferred> {
    let Detail::TransferIn { carried: brought, met, own: Some(own), .. } = &recorded.detail else { return None };
    let (programme, now) = (setting.programmes.at(setting.now), setting.now);
    let mut from = Books::open(survivor, programme, setting).caused_by(transfer.by.as_ref());
    let mut to = Books::open(absorbed, programme, setting).caused_by(transfer.by.as_ref());
    let owed_by_survivor = own.debt.is_positive();
    let repaid: Points = met.iter().map(|(_, points)| *points).sum();
    let mut back = Carried::default();
    let mut not_returned = Points::ZERO;
    // What matured since is with the points that can be spent.
    let mut lots = brought.active.clone();
    for (&(activates_at, expires_at), &points) in &brought.pending {
        if activates_at > now {
            let there = present(from.account.pockets.pending.get(&(activates_at, expires_at)), points);
            not_returned += if expires_at > now { points - there } else { Points::ZERO };
            put(&mut back.pending, (activates_at, expires_at), there);
        } else {
            *lots.entry(expires_at).or_default() += points;
        }
    }
    let met_of = |lot: Timestamp| met.iter().filter(|(at, _)| *at == lot).map(|(_, points)| *points).sum::<Points>();
    for (expires_at, points) in lots {
        let points = if owed_by_survivor { points - met_of(expires_at) } else { points };
        let there = present(from.account.pockets.active.get(&expires_at), points);
        not_returned += if expires_at > now { points - there } else { Points::ZERO };
        put(&mut back.active, expires_at, there);
    }
    let other_debt = if owed_by_survivor { brought.debt } else { brought.debt - repaid };
    back.debt = other_debt.min(from.account.pockets.debt);
    from.less_counted(brought, &mut back);
    from.account.parts_cutovers(&brought.cutovers, &own.cutovers);
    let names = (from.id(), to.id());
    from.gives_back(&back);
    to.takes_in(&back);
    // A debt that the other's points repaid is owed again, and those points are their owner's again.
    let (debtor, owner) = if owed_by_survivor { (&mut from, &mut to) } else { (&mut to, &mut from) };
    if repaid.is_positive() {
        debtor.post(Movement::Debt { points: -repaid });
        for &(expires_at, points) in met {
            owner.post(Movement::Active { expires_at, points });
        }
    }
    if owed_by_survivor {
        for &(expires_at, points) in met {
            *back.active.entry(expires_at).or_default() += points;
        }
    } else {
        back.debt += repaid;
    }
    let _met = (from.meets(), to.meets());
    from.carry(own.standing.clone(), own.floor.clone());
    to.carry(back.standing.clone(), back.floor.clone());
    from.passes(setting);
    to.passes(setting);
    to.account.rescore = to.account.sequence > 0; // its scores went with the merge
    from.lift(setting.programmes);
    let (out, into) = (transfer.stamp("back out", now), transfer.stamp("back in", now));
    let (merge, list) = (transfer.merge.clone(), Box::new(back));
    let gone = Detail::TransferOut {
        to: names.1,
        merge: merge.clone(),
        carried: list.clone(),
        state: Some(transfer.survivor),
    };
    let state = transfer.absorbed.unwrap_or(MemberState::Active);
    let came = Detail::TransferIn { from: names.0, merge, carried: list, met: Vec::new(), own: None, state };
    Some(Transferred { survivor: from.close(&out, gone), absorbed: to.close(&into, came), not_returned })
}

/// Those whom the account of a history stands for: who was absorbed by it, and has not become a member again.
#[must_use]
pub fn absorbed(history: &[Entry]) -> Vec<MemberId> {
    let mut absorbed: Vec<MemberId> = Vec::new();
    for entry in history {
        match &entry.detail {
            Detail::TransferIn { from, own: Some(_), .. } => absorbed.push(from.member.clone()),
            Detail::TransferOut { to, state: Some(_), .. } => absorbed.retain(|other| *other != to.member),
            _ => {}
        }
    }
    absorbed
}

/// What of some points is there.
fn present(there: Option<&Points>, points: Points) -> Points {
    there.copied().unwrap_or_default().min(points)
}

fn put<K: Ord>(all: &mut BTreeMap<K, Points>, key: K, points: Points) {
    if points.is_positive() {
        *all.entry(key).or_default() += points;
    }
}

/// The higher of two tiers; of equal ones the one that holds longer; else the first.
fn higher<T>(
    programme: &Programme,
    own: Option<T>,
    other: Option<T>,
    held: impl Fn(&T) -> (&String, Timestamp),
) -> Option<T> {
    let rank = |one: &T| {
        let (tier, until) = held(one);
        (programme.rank(tier), until)
    };
    match (own, other) {
        (Some(own), Some(other)) => Some(if rank(&other) > rank(&own) { other } else { own }),
        (own, other) => own.or(other),
    }
}

/// What does not fit of two entries that are said to belong together: what left one account came into the other.
#[must_use]
pub fn unpaired(out: (&MemberId, &Entry), into: (&MemberId, &Entry)) -> Option<&'static str> {
    let ((from, out), (to, into)) = (out, into);
    let (
        Detail::TransferOut { to: meant, merge, carried, .. },
        Detail::TransferIn { from: named, merge: same, carried: came, .. },
    ) = (&out.detail, &into.detail)
    else {
        return Some("they are no pair of transfers");
    };
    let id = |member: &MemberId, entry: &Entry| EntryId { member: member.clone(), sequence: entry.sequence };
    if *meant != id(to, into) || *named != id(from, out) || merge != same {
        return Some("they do not name each other");
    }
    if carried != came {
        return Some("what left one account did not come into the other");
    }
    let expired = |entry: &Entry| -> Points {
        let gone = entry.movements.iter().filter_map(|movement| match *movement {
            Movement::Active { expires_at, points } if expires_at <= entry.recorded_at => Some(-points),
            _ => None,
        });
        gone.map(Points::or_zero).sum()
    };
    let sum = out.points() + into.points() + expired(out) + expired(into);
    (!sum.is_zero()).then_some("points were made or lost on the way")
}

impl Books<'_> {
    /// The entry that `close` will write.
    fn id(&self) -> EntryId {
        EntryId { member: self.account.member.clone(), sequence: self.next_sequence() }
    }

    fn everything(&self) -> Carried {
        let Account { pockets, qualifying, counters, tiers, cutovers, lifetime, .. } = &self.account;
        Carried {
            active: pockets.active.clone(),
            pending: pockets.pending.clone(),
            debt: pockets.debt,
            months: qualifying.clone(),
            counters: counters.clone(),
            standing: tiers.standing().cloned(),
            floor: tiers.floor.clone(),
            cutovers: cutovers.clone(),
            lifetime: *lifetime,
        }
    }

    /// What is still there of what was counted elsewhere, and where the member stood there.
    fn less_counted(&self, brought: &Carried, back: &mut Carried) {
        for (month, points) in &brought.months {
            put(&mut back.months, *month, present(self.account.qualifying.get(month), *points));
        }
        for (counter, count) in &brought.counters {
            let there = self.account.counted(counter).min(*count);
            if there > 0 {
                back.counters.insert(counter.clone(), there);
            }
        }
        back.lifetime = self.account.lifetime.min(brought.lifetime);
        (back.standing, back.floor) = (brought.standing.clone(), brought.floor.clone());
    }

    /// Points, status and counts leave the account.
    fn gives(&mut self, carried: &Carried) {
        let back = |points: &Points| -*points;
        self.moves(carried, back);
    }

    /// What had come leaves it again.
    fn gives_back(&mut self, carried: &Carried) {
        if !planted!("bug-unmerge-keeps-lot") {
            self.gives(carried);
        }
    }

    /// They come into it.
    fn takes_in(&mut self, carried: &Carried) {
        self.moves(carried, |points| *points);
    }

    fn moves(&mut self, carried: &Carried, signed: impl Fn(&Points) -> Points) {
        let Carried { active, pending, debt, months, counters, lifetime, .. } = carried;
        self.account.lifetime += signed(lifetime);
        for (&expires_at, points) in active {
            self.post(Movement::Active { expires_at, points: signed(points) });
        }
        for (&(activates_at, expires_at), points) in pending {
            self.post(Movement::Pending { activates_at, expires_at, points: signed(points) });
        }
        if debt.is_positive() {
            self.post(Movement::Debt { points: -signed(debt) });
        }
        for (month, points) in months {
            self.account.qualify(*month, signed(points));
        }
        for (counter, count) in counters {
            let by: Points = signed(&Points(*count));
            self.account.count(counter.clone(), by.0);
        }
    }

    /// What is united and never taken apart again: dates of streaks, multipliers that wait, grace lots.
    fn joins(&mut self, from: &mut Books<'_>) {
        let other = &mut from.account;
        for (rule, runs) in std::mem::take(&mut other.streaks) {
            let known = self.account.streaks.entry(rule).or_default();
            let days = runs.iter().flat_map(|run| run.first..=run.last);
            for day in days.collect::<Vec<_>>() {
                *known = joined(known, day).0;
            }
        }
        std::mem::take(&mut other.boosts).into_iter().for_each(|boost| self.account.wait(boost));
        self.account.grace.append(&mut other.grace);
        let _counted: BTreeMap<Counter, i64> = std::mem::take(&mut other.counters);
        (other.score, other.rescore) = (None, false);
        self.account.rescore = self.account.score.is_some();
    }

    /// Debt and points that can be spent meet, the earliest expiry first. Returns which points repaid.
    fn meets(&mut self) -> Vec<(Timestamp, Points)> {
        let debt = self.account.pockets.debt;
        let drawn = self.account.pockets.draw(debt);
        let mut met = Vec::new();
        for movement in drawn {
            self.post(movement);
            if let Movement::Active { expires_at, points } = movement {
                met.push((expires_at, -points));
            }
        }
        let repaid: Points = met.iter().map(|(_, points)| *points).sum();
        if repaid.is_positive() {
            self.post(Movement::Debt { points: repaid });
        }
        met
    }

    /// What time has done to a tier that came back.
    fn passes(&mut self, setting: Setting<'_>) {
        let Account { tiers, qualifying, score, .. } = &mut self.account;
        let evidence = Evidence { months: qualifying, segment: score.as_ref().map(|score| &*score.segment) };
        let changes = tiers.pass(setting.programmes, evidence, self.now);
        self.turned(changes);
    }
}
