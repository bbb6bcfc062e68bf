//! Refunds: whose an order is, its row says; before it comes, the row keeps them.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::kernel::id::{FactKey, FactName, MemberId};
use domain::kernel::refusal::{InvalidField, Missing};
use domain::ledger::command::{Command, Instruction};
use domain::ledger::facts::{LedgerFact, lapsed};
use domain::ledger::lines::Refund;
use domain::ledger::parked::{Parked, lapse};
use domain::ledger::refund::{Refunding, park};
use domain::ledger::refusal::{OtherFact, Refused};
use domain::planted;
use domain::programme::setting::Setting;
use futures_util::future::join_all;
use jiff::Timestamp;

use crate::attribute::{Item, as_bytes, as_instant, bytes, instant, number, text};
use crate::error::Damage;
use crate::ledger::accounts::{Commands, Done, numbered};
use crate::ledger::facts::{Claim, Claims, Row};
use crate::ledger::owned_order::OwnedOrder;
use crate::ledger::parked_item::{PARKED, decode_parked, encode_parked, lapses_at};
use crate::outbox::{NEWS, Origin, VERSION, WRITTEN, news};
use crate::race::Patience;
use crate::{Store, StoreError, table};

/// What became of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refunded {
    /// It is in the ledger of the member whose order it is.
    Recorded {
        /// Whose.
        member: MemberId,
        /// What was recorded.
        done: Box<Done>,
    },
    /// It waits for its order, or has waited for it.
    Parked {
        /// What is kept.
        parked: Box<Parked>,
        /// It had been before.
        replayed: bool,
    },
}

/// What the row of an order says of a refund.
enum Found {
    /// The order is this member's.
    Of(Box<OwnedOrder>),
    /// It is nobody's yet, as far as the row shows.
    Nobody,
    /// The answer is known.
    Answer(Result<Refunded, Refused>),
}

impl Store {
    /// Carries out a refund: on the account whose the order is, or it waits for the order. `member` is for whom it was reported, if that was
    /// said.
    ///
    /// # Errors
    /// As [`Store::execute`]; [`StoreError::Busy`] while the order is being recorded.
    pub async fn refund(
        &self,
        member: Option<&MemberId>,
        instruction: &Instruction,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Refunded, Refused>, StoreError> {
        let instruction = &numbered(std::slice::from_ref(instruction), setting)[0];
        let refund = refund_of(instruction)?;
        loop {
            let item = self.fact(FactName::order(&refund.order_id).key).await?.unwrap_or_default();
            let owner = match self.found(member, instruction, &item, setting).await? {
                Found::Answer(answer) => return Ok(answer),
                Found::Nobody => None,
                Found::Of(order) => Some(order),
            };
            if let Some(order) = &owner {
                let instructions = std::slice::from_ref(instruction);
                let commands = Commands { instructions, orders: std::slice::from_ref(&**order) };
                let outcomes = self.execute_on(&order.row.member, commands, setting, patience);
                let outcome = outcomes.await?.pop().ok_or_else(|| StoreError::bug("one command has one outcome"))?;
                match outcome {
                    Err(refused) if is_missing(&refused) => self.left_behind(order, setting).await?,
                    outcome => return Ok(outcome.map(|done| recorded(&order.row.member, done))),
                }
            }
            let waiting = decode_parked(&item).map_err(|damage| damage.of(table::FACTS))?;
            if let Some(refused) = points_of_no_order(instruction) {
                return Ok(Err(refused));
            }
            let parked = match park(refund, member, &instruction.stamp, &waiting, setting) {
                Ok(parked) => parked,
                Err(refused) => return Ok(Err(refused.into())),
            };
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            let all: Vec<Parked> = waiting.iter().cloned().chain([parked.clone()]).collect();
            if self.park(owner.as_deref().map(|order| &order.row), &waiting, &all, setting).await? {
                return Ok(Ok(Refunded::Parked { parked: Box::new(parked), replayed: false }));
            }
            if let Some(refused) = self.elsewhere(refund, instruction, setting).await? {
                return Ok(Err(refused));
            }
            if !patience.again().await {
                return Err(StoreError::Busy);
            }
        }
    }

    /// Decides a refund without writing anything.
    ///
    /// # Errors
    /// As [`Store::refund`].
    pub async fn try_out_refund(
        &self,
        member: Option<&MemberId>,
        instruction: &Instruction,
        setting: Setting<'_>,
    ) -> Result<Result<Refunded, Refused>, StoreError> {
        let instruction = &numbered(std::slice::from_ref(instruction), setting)[0];
        let refund = refund_of(instruction)?;
        let item = self.fact(FactName::order(&refund.order_id).key).await?.unwrap_or_default();
        match self.found(member, instruction, &item, setting).await? {
            Found::Answer(answer) => return Ok(answer),
            Found::Nobody => {}
            Found::Of(order) => {
                match self.try_out_on(&order.row.member, instruction, std::slice::from_ref(&*order), setting).await? {
                    Err(refused) if is_missing(&refused) => order.row.may_be_under_way(setting.now)?,
                    outcome => return Ok(outcome.map(|done| recorded(&order.row.member, done))),
                }
            }
        }
        let waiting = decode_parked(&item).map_err(|damage| damage.of(table::FACTS))?;
        if let Some(refused) = points_of_no_order(instruction) {
            return Ok(Err(refused));
        }
        let parked = park(refund, member, &instruction.stamp, &waiting, setting);
        Ok(parked.map(|parked| Refunded::Parked { parked: Box::new(parked), replayed: false }).map_err(Refused::from))
    }

    /// Refunds that wait for their orders, those that lapse first first: of at most `most` orders, after a place; and the next place, if
    /// there are more.
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
            let kept = decode_parked(&row?.unwrap_or_default()).map_err(|damage| damage.of(table::FACTS))?;
            parked.extend(kept.into_iter().filter(Parked::waits));
        }
        Ok((parked, next))
    }

    /// Lets refunds lapse whose orders have not come, and tells it. Returns how many.
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

    /// What has become of the refunds of an order, and what is told of those that lapsed, if the row keeps what was seen.
    pub(crate) fn settle_parked(
        &self,
        order: &str,
        seen: &[Parked],
        parked: &[Parked],
        (at, programme): (Timestamp, u32),
    ) -> Result<TransactWriteItem, StoreError> {
        let keep = Keep { seen, parked, at, programme, lapses_at: None };
        self.keep(FactName::order(order).key, "r = :before", vec![(":before", encode_parked(seen))], keep)
    }

    async fn lapse_row(&self, key: FactKey, setting: Setting<'_>) -> Result<usize, StoreError> {
        let item = self.fact(key).await?.unwrap_or_default();
        let seen = decode_parked(&item).map_err(|damage| damage.of(table::FACTS))?;
        let parked = lapse(&seen, setting);
        let count = seen.iter().zip(&parked).filter(|(before, after)| before != after).count();
        if count == 0 {
            return Ok(0);
        }
        let before = vec![(":before", encode_parked(&seen))];
        let write = self.keep(key, "r = :before", before, Keep::of(&seen, &parked, setting))?;
        Ok(if self.transact_all(vec![write]).await? { count } else { 0 }) // else its order comes at this moment
    }

    /// A crash has left the claim of an order without its entry: whatever is still on its way to it loses its race from here on.
    async fn left_behind(&self, order: &OwnedOrder, setting: Setting<'_>) -> Result<(), StoreError> {
        order.row.may_be_under_way(setting.now)?;
        let record = self.read(&order.row.member, true).await?;
        if self.recorded(&order.order_id, &order.row, setting).await?.is_some() {
            return Err(StoreError::Busy);
        }
        self.fence(&record).await
    }

    /// What is known of a refund before anything is decided.
    async fn found(
        &self,
        member: Option<&MemberId>,
        instruction: &Instruction,
        item: &Item,
        setting: Setting<'_>,
    ) -> Result<Found, StoreError> {
        let of_facts = |damage: Damage| damage.of(table::FACTS);
        let kept = decode_parked(item).map_err(of_facts)?;
        if let Some(parked) = kept.into_iter().find(|parked| parked.operation == instruction.stamp.operation) {
            let same = parked.content == instruction.stamp.content;
            let answer = if same {
                Ok(Refunded::Parked { parked: Box::new(parked), replayed: true })
            } else {
                Err(conflict(instruction, &parked))
            };
            return Ok(Found::Answer(answer));
        }
        if !item.contains_key("m") {
            return Ok(Found::Nobody);
        }
        let row = Row::decode(item).map_err(of_facts)?;
        let refund = refund_of(instruction)?;
        let Some(other) = member.filter(|member| **member != row.member && !planted!("bug-refund-of-any-member"))
        else {
            return Ok(Found::Of(Box::new(OwnedOrder::of(&refund.order_id, row, item).map_err(of_facts)?)));
        };
        if self.recorded(&refund.order_id, &row, setting).await?.is_none() {
            row.may_be_under_way(setting.now)?;
            return Ok(Found::Nobody);
        }
        let mut claims = Claims::new();
        self.known(other, &[instruction], &mut claims, setting).await?;
        let refused = claims.into_values().find_map(Claim::refused);
        let refused = refused.unwrap_or_else(|| Refunding::from(Missing::NotFound { what: "order" }).into());
        Ok(Found::Answer(Err(refused)))
    }

    /// Parks a refund, if the order's row is as it was seen, and the refund's own is nobody's.
    async fn park(
        &self,
        owner: Option<&Row>,
        seen: &[Parked],
        all: &[Parked],
        setting: Setting<'_>,
    ) -> Result<bool, StoreError> {
        let parked = all.last().ok_or_else(|| StoreError::bug("nothing is parked"))?;
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
        let order = FactName::order(&parked.refund.order_id).key;
        let order = self.keep(order, &conditions.join(" AND "), values, Keep::of(seen, all, setting))?;
        let own = vec![(":p", text(&parked.refund.order_id)), (":a", instant(setting.now))];
        let unclaimed = "attribute_not_exists(m) AND attribute_not_exists(p)";
        let own = self.fact_write(FactName::refund(&parked.refund.id).key, "SET p = :p, a = :a", unclaimed, own)?;
        self.transact_all(vec![order, own]).await
    }

    /// A refund of this id that is of another order: the conflict, if there is one. Of the same order it is found in the order's row.
    async fn elsewhere(
        &self,
        refund: &Refund,
        instruction: &Instruction,
        setting: Setting<'_>,
    ) -> Result<Option<Refused>, StoreError> {
        let Some(item) = self.fact(FactName::refund(&refund.id).key).await? else { return Ok(None) };
        if let Some(order) = item.get("p").and_then(|order| order.as_s().ok()) {
            let other = *order != refund.order_id;
            return if other { self.parked_conflict(order, instruction).await } else { Ok(None) };
        }
        if !item.contains_key("m") {
            return Ok(None);
        }
        let row = Row::decode(&item).map_err(|damage| damage.of(table::FACTS))?;
        let (_, recorded) = self.recorded_by_other(instruction, &row, setting).await?;
        Ok(recorded.and_then(Claim::refused))
    }

    /// The conflict with a refund that is kept in the row of an order.
    pub(crate) async fn parked_conflict(
        &self,
        order: &str,
        instruction: &Instruction,
    ) -> Result<Option<Refused>, StoreError> {
        let item = self.fact(FactName::order(order).key).await?.unwrap_or_default();
        let kept = decode_parked(&item).map_err(|damage| damage.of(table::FACTS))?;
        let parked = kept.iter().find(|parked| parked.operation == instruction.stamp.operation);
        Ok(parked.map(|parked| conflict(instruction, parked)))
    }

    /// Writes what an order's row keeps of refunds: its place in the index, and what is told of those that lapse.
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

/// Where a list of refunds that wait goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParkedPlace {
    /// When the first refund of the row lapses.
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

/// What a row is to keep of refunds.
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

fn refund_of(instruction: &Instruction) -> Result<&Refund, StoreError> {
    match &instruction.command {
        Command::Refund(refund) => Ok(refund),
        _ => Err(StoreError::bug("a refund is another command")),
    }
}

fn recorded(member: &MemberId, done: Done) -> Refunded {
    Refunded::Recorded { member: member.clone(), done: Box::new(done) }
}

fn is_missing(refused: &Refused) -> bool {
    matches!(refused, Refused::Refunding(Refunding::Missing(_)))
}

/// A refund gives points back, and it is not known yet whether any paid for its order.
fn points_of_no_order(instruction: &Instruction) -> Option<Refused> {
    let words = "the order is not known yet; give its points back when it is";
    (!instruction.legs.is_empty()).then(|| Refunding::from(InvalidField::new("points_minor", words)).into())
}

/// A refund of this name waits already, and is another.
fn conflict(instruction: &Instruction, parked: &Parked) -> Refused {
    let name = instruction.fact.as_ref().map(|fact| fact.text.clone()).unwrap_or_default();
    let (occurred_at, member) = (parked.occurred_at, parked.member.clone());
    OtherFact::ConflictingDuplicate { name, entry: None, occurred_at, member, refund: None }.into()
}
