//! What waits for what it takes back, in the row of that: refunds for their order, reversals for their fact.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::kernel::id::FactKey;
use domain::ledger::command::{Instruction, Owner};
use domain::ledger::facts::LedgerFact;
use domain::ledger::lapsed::lapsed;
use domain::ledger::parked::{Parked, lapse};
use domain::ledger::refusal::{OtherFact, Refused};
use domain::programme::setting::Setting;
use futures_util::future::join_all;
use jiff::Timestamp;

use crate::attribute::{Item, as_bytes, as_instant, bytes, instant, number, text};
use crate::error::Damage;
use crate::ledger::facts::Row;
use crate::ledger::parked_item::{PARKED, decode_awaited, decode_parked, encode_parked, lapses_at};
use crate::outbox::{NEWS, Origin, VERSION, WRITTEN, news};
use crate::{Store, StoreError, table};

impl Store {
    /// What waits, that which lapses first first: for at most `most` orders and other facts, after a place; and the next place, if there are
    /// more.
    ///
    /// # Errors
    /// What DynamoDB says, or a row is damaged.
    pub async fn parked(
        &self,
        most: i32,
        after: Option<ParkedPlace>,
    ) -> Result<(Vec<Parked>, Option<ParkedPlace>), StoreError> {
        let query = self.parked_query(">= :at", Timestamp::UNIX_EPOCH).limit(most);
        let found = query.set_exclusive_start_key(after.map(ParkedPlace::key)).send().await?;
        let next = found.last_evaluated_key.filter(|key| !key.is_empty());
        let next = next.map(|key| ParkedPlace::of(&key)).transpose().map_err(|damage| damage.of(table::FACTS))?;
        let keys = found.items.iter().flatten().map(row_key).collect::<Result<Vec<_>, _>>()?;
        let rows = join_all(keys.into_iter().map(|key| self.fact(key))).await;
        let mut parked = Vec::new();
        for row in rows {
            let kept = kept_in(&row?.unwrap_or_default())?;
            parked.extend(kept.into_iter().filter(Parked::waits));
        }
        Ok((parked, next))
    }

    /// Lets lapse what has waited for too long, and tells it of refunds. Returns how many.
    ///
    /// # Errors
    /// What DynamoDB says, or a row is damaged.
    pub async fn lapse_parked(&self, setting: Setting<'_>) -> Result<usize, StoreError> {
        let mut count = 0;
        let mut start = None;
        loop {
            let found = self.parked_query("<= :at", setting.now).set_exclusive_start_key(start).send().await?;
            for item in found.items.iter().flatten() {
                count += self.lapse_row(row_key(item)?, setting).await?;
            }
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    /// What has become of what waited for a fact, and what is told of refunds that lapsed, if the row keeps what was seen.
    pub(crate) fn settle_parked(
        &self,
        fact: FactKey,
        seen: &[Parked],
        parked: &[Parked],
        (at, programme): (Timestamp, u32),
    ) -> Result<TransactWriteItem, StoreError> {
        let keep = Keep { seen, parked, at, programme, lapses_at: None };
        self.keep(fact, "r = :before", vec![(":before", encode_parked(seen))], keep)
    }

    async fn lapse_row(&self, key: FactKey, setting: Setting<'_>) -> Result<usize, StoreError> {
        let item = self.fact(key).await?.unwrap_or_default();
        let seen = kept_in(&item)?;
        let parked = lapse(&seen, setting);
        let count = seen.iter().zip(&parked).filter(|(before, after)| before != after).count();
        if count == 0 {
            return Ok(0);
        }
        let before = vec![(":before", encode_parked(&seen))];
        let write = self.keep(key, "r = :before", before, Keep::of(&seen, &parked, setting))?;
        Ok(if self.transact_all(vec![write]).await? { count } else { 0 }) // else its order comes at this moment
    }

    /// Keeps one more in the row of what it waits for, if that is as it was seen, and its own row is nobody's.
    pub(crate) async fn park(
        &self,
        own: FactKey,
        owner: Option<&Row>,
        all: &[Parked],
        setting: Setting<'_>,
    ) -> Result<bool, StoreError> {
        let (parked, seen) = all.split_last().ok_or_else(|| StoreError::bug("nothing is parked"))?;
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        match owner {
            Some(row) => {
                conditions.push("m = :m AND n = :n");
                values.extend([(":m", text(row.member.as_str())), (":n", number(row.renewals))]);
            }
            None => conditions.push("attribute_not_exists(m)"),
        }
        if seen.is_empty() {
            conditions.push("attribute_not_exists(r)");
        } else {
            conditions.push("r = :before");
            values.push((":before", encode_parked(seen)));
        }
        let awaited = parked.takes.from().key;
        let row = self.keep(awaited, &conditions.join(" AND "), values, Keep::of(seen, all, setting))?;
        let points_there = vec![(":p", bytes(&awaited.0)), (":a", instant(setting.now))];
        let unclaimed = "attribute_not_exists(m) AND attribute_not_exists(p)";
        let own = self.fact_write(own, "SET p = :p, a = :a", unclaimed, points_there)?;
        self.transact_all(vec![row, own]).await
    }

    /// One of this name that takes something else back: the conflict, if there is one. The same, recorded or waiting by now, is found by
    /// looking again.
    pub(crate) async fn elsewhere(
        &self,
        own: FactKey,
        instruction: &Instruction,
        parked: &Parked,
        setting: Setting<'_>,
    ) -> Result<Option<Refused>, StoreError> {
        let Some(item) = self.fact(own).await? else { return Ok(None) };
        if let Some(awaited) = decode_awaited(&item).map_err(|damage| damage.of(table::FACTS))? {
            let other = awaited != parked.takes.from().key;
            return if other { self.parked_conflict(awaited, instruction).await } else { Ok(None) };
        }
        if !item.contains_key("m") {
            return Ok(None);
        }
        let row = Row::decode(&item).map_err(|damage| damage.of(table::FACTS))?;
        let (_, entries) = self.claimed_in(instruction, &row, setting).await?;
        let recorded = instruction.recorded_in(&entries);
        let other = recorded.filter(|entry| entry.content != instruction.stamp.content);
        Ok(other.map(|entry| instruction.conflict(entry, &entries, Owner::Other(&row.member))))
    }

    /// The conflict with one that is kept in the row of what it waits for.
    pub(crate) async fn parked_conflict(
        &self,
        awaited: FactKey,
        instruction: &Instruction,
    ) -> Result<Option<Refused>, StoreError> {
        let item = self.fact(awaited).await?.unwrap_or_default();
        let kept = kept_in(&item)?;
        let parked = kept.iter().find(|parked| parked.operation == instruction.stamp.operation);
        Ok(parked.map(|parked| conflict(instruction, parked)))
    }

    /// Writes what a row keeps: its place in the index, and what is told of refunds that lapse.
    fn keep(
        &self,
        key: FactKey,
        condition: &str,
        mut values: Vec<(&str, AttributeValue)>,
        Keep { seen, parked, at, programme, lapses_at }: Keep<'_>,
    ) -> Result<TransactWriteItem, StoreError> {
        values.push((":r", encode_parked(parked)));
        let mut update = format!("SET {PARKED} = :r");
        let newly = parked.iter().zip(seen).filter(|(after, before)| after.fate != before.fate);
        let facts: Vec<LedgerFact> = newly.filter_map(|(after, _)| lapsed(after)).collect();
        let origin = parked.last().map(|parked| Origin {
            operation: parked.operation,
            occurred_at: at,
            programme,
            member: None,
        });
        if let Some(news) = origin.and_then(|origin| news(&origin, &facts)) {
            update.push_str(&format!(", {NEWS} = :news, {WRITTEN} = :now"));
            values.extend([(":news", news), (":now", instant(at))]);
        }
        match lapses_at {
            Some(at) => {
                update.push_str(&format!(", {} = :ps, {} = :pa", table::PARKED_SHARD, table::PARKED_AT));
                values.extend([(":ps", number(0)), (":pa", instant(at))]);
            }
            None => update.push_str(&format!(" REMOVE {}, {}", table::PARKED_SHARD, table::PARKED_AT)),
        }
        if !facts.is_empty() {
            update.push_str(&format!(" ADD {VERSION} :one"));
            values.push((":one", number(1)));
        }
        self.fact_write(key, &update, condition, values)
    }

    fn parked_query(&self, when: &str, at: Timestamp) -> QueryFluentBuilder {
        let query = self.dynamodb.query().table_name(&self.tables.facts).index_name(table::PARKED_INDEX);
        let query = query.key_condition_expression(format!("#shard = :shard AND #at {when}"));
        let query = query.expression_attribute_names("#shard", table::PARKED_SHARD);
        let query = query.expression_attribute_names("#at", table::PARKED_AT);
        query.expression_attribute_values(":shard", number(0)).expression_attribute_values(":at", instant(at))
    }
}

/// Where a list of what waits goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParkedPlace {
    /// When the first of the row lapses.
    pub at: Timestamp,
    /// The row.
    pub key: FactKey,
}

impl ParkedPlace {
    fn key(self) -> Item {
        [
            (table::FACT.to_owned(), bytes(&self.key.0)),
            (table::PARKED_SHARD.to_owned(), number(0)),
            (table::PARKED_AT.to_owned(), instant(self.at)),
        ]
        .into()
    }

    fn of(key: &Item) -> Result<Self, Damage> {
        let at = as_instant(key.get(table::PARKED_AT), table::PARKED_AT)?;
        Ok(Self { at, key: FactKey(as_bytes(key.get(table::FACT), table::FACT)?) })
    }
}

fn row_key(item: &Item) -> Result<FactKey, Damage> {
    as_bytes(item.get(table::FACT), table::FACT).map(FactKey).map_err(|damage| damage.of(table::FACTS))
}

/// What a row is to keep.
struct Keep<'a> {
    seen: &'a [Parked],
    parked: &'a [Parked],
    at: Timestamp,
    programme: u32,
    /// When the first of those that wait lapses.
    lapses_at: Option<Timestamp>,
}

impl<'a> Keep<'a> {
    fn of(seen: &'a [Parked], parked: &'a [Parked], setting: Setting<'_>) -> Self {
        let programme = setting.programmes.at(setting.now).number;
        Self { seen, parked, at: setting.now, programme, lapses_at: lapses_at(parked, setting) }
    }
}

/// What a row keeps of what waits for it, or has waited.
pub(crate) fn kept_in(row: &Item) -> Result<Vec<Parked>, StoreError> {
    Ok(decode_parked(row).map_err(|damage| damage.of(table::FACTS))?)
}

/// What a row keeps of an instruction, for ever the same whatever has become of it since; or why that is something else.
pub(crate) fn kept_of(instruction: &Instruction, kept: &[Parked]) -> Option<Result<Parked, Refused>> {
    let known = kept.iter().find(|parked| parked.operation == instruction.stamp.operation)?;
    let same = known.content == instruction.stamp.content;
    Some(if same { Ok(known.clone()) } else { Err(conflict(instruction, known)) })
}

/// One of this name waits already, and says something else.
fn conflict(instruction: &Instruction, parked: &Parked) -> Refused {
    let name = instruction.fact.as_ref().map(|fact| fact.text.clone()).unwrap_or_default();
    let (occurred_at, member) = (parked.occurred_at, parked.member.clone());
    OtherFact::ConflictingDuplicate { name, entry: None, occurred_at, member, refund: None }.into()
}
