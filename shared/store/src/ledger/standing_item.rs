//! Tiers and scores as attributes.
//!
//! | attribute | of an account |
//! |---|---|
//! | `t` | tiers held: `[tier, since, ...]`; absent: the one of `y` |
//! | `y` | tier reached and those it covers: `[tier, reached, end, points]`, and where they are not as usual
//! `start, grace points, flags`: 1 in grace, 2 by segment, 4 not revocable |
//! | `z` | tier lost: `[as above, at, points]` |
//! | `n` | floor: `[tier, until]` |
//! | `x` | revoked tiers: `[tier, until, ...]` |
//! | `f` | scores: `[rfmls, segment, turns: anyway, without order, without activity (0: never), room: orders, spent, influence (0: any), turns, tag, ...]` |

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::quantity::Points;
use domain::programme::segment::Scores;
use domain::standing::qualification::{Floor, Lost, Reached, Standing, counts_from};
use domain::standing::room::Room;
use domain::standing::scores::{Score, Turns};
use domain::standing::tiers::{TierSpan, Tiers};
use jiff::Timestamp;

use crate::attribute::{Item, as_list, instant, number, put, text};
use crate::error::{Damage, damaged};
use crate::ledger::flat::{Flat, list};

/// How a tier was reached, by number.
const REACHED: [Reached; 3] = [Reached::Points, Reached::Segment, Reached::Kept];

pub(crate) fn encode_standing(standing: &Standing) -> AttributeValue {
    let mut values =
        vec![text(&standing.tier), instant(standing.reached), instant(standing.end), number(standing.points)];
    let reached_by = REACHED.iter().position(|reached| *reached == standing.reached_by).unwrap_or_default();
    let flags = usize::from(standing.in_grace) + 2 * reached_by;
    let unusual = !standing.grace_points.is_zero() || flags != 0;
    if unusual || standing.start != counts_from(standing.reached) {
        values.push(instant(standing.start));
    }
    if unusual {
        values.extend([number(standing.grace_points), number(flags)]);
    }
    list(values)
}

pub(crate) fn decode_standing(value: Option<&AttributeValue>) -> Result<Standing, Damage> {
    let mut flat = Flat::new(value, "y")?;
    let (tier, reached, end, points) = (flat.text()?, flat.instant()?, flat.instant()?, flat.points()?);
    let start = if flat.is_done() { counts_from(reached) } else { flat.instant()? };
    let (grace_points, flags) = if flat.is_done() { (Points::ZERO, 0) } else { (flat.points()?, flat.number()?) };
    let reached_by = *REACHED.get(flags / 2).ok_or_else(|| damaged("y"))?;
    let in_grace = flags % 2 == 1;
    Ok(Standing { tier, reached, reached_by, start, end, points, grace_points, in_grace })
}

pub(crate) fn encode_floor(floor: &Floor) -> AttributeValue {
    list(vec![text(&floor.tier), instant(floor.until)])
}

pub(crate) fn decode_floor(value: &AttributeValue) -> Result<Floor, Damage> {
    let mut flat = Flat::new(Some(value), "n")?;
    Ok(Floor { tier: flat.text()?, until: flat.instant()? })
}

/// The span that follows from the tier reached, when it is the only one.
fn implied(standings: &[Standing]) -> Option<TierSpan> {
    standings.last().map(|standing| TierSpan { tier: standing.tier.clone(), since: standing.reached })
}

pub(crate) fn encode_tiers(tiers: &Tiers, item: &mut Item) {
    if !(tiers.spans.len() == 1 && tiers.spans.first() == implied(&tiers.standings).as_ref()) {
        let spans = tiers.spans.iter().flat_map(|span| [text(&span.tier), instant(span.since)]);
        put(item, "t", list(spans.collect()));
    }
    put(item, "y", list(tiers.standings.iter().map(encode_standing).collect()));
    if let Some(lost) = &tiers.lost {
        let values = vec![encode_standing(&lost.standing), instant(lost.at), number(lost.points)];
        put(item, "z", list(values));
    }
    if let Some(floor) = &tiers.floor {
        put(item, "n", encode_floor(floor));
    }
    let revoked = tiers.revoked.iter().flat_map(|(tier, until)| [text(tier), instant(*until)]);
    put(item, "x", list(revoked.collect()));
}

pub(crate) fn decode_tiers(item: &Item) -> Result<Tiers, Damage> {
    let standings = as_list(item.get("y"), "y")?.iter().map(|value| decode_standing(Some(value)));
    let standings: Vec<Standing> = standings.collect::<Result<_, _>>()?;
    let span = |flat: &mut Flat<'_>| Ok(TierSpan { tier: flat.text()?, since: flat.instant()? });
    let spans = match item.get("t") {
        Some(spans) => Flat::new(Some(spans), "t")?.all(span)?,
        None => implied(&standings).into_iter().collect(),
    };
    let lost = match item.get("z") {
        None => None,
        Some(value) => {
            let mut flat = Flat::new(Some(value), "z")?;
            let standing = decode_standing(Some(flat.any()?))?;
            Some(Lost { standing, at: flat.instant()?, points: flat.points()? })
        }
    };
    let floor = item.get("n").map(decode_floor).transpose()?;
    let revoked = Flat::new(item.get("x"), "x")?.all(|flat| Ok((flat.text()?, flat.instant()?)))?;
    Ok(Tiers { spans, standings, lost, floor, revoked: revoked.into_iter().collect() })
}

pub(crate) fn encode_score(score: Option<&Score>, item: &mut Item) {
    let Some(Score { scores, segment, tags, turns, room }) = score else { return };
    let Room { orders, spent_minor, influence, order_turns, activity_turns } = *room;
    let left = [orders, spent_minor, influence].map(|left| number(left.unwrap_or_default().max(0)));
    let digits = [scores.r, scores.f, scores.m, scores.l, scores.s];
    let digits = digits.iter().fold(0_u32, |digits, score| digits * 10 + u32::from(*score));
    let Turns { anyway, without_order, without_activity } = *turns;
    let mut values = vec![number(digits), text(segment)];
    values.extend([anyway, without_order, without_activity].map(|turn| turn.map_or_else(|| number(0), instant)));
    values.extend(left);
    values.push(number(u8::from(order_turns) * 2 + u8::from(activity_turns)));
    values.extend(tags.iter().map(text));
    put(item, "f", list(values));
}

pub(crate) fn decode_score(item: &Item) -> Result<Option<Score>, Damage> {
    let Some(value) = item.get("f") else { return Ok(None) };
    let mut flat = Flat::new(Some(value), "f")?;
    let digits = flat.number::<u32>()?.to_string();
    let digits: Vec<u8> = digits.bytes().map(|digit| digit.wrapping_sub(b'0')).collect();
    let [r, f, m, l, s] = digits[..] else { return Err(damaged("f")) };
    let segment = flat.text()?;
    let mut turn = || flat.instant().map(|turn| (turn != Timestamp::UNIX_EPOCH).then_some(turn));
    let turns = Turns { anyway: turn()?, without_order: turn()?, without_activity: turn()? };
    let mut left = || flat.number::<i64>().map(|left| (left > 0).then_some(left));
    let (orders, spent_minor, influence): (_, _, Result<_, Damage>) = (left(), left(), left());
    let (orders, spent_minor, influence) = (orders?, spent_minor?, influence?);
    let does: u8 = flat.number()?;
    let room = Room { orders, spent_minor, influence, order_turns: does & 2 > 0, activity_turns: does & 1 > 0 };
    let tags = flat.all(Flat::text)?.into_iter().collect();
    Ok(Some(Score { scores: Scores { r, f, m, l, s }, segment, tags, turns, room }))
}
