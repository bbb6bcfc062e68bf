//! The table `facts`: whose a fact is, for ever, whoever reports it again.
//!
//! | attribute | of a fact |
//! |---|---|
//! | `k` | its key: 16 bytes |
//! | `m` | the member whose it is |
//! | `a` | since when, in seconds since 1970 |
//! | `s` `h` | the declared source that reported it first, and when it happened, see `reported.rs` |
//! | `l` | of an order: its lines as they were paid, see `lines_item.rs` |
//! | `o` | of an order: what was held for it, see `order_item.rs`; also before anybody claims it |
//! | `r` `p` `ps` `pa` | what came before it and takes it back; and of what waits, the key of what it waits for, see `parked_item.rs` |
//! | `mv` `ma` | of an order: how it went from one member to another, and who wants that, see `moved_item.rs` |
//! | `n` `u` | how often, and when last, a claim was renewed that a crash had left without its entry |
//!
//! A fact is claimed before the account is written, and the claim is kept whatever becomes of that write. So an entry is only ever
//! written by an invocation that made or renewed the claim within the hour: none lives for longer than a quarter of one. A claim
//! that is another member's is taken over when it is older than that and has no entry, and only after the version of that
//! member's account was moved: a write of it that is still on its way then loses its race.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use domain::kernel::id::{FactKey, FactName, MemberId};
use domain::ledger::command::{Instruction, Owner};
use domain::ledger::entry::Entry;
use domain::ledger::lines::PaidLines;
use domain::ledger::order_row::OrderRow;
use domain::ledger::reach::Reach;
use domain::ledger::refund::cancelled_by;
use domain::ledger::refusal::Refused;
use domain::planted;
use domain::programme::setting::Setting;
use domain::programme::source::under;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use crate::attribute::{Item, as_bytes, as_instant, as_number, as_text, bytes, instant, number, text};
use crate::error::{Damage, damaged};
use crate::ledger::account_item::Record;
use crate::ledger::effects::Commit;
use crate::ledger::lines_item::{KeptLines, decode_lines, encode_lines};
use crate::ledger::moved_item::{MovedOnce, decode_moves};
use crate::ledger::order_item::decode_hold;
use crate::ledger::pages::History;
use crate::ledger::parked_item::{decode_awaited, decode_parked};
use crate::{Store, StoreError, table};

/// How long a claim without its entry may still be on its way to one.
const UNDER_WAY: SignedDuration = SignedDuration::from_hours(1);

/// A row that is somebody's, as it is.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) key: FactKey,
    pub(crate) member: MemberId,
    pub(crate) claimed_at: Timestamp,
    pub(crate) renewals: u64,
    pub(crate) renewed_at: Option<Timestamp>,
    pub(crate) order: OrderRow,
    /// How the order went from one member to another, oldest first.
    pub(crate) moves: Vec<MovedOnce>,
}

/// An order that is in the ledger.
pub(crate) struct RecordedOrder {
    /// It has not come back whole.
    stands: bool,
}

/// What became of a change of a row.
enum Changed {
    /// It is done; what the row was before.
    Done(Item),
    /// The row is another's, or another.
    Not(Box<Row>),
    /// It is that of something that waits for this fact to take it back.
    Waits(FactKey),
}

/// How a fact stands with the member for whom it is reported.
#[derive(Debug, Clone)]
pub(crate) enum Claim {
    /// It is this member's. If it has an entry, that was recorded at this instant or later (but for what clocks differ).
    Own {
        /// When it was claimed.
        since: Timestamp,
        /// It was there: if it has no entry, that many renewals make one more.
        renewals: Option<u64>,
        /// What is known of the order, if it is one.
        order: Box<OrderRow>,
    },
    /// It is another member's.
    Others(Refused),
}

/// A fact that is accepted, before it is written.
#[derive(Clone, Copy)]
pub(crate) struct Accepted<'a> {
    /// For whom.
    pub(crate) member: &'a MemberId,
    /// How it was reported.
    pub(crate) instruction: &'a Instruction,
    /// The order's lines as they were paid, if it is an order.
    pub(crate) lines: Option<&'a PaidLines>,
}

impl Accepted<'_> {
    /// What its row is to hold beside, as it goes into an update: the assignment, and its value.
    fn beside(self) -> (&'static str, Option<(&'static str, AttributeValue)>) {
        match self.lines {
            Some(lines) => (", l = :l", Some((":l", encode_lines(self.instruction.stamp.content, lines)))),
            None => ("", None),
        }
    }
}

/// How the facts of a call stand, by key.
pub(crate) type Claims = BTreeMap<FactKey, Claim>;

impl Store {
    /// Claims facts, side by side. Returns whether what is accepted has to be decided again.
    pub(crate) async fn claim(
        &self,
        accepted: &[Accepted<'_>],
        claims: &mut Claims,
        setting: Setting<'_>,
    ) -> Result<bool, StoreError> {
        let mut wanted: BTreeMap<FactKey, Accepted<'_>> = BTreeMap::new();
        for accepted in accepted {
            let fact = accepted.instruction.claims(setting.programmes).filter(|_| !planted!("bug-fact-unclaimed"));
            if let Some(fact) = fact.filter(|fact| !claims.get(&fact.key).is_some_and(Claim::is_settled)) {
                wanted.entry(fact.key).or_insert(*accepted);
            }
        }
        let known = &*claims;
        let one = async |(key, accepted): (FactKey, Accepted<'_>)| {
            let renewals = known.get(&key).and_then(Claim::renewals);
            let row = match renewals {
                Some(renewals) => self.renew(key, accepted, renewals, setting.now).await?,
                None => self.own(key, accepted, setting).await?,
            };
            let since = known.get(&key).and_then(Claim::since).unwrap_or(setting.now);
            let claim = match row {
                Changed::Done(before) => {
                    let order = Box::new(order_of(&before).map_err(|damage| damage.of(table::FACTS))?);
                    Claim::Own { since, renewals: None, order }
                }
                Changed::Waits(awaited) => {
                    let conflict = self.parked_conflict(awaited, accepted.instruction).await?;
                    Claim::Others(conflict.ok_or(StoreError::Busy)?)
                }
                Changed::Not(row) if row.member == *accepted.member => (*row).into(),
                Changed::Not(row) => self.others(accepted, &row, setting).await?,
            };
            Ok::<_, StoreError>((key, claim))
        };
        let made = join_all(wanted.into_iter().map(one)).await;
        let mut again = false;
        for claim in made {
            let (key, claim) = claim?;
            let known = claim.order().is_some_and(|order| order.hold.is_some() || !order.parked.is_empty());
            again |= !claim.is_settled() || known;
            claims.insert(key, claim);
        }
        Ok(again)
    }

    /// Looks whether facts are known already: what was accepted once is answered again, whatever has changed since.
    /// Returns whether something has to be decided again.
    pub(crate) async fn known(
        &self,
        member: &MemberId,
        facts: &[&Instruction],
        claims: &mut Claims,
        setting: Setting<'_>,
    ) -> Result<bool, StoreError> {
        let mut again = false;
        for instruction in facts {
            let Some(fact) = instruction.claims(setting.programmes).filter(|fact| !claims.contains_key(&fact.key))
            else {
                continue;
            };
            let Some(item) = self.fact(fact.key).await?.filter(|item| item.contains_key("m")) else { continue };
            let row = Row::decode(&item).map_err(|damage| damage.of(table::FACTS))?;
            let claim = if row.member == *member {
                Some(row.into())
            } else if let Some(before) = self.before_its_move(member, instruction, &row, setting).await? {
                Some(before)
            } else {
                self.recorded_by_other(instruction, &row, setting).await?.1
            };
            again |= claim.is_some();
            claims.extend(claim.map(|claim| (fact.key, claim)));
        }
        Ok(again)
    }

    /// Whoever won a race may have captured what was held for an order, or given it back.
    pub(crate) async fn look_at_holds_again(&self, claims: &mut Claims) -> Result<(), StoreError> {
        for (key, claim) in claims {
            let Claim::Own { order, .. } = claim else { continue };
            if order.hold.is_some() {
                let item = self.fact(*key).await?.unwrap_or_default();
                order.hold = decode_hold(&item).map_err(|damage| damage.of(table::FACTS))?;
            }
        }
        Ok(())
    }

    /// Claims a fact that nobody owns.
    async fn own(
        &self,
        key: FactKey,
        accepted: Accepted<'_>,
        Setting { programmes, now }: Setting<'_>,
    ) -> Result<Changed, StoreError> {
        let (beside, lines) = accepted.beside();
        let values = [(":m", text(accepted.member.as_str())), (":a", instant(now)), (":n", number(0))];
        let sources = &programmes.at(now).document().source;
        let source = accepted.instruction.source().and_then(|name| under(sources, name));
        let occurred_at = instant(accepted.instruction.stamp.occurred_at);
        let reported = source.map(|source| [(":s", text(&source.id)), (":h", occurred_at)]);
        let update =
            format!("SET m = :m, a = :a, n = :n{beside}{}", if reported.is_some() { ", s = :s, h = :h" } else { "" });
        let unclaimed = "attribute_not_exists(m) AND attribute_not_exists(p)";
        let values = values.into_iter().chain(lines).chain(reported.into_iter().flatten());
        self.update(key, &update, unclaimed, values).await
    }

    /// Makes a claim anew that has no entry.
    async fn renew(
        &self,
        key: FactKey,
        accepted: Accepted<'_>,
        renewals: u64,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        let (beside, lines) = accepted.beside();
        let numbers = [(":n", number(renewals)), (":next", number(renewals + 1))];
        let values =
            numbers.into_iter().chain([(":m", text(accepted.member.as_str())), (":u", instant(now))]).chain(lines);
        self.update(key, &format!("SET n = :next, u = :u{beside}"), "m = :m AND n = :n", values).await
    }

    /// A fact of another member: it has its entry, or may be about to get it; or a crash left it, and it is taken over.
    async fn others(&self, accepted: Accepted<'_>, row: &Row, setting: Setting<'_>) -> Result<Claim, StoreError> {
        if let Some(before) = self.before_its_move(accepted.member, accepted.instruction, row, setting).await? {
            return Ok(before);
        }
        let (record, recorded) = self.recorded_by_other(accepted.instruction, row, setting).await?;
        if let Some(recorded) = recorded {
            return Ok(recorded);
        }
        row.may_be_under_way(setting.now)?;
        self.fence(&record).await?;
        let numbers = [(":n", number(row.renewals)), (":next", number(row.renewals + 1))];
        let members = [(":m", text(accepted.member.as_str())), (":other", text(row.member.as_str()))];
        let (beside, lines) = accepted.beside();
        let values = numbers.into_iter().chain(members).chain([(":a", instant(setting.now))]).chain(lines);
        let taken = self
            .update(row.key, &format!("SET m = :m, a = :a, u = :a, n = :next{beside}"), "m = :other AND n = :n", values)
            .await?;
        let Changed::Done(before) = taken else { return Err(StoreError::Busy) };
        let order = Box::new(order_of(&before).map_err(|damage| damage.of(table::FACTS))?);
        Ok(Claim::Own { since: setting.now, renewals: None, order })
    }

    /// Moves the version of an account: a write of it that is still on its way then loses its race.
    ///
    /// # Errors
    /// [`StoreError::Busy`]: somebody else has just written it.
    pub(crate) async fn fence(&self, record: &Record) -> Result<(), StoreError> {
        let fence = Record { version: record.version + 1, ..record.clone() };
        match self.commit(record, &fence, &[], true).await? {
            Commit::Done => Ok(()),
            _ => Err(StoreError::Busy),
        }
    }

    /// The account of the member who claimed a fact, and its entries since then.
    pub(crate) async fn claimed_in(
        &self,
        instruction: &Instruction,
        row: &Row,
        setting: Setting<'_>,
    ) -> Result<(Record, Vec<Entry>), StoreError> {
        let reach = instruction.reach(setting.programmes, setting.now, Some(row.claimed_at));
        let reach = Reach { order: None, fact: None, sequence: None, ..reach };
        self.read_back(&row.member, &reach).await
    }

    /// The account of another member who claimed a fact, and whether the fact is in it.
    async fn recorded_by_other(
        &self,
        instruction: &Instruction,
        row: &Row,
        setting: Setting<'_>,
    ) -> Result<(Record, Option<Claim>), StoreError> {
        let (record, entries) = self.claimed_in(instruction, row, setting).await?;
        let found = instruction.recorded_in(&entries);
        let owner = Owner::Other(&row.member);
        let found = found.map(|entry| Claim::Others(instruction.conflict(entry, &entries, owner)));
        Ok((record, found))
    }

    /// The row of an order for which points are to be held.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while the order is being recorded, or what DynamoDB says.
    pub async fn order_to_pay(&self, order_id: &str, setting: Setting<'_>) -> Result<OrderRow, StoreError> {
        let Some(item) = self.fact(FactName::order(order_id).key).await? else { return Ok(OrderRow::default()) };
        let hold = decode_hold(&item).map_err(|damage| damage.of(table::FACTS))?;
        if !item.contains_key("m") {
            return Ok(OrderRow { hold, ..OrderRow::default() });
        }
        let row = Row::decode(&item).map_err(|damage| damage.of(table::FACTS))?;
        let recorded = self.recorded(order_id, &row, setting).await?;
        if recorded.is_none() {
            row.may_be_under_way(setting.now)?;
        }
        let paid = recorded.is_some_and(|recorded| recorded.stands);
        Ok(OrderRow { paid, claimed: Some(row.renewals), hold, ..OrderRow::default() })
    }

    /// Is an order in the account whose it is?
    pub(crate) async fn recorded(
        &self,
        order_id: &str,
        row: &Row,
        setting: Setting<'_>,
    ) -> Result<Option<RecordedOrder>, StoreError> {
        let not_before = setting.programmes.at(setting.now).less_skew(row.claimed_at);
        let reach =
            Reach { since: Timestamp::MAX, order: Some((order_id.to_owned(), not_before)), fact: None, sequence: None };
        let (_, entries) = self.read_back(&row.member, &reach).await?;
        let paid = entries.iter().rfind(|entry| entry.earns(order_id));
        Ok(paid.map(|paid| RecordedOrder { stands: cancelled_by(paid, &entries).is_none() }))
    }

    /// An account as it is, and its entries, oldest first, as far back as a reach.
    pub(crate) async fn read_back(&self, member: &MemberId, reach: &Reach) -> Result<(Record, Vec<Entry>), StoreError> {
        let record = self.read(member, true).await?;
        let mut history = History { entries: record.recent.clone(), unread: record.sealed };
        self.load(member, &mut history, reach).await?;
        Ok((record, history.entries))
    }

    /// A row as it is.
    pub(crate) async fn fact(&self, key: FactKey) -> Result<Option<Item>, StoreError> {
        let get = self.dynamodb.get_item().table_name(&self.tables.facts).key(table::FACT, bytes(&key.0));
        Ok(get.consistent_read(true).send().await?.item)
    }

    /// The lines of an order as they were paid, if they were kept with the report that its entry is of. `read` is what its row had.
    pub(crate) async fn paid_lines(
        &self,
        order_id: &str,
        history: &[Entry],
        read: Option<&KeptLines>,
    ) -> Result<Option<PaidLines>, StoreError> {
        let Some(entry) = history.iter().rfind(|entry| entry.earns(order_id)) else { return Ok(None) };
        // A report that lost a race to another of the same order may have left its own.
        let of_entry = |(content, lines): &KeptLines| (*content == entry.content).then(|| lines.clone());
        if let Some(lines) = read.and_then(of_entry) {
            return Ok(Some(lines));
        }
        let item = self.fact(FactName::order(order_id).key).await?.unwrap_or_default();
        let lines = item.get("l").map(decode_lines).transpose().map_err(|damage| damage.of(table::FACTS))?;
        Ok(lines.as_ref().and_then(of_entry))
    }

    /// The lines of an order as they were paid, if they were kept with the report that an entry is of.
    ///
    /// # Errors
    /// What DynamoDB says, or the row is damaged.
    pub async fn lines_of(&self, order_id: &str, entry: &Entry) -> Result<Option<PaidLines>, StoreError> {
        self.paid_lines(order_id, std::slice::from_ref(entry), None).await
    }

    /// Changes a row beside an account, if the condition holds.
    pub(crate) fn fact_write(
        &self,
        key: FactKey,
        update: &str,
        condition: &str,
        values: Vec<(&str, AttributeValue)>,
    ) -> Result<TransactWriteItem, StoreError> {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let row = Update::builder().table_name(&self.tables.facts).key(table::FACT, bytes(&key.0));
        let row = row.update_expression(update).condition_expression(condition);
        Ok(TransactWriteItem::builder().update(row.set_expression_attribute_values(Some(values)).build()?).build())
    }

    /// Changes a row if the condition holds.
    async fn update(
        &self,
        key: FactKey,
        update: &str,
        condition: &str,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Result<Changed, StoreError> {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let call = self.dynamodb.update_item().table_name(&self.tables.facts).key(table::FACT, bytes(&key.0));
        let call = call.update_expression(update).condition_expression(condition);
        let call = call.set_expression_attribute_values(Some(values)).return_values(ReturnValue::AllOld);
        let call = call.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let failed = match call.send().await {
            Ok(done) => return Ok(Changed::Done(done.attributes.unwrap_or_default())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => failed.item.clone(),
                _ => return Err(error.into()),
            },
        };
        let item = failed.ok_or(StoreError::Busy)?;
        if let Some(awaited) = decode_awaited(&item).map_err(|damage| damage.of(table::FACTS))? {
            return Ok(Changed::Waits(awaited));
        }
        let row = Row::decode(&item).map_err(|damage| damage.of(table::FACTS))?;
        Ok(Changed::Not(Box::new(row)))
    }
}

impl Row {
    /// An invocation may be about to write the entry of a claim that has none.
    ///
    /// # Errors
    /// [`StoreError::Busy`]: it may be.
    pub(crate) fn may_be_under_way(&self, now: Timestamp) -> Result<(), StoreError> {
        let newest = self.renewed_at.unwrap_or(self.claimed_at);
        if now.duration_since(newest) < UNDER_WAY { Err(StoreError::Busy) } else { Ok(()) }
    }

    pub(crate) fn decode(item: &Item) -> Result<Self, Damage> {
        Ok(Self {
            key: FactKey(as_bytes(item.get(table::FACT), table::FACT)?),
            member: as_text(item.get("m"), "m")?.parse().map_err(|_not_an_id| damaged("m"))?,
            claimed_at: as_instant(item.get("a"), "a")?,
            renewals: as_number(item.get("n"), "n")?,
            renewed_at: item.get("u").map(|value| as_instant(Some(value), "u")).transpose()?,
            order: order_of(item)?,
            moves: decode_moves(item)?,
        })
    }
}

/// What a row says of its order, beside whose it is.
fn order_of(item: &Item) -> Result<OrderRow, Damage> {
    Ok(OrderRow { hold: decode_hold(item)?, parked: decode_parked(item)?, ..OrderRow::default() })
}

impl From<Row> for Claim {
    fn from(row: Row) -> Self {
        Self::Own { since: row.claimed_at, renewals: Some(row.renewals), order: Box::new(row.order) }
    }
}

impl Claim {
    /// What is known of the order, if it is one of this member's.
    pub(crate) fn order(&self) -> Option<&OrderRow> {
        match self {
            Self::Own { order, .. } => Some(order),
            Self::Others(_) => None,
        }
    }

    /// Nothing has to be found out any more.
    fn is_settled(&self) -> bool {
        matches!(self, Self::Own { renewals: None, .. })
    }

    /// Why it cannot be this member's.
    pub(crate) fn refused(self) -> Option<Refused> {
        match self {
            Self::Own { .. } => None,
            Self::Others(refused) => Some(refused),
        }
    }

    fn renewals(&self) -> Option<u64> {
        match self {
            Self::Own { renewals, .. } => *renewals,
            Self::Others(_) => None,
        }
    }

    /// Since when it is this member's.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Own { since, .. } => Some(*since),
            Self::Others(_) => None,
        }
    }
}
