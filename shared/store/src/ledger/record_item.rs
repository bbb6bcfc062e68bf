//! What entries keep whole: changes of tier and of scores, boosts, steps of streaks, parts of orders. They are rare, so their attributes have
//! full names; what is empty is absent, and instants are text.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::quantity::{Minor, Points};
use domain::ledger::boost::Boost;
use domain::ledger::entry::{Part, Posted, StreakStep};
use domain::ledger::lines::ReturnedLine;
use domain::ledger::order_row::PointsPaid;
use domain::programme::segment::{Measures, Scores};
use domain::standing::record::{ScoreChange, TierChange, Transition};

use crate::attribute::{as_number, number, text};
use crate::error::{Damage, damaged};
use crate::ledger::fields::{Fields, Read};
use crate::ledger::flat::Flat;

const TRANSITIONS: [(Transition, &str); 9] = [
    (Transition::Upgraded, "upgraded"),
    (Transition::Renewed, "renewed"),
    (Transition::GraceStarted, "grace_started"),
    (Transition::Downgraded, "downgraded"),
    (Transition::Revoked, "revoked"),
    (Transition::Reinstated, "reinstated"),
    (Transition::FloorSet, "floor_set"),
    (Transition::FloorEnded, "floor_ended"),
    (Transition::Carried, "carried"),
];

pub(crate) fn encode_tier_change(change: &TierChange) -> AttributeValue {
    Fields::default()
        .word("change", &TRANSITIONS, change.change)
        .text("from", &change.from)
        .text("tier", &change.tier)
        .instant("at", change.at)
        .maybe_instant("until", change.until)
        .number("status", change.status)
        .number("needed", change.needed)
        .maybe("segment", change.segment.as_ref().map(text))
        .if_so("regained", change.regained)
        .texts("granted", &change.granted)
        .texts("withdrawn", &change.withdrawn)
        .done()
}

pub(crate) fn decode_tier_change(value: &AttributeValue) -> Result<TierChange, Damage> {
    let read = Read::of(value, "change")?;
    Ok(TierChange {
        change: read.word("change", &TRANSITIONS)?,
        from: read.text("from")?,
        tier: read.text("tier")?,
        at: read.instant("at")?,
        until: read.maybe_instant("until")?,
        status: read.points("status")?,
        needed: read.points("needed")?,
        segment: read.maybe_text("segment")?,
        regained: read.if_so("regained")?,
        granted: read.texts("granted")?,
        withdrawn: read.texts("withdrawn")?,
    })
}

pub(crate) fn encode_score_change(change: &ScoreChange) -> AttributeValue {
    Fields::default()
        .put("scores", encode_scores(change.scores))
        .maybe("before", change.before.map(encode_scores))
        .put("measures", encode_measures(&change.measures))
        .text("segment", &change.segment)
        .maybe("left", change.left.as_ref().map(text))
        .texts("tagged", &change.tagged)
        .texts("untagged", &change.untagged)
        .done()
}

pub(crate) fn decode_score_change(value: &AttributeValue) -> Result<ScoreChange, Damage> {
    let read = Read::of(value, "score")?;
    Ok(ScoreChange {
        scores: read.maybe("scores", decode_scores)?.ok_or_else(|| damaged("scores"))?,
        before: read.maybe("before", decode_scores)?,
        measures: read.maybe("measures", decode_measures)?.ok_or_else(|| damaged("measures"))?,
        segment: read.text("segment")?,
        left: read.maybe_text("left")?,
        tagged: read.texts("tagged")?,
        untagged: read.texts("untagged")?,
    })
}

fn encode_scores(scores: Scores) -> AttributeValue {
    let Scores { r, f, m, l, s } = scores;
    Fields::default().number("r", r).number("f", f).number("m", m).number("l", l).number("s", s).done()
}

fn decode_scores(value: &AttributeValue) -> Result<Scores, Damage> {
    let read = Read::of(value, "scores")?;
    let (r, f, m) = (read.number("r")?, read.number("f")?, read.number("m")?);
    Ok(Scores { r, f, m, l: read.number("l")?, s: read.number("s")? })
}

fn encode_measures(measures: &Measures) -> AttributeValue {
    Fields::default()
        .number("days_since_order", measures.days_since_order)
        .number("orders", measures.orders)
        .number("spent_minor", measures.spent_minor)
        .number("active_quarters", measures.active_quarters)
        .number("lifetime_value_minor", measures.lifetime_value_minor)
        .number("influence", measures.influence)
        .number("days_since_activity", measures.days_since_activity)
        .number("tenure_days", measures.tenure_days)
        .done()
}

fn decode_measures(value: &AttributeValue) -> Result<Measures, Damage> {
    let read = Read::of(value, "measures")?;
    Ok(Measures {
        days_since_order: read.number("days_since_order")?,
        orders: read.number("orders")?,
        spent_minor: Minor(read.number("spent_minor")?),
        active_quarters: read.number("active_quarters")?,
        lifetime_value_minor: Minor(read.number("lifetime_value_minor")?),
        influence: read.number("influence")?,
        days_since_activity: read.number("days_since_activity")?,
        tenure_days: read.number("tenure_days")?,
    })
}

pub(crate) fn encode_boost(boost: &Boost) -> AttributeValue {
    Fields::default()
        .text("rule", &boost.rule)
        .text("multiplier", &boost.multiplier.to_string())
        .number("cap", boost.cap)
        .instant("from", boost.from)
        .instant("until", boost.until)
        .done()
}

pub(crate) fn decode_boost(value: &AttributeValue) -> Result<Boost, Damage> {
    let read = Read::of(value, "boost")?;
    let multiplier = read.text("multiplier")?.try_into().map_err(|_no_ratio| damaged("multiplier"))?;
    let (from, until) = (read.instant("from")?, read.instant("until")?);
    Ok(Boost { rule: read.text("rule")?, multiplier, cap: read.points("cap")?, from, until })
}

pub(crate) fn encode_part(part: &Part) -> AttributeValue {
    Fields::default()
        .texts("rules", &part.rules)
        .if_so("shipping", part.shipping)
        .minor_unless_zero("net", part.net)
        .minor_unless_zero("tax", part.tax)
        .minor_unless_zero("gross", part.gross)
        .done()
}

pub(crate) fn decode_part(value: &AttributeValue) -> Result<Part, Damage> {
    let read = Read::of(value, "fq")?;
    Ok(Part {
        rules: read.texts("rules")?,
        shipping: read.if_so("shipping")?,
        net: read.minor_or_zero("net")?,
        tax: read.minor_or_zero("tax")?,
        gross: read.minor_or_zero("gross")?,
    })
}

/// What was earned during a suspension, as it is posted.
pub(crate) fn encode_posted(posted: &Posted) -> AttributeValue {
    let Posted { entry, trace, status, activates_at, expires_at } = posted;
    Fields::default()
        .number("e", entry)
        .map("x", trace, number)
        .points_unless_zero("q", *status)
        .maybe_instant("p", *activates_at)
        .instant("l", *expires_at)
        .done()
}

pub(crate) fn decode_posted(value: &AttributeValue) -> Result<Posted, Damage> {
    let read = Read::of(value, "po")?;
    Ok(Posted {
        entry: read.number("e")?,
        trace: read.map("x", |points| as_number(Some(points), "x").map(Points))?,
        status: read.points_or_zero("q")?,
        activates_at: read.maybe_instant("p")?,
        expires_at: read.instant("l")?,
    })
}

/// Places of lines.
pub(crate) fn decode_places(value: &AttributeValue) -> Result<Vec<u32>, Damage> {
    let places = value.as_l().map_err(|_other_type| damaged("fu"))?;
    places.iter().map(|place| as_number(Some(place), "fu")).collect()
}

/// Place, pieces, amount.
pub(crate) fn encode_returned_line(returned: &ReturnedLine) -> [AttributeValue; 3] {
    [number(returned.line), number(returned.quantity), number(returned.amount)]
}

pub(crate) fn encode_points_paid(paid: &PointsPaid) -> Vec<AttributeValue> {
    let PointsPaid { reported, captured, net, held_for } = paid;
    [reported, captured, net, held_for].map(number).into()
}

pub(crate) fn decode_points_paid(flat: &mut Flat<'_>) -> Result<PointsPaid, Damage> {
    let mut minor = || flat.number().map(Minor);
    Ok(PointsPaid { reported: minor()?, captured: minor()?, net: minor()?, held_for: minor()? })
}

pub(crate) fn decode_returned_line(flat: &mut Flat<'_>) -> Result<ReturnedLine, Damage> {
    Ok(ReturnedLine { line: flat.number()?, quantity: flat.number()?, amount: Minor(flat.number()?) })
}

pub(crate) fn encode_streak_step(step: &StreakStep) -> AttributeValue {
    let StreakStep { days, bonuses, repeated } = *step;
    Fields::default().number("days", days).number("bonuses", bonuses).if_so("repeated", repeated).done()
}

pub(crate) fn decode_streak_step(value: &AttributeValue) -> Result<StreakStep, Damage> {
    let read = Read::of(value, "step")?;
    Ok(StreakStep { days: read.number("days")?, bonuses: read.number("bonuses")?, repeated: read.if_so("repeated")? })
}
