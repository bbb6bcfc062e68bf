//! What happened to a tier or to scores, as it is hashed.

use crate::ledger::chain::fields::{Fields, words};
use crate::programme::segment::{Measures, Scores};
use crate::standing::record::{ScoreChange, TierChange, Transition};

pub(super) fn tier_change(change: &TierChange) -> Fields {
    let TierChange { change, from, tier, at, until, status, needed, segment, regained, granted, withdrawn } = change;
    Fields::of("change", transition(*change))
        .text("from", from)
        .text("tier", tier)
        .instant("at", *at)
        .maybe("until", until.map(|until| until.to_string()))
        .points("status", *status)
        .points("needed", *needed)
        .maybe("segment", segment.as_deref())
        .if_so("regained", *regained)
        .list("granted", words(granted))
        .list("withdrawn", words(withdrawn))
}

fn transition(transition: Transition) -> &'static str {
    match transition {
        Transition::Upgraded => "upgraded",
        Transition::Renewed => "renewed",
        Transition::GraceStarted => "grace_started",
        Transition::Downgraded => "downgraded",
        Transition::Revoked => "revoked",
        Transition::Reinstated => "reinstated",
        Transition::FloorSet => "floor_set",
        Transition::FloorEnded => "floor_ended",
        Transition::Carried => "carried",
    }
}

pub(super) fn score_change(change: &ScoreChange) -> Fields {
    let ScoreChange { scores: now, before, measures: from, segment, left, tagged, untagged } = change;
    Fields::default()
        .put("scores", scores(*now).done())
        .maybe("before", before.map(|before| scores(before).done()))
        .put("measures", measures(*from).done())
        .text("segment", segment)
        .maybe("left", left.as_deref())
        .list("tagged", words(tagged))
        .list("untagged", words(untagged))
}

pub(super) fn scores(scores: Scores) -> Fields {
    let Scores { r, f, m, l, s } = scores;
    Fields::default().number("r", r).number("f", f).number("m", m).number("l", l).number("s", s)
}

fn measures(measures: Measures) -> Fields {
    let Measures {
        days_since_order,
        orders,
        spent_minor,
        active_quarters,
        lifetime_value_minor,
        influence,
        days_since_activity,
        tenure_days,
    } = measures;
    Fields::default()
        .number("days_since_order", days_since_order)
        .number("orders", orders)
        .number("spent_minor", spent_minor.0)
        .number("active_quarters", active_quarters)
        .number("lifetime_value_minor", lifetime_value_minor.0)
        .number("influence", influence)
        .number("days_since_activity", days_since_activity)
        .number("tenure_days", tenure_days)
}
