//! An enrolment as a part of an item.
//!
//! | | |
//! |---|---|
//! | `j` `p` `k` `n` | journey, number of the programme version, values of the key, which entry of it (absent: the first) |
//! | `a` | anchor: an instant as a number, a date as a text |
//! | `e` `b` `f` | entered at, when what began it happened, when the newest fact that it knows happened |
//! | `h` `x` | it is compared with; which form it has |
//! | `d` | what it carries |
//! | `s` | steps: `i` id, `t` it tells, `u` not before, `o` outcome: `w` what, `a` at, `p` planned, `c` channel, `m` message, `r` reason, `g` ground |
//! | `z` | what was claimed for which anchor: `[step, anchor]` |

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::care::{Anchor, Enrolment, Group, Outcome, StepState, What};
use domain::programme::condition::Scalar;
use domain::programme::journey::step::Does;

use crate::attribute::{
    Item, as_bytes, as_instant, as_list, as_map, as_number, as_text, bytes, instant, number, put, text,
};
use crate::error::{Damage, damaged};

/// The attribute that damage is named by.
const WHAT: &str = "en";

/// Every outcome, by the letter that it is written as.
const OUTCOMES: [(&str, What); 6] = [
    ("c", What::Claimed),
    ("s", What::Skipped),
    ("f", What::Failed),
    ("x", What::Exited),
    ("o", What::Overtaken),
    ("b", What::SentBefore),
];

pub(super) fn encode(enrolment: &Enrolment) -> AttributeValue {
    let Enrolment { journey, version, key, nth, anchor, entered_at, began, newest, group, variant, .. } = enrolment;
    let mut item = Item::from([
        ("j".to_owned(), text(journey)),
        ("p".to_owned(), number(version)),
        ("a".to_owned(), encode_anchor(*anchor)),
        ("e".to_owned(), instant(*entered_at)),
        ("b".to_owned(), instant(*began)),
        ("f".to_owned(), instant(*newest)),
    ]);
    put(&mut item, "k", AttributeValue::L(key.iter().map(encode_scalar).collect()));
    item.extend((*nth > 1).then(|| ("n".to_owned(), number(nth))));
    item.extend((*group == Group::Holdout).then(|| ("h".to_owned(), AttributeValue::Bool(true))));
    item.extend(variant.as_ref().map(|variant| ("x".to_owned(), text(variant))));
    let data = enrolment.data.iter().map(|(name, value)| (name.clone(), encode_scalar(value)));
    put(&mut item, "d", AttributeValue::M(data.collect()));
    put(&mut item, "s", AttributeValue::L(enrolment.steps.iter().map(encode_step).collect()));
    let sent = enrolment.sent.iter().map(|(step, anchor)| AttributeValue::L(vec![text(step), encode_anchor(*anchor)]));
    put(&mut item, "z", AttributeValue::L(sent.collect()));
    AttributeValue::M(item)
}

/// The same back.
pub(super) fn decode(value: &AttributeValue) -> Result<Enrolment, Damage> {
    let fields = parts(value)?;
    let of = |name: &str| fields.get(name).copied();
    let data = as_map(of("d"), WHAT)?.into_iter().map(|(name, value)| Ok((name.clone(), decode_scalar(value)?)));
    let sent = as_list(of("z"), WHAT)?.iter().map(|sent| {
        let [step, anchor] = as_list(Some(sent), WHAT)? else { return Err(damaged(WHAT)) };
        Ok((as_text(Some(step), WHAT)?.to_owned(), decode_anchor(Some(anchor))?))
    });
    Ok(Enrolment {
        journey: as_text(of("j"), WHAT)?.to_owned(),
        version: as_number(of("p"), WHAT)?,
        key: as_list(of("k"), WHAT)?.iter().map(decode_scalar).collect::<Result<_, _>>()?,
        nth: of("n").map_or(Ok(1), |nth| as_number(Some(nth), WHAT))?,
        anchor: decode_anchor(of("a"))?,
        entered_at: as_instant(of("e"), WHAT)?,
        began: as_instant(of("b"), WHAT)?,
        newest: as_instant(of("f"), WHAT)?,
        group: if of("h").is_some() { Group::Holdout } else { Group::Treated },
        variant: of("x").map(|variant| as_text(Some(variant), WHAT).map(str::to_owned)).transpose()?,
        data: data.collect::<Result<_, Damage>>()?,
        steps: as_list(of("s"), WHAT)?.iter().map(decode_step).collect::<Result<_, _>>()?,
        sent: sent.collect::<Result<_, Damage>>()?,
    })
}

fn parts(value: &AttributeValue) -> Result<BTreeMap<&str, &AttributeValue>, Damage> {
    Ok(as_map(Some(value), WHAT)?.into_iter().map(|(name, value)| (name.as_str(), value)).collect())
}

fn encode_anchor(anchor: Anchor) -> AttributeValue {
    match anchor {
        Anchor::Instant(at) => instant(at),
        Anchor::Date(date) => text(date.to_string()),
    }
}

fn decode_anchor(value: Option<&AttributeValue>) -> Result<Anchor, Damage> {
    match value {
        Some(AttributeValue::S(date)) => date.parse().map(Anchor::Date).map_err(|_no_date| damaged(WHAT)),
        value => as_instant(value, WHAT).map(Anchor::Instant),
    }
}

fn encode_scalar(value: &Scalar) -> AttributeValue {
    match value {
        Scalar::Boolean(value) => AttributeValue::Bool(*value),
        Scalar::Integer(value) => number(value),
        Scalar::Text(value) => text(value),
    }
}

fn decode_scalar(value: &AttributeValue) -> Result<Scalar, Damage> {
    match value {
        AttributeValue::Bool(value) => Ok(Scalar::Boolean(*value)),
        AttributeValue::S(value) => Ok(Scalar::Text(value.clone())),
        number => as_number(Some(number), WHAT).map(Scalar::Integer),
    }
}

fn encode_step(state: &StepState) -> AttributeValue {
    let mut fields = Item::from([("i".to_owned(), text(&state.step))]);
    fields.extend(state.tells.then(|| ("t".to_owned(), AttributeValue::Bool(true))));
    fields.extend(state.not_before.map(|at| ("u".to_owned(), instant(at))));
    fields.extend(state.outcome.as_ref().map(|outcome| ("o".to_owned(), encode_outcome(outcome))));
    AttributeValue::M(fields)
}

fn decode_step(value: &AttributeValue) -> Result<StepState, Damage> {
    let fields = parts(value)?;
    let of = |name: &str| fields.get(name).copied();
    Ok(StepState {
        step: as_text(of("i"), WHAT)?.to_owned(),
        tells: of("t").is_some(),
        not_before: of("u").map(|at| as_instant(Some(at), WHAT)).transpose()?,
        outcome: of("o").map(decode_outcome).transpose()?,
    })
}

fn encode_outcome(outcome: &Outcome) -> AttributeValue {
    let letter = OUTCOMES.iter().find(|(_, what)| *what == outcome.what).map_or("?", |(letter, _)| letter);
    let mut fields = Item::from([
        ("w".to_owned(), text(letter)),
        ("a".to_owned(), instant(outcome.at)),
        ("p".to_owned(), instant(outcome.planned)),
    ]);
    fields.extend(outcome.channel.map(|does| ("c".to_owned(), text(does.name()))));
    fields.extend(outcome.message.map(|message| ("m".to_owned(), bytes(&message.0))));
    fields.extend(outcome.reason.as_ref().map(|reason| ("r".to_owned(), text(reason))));
    fields.extend(outcome.ground.as_ref().map(|ground| ("g".to_owned(), text(ground))));
    AttributeValue::M(fields)
}

fn decode_outcome(value: &AttributeValue) -> Result<Outcome, Damage> {
    let fields = parts(value)?;
    let of = |name: &str| fields.get(name).copied();
    let words = |name: &str| of(name).map(|value| as_text(Some(value), WHAT).map(str::to_owned)).transpose();
    let letter = as_text(of("w"), WHAT)?;
    let what = OUTCOMES.iter().find(|(known, _)| *known == letter).map(|(_, what)| *what);
    Ok(Outcome {
        what: what.ok_or_else(|| damaged(WHAT))?,
        at: as_instant(of("a"), WHAT)?,
        planned: as_instant(of("p"), WHAT)?,
        channel: of("c").map(channel).transpose()?,
        message: of("m").map(|message| as_bytes(Some(message), WHAT).map(domain::care::MessageId)).transpose()?,
        reason: words("r")?,
        ground: words("g")?,
    })
}

pub(super) fn channel(value: &AttributeValue) -> Result<Does, Damage> {
    Does::named(as_text(Some(value), WHAT)?).ok_or_else(|| damaged(WHAT))
}
