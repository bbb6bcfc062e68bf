//! Tiers: they rise at once and fall fairly (rules: tiers).
//!
//! - A tier is reached when the status points of the last twelve months (the running month and the twelve before it) meet its
//!   threshold, and is held for a period: until the end of the month twelve months later.
//! - At the end of the period the points of facts since it began must meet the threshold again; else a grace begins, in which
//!   the tier can still be kept, and after it the tier falls.
//! - What time does ([`Tiers::pass`]) is worked out whenever the account is opened, so a late sweep changes no date and
//!   several missed periods are replayed one by one. What facts do ([`Tiers::lift`]) is decided when they are evaluated.
//!
//! A fact counts for the period in which it happened; one from a clock that is ahead counts when it was recorded.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::kernel::quantity::Points;
use crate::kernel::time::add_days;
use crate::planted;
use crate::programme::compiled::{Programme, Programmes};
use crate::programme::tier::Downgrade;
use crate::standing::boundary::{best, passed};
use crate::standing::qualification::{Evidence, Floor, Lost, Reached, Standing, by_segment, counts_from, threshold};
use crate::standing::record::{TierChange, Transition};

/// What a member's tier is, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tiers {
    /// The tiers held, oldest first; empty for a member that never left the base tier. The newest is in force.
    pub spans: Vec<TierSpan>,
    /// The tier reached, last, and those it covers while it may be revoked. Empty: the base tier.
    pub standings: Vec<Standing>,
    /// The last tier that was lost at the end of its grace: a late fact may reinstate it.
    pub lost: Option<Lost>,
    /// The tier below which an operator lets the member not fall.
    pub floor: Option<Floor>,
    /// Tiers that were revoked, until the end of the period they would have had: reached again, they are no news.
    pub revoked: BTreeMap<String, Timestamp>,
}

/// A tier and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierSpan {
    /// The tier's id.
    pub tier: String,
    /// From when on.
    pub since: Timestamp,
}

/// The status points that a tier change went by, and the threshold that they were compared with; zeros where a hand decided.
#[derive(Clone, Copy, Default)]
struct Grounds {
    status: Points,
    needed: Points,
}

impl Tiers {
    /// The tier at an instant; `None` is the base tier.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Option<&str> {
        self.spans.iter().rev().find(|span| span.since <= at).map(|span| span.tier.as_str())
    }

    /// The tiers held since an instant, the one in force then included.
    #[must_use]
    pub fn spans_since(&self, at: Timestamp) -> &[TierSpan] {
        &self.spans[self.spans.iter().rposition(|span| span.since <= at).unwrap_or(0)..]
    }

    /// The tier reached, whatever a floor holds.
    #[must_use]
    pub fn standing(&self) -> Option<&Standing> {
        self.standings.last()
    }

    /// The rank of the tier reached.
    fn reached_rank(&self, programme: &Programme) -> u8 {
        self.standing().map_or(0, |standing| programme.rank(&standing.tier))
    }

    /// The tier in force.
    fn in_force(&self) -> Option<&str> {
        self.spans.last().map(|span| span.tier.as_str())
    }

    /// The instant at which time next does something to the tier.
    #[must_use]
    pub fn due(&self, programmes: &Programmes) -> Option<Timestamp> {
        let boundary = self.standing().map(|standing| standing.boundary(programmes));
        boundary.into_iter().chain(self.floor.as_ref().map(|floor| floor.until)).min()
    }

    /// The tier that falls if nothing more is earned, when, and how many points are missing to keep it.
    pub(crate) fn falling(
        &self,
        programmes: &Programmes,
        segment: Option<&str>,
    ) -> Option<(String, Timestamp, Points)> {
        let standing = self.standing()?;
        let falls_at = standing.grace_end(programmes);
        let programme = programmes.at(standing.boundary(programmes));
        let own = programme.rank(&standing.tier);
        let floor = self.floor.as_ref().filter(|floor| falls_at < floor.until);
        let evidence = Evidence { months: &BTreeMap::new(), segment };
        let held = programme.document().tiers.downgrade == Downgrade::None
            || by_segment(programme, &standing.tier, own, evidence).is_some()
            || floor.is_some_and(|floor| programme.rank(&floor.tier) >= own);
        let missing = (threshold(programme, &standing.tier) - standing.points - standing.grace_points).or_zero();
        (missing.is_positive() && !held).then(|| (programme.tier_name(&standing.tier).to_owned(), falls_at, missing))
    }

    /// Forgets a change: the tier in force is again the one before.
    pub(crate) fn undo(&mut self, change: &TierChange) {
        self.spans.retain(|span| span.since < change.at);
        if self.in_force().is_some_and(|tier| tier != change.from) || self.spans.is_empty() {
            self.spans = vec![TierSpan { tier: change.from.clone(), since: Timestamp::MIN }];
        }
    }

    /// Adds the status points of a fact, or takes them back, in whatever period it happened.
    pub fn credit(&mut self, occurred_at: Timestamp, recorded_at: Timestamp, points: Points) {
        let at = if planted!("bug-period-by-recording") { recorded_at } else { occurred_at.min(recorded_at) };
        for standing in &mut self.standings {
            standing.credit(at, points);
        }
        if let Some(lost) = &mut self.lost {
            if at >= lost.at {
                lost.points += points;
            } else {
                lost.standing.credit(at, points);
            }
        }
    }

    /// What time has done by `now`, in the order in which it happened.
    pub fn pass(&mut self, programmes: &Programmes, evidence: Evidence<'_>, now: Timestamp) -> Vec<TierChange> {
        let mut changes = Vec::new();
        let covered = self.standings.len().saturating_sub(1);
        for place in 0..covered {
            while self.standings[place].boundary(programmes) <= now {
                match passed(&self.standings[place], programmes, evidence).1 {
                    Some(next) => self.standings[place] = next,
                    // It fell to the base tier under cover: nothing is left to fall back to.
                    None => {
                        self.standings.drain(..=place);
                        return self.pass(programmes, evidence, now);
                    }
                }
            }
        }
        while let Some(due) = self.due(programmes).filter(|due| *due <= now) {
            if self.floor.as_ref().is_some_and(|floor| floor.until == due) {
                self.floor = None;
                changes.push(self.enter(programmes.at(due), Transition::FloorEnded, due, Grounds::default()));
                continue;
            }
            let Some(standing) = self.standings.pop() else { break };
            self.standings.clear(); // what it covered is long out of the window
            let (transition, next) = passed(&standing, programmes, evidence);
            let programme = programmes.at(due);
            let grounds = Grounds { status: standing.kept_by(), needed: threshold(programme, &standing.tier) };
            if transition == Transition::Downgraded {
                self.lost = Some(Lost { standing, at: due, points: Points::ZERO });
            }
            self.standings.extend(next);
            changes.push(self.enter(programme, transition, due, grounds));
        }
        changes
    }

    /// What the facts so far call for at `now`, on tiers that are settled.
    pub fn lift(&mut self, programmes: &Programmes, evidence: Evidence<'_>, now: Timestamp) -> Vec<TierChange> {
        let programme = programmes.at(now);
        let mut changes = Vec::new();
        changes.extend(self.revoke(programmes, evidence, now));
        changes.extend(self.reinstate(programme, now));
        changes.extend(self.upgrade(programme, evidence, now));
        changes.extend(self.requalify(programme, now));
        changes
    }

    /// Sets the lowest tier.
    pub fn set_floor(&mut self, floor: Floor, programme: &Programme, now: Timestamp) -> Option<TierChange> {
        self.floor = Some(floor).filter(|floor| floor.until > now);
        let change = self.enter(programme, Transition::FloorSet, now, Grounds::default());
        (change.from != change.tier).then_some(change)
    }

    /// Takes over a standing and a floor as they were elsewhere: no rise and no fall.
    pub fn carry(
        &mut self,
        standing: Option<Standing>,
        floor: Option<Floor>,
        programme: &Programme,
        now: Timestamp,
    ) -> Option<TierChange> {
        self.standings = standing.into_iter().collect();
        self.floor = floor.filter(|floor| floor.until > now);
        let change = self.enter(programme, Transition::Carried, now, Grounds::default());
        (change.from != change.tier).then_some(change)
    }

    /// Forgets what no later decision can need.
    pub fn forget(&mut self, programme: &Programme, limit: Timestamp, now: Timestamp) {
        let past = self.spans.len().saturating_sub(self.spans_since(limit).len());
        self.spans.drain(..past);
        let window = programme.document().tiers.revoke_window_days;
        let covers =
            |standing: &Standing| standing.reached_by == Reached::Points && now <= add_days(standing.reached, window);
        let covered = self.standings.iter().rposition(|standing| !covers(standing)).unwrap_or(0);
        self.standings.drain(..covered);
        self.lost.take_if(|lost| lost.at <= limit);
        self.revoked.retain(|_, until| *until > now);
    }

    /// Makes the standing, or a floor above it, the tier in force from an instant on.
    fn enter(&mut self, programme: &Programme, transition: Transition, at: Timestamp, grounds: Grounds) -> TierChange {
        let Grounds { status, needed } = grounds;
        let from = programme.tier_or_base(self.in_force()).to_owned();
        let own = self.standings.last().map(|standing| standing.tier.as_str());
        let floor = self.floor.as_ref().map(|floor| floor.tier.as_str());
        let held = floor.filter(|floor| programme.rank(floor) > self.reached_rank(programme));
        let tier = programme.tier_or_base(held.or(own)).to_owned();
        if tier != from {
            self.spans.retain(|span| span.since < at); // decided twice at one instant: the last counts
            self.spans.push(TierSpan { tier: tier.clone(), since: at });
        }
        let benefits = |tier: &str| programme.tier(tier).map_or(&[][..], |tier| &tier.benefits);
        let missing = |these: &[String], in_those: &[String]| {
            these.iter().filter(|benefit| !in_those.contains(benefit)).cloned().collect()
        };
        let standing = self.standings.last();
        TierChange {
            change: transition,
            at,
            until: match transition {
                Transition::GraceStarted => standing.map(|standing| standing.grace_end_under(programme)),
                Transition::FloorSet if held.is_some() => self.floor.as_ref().map(|floor| floor.until),
                _ => standing.map(|standing| standing.end),
            },
            status,
            needed,
            segment: None,
            regained: false,
            granted: missing(benefits(&tier), benefits(&from)),
            withdrawn: missing(benefits(&from), benefits(&tier)),
            from,
            tier,
        }
    }

    /// Takes back tiers reached within the window whose threshold the points no longer meet: that by which each was reached, if a
    /// later version asks for more.
    fn revoke(&mut self, programmes: &Programmes, evidence: Evidence<'_>, now: Timestamp) -> Option<TierChange> {
        let programme = &**programmes.at(now);
        let asked = |standing: &Standing| {
            let then = threshold(programmes.at(standing.reached), &standing.tier);
            then.min(threshold(programme, &standing.tier))
        };
        let rules = &programme.document().tiers;
        if !rules.revoke_on_refund || planted!("bug-tier-never-revoked") {
            return None;
        }
        let mut revoked: Option<(Standing, Points)> = None;
        while let Some(top) = self.standings.last() {
            // A month that went by since must not look like a refund.
            let status = evidence.rolling(programme, top.reached).max(evidence.rolling(programme, now));
            let in_window = now <= add_days(top.reached, rules.revoke_window_days);
            if top.reached_by != Reached::Points || top.in_grace || !in_window || status >= asked(top) {
                break;
            }
            let top = self.standings.pop()?;
            self.revoked.insert(top.tier.clone(), top.end);
            revoked = Some((top, status));
        }
        let (lowest, status) = revoked?;
        let needed = asked(&lowest);
        // What the points are still good for is reached as if the revoked tier had been this one.
        let own = self.reached_rank(programme);
        let then = best(programmes.at(lowest.reached), status).and_then(|tier| programme.tier(&tier.id));
        let good_for = best(programme, status).into_iter().chain(then).max_by_key(|tier| tier.rank);
        if let Some(tier) = good_for.filter(|tier| tier.rank > own) {
            self.standings.push(Standing { tier: tier.id.clone(), ..lowest });
        }
        Some(self.enter(programme, Transition::Revoked, now, Grounds { status, needed }))
    }

    /// Gives back a tier that late facts show should have been kept.
    fn reinstate(&mut self, programme: &Programme, now: Timestamp) -> Option<TierChange> {
        let lost = self.lost.as_ref()?;
        let needed = threshold(programme, &lost.standing.tier);
        let status = lost.standing.points + lost.standing.grace_points;
        let own = self.reached_rank(programme);
        if status < needed || own >= programme.rank(&lost.standing.tier) || planted!("bug-late-earn-too-late") {
            return None;
        }
        let lost = self.lost.take()?;
        let mut standing = lost.standing.renewed(programme);
        standing.points += lost.points;
        standing.reached_by = Reached::Kept;
        self.standings.clear();
        self.standings.push(standing);
        Some(self.enter(programme, Transition::Reinstated, now, Grounds { status, needed }))
    }

    /// Raises the member to the highest tier that points or the segment are good for.
    fn upgrade(&mut self, programme: &Programme, evidence: Evidence<'_>, now: Timestamp) -> Option<TierChange> {
        let status = evidence.rolling(programme, now);
        let own = self.reached_rank(programme);
        let points = best(programme, status).filter(|tier| tier.rank > own);
        let reached =
            own.max(points.map_or(0, |tier| tier.rank)).max(self.in_force().map_or(0, |tier| programme.rank(tier)));
        let segment = programme.tiers().filter(|tier| tier.rank > reached).rev();
        let segment =
            segment.into_iter().find_map(|tier| Some((tier, by_segment(programme, &tier.id, reached, evidence)?)));
        let tier = segment.map(|(tier, _)| tier).or(points)?;
        let start = counts_from(now);
        let reached_by = if segment.is_some() { Reached::Segment } else { Reached::Points };
        let regained = self.revoked.remove(&tier.id).is_some_and(|until| until > now);
        self.standings.push(Standing::fresh(tier, reached_by, (programme, now, start)));
        let change =
            self.enter(programme, Transition::Upgraded, now, Grounds { status, needed: Points(tier.threshold) });
        Some(TierChange { segment: segment.map(|(_, segment)| segment.to_owned()), regained, ..change })
    }

    /// Renews a tier that was made up for within its grace.
    fn requalify(&mut self, programme: &Programme, now: Timestamp) -> Option<TierChange> {
        let standing = self.standings.last_mut()?;
        let (status, needed) = (standing.kept_by(), threshold(programme, &standing.tier));
        if !standing.in_grace || status < needed {
            return None;
        }
        *standing = standing.renewed(programme);
        Some(self.enter(programme, Transition::Renewed, now, Grounds { status, needed }))
    }
}
