//! Orders that go to another member: both accounts and the order's row, in one transaction.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::kernel::id::{EntryId, FactName, MemberId};
use domain::kernel::membership::HOPS;
use domain::kernel::quantity::Points;
use domain::kernel::refusal::Missing;
use domain::kernel::stamp::Stamp;
use domain::kernel::time::add_days;
use domain::ledger::books::Change;
use domain::ledger::command::Instruction;
use domain::ledger::effect::Effect;
use domain::ledger::entry::Entry;
use domain::ledger::known::Known;
use domain::ledger::membership::Membership;
use domain::ledger::moving::{Move, MovedBetween, Moving, Side, move_order};
use domain::ledger::order_row::OrderRow;
use domain::ledger::reach::Reach;
use domain::ledger::refund::Refunding;
use domain::ledger::refusal::{Nobody, OtherRequest};
use domain::programme::general::OrderIds;
use domain::programme::setting::Setting;
use jiff::{SignedDuration, Timestamp};

use crate::attribute::{instant, number, text};
use crate::error::Damage;
use crate::ledger::account_item::Record;
use crate::ledger::commands::Beside;
use crate::ledger::facts::{Claim, Claims, Row};
use crate::ledger::lines_item::decode_lines;
use crate::ledger::moved_item::{AskedOnce, MovedOnce, decode_asked, encode_asked, encode_moves};
use crate::race::Patience;
use crate::{Store, StoreError, table};

/// An order is to go to another member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveOrder {
    /// The order and why, and who asks.
    pub order: Move,
    /// Which of the shop's systems numbers it, where each numbers its own.
    pub source: Option<String>,
    /// To whom.
    pub to: MemberId,
    /// What identifies the request.
    pub stamp: Stamp,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderMoved {
    /// It is done.
    Done {
        /// The entry by which it came back.
        from: (MemberId, Box<Entry>),
        /// The entry by which it is earned elsewhere.
        to: (MemberId, Box<Entry>),
        /// It had been done before.
        replayed: bool,
    },
    /// A second person has to ask for it as well.
    Waits {
        /// What would be moved by hand.
        points: Points,
        /// It had been asked before.
        replayed: bool,
    },
}

/// What one try came to.
enum Tried {
    Answer(Result<OrderMoved, Moving>),
    Write(Vec<TransactWriteItem>, OrderMoved),
}

/// An account as it is read for a move.
struct Read {
    record: Record,
    history: Vec<Entry>,
}

fn not_there() -> Moving {
    Refunding::from(Missing::NotFound { what: "order" }).into()
}

impl Store {
    /// Moves an order to another member.
    ///
    /// # Errors
    /// As [`Store::execute`].
    pub async fn move_order(
        &self,
        asked: &MoveOrder,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Result<OrderMoved, Moving>, StoreError> {
        let numbers = setting.programmes.at(setting.now).document().programme.order_ids;
        let order_id = match (&asked.source, numbers) {
            (Some(source), OrderIds::Source) => format!("{source}/{}", asked.order.order_id),
            _ => asked.order.order_id.clone(),
        };
        let asked = &MoveOrder { order: Move { order_id, ..asked.order.clone() }, ..asked.clone() };
        loop {
            let (writes, moved) = match self.try_move(asked, setting).await? {
                Tried::Answer(answer) => return Ok(answer),
                Tried::Write(writes, moved) => (writes, moved),
            };
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            if self.transact_all(writes).await? {
                return Ok(Ok(moved));
            }
            if !patience.again().await {
                return Err(StoreError::Busy);
            }
        }
    }

    async fn try_move(&self, asked: &MoveOrder, setting: Setting<'_>) -> Result<Tried, StoreError> {
        let refused = |why: Moving| Ok(Tried::Answer(Err(why)));
        let item = self.fact(FactName::order(&asked.order.order_id).key).await?.unwrap_or_default();
        if !item.contains_key("m") {
            return refused(not_there());
        }
        let of_facts = |damage: Damage| damage.of(table::FACTS);
        let row = Row::decode(&item).map_err(of_facts)?;
        if let Some(before) = row.moves.iter().find(|before| before.operation == asked.stamp.operation) {
            if before.content != asked.stamp.content {
                let entry = before.to.sequence;
                return refused(OtherRequest::IdempotencyKeyReused { entry }.into());
            }
            return Ok(Tried::Answer(Ok(self.moved_before(before).await?)));
        }
        if row.moves.len() >= Moving::MOST {
            return refused(Moving::TooManyMoves { most: Moving::MOST });
        }
        let from = self.owner(&row, asked, setting).await?;
        let paid = from.history.iter().rfind(|entry| entry.earns(&asked.order.order_id));
        let Some(paid_at) = paid.map(|paid| paid.occurred_at) else {
            row.may_be_under_way(setting.now)?;
            return refused(not_there());
        };
        let to = self.receiver(&asked.to, paid_at, setting).await?;
        if to.record.account.sequence == 0 && !self.may_open(&to.record.account.member, setting).await? {
            return refused(Nobody { field: "to" }.into());
        }
        let newest = from.record.newest_at().max(to.record.newest_at());
        let setting = Setting { now: newest.map_or(setting.now, |newest| newest.max(setting.now)), ..setting };
        let unknown = |entry: &&Entry| setting.programmes.numbered(entry.programme).is_none();
        if let Some(entry) = from.history.iter().chain(&to.history).find(unknown) {
            return Err(StoreError::UnknownProgramme(entry.programme));
        }

        let read = item.get("l").map(decode_lines).transpose().map_err(of_facts)?;
        let lines = self.paid_lines(&asked.order.order_id, &from.history, read.as_ref()).await?;
        let row_known = Known { order: OrderRow { lines, ..row.order.clone() }, ..Known::default() };
        let rules = &setting.programmes.at(setting.now).document().adjustment;
        let by_hand = self.tallies(&asked.order.by.who, rules.brand_day_limit.is_some()).await?;
        let hand_known = Known { by_hand, ..Known::default() };
        let sides = (
            Side { account: &from.record.account, history: &from.history, known: &row_known },
            Side { account: &to.record.account, history: &to.history, known: &hand_known },
        );
        let moved = match move_order(&asked.order, sides.0, sides.1, setting) {
            Ok(moved) => moved,
            Err(refusal) => return refused(refusal),
        };
        if moved.needs_second {
            let open = decode_asked(&item).map_err(of_facts)?;
            let open = open.filter(|open| open.to == asked.to && setting.now < add_days(open.at, rules.approval_days));
            let waits = |replayed| OrderMoved::Waits { points: moved.points, replayed };
            match open {
                None => {
                    let write = self.ask_once(&row, asked, setting.now)?;
                    return Ok(Tried::Write(vec![write], waits(false)));
                }
                Some(first) if first.by != asked.order.by.who => {}
                Some(first) if first.operation != asked.stamp.operation => {
                    return refused(Moving::SameApprover);
                }
                Some(_) => return Ok(Tried::Answer(Ok(waits(true)))),
            }
        }
        self.written_move((asked, &row), (from, to), moved, setting).await
    }

    /// The account that has an order, and its entries back to it; whoever stands for the member that the row names.
    async fn owner(&self, row: &Row, asked: &MoveOrder, setting: Setting<'_>) -> Result<Read, StoreError> {
        let not_before = setting.programmes.at(setting.now).less_skew(row.claimed_at);
        let order = Some((asked.order.order_id.clone(), not_before));
        let reach = Reach { since: Timestamp::MAX, order, fact: None, sequence: None };
        let (mut record, mut history) = self.read_back(&row.member, &reach).await?;
        let mut borrowed: Vec<Entry> = Vec::new();
        for _ in 0..HOPS {
            let Membership::Merged { into } = record.account.membership.clone() else { break };
            borrowed.append(&mut history);
            (record, history) = self.read_back(&into, &reach).await?;
        }
        if !borrowed.is_empty() {
            let claims = Claims::new();
            history = Beside { claims: &claims, orders: &[], borrowed: &borrowed }.with_own(&history);
        }
        Ok(Read { record, history })
    }

    /// The account that gets it, and its entries back to when the order was paid: what an earning of then sees.
    async fn receiver(&self, to: &MemberId, paid_at: Timestamp, setting: Setting<'_>) -> Result<Read, StoreError> {
        let programme = setting.programmes.at(setting.now);
        let of_date = programme.less_skew(programme.zone().start_of_day_after(paid_at, 0));
        let of_hand = setting.now - SignedDuration::from_hours(24);
        let reach = Reach { since: of_date.min(of_hand), order: None, fact: None, sequence: None };
        let (mut record, mut history) = self.read_back(to, &reach).await?;
        for _ in 0..HOPS {
            let Membership::Merged { into } = record.account.membership.clone() else { break };
            (record, history) = self.read_back(&into, &reach).await?;
        }
        Ok(Read { record, history })
    }

    /// Notes in an order's row that somebody has asked.
    fn ask_once(&self, row: &Row, asked: &MoveOrder, at: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let Stamp { operation, content, .. } = asked.stamp;
        let once = AskedOnce { operation, content, by: asked.order.by.who.clone(), to: asked.to.clone(), at };
        let mut values = unmoved(row);
        values.push((":asked", encode_asked(&once)));
        self.fact_write(row.key, "SET ma = :asked", UNMOVED, values)
    }

    /// Both accounts and the order's row in their next versions, and what was moved by hand.
    async fn written_move(
        &self,
        (asked, row): (&MoveOrder, &Row),
        (from, to): (Read, Read),
        moved: MovedBetween,
        setting: Setting<'_>,
    ) -> Result<Tried, StoreError> {
        let id = |read: &Read, change: &Change| EntryId {
            member: read.record.account.member.clone(),
            sequence: change.entry.sequence,
        };
        let once = MovedOnce {
            operation: asked.stamp.operation,
            content: asked.stamp.content,
            had: row.member.clone(),
            since: row.claimed_at,
            from: id(&from, &moved.from),
            to: id(&to, &moved.to),
            at: setting.now,
        };
        let mut moves = row.moves.clone();
        moves.push(once.clone());
        let mut values = unmoved(row);
        values.extend([
            (":to", text(once.to.member.as_str())),
            (":now", instant(setting.now)),
            (":moves", encode_moves(&moves)),
        ]);
        let update = "SET m = :to, a = :now, mv = :moves REMOVE ma";
        let mut writes = vec![self.fact_write(row.key, update, UNMOVED, values)?];
        for effect in moved.from.effects.iter().chain(&moved.to.effects) {
            let Effect::Tally { of, seen, moved } = effect else {
                return Err(StoreError::bug("an order that is moved touches accounts and tallies alone"));
            };
            writes.push(self.tallied(of, seen, moved, setting.now)?);
        }
        let done = OrderMoved::Done {
            from: (once.from.member, Box::new(moved.from.entry.clone())),
            to: (once.to.member, Box::new(moved.to.entry.clone())),
            replayed: false,
        };
        for (read, change) in [(from.record, moved.from), (to.record, moved.to)] {
            writes.push(self.changed_in_transaction(&read, change, setting).await?);
        }
        Ok(Tried::Write(writes, done))
    }

    /// What was answered to a move that is done.
    async fn moved_before(&self, before: &MovedOnce) -> Result<OrderMoved, StoreError> {
        let entry = async |id: &EntryId| {
            let reach = Reach { since: Timestamp::MAX, order: None, fact: None, sequence: Some(id.sequence) };
            let (_, entries) = self.read_back(&id.member, &reach).await?;
            let found = entries.into_iter().find(|entry| entry.sequence == id.sequence);
            let found = found.ok_or_else(|| StoreError::bug("a move has its entries"))?;
            Ok::<_, StoreError>((id.member.clone(), Box::new(found)))
        };
        Ok(OrderMoved::Done { from: entry(&before.from).await?, to: entry(&before.to).await?, replayed: true })
    }
}

impl Row {
    /// The row as it was when it was somebody's before, since an instant.
    pub(crate) fn when_it_was(&self, member: MemberId, since: Timestamp) -> Self {
        Self { member, claimed_at: since, order: OrderRow::default(), ..self.clone() }
    }

    /// Since when an order was a member's who has it no more.
    pub(crate) fn was_of(&self, member: &MemberId) -> Option<Timestamp> {
        self.moves.iter().rfind(|moved| moved.had == *member).map(|moved| moved.since)
    }
}

impl Store {
    /// The very report of an order that was moved away since: it is answered as it was, from the account that had it.
    pub(crate) async fn before_its_move(
        &self,
        member: &MemberId,
        instruction: &Instruction,
        row: &Row,
        setting: Setting<'_>,
    ) -> Result<Option<Claim>, StoreError> {
        let Some(since) = row.was_of(member) else { return Ok(None) };
        let row = row.when_it_was(member.clone(), since);
        let (_, entries) = self.claimed_in(instruction, &row, setting).await?;
        let same = entries
            .iter()
            .any(|entry| (entry.operation, entry.content) == (instruction.stamp.operation, instruction.stamp.content));
        Ok(same.then(|| Claim::Own { since, renewals: None, order: Box::default() }))
    }
}

/// The row is as it was read.
const UNMOVED: &str = "m = :m AND a = :a AND n = :n";

fn unmoved(row: &Row) -> Vec<(&'static str, AttributeValue)> {
    vec![(":m", text(row.member.as_str())), (":a", instant(row.claimed_at)), (":n", number(row.renewals))]
}
