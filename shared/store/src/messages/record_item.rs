//! A message as an item of `messages`. It holds no address and no text.
//!
//! | attribute | |
//! |---|---|
//! | `message` | which |
//! | `v` `w` `news` | as of every aggregate |
//! | `m` `at` | whose, and when it was taken up first: its place in the index `member` |
//! | `e` `j` `k` `st` `t` | enrolment, journey, values of the key, step, text |
//! | `wy` `pu` `la` | by what it goes, what for, until when it is of use |
//! | `s` `r` | where it stands, and why it is not sent |
//! | `ta` `fc` `c` `th` | when it was last taken up, first asked for, how often, how often the provider had no time |
//! | `b` `ef` | a hash of what was sent first, what has come of it |
//! | `ac` `aa` | what can be done in it, and when the member did that |
//! | `lo` `fb` `pi` | language, values for which something else was said, what the provider calls it |
//! | `ttl` | when it goes: 400 days after it was taken up |

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::time::add_days;
use domain::messages::{Effect, Message, OfStep, Record, State, Way, reason};
use domain::programme::journey::Purpose;

use crate::attribute::{
    Item, as_bytes, as_instant, as_list, as_number, as_text, bytes, from_json, instant, number, put, text, to_json,
};
use crate::error::{Damage, damaged};
use crate::table::{MESSAGES, TTL};

/// For how many days a message is kept.
const KEPT_DAYS: i32 = 400;

/// What can come of a message, as it is written.
const EFFECTS: [(&str, Effect); 3] =
    [("suppressed", Effect::Suppressed), ("transient", Effect::TransientBounce), ("withdrawn", Effect::Withdrawn)];

/// As an item, without version and news.
#[must_use]
pub fn encode(record: &Record) -> Item {
    let Record { id, member, of, made_at, locale, fallbacks, provider, action, acted_at, message } = record;
    let mut item = Item::from([
        (MESSAGES.hash.to_owned(), text(id)),
        ("m".to_owned(), text(member.as_str())),
        ("at".to_owned(), instant(*made_at)),
        ("e".to_owned(), text(&of.enrolment)),
        ("j".to_owned(), text(&of.journey)),
        ("st".to_owned(), text(&of.step)),
        ("t".to_owned(), text(&of.template)),
        ("wy".to_owned(), text(message.way.name())),
        ("pu".to_owned(), text(message.purpose.name())),
        ("la".to_owned(), instant(message.latest_at)),
        ("s".to_owned(), text(message.state.name())),
        (TTL.to_owned(), number(add_days(*made_at, KEPT_DAYS).as_second())),
    ]);
    put(&mut item, "k", AttributeValue::L(of.key.iter().map(|value| from_json(&serde_json::json!(value))).collect()));
    item.extend(message.reason.map(|reason| ("r".to_owned(), text(reason))));
    item.extend(message.taken_at.map(|at| ("ta".to_owned(), instant(at))));
    item.extend(message.first_call.map(|at| ("fc".to_owned(), instant(at))));
    item.extend((message.calls > 0).then(|| ("c".to_owned(), number(message.calls))));
    item.extend((message.throttled > 0).then(|| ("th".to_owned(), number(message.throttled))));
    item.extend(message.body.map(|body| ("b".to_owned(), bytes(&body))));
    let effect = |effect: &Effect| EFFECTS.iter().find(|(_, known)| known == effect).map_or("?", |(name, _)| *name);
    put(&mut item, "ef", AttributeValue::L(message.effects.iter().map(|own| text(effect(own))).collect()));
    item.extend(locale.as_ref().map(|locale| ("lo".to_owned(), text(locale))));
    put(&mut item, "fb", AttributeValue::L(fallbacks.iter().map(text).collect()));
    item.extend(action.as_ref().map(|action| ("ac".to_owned(), text(action))));
    item.extend(acted_at.map(|at| ("aa".to_owned(), instant(at))));
    item.extend(provider.as_ref().map(|provider| ("pi".to_owned(), text(provider))));
    item
}

/// The same back.
///
/// # Errors
/// The item is damaged.
pub fn decode(item: &Item) -> Result<Record, Damage> {
    parts(item).map_err(|damage| damage.of(MESSAGES.name))
}

fn parts(item: &Item) -> Result<Record, Damage> {
    let words = |name: &'static str| as_text(item.get(name), name).map(str::to_owned);
    let maybe = |name: &'static str| item.get(name).map(|_| words(name)).transpose();
    let at = |name: &'static str| item.get(name).map(|value| as_instant(Some(value), name)).transpose();
    let count = |name: &'static str| item.get(name).map_or(Ok(0), |value| as_number(Some(value), name));
    let key = as_list(item.get("k"), "k")?.iter().map(|value| {
        let json = to_json(value)?;
        serde_json::from_value(json).map_err(|_no_scalar| damaged("k"))
    });
    let way = words("wy")?;
    let way = Way::named(&way).ok_or_else(|| damaged("wy"))?;
    let purpose = words("pu")?;
    let purpose = [Purpose::Service, Purpose::Marketing].into_iter().find(|known| known.name() == purpose);
    let state = words("s")?;
    let state = State::ALL.into_iter().find(|known| known.name() == state);
    let effect = |value: &AttributeValue| {
        let name = as_text(Some(value), "ef")?;
        EFFECTS.iter().find(|(known, _)| *known == name).map(|(_, effect)| *effect).ok_or_else(|| damaged("ef"))
    };
    let reason = maybe("r")?.map(|name| reason(&name).ok_or_else(|| damaged("r"))).transpose()?;
    let fallbacks = as_list(item.get("fb"), "fb")?.iter().map(|value| as_text(Some(value), "fb").map(str::to_owned));
    Ok(Record {
        id: words(MESSAGES.hash)?,
        member: words("m")?.parse().map_err(|_not_an_id| damaged("m"))?,
        of: OfStep {
            enrolment: words("e")?,
            journey: words("j")?,
            key: key.collect::<Result<_, Damage>>()?,
            step: words("st")?,
            channel: way.name().to_owned(),
            template: words("t")?,
        },
        made_at: as_instant(item.get("at"), "at")?,
        locale: maybe("lo")?,
        fallbacks: fallbacks.collect::<Result<_, Damage>>()?,
        provider: maybe("pi")?,
        action: maybe("ac")?,
        acted_at: at("aa")?,
        message: Message {
            way,
            purpose: purpose.ok_or_else(|| damaged("pu"))?,
            latest_at: as_instant(item.get("la"), "la")?,
            state: state.ok_or_else(|| damaged("s"))?,
            reason,
            taken_at: at("ta")?,
            first_call: at("fc")?,
            calls: count("c")?,
            throttled: count("th")?,
            body: item.get("b").map(|body| as_bytes(Some(body), "b")).transpose()?,
            effects: as_list(item.get("ef"), "ef")?.iter().map(effect).collect::<Result<_, _>>()?,
        },
    })
}
