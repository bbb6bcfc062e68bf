//! A tier that was reached, and its period.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::kernel::quantity::Points;
use crate::kernel::time::{Month, add_months};
use crate::programme::compiled::{Programme, Programmes};
use crate::programme::tier::Tier;

/// A tier that was reached, and its current period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The tier's id.
    pub tier: String,
    /// When it was reached: a refund within the window after it may revoke it.
    pub reached: Timestamp,
    /// How it was reached.
    pub reached_by: Reached,
    /// Facts from this instant on count towards keeping it.
    pub start: Timestamp,
    /// The end of the period, exclusive.
    pub end: Timestamp,
    /// Status points of facts in the period.
    pub points: Points,
    /// Status points of facts since its end.
    pub grace_points: Points,
    /// The period has ended without being renewed: the grace runs.
    pub in_grace: bool,
}

/// How a tier was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// By points: a refund may revoke it.
    Points,
    /// By belonging to a segment.
    Segment,
    /// From above, or it was given back: no refund revokes it.
    Kept,
}

/// A tier that was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// As it was when the grace ended.
    pub standing: Standing,
    /// When.
    pub at: Timestamp,
    /// Status points of facts since.
    pub points: Points,
}

/// A lowest tier, set by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floor {
    /// The tier.
    pub tier: String,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// What the rules look at besides the tiers themselves.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Status points by month.
    pub months: &'a BTreeMap<Month, Points>,
    /// The member's segment.
    pub segment: Option<&'a str>,
}

impl Evidence<'_> {
    /// The status points that an upgrade at an instant looks at: those of the running month and of as many before it as a
    /// period has.
    #[must_use]
    pub fn rolling(&self, programme: &Programme, at: Timestamp) -> Points {
        let months = programme.document().tiers.period.0;
        let running = programme.zone().date(at);
        let first = Month::of(add_months(running, months.saturating_neg()));
        self.months.range(first..=Month::of(running)).map(|(_, points)| *points).sum()
    }
}

/// When facts begin to count for keeping a tier reached at an instant: a millisecond later, for those that are in the books
/// already have brought the member there.
#[must_use]
pub fn counts_from(reached: Timestamp) -> Timestamp {
    reached.saturating_add(SignedDuration::from_millis(1)).expect("a duration suits a timestamp")
}

/// When a period ends that begins on the local date of `from`: at the end of the month so many months later.
fn period_end(programme: &Programme, from: Timestamp) -> Timestamp {
    let zone = programme.zone();
    let last = add_months(zone.date(from), programme.document().tiers.period.0).last_of_month();
    zone.start_of(last.saturating_add(1.day()))
}

/// When the period after one ends: it begins where that ended, but is counted from that one's last date, or each renewal would
/// add a month.
fn renewed_end(programme: &Programme, end: Timestamp) -> Timestamp {
    period_end(programme, end.saturating_sub(SignedDuration::from_millis(1)).expect("a duration suits a timestamp"))
}

impl Standing {
    /// The end of the grace, exclusive; the end of the period if there is none.
    #[must_use]
    pub fn grace_end(&self, programmes: &Programmes) -> Timestamp {
        self.grace_end_under(programmes.at(self.end))
    }

    pub(crate) fn grace_end_under(&self, programme: &Programme) -> Timestamp {
        programme.zone().start_of_day_after(self.end, programme.document().tiers.grace_days)
    }

    /// When time next does something to it.
    pub(crate) fn boundary(&self, programmes: &Programmes) -> Timestamp {
        if self.in_grace { self.grace_end(programmes) } else { self.end }
    }

    /// The points that count for keeping it.
    #[must_use]
    pub fn kept_by(&self) -> Points {
        if self.in_grace { self.points + self.grace_points } else { self.points }
    }

    pub(crate) fn credit(&mut self, at: Timestamp, points: Points) {
        if (self.start..self.end).contains(&at) {
            self.points += points;
        } else if at >= self.end {
            self.grace_points += points;
        }
    }

    /// The same tier for the period after this one.
    pub(crate) fn renewed(&self, programme: &Programme) -> Self {
        Self {
            start: self.end,
            end: renewed_end(programme, self.end),
            points: self.grace_points,
            grace_points: Points::ZERO,
            in_grace: false,
            ..self.clone()
        }
    }

    /// A tier of which nothing counts yet.
    pub(crate) fn fresh(
        tier: &Tier,
        reached_by: Reached,
        (programme, at, start): (&Programme, Timestamp, Timestamp),
    ) -> Self {
        let end = period_end(programme, at);
        Self {
            tier: tier.id.clone(),
            reached: at,
            reached_by,
            start,
            end,
            points: Points::ZERO,
            grace_points: Points::ZERO,
            in_grace: false,
        }
    }
}

pub(crate) fn threshold(programme: &Programme, tier: &str) -> Points {
    Points(programme.tier(tier).map_or(i64::MAX, |tier| tier.threshold))
}

/// Does the segment qualify for a tier, for a member of another tier?
pub(crate) fn by_segment<'a>(programme: &Programme, tier: &str, own: u8, evidence: Evidence<'a>) -> Option<&'a str> {
    let alternative = programme.tier(tier)?.alternative.as_ref()?;
    evidence.segment.filter(|segment| *segment == alternative.segment && own >= programme.rank(&alternative.min_tier))
}
