//! A member's tier, worked out again from the facts in the ledger: which status points were recorded when, and for when. Where
//! the product keeps counters, the auditor keeps the facts and adds them up.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::brought::{HeldTier, Lowest};
use super::calendar::{DAY, day_of, first_of, month_of, start_of};
use super::entry::{TierChange, Transition};
use super::standings::{Standing, Standings};

/// The tiers of the default programme, and what each needs.
const TIERS: [(&str, i64); 4] = [("member", 0), ("silver", 1_000), ("gold", 5_000), ("black", 20_000)];
/// How long a refund may revoke an upgrade, in days.
const WINDOW: i64 = 14;
/// How long a tier can be made up for, in days.
const GRACE: i64 = 30;
/// After how many days a lost tier is lost for good: no fact can come that is older.
const LATE: i64 = 31;

/// The rank of a tier.
pub(super) fn rank(tier: &str) -> usize {
    TIERS.iter().position(|(known, _)| *known == tier).unwrap_or_default()
}

/// The tier of a rank.
pub(super) fn name(rank: usize) -> &'static str {
    TIERS[rank].0
}

/// How a tier was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Points,
    Segment,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    rank: usize,
    reached: i64,
    by: By,
    start: i64,
    end: i64,
    in_grace: bool,
    /// Points that counted when the tier was carried over: in the period, and after it.
    base: (i64, i64),
}

/// A change of tier, as far as the auditor works it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    what: Transition,
    from: usize,
    to: usize,
    at: i64,
    until: Option<i64>,
    status: i64,
    needed: i64,
    regained: bool,
    segment: Option<String>,
}

impl From<&TierChange> for Changed {
    fn from(change: &TierChange) -> Self {
        Self {
            what: change.change,
            from: rank(&change.from),
            to: rank(&change.tier),
            at: change.at.as_millisecond(),
            until: change.until.map(|until| until.as_millisecond()),
            status: change.status,
            needed: change.needed,
            regained: change.regained,
            segment: change.segment.clone(),
        }
    }
}

/// What the auditor knows of a member's tier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tiers {
    /// Status points: when the fact counts, its month, and how many.
    facts: Vec<(i64, i64, i64)>,
    /// Which tier was in force from when on.
    spans: Vec<(i64, usize)>,
    held: Vec<Held>,
    lost: Option<(Held, i64)>,
    /// Points after that which counted when a tier was carried over.
    lost_base: i64,
    floor: Option<(usize, i64)>,
    revoked: BTreeMap<usize, i64>,
}

fn period_end(from: i64) -> i64 {
    start_of(first_of(month_of(day_of(from)) + 13))
}

impl Held {
    fn grace_end(&self) -> i64 {
        start_of(day_of(self.end) + GRACE)
    }

    fn boundary(&self) -> i64 {
        if self.in_grace { self.grace_end() } else { self.end }
    }

    fn renewed(&self) -> Self {
        let base = (self.base.1, 0);
        Self { start: self.end, end: period_end(self.end - 1), in_grace: false, base, ..self.clone() }
    }
}

impl From<&HeldTier> for Held {
    fn from(tier: &HeldTier) -> Self {
        let by = match tier.reached_by.as_str() {
            "points" => By::Points,
            "segment" => By::Segment,
            _ => By::Other,
        };
        Self {
            rank: rank(&tier.tier),
            reached: tier.reached.as_millisecond(),
            by,
            start: tier.start.as_millisecond(),
            end: tier.end.as_millisecond(),
            in_grace: tier.in_grace,
            base: (tier.points, tier.grace_points),
        }
    }
}

impl Tiers {
    /// Status points of a fact, or taken back from it.
    pub(super) fn credit(&mut self, occurred: i64, recorded: i64, points: i64) {
        if points != 0 {
            self.facts.push((occurred.min(recorded), month_of(day_of(occurred)), points));
        }
    }

    /// The rank of the tier in force at an instant.
    pub(super) fn at(&self, at: i64) -> usize {
        self.spans.iter().rev().find(|(since, _)| *since <= at).map_or(0, |(_, rank)| *rank)
    }

    /// The highest rank that was in force at an instant or told of since, until another.
    pub(super) fn highest(&self, from: i64, until: i64) -> usize {
        let first = self.spans.iter().rposition(|(since, _)| *since <= from).unwrap_or_default();
        let told = self.spans[first..].iter().filter(|(since, _)| *since <= until);
        told.map(|(_, rank)| *rank).max().unwrap_or_default()
    }

    /// When time next does something.
    pub(super) fn due(&self) -> Option<i64> {
        self.held.last().map(Held::boundary).into_iter().chain(self.floor.map(|(_, until)| until)).min()
    }

    pub(super) fn rolling(&self, at: i64) -> i64 {
        let month = month_of(day_of(at));
        self.facts.iter().filter(|(_, of, _)| (month - 12..=month).contains(of)).map(|(_, _, points)| points).sum()
    }

    fn between(&self, from: i64, to: i64) -> i64 {
        self.facts.iter().filter(|(at, _, _)| (from..to).contains(at)).map(|(_, _, points)| points).sum()
    }

    /// The points that count for keeping a tier.
    fn kept_by(&self, held: &Held) -> i64 {
        let base = held.base.0 + if held.in_grace { held.base.1 } else { 0 };
        base + self.between(held.start, if held.in_grace { held.grace_end() } else { held.end })
    }

    fn own(&self) -> usize {
        self.held.last().map_or(0, |held| held.rank)
    }

    fn entered(&mut self, what: Transition, at: i64, (status, needed): (i64, i64)) -> Changed {
        let from = self.spans.last().map_or(0, |(_, rank)| *rank);
        let to = self.own().max(self.floor.map_or(0, |(rank, _)| rank));
        if to != from {
            self.spans.retain(|(since, _)| *since < at);
            self.spans.push((at, to));
        }
        let until = match (what, self.floor) {
            (Transition::GraceStarted, _) => self.held.last().map(Held::grace_end),
            (Transition::FloorSet, Some((floor, until))) if floor > self.own() => Some(until),
            _ => self.held.last().map(|held| held.end),
        };
        Changed { what, from, to, at, until, status, needed, regained: false, segment: None }
    }

    /// What becomes of a tier at its boundary.
    fn passed(&self, held: &Held, segment: Option<&str>) -> (Transition, Option<Held>) {
        let black = held.rank == 3 && segment == Some("high_influence");
        if self.kept_by(held) >= TIERS[held.rank].1 || black {
            return (Transition::Renewed, Some(held.renewed()));
        }
        if !held.in_grace {
            return (Transition::GraceStarted, Some(Held { in_grace: true, ..held.clone() }));
        }
        let at = held.boundary();
        let below = Held {
            rank: held.rank - 1,
            reached: at,
            by: By::Other,
            start: at,
            end: period_end(at),
            in_grace: false,
            base: (0, 0),
        };
        (Transition::Downgraded, Some(below).filter(|below| below.rank > 0))
    }

    /// What time has done by an instant.
    pub(super) fn settle(&mut self, segment: Option<&str>, now: i64) -> Vec<Changed> {
        let mut place = 0;
        while place + 1 < self.held.len() {
            if self.held[place].boundary() > now {
                place += 1;
                continue;
            }
            match self.passed(&self.held[place].clone(), segment).1 {
                Some(next) => self.held[place] = next,
                None => {
                    self.held.drain(..=place);
                    place = 0;
                }
            }
        }
        let mut changed = Vec::new();
        while let Some(due) = self.due().filter(|due| *due <= now) {
            if self.floor.is_some_and(|(_, until)| until == due) {
                self.floor = None;
                changed.push(self.entered(Transition::FloorEnded, due, (0, 0)));
                continue;
            }
            let Some(held) = self.held.pop() else { break };
            self.held.clear();
            let (what, next) = self.passed(&held, segment);
            let numbers = (self.kept_by(&held), TIERS[held.rank].1);
            if what == Transition::Downgraded {
                (self.lost, self.lost_base) = (Some((held, due)), 0);
            }
            self.held.extend(next);
            changed.push(self.entered(what, due, numbers));
        }
        changed
    }

    /// What the facts call for at an instant.
    pub(super) fn evaluate(&mut self, segment: Option<&str>, now: i64) -> Vec<Changed> {
        let mut changed = Vec::new();
        changed.extend(self.revoke(now));
        changed.extend(self.reinstate(now));
        changed.extend(self.upgrade(segment, now));
        if let Some(held) = self.held.last().filter(|held| held.in_grace).cloned()
            && self.kept_by(&held) >= TIERS[held.rank].1
        {
            let numbers = (self.kept_by(&held), TIERS[held.rank].1);
            if let Some(top) = self.held.last_mut() {
                *top = held.renewed();
            }
            changed.push(self.entered(Transition::Renewed, now, numbers));
        }
        changed
    }

    pub(super) fn best(points: i64) -> usize {
        TIERS.iter().rposition(|(_, needed)| *needed <= points).unwrap_or_default()
    }

    fn revoke(&mut self, now: i64) -> Option<Changed> {
        let mut gone: Option<(Held, i64)> = None;
        while let Some(top) = self.held.last().cloned() {
            let points = self.rolling(top.reached).max(self.rolling(now));
            let open = top.by == By::Points && !top.in_grace && now <= top.reached + WINDOW * DAY;
            if !open || points >= TIERS[top.rank].1 {
                break;
            }
            self.held.pop();
            self.revoked.insert(top.rank, top.end);
            gone = Some((top, points));
        }
        let (lowest, points) = gone?;
        let needed = TIERS[lowest.rank].1;
        if Self::best(points) > self.own() {
            self.held.push(Held { rank: Self::best(points), ..lowest });
        }
        Some(self.entered(Transition::Revoked, now, (points, needed)))
    }

    fn reinstate(&mut self, now: i64) -> Option<Changed> {
        let (held, at) = self.lost.clone()?;
        let (points, needed) = (held.base.0 + held.base.1 + self.between(held.start, at), TIERS[held.rank].1);
        if points < needed || self.own() >= held.rank {
            return None;
        }
        self.lost = None;
        self.held = vec![Held { by: By::Other, ..held.renewed() }];
        Some(self.entered(Transition::Reinstated, now, (points, needed)))
    }

    fn upgrade(&mut self, segment: Option<&str>, now: i64) -> Option<Changed> {
        let points = self.rolling(now);
        let in_force = self.spans.last().map_or(0, |(_, rank)| *rank);
        let reached = self.own().max(Self::best(points));
        let influence = segment == Some("high_influence") && (2..3).contains(&reached.max(in_force));
        let (to, by) = if influence { (3, By::Segment) } else { (Self::best(points), By::Points) };
        if to <= self.own() {
            return None;
        }
        let regained = self.revoked.remove(&to).is_some_and(|until| until > now);
        let (start, end) = (now + 1, period_end(now));
        self.held.push(Held { rank: to, reached: now, by, start, end, in_grace: false, base: (0, 0) });
        let change = self.entered(Transition::Upgraded, now, (points, TIERS[to].1));
        Some(Changed { regained, segment: segment.filter(|_| influence).map(str::to_owned), ..change })
    }

    /// A floor set by hand.
    pub(super) fn set_floor(&mut self, rank: usize, until: i64, now: i64) -> Option<Changed> {
        self.floor = Some((rank, until)).filter(|(_, until)| *until > now);
        Some(self.entered(Transition::FloorSet, now, (0, 0))).filter(|change| change.from != change.to)
    }

    /// What no later fact can touch is over.
    pub(super) fn forget(&mut self, now: i64) {
        let open = |held: &Held| held.by == By::Points && now <= held.reached + WINDOW * DAY;
        let covered = self.held.iter().rposition(|held| !open(held)).unwrap_or(0);
        self.held.drain(..covered);
        self.lost = self.lost.take().filter(|(_, at)| *at > now - LATE * DAY);
        self.revoked.retain(|_, until| *until > now);
    }

    fn standing(&self, held: &Held, until: i64) -> Standing {
        let by = match held.by {
            By::Points => 0,
            By::Segment => 2,
            By::Other => 4,
        };
        Standing {
            tier: name(held.rank).to_owned(),
            reached: held.reached,
            start: held.start,
            end: held.end,
            points: (held.base.0 + self.between(held.start, held.end), held.base.1 + self.between(held.end, until)),
            flags: i64::from(held.in_grace) + by,
        }
    }

    /// Status points of a month came in from elsewhere, or went: they count there, and for no tier that is held.
    pub(super) fn brought(&mut self, month: i64, points: i64) {
        self.facts.push((i64::MIN, month, points));
    }

    /// The member has a tier, or a floor, as another had them, or as it was before.
    pub(super) fn carry(&mut self, tier: Option<&HeldTier>, floor: Option<&Lowest>, now: i64) -> Option<Changed> {
        // Facts so far have counted; from now on those count that come.
        if let Some((lost, at)) = self.lost.clone() {
            let counted = self.standing(&lost, at).points;
            self.lost_base += self.between(at, i64::MAX);
            self.lost = Some((Held { base: counted, ..lost }, at));
        }
        self.facts.iter_mut().for_each(|(at, _, _)| *at = i64::MIN);
        self.held = tier.map(Held::from).into_iter().collect();
        self.floor =
            floor.map(|floor| (rank(&floor.tier), floor.until.as_millisecond())).filter(|(_, until)| *until > now);
        Some(self.entered(Transition::Carried, now, (0, 0))).filter(|change| change.from != change.to)
    }

    /// Everything goes elsewhere.
    pub(super) fn leave(&mut self, now: i64) -> Option<Changed> {
        self.facts.clear();
        (self.lost, self.lost_base) = (None, 0);
        self.revoked.clear();
        self.carry(None, None, now)
    }

    /// The tier that is held, as transfers say it.
    pub(super) fn own_tier(&self) -> Option<HeldTier> {
        let at = |millis: i64| Timestamp::from_millisecond(millis).unwrap_or_default();
        let held = self.held.last()?;
        let points = self.standing(held, i64::MAX).points;
        let reached_by = match held.by {
            By::Points => "points",
            By::Segment => "segment",
            By::Other => "kept",
        };
        Some(HeldTier {
            tier: name(held.rank).to_owned(),
            reached: at(held.reached),
            reached_by: reached_by.to_owned(),
            start: at(held.start),
            end: at(held.end),
            points: points.0,
            grace_points: points.1,
            in_grace: held.in_grace,
        })
    }

    /// The floor, likewise.
    pub(super) fn own_floor(&self) -> Option<Lowest> {
        let (rank, until) = self.floor?;
        let until = Timestamp::from_millisecond(until).unwrap_or_default();
        Some(Lowest { tier: name(rank).to_owned(), until })
    }

    /// What must be known of it for its next changes.
    pub(super) fn standings(&self) -> Standings {
        let held = self.held.iter().map(|held| self.standing(held, i64::MAX));
        let lost = self
            .lost
            .as_ref()
            .map(|(held, at)| (self.standing(held, *at), *at, self.lost_base + self.between(*at, i64::MAX)));
        Standings {
            held: held.collect(),
            lost,
            floor: self.floor.map(|(rank, until)| (name(rank).to_owned(), until)),
            revoked: self.revoked.iter().map(|(rank, until)| (name(*rank).to_owned(), *until)).collect(),
        }
    }

    /// The tier that falls if nothing more is earned: its rank, when, and how many points are missing.
    pub(super) fn falling(&self, segment: Option<&str>) -> Option<(usize, i64, i64)> {
        let held = self.held.last()?;
        let falls_at = held.grace_end();
        let missing = TIERS[held.rank].1 - held.base.0 - held.base.1 - self.between(held.start, falls_at);
        let kept = (held.rank == 3 && segment == Some("high_influence"))
            || self.floor.is_some_and(|(floor, until)| falls_at < until && floor >= held.rank);
        (missing > 0 && !kept).then_some((held.rank, falls_at, missing))
    }
}
