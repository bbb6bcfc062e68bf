//! News: what the version of an item has to tell, kept in the item itself. The stream is the outbox, so nothing is lost between
//! the write and the telling. Whoever reads the stream wraps news in the envelope without knowing what they say.
//!
//! | in `news` | |
//! |---|---|
//! | `o` `t` | the operation, and when it happened |
//! | `p` `m` | the number of the programme version, the member if there is one |
//! | `f` | the facts: `[type, data]` each; of what is known by a name of its own `[type, data, name, when]` |

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::event::{Event, Fact, Version, event_id};
use domain::kernel::id::{MemberId, OperationId};
use jiff::Timestamp;
use serde_json::Value;

use crate::attribute::{
    Item, as_bytes, as_instant, as_list, as_map, as_number, as_text, bytes, from_json, instant, number, text, to_json,
};
use crate::error::{Damage, damaged};
use crate::json::item_of;
use crate::table::Table;

/// The attribute that holds them; the next write replaces it.
pub(crate) const NEWS: &str = "news";
/// The attribute that counts writes.
pub(crate) const VERSION: &str = "v";
/// The attribute that says when the newest write was.
pub(crate) const WRITTEN: &str = "w";

/// Where news come from.
#[derive(Debug, Clone)]
pub(crate) struct Origin<'a> {
    /// The operation.
    pub(crate) operation: OperationId,
    /// When it happened.
    pub(crate) occurred_at: Timestamp,
    /// The number of the programme version that decided.
    pub(crate) programme: u32,
    /// Whose it is.
    pub(crate) member: Option<&'a MemberId>,
}

/// Facts as news; none if there are none.
pub(crate) fn news(origin: &Origin<'_>, facts: &[impl Fact]) -> Option<AttributeValue> {
    news_of(origin, facts.iter().map(|fact| told_as(fact.kind(), &fact.data())).collect())
}

/// A fact among news.
pub(crate) fn told_as(kind: &str, data: &Value) -> AttributeValue {
    AttributeValue::L(vec![text(kind), from_json(data)])
}

/// A fact among news that is known by a name of its own, and happened at an instant of its own.
pub(crate) fn named((kind, data): (&str, &Value), id: &str, at: Timestamp) -> AttributeValue {
    AttributeValue::L(vec![text(kind), from_json(data), text(id), instant(at)])
}

/// Facts as news that are written so already; none if there are none.
pub(crate) fn news_of(origin: &Origin<'_>, facts: Vec<AttributeValue>) -> Option<AttributeValue> {
    let Origin { operation, occurred_at, programme, member } = origin;
    if facts.is_empty() {
        return None;
    }
    let mut news = Item::from([
        ("o".to_owned(), bytes(&operation.0)),
        ("t".to_owned(), instant(*occurred_at)),
        ("p".to_owned(), number(programme)),
        ("f".to_owned(), AttributeValue::L(facts)),
    ]);
    if let Some(member) = member {
        news.insert("m".to_owned(), text(member.as_str()));
    }
    Some(AttributeValue::M(news))
}

/// What a record of a table's stream tells, in order: nothing if the item is gone, has no news, or is not an aggregate.
///
/// # Errors
/// The item is damaged.
pub fn told(table: &Table, record: &Value) -> Result<Vec<Event>, Damage> {
    let image = &record["dynamodb"]["NewImage"];
    if image[NEWS].is_null() {
        return Ok(Vec::new());
    }
    item_of(image).and_then(|item| events(table, &item)).map_err(|damage| damage.of(table.name))
}

fn events(table: &Table, item: &Item) -> Result<Vec<Event>, Damage> {
    let sequence: u64 = as_number(item.get(VERSION), VERSION)?;
    let causationid = format!("{}/{}.{sequence}", table.name, table.key_of(item)?);
    let recordedtime = as_instant(item.get(WRITTEN), WRITTEN)?;
    let news: BTreeMap<_, _> = as_map(item.get(NEWS), NEWS)?.into_iter().collect();
    let part = |name: &str| news.get(&name.to_owned()).copied();
    let member = part("m").map(|value| as_text(Some(value), NEWS)?.parse().map_err(|_not_an_id| damaged(NEWS)));
    let member: Option<MemberId> = member.transpose()?;
    let correlationid = OperationId(as_bytes(part("o"), NEWS)?);
    let (time, programmeversion) = (as_instant(part("t"), NEWS)?, as_number(part("p"), NEWS)?);
    let mut legs: BTreeMap<String, u32> = BTreeMap::new();
    let event = |fact: &AttributeValue| {
        let (kind, data, known_as) = match as_list(Some(fact), NEWS)? {
            [kind, data] => (kind, data, None),
            [kind, data, id, at] => {
                (kind, data, Some((as_text(Some(id), NEWS)?.to_owned(), as_instant(Some(at), NEWS)?)))
            }
            _ => return Err(damaged(NEWS)),
        };
        let kind = as_text(Some(kind), NEWS)?.to_owned();
        let leg = legs.entry(kind.clone()).or_default();
        *leg += 1;
        let (id, time) = known_as.unwrap_or_else(|| (event_id(&causationid, &kind, *leg), time));
        Ok(Event {
            specversion: Version::V1,
            id,
            source: format!("/perennial/{}", table.context),
            kind,
            data: to_json(data)?,
            time,
            member: member.clone(),
            sequence,
            recordedtime,
            causationid: causationid.clone(),
            correlationid,
            programmeversion,
        })
    };
    as_list(part("f"), NEWS)?.iter().map(event).collect()
}
