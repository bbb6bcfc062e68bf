//! Signals: rows of `signals`, each written once, the newest found first, gone after ninety days.
//!
//! | attribute | |
//! |---|---|
//! | `member` `at` | about whom; when, in milliseconds since 1970, `#`, and 16 hex of what it is known by |
//! | `t` `s` `o` | its type, the declared source, what it is known by |
//! | `a` | what is said of it |
//! | `r` `p` | when it was recorded, the number of the programme version that declares it |
//! | `c` | it counts as something that the member did; absent if not |
//! | `ttl` | when it goes |

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::kernel::id::{MemberId, OperationId};
use domain::ledger::earning::earn::Earning;
use domain::ledger::refusal::Refused;
use domain::planted;
use domain::programme::activity::ActivityType;
use domain::programme::setting::Setting;
use domain::signals::signal::{Reported, Signal};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde_json::Value;

use crate::attribute::{
    Item, as_bytes, as_instant, as_map, as_number, as_text, bytes, from_json, instant, number, put, text, to_json,
};
use crate::error::{Damage, damaged};
use crate::json::item_of;
use crate::table::{AT, SIGNALS, TTL};
use crate::{Store, StoreError};

/// How many signals are looked at at once for the newest that counts: most do.
const NEWEST: i32 = 16;

/// The place of a signal among those of its member.
fn place(signal: &Signal) -> String {
    let known_by: String = signal.reported.operation.to_string().chars().take(16).collect();
    format!("{:013}#{known_by}", signal.reported.at.as_millisecond())
}

pub(crate) fn encode(signal: &Signal) -> Item {
    let Reported { member, kind, source, operation, at: _, attributes } = &signal.reported;
    let mut item = Item::from([
        (SIGNALS.hash.to_owned(), text(member.as_str())),
        (AT.to_owned(), text(place(signal))),
        ("t".to_owned(), text(kind)),
        ("s".to_owned(), text(source)),
        ("o".to_owned(), bytes(&operation.0)),
        ("r".to_owned(), instant(signal.recorded_at)),
        ("p".to_owned(), number(signal.programme)),
        (TTL.to_owned(), number(signal.kept_until().as_second())),
    ]);
    put(
        &mut item,
        "a",
        AttributeValue::M(attributes.iter().map(|(name, value)| (name.clone(), from_json(value))).collect()),
    );
    if signal.counts {
        item.insert("c".to_owned(), AttributeValue::Bool(true));
    }
    item
}

pub(crate) fn decode(item: &Item) -> Result<Signal, Damage> {
    decode_parts(item).map_err(|damage| damage.of(SIGNALS.name))
}

fn decode_parts(item: &Item) -> Result<Signal, Damage> {
    let attributes = as_map(item.get("a"), "a")?.into_iter().map(|(name, value)| Ok((name.clone(), to_json(value)?)));
    let reported = Reported {
        member: as_text(item.get(SIGNALS.hash), "member")?.parse().map_err(|_not_an_id| damaged("member"))?,
        kind: as_text(item.get("t"), "t")?.to_owned(),
        source: as_text(item.get("s"), "s")?.to_owned(),
        operation: OperationId(as_bytes(item.get("o"), "o")?),
        at: at_of(item)?,
        attributes: attributes.collect::<Result<_, Damage>>()?,
    };
    let (recorded_at, programme) = (as_instant(item.get("r"), "r")?, as_number(item.get("p"), "p")?);
    Ok(Signal { reported, recorded_at, counts: item.contains_key("c"), programme })
}

fn at_of(item: &Item) -> Result<Timestamp, Damage> {
    let place = as_text(item.get(AT), AT)?;
    let at = place.split_once('#').and_then(|(at, _)| Timestamp::from_millisecond(at.parse().ok()?).ok());
    at.ok_or_else(|| damaged(AT))
}

/// The signal that a record of the stream tells of: none if one is gone.
///
/// # Errors
/// The item is damaged.
pub fn signalled(record: &Value) -> Result<Option<Signal>, Damage> {
    let image = &record["dynamodb"]["NewImage"];
    // What is refused of a source is counted in rows beside them.
    if image.is_null() || image["t"].is_null() {
        return Ok(None);
    }
    let item = item_of(image).map_err(|damage| damage.of(SIGNALS.name))?;
    decode(&item).map(Some)
}

/// Signals of a member, the newest first, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalsPage {
    /// Each with its place.
    pub signals: Vec<(String, Signal)>,
    /// There may be more.
    pub more: bool,
}

impl Store {
    /// Keeps a signal: as it is kept, and whether that is news. Refused are those that come too late or too soon and are not kept already, and those
    /// of whom nobody is enrolled.
    ///
    /// # Errors
    /// What DynamoDB says, or what is there is damaged.
    pub async fn keep_signal(
        &self,
        signal: &Signal,
        setting: Setting<'_>,
    ) -> Result<Result<(Signal, bool), Refused>, StoreError> {
        if let Err(outside) = signal.in_time(setting) {
            let there = self.kept_signal(signal).await?;
            return Ok(there.map(|there| (there, false)).ok_or_else(|| Earning::from(outside).into()));
        }
        if let Some(refused) = self.unnoted(&signal.reported.member, setting).await? {
            return Ok(Err(refused));
        }
        let put = self.dynamodb.put_item().table_name(self.tables.of(&SIGNALS)?).set_item(Some(encode(signal)));
        let put = if planted!("bug-signal-unguarded") {
            put
        } else {
            put.condition_expression("attribute_not_exists(#at)").expression_attribute_names("#at", AT)
        };
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Ok((signal.clone(), true))),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(there)) => {
                    let there = there.item.as_ref().map(decode).transpose()?;
                    Ok(Ok((there.unwrap_or_else(|| signal.clone()), false)))
                }
                _ => Err(error.into()),
            },
        }
    }

    /// The signal as it is kept, if it is.
    async fn kept_signal(&self, signal: &Signal) -> Result<Option<Signal>, StoreError> {
        let call = self.dynamodb.get_item().table_name(self.tables.of(&SIGNALS)?).consistent_read(true);
        let call = call.key(SIGNALS.hash, text(signal.reported.member.as_str())).key(AT, text(place(signal)));
        Ok(call.send().await?.item.as_ref().map(decode).transpose()?)
    }

    /// Signals of a member that lie before a place, the newest first.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn signals(
        &self,
        member: &MemberId,
        before: Option<&str>,
        limit: i32,
    ) -> Result<SignalsPage, StoreError> {
        let query = self.dynamodb.query().table_name(self.tables.of(&SIGNALS)?).scan_index_forward(false).limit(limit);
        let query = query.expression_attribute_names("#member", SIGNALS.hash);
        let query = query.expression_attribute_values(":member", text(member.as_str()));
        let query = match before {
            None => query.key_condition_expression("#member = :member"),
            Some(before) => query
                .key_condition_expression("#member = :member AND #at < :before")
                .expression_attribute_names("#at", AT)
                .expression_attribute_values(":before", text(before)),
        };
        let found = query.send().await?;
        let place =
            |item: &Item| as_text(item.get(AT), AT).map(str::to_owned).map_err(|damage| damage.of(SIGNALS.name));
        let signals = found.items.unwrap_or_default();
        let signals = signals.iter().map(|item| Ok((place(item)?, decode(item)?)));
        let signals = signals.collect::<Result<_, StoreError>>()?;
        Ok(SignalsPage { signals, more: found.last_evaluated_key.is_some() })
    }

    /// Signals of several members in one order, the newest first; one that was reported of two of them is told once.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn signals_of(
        &self,
        members: &[MemberId],
        before: Option<&str>,
        limit: i32,
    ) -> Result<SignalsPage, StoreError> {
        let pages = try_join_all(members.iter().map(|member| self.signals(member, before, limit))).await?;
        // What lies before the end of a page that goes on may be another's whose page does not.
        let ends = pages.iter().filter(|page| page.more).filter_map(|page| Some(&page.signals.last()?.0));
        let read_to = ends.max().cloned();
        let signals: BTreeMap<String, Signal> = pages.into_iter().flat_map(|page| page.signals).collect();
        let (most, all) = (usize::try_from(limit).unwrap_or_default(), signals.len());
        let known = signals.into_iter().rev().filter(|(place, _)| read_to.as_ref().is_none_or(|end| end <= place));
        let signals: Vec<_> = known.take(most).collect();
        let more = read_to.is_some() || signals.len() < all;
        Ok(SignalsPage { signals, more })
    }

    /// The places of all signals of a member.
    pub(crate) async fn signal_places(&self, member: &MemberId) -> Result<Vec<Item>, StoreError> {
        let (mut places, mut from) = (Vec::new(), None);
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&SIGNALS)?).consistent_read(true);
            let query = query.key_condition_expression("#member = :member");
            let query = query.expression_attribute_names("#member", SIGNALS.hash);
            let query = query.expression_attribute_values(":member", text(member.as_str()));
            let found = query.set_exclusive_start_key(from).send().await?;
            let key =
                |item: Item| item.into_iter().filter(|(name, _)| [SIGNALS.hash, AT].contains(&name.as_str())).collect();
            places.extend(found.items.unwrap_or_default().into_iter().map(key));
            from = found.last_evaluated_key.filter(|key| !key.is_empty());
            if from.is_none() {
                return Ok(places);
            }
        }
    }

    /// When the member last did something that is a signal, as far as signals are kept: whatever was noted before somebody looks.
    pub(crate) async fn last_signal(
        &self,
        member: &MemberId,
        setting: Setting<'_>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let declares = |(_, activity): (&String, &ActivityType)| activity.activity;
        if !setting.programmes.at(setting.now).document().activity.iter().any(declares) {
            return Ok(None);
        }
        let mut from = None;
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&SIGNALS)?).scan_index_forward(false);
            let query = query.consistent_read(true).limit(NEWEST);
            let query = query.key_condition_expression("#member = :member").projection_expression("#at, c");
            let query = query.expression_attribute_names("#member", SIGNALS.hash).expression_attribute_names("#at", AT);
            let query = query.expression_attribute_values(":member", text(member.as_str()));
            let found = query.set_exclusive_start_key(from).send().await?;
            let counts = |item: &&Item| item.contains_key("c");
            if let Some(newest) = found.items.unwrap_or_default().iter().find(counts) {
                return Ok(Some(at_of(newest).map_err(|damage| damage.of(SIGNALS.name))?));
            }
            from = found.last_evaluated_key;
            if from.is_none() {
                return Ok(None);
            }
        }
    }
}
