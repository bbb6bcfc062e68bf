//! The one algorithm: read, look for a repeat, decide in pure code, write once under the version.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use domain::ledger::activity_reversal::meet;
use domain::ledger::availability::{Reason, Unavailable};
use domain::ledger::books::Change;
use domain::ledger::command::{Command, Instruction, Leg, Owner, Repeat};
use domain::ledger::earning::order::Activity;
use domain::ledger::effect::Effect;
use domain::ledger::entry::Entry;
use domain::ledger::hold::HoldPoints;
use domain::ledger::known::Known;
use domain::ledger::lines::PaidLines;
use domain::ledger::membership::Membership;
use domain::ledger::opening::{Open, Withdraw, remembered_as};
use domain::ledger::order_row::OrderRow;
use domain::ledger::past::WithdrawPast;
use domain::ledger::refusal::Refused;
use domain::ledger::tally::{ByHand, Tallied};
use domain::planted;
use domain::programme::setting::Setting;
use jiff::Unit;
use tokio::time::Instant;

use crate::attribute::text;
use crate::due::rearmed;
use crate::ledger::account_item::{Record, decode_record};
use crate::ledger::commands::{Beside, Commands, Done, Outcomes, numbered};
use crate::ledger::effects::Commit;
use crate::ledger::facts::{Accepted, Claim, Claims};
use crate::ledger::owned_order::OwnedOrder;
use crate::ledger::pages::History;
use crate::race::Patience;
use crate::{Store, StoreError, table};

/// What the commands before have left.
#[derive(Clone)]
pub(super) struct Pass {
    pub(super) record: Record,
    pub(super) history: History,
    pub(super) effects: Vec<Effect>,
    /// The lines of the order that the newest command was of.
    lines: Option<PaidLines>,
    by_hand: Option<ByHand>,
}

/// What one pass over the commands decided.
pub(crate) struct Decided {
    pub(crate) outcomes: Outcomes,
    pub(crate) record: Record,
    pub(crate) effects: Vec<Effect>,
    /// The lines of orders as they were paid, by the place of their command.
    lines: BTreeMap<usize, PaidLines>,
}

impl Decided {
    fn writes(&self, read: &Record) -> bool {
        self.record.account.sequence > read.account.sequence
    }

    /// Those that make an entry.
    fn accepted<'a>(&'a self, instructions: &'a [Instruction]) -> impl Iterator<Item = Accepted<'a>> {
        let all = instructions.iter().zip(&self.outcomes).enumerate();
        let accepted = all.filter(|(_, (_, outcome))| outcome.as_ref().is_ok_and(|done| !done.replayed));
        let member = &self.record.account.member;
        accepted.flat_map(move |(place, (instruction, _))| {
            let legs =
                instruction.legs.iter().map(|leg| Accepted { member, instruction: &leg.instruction, lines: None });
            legs.chain([Accepted { member, instruction, lines: self.lines.get(&place) }])
        })
    }

    /// Those that make none.
    fn refused<'a>(&self, instructions: &'a [Instruction]) -> impl Iterator<Item = &'a Instruction> {
        instructions.iter().zip(&self.outcomes).filter(|(_, outcome)| outcome.is_err()).map(|(one, _)| one)
    }

    fn refuses(&self) -> bool {
        self.outcomes.iter().any(|outcome| outcome.as_ref().is_err_and(Instruction::depends_on_account))
    }
}

impl Store {
    /// The largest item that costs one write unit, in bytes.
    pub const BUDGET: usize = 1024;

    /// Carries out commands in the account of the member who is named, whoever stands for that one; of refunds the row of the order was read.
    pub(crate) async fn execute_on(
        &self,
        member: &MemberId,
        Commands { instructions, orders, borrowed }: Commands<'_>,
        mut setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Outcomes, StoreError> {
        let mut instructions = Cow::Borrowed(instructions);
        let mut record = self.read(member, false).await?;
        let mut fresh = false;
        let mut claims = Claims::new();
        let mut rounds = 0;
        let begun = planted!("bug-retry-decides-later").then(|| (setting.now, Instant::now()));
        loop {
            let beside = Beside { claims: &claims, orders, borrowed };
            let decided = self.decide(&record, &instructions, beside, setting).await?;
            if decided.refuses() && !fresh {
                record = self.read(member, true).await?;
                fresh = true;
                continue;
            }
            let refused: Vec<&Instruction> = decided.refused(&instructions).collect();
            if self.known(member, &refused, &mut claims, setting).await? {
                continue;
            }
            if !decided.writes(&record) {
                return Ok(decided.outcomes);
            }
            if record.account.sequence == 0 && !self.may_open(member, setting).await? {
                if !fresh {
                    record = self.read(member, true).await?;
                    fresh = true;
                    continue;
                }
                return Ok(of_nobody(decided.outcomes, &instructions));
            }
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            let accepted: Vec<Accepted<'_>> = decided.accepted(&instructions).collect();
            if self.claim(&accepted, &mut claims, setting).await? {
                rounds += 1;
                if rounds > Patience::TRIES {
                    return Err(StoreError::Busy);
                }
                continue;
            }
            let sealed = self.seal_if_full(&record, decided.record, Self::BUDGET).await?;
            match self.commit(&record, &sealed, &decided.effects, patience.is_first()).await? {
                Commit::Done => return Ok(decided.outcomes),
                Commit::Refused(refusal) => {
                    match instructions.iter().map(|instruction| instruction.denied(&refusal)).collect() {
                        Some(told) => instructions = Cow::Owned(told),
                        None => return Ok(refused_by(decided.outcomes, &refusal)),
                    }
                }
                Commit::Lost(newer) => {
                    if !patience.again().await {
                        return Err(StoreError::Busy);
                    }
                    if let Some((at, begun)) = begun {
                        setting.now = (at + begun.elapsed()).round(Unit::Millisecond).unwrap_or(at);
                    }
                    self.look_at_holds_again(&mut claims).await?;
                    (record, fresh) = match newer {
                        Some(item) => (decode_record(&item).map_err(StoreError::of_account(member))?, true),
                        None => (self.read(member, true).await?, true),
                    };
                }
            }
        }
    }

    /// Decides a command without writing anything: what is known already is answered as it would be then.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn try_out(
        &self,
        member: &MemberId,
        instruction: &Instruction,
        setting: Setting<'_>,
    ) -> Result<Result<Done, Refused>, StoreError> {
        let instructions = &numbered(std::slice::from_ref(instruction), setting);
        let orders = self.returned_orders(member, instructions).await?;
        self.try_out_on(member, &instructions[0], &orders, setting).await
    }

    /// The same, of a refund of an order whose row was read.
    pub(crate) async fn try_out_on(
        &self,
        member: &MemberId,
        instruction: &Instruction,
        orders: &[OwnedOrder],
        setting: Setting<'_>,
    ) -> Result<Result<Done, Refused>, StoreError> {
        let record = self.read(member, true).await?;
        let mut claims = Claims::new();
        self.known(member, &[instruction], &mut claims, setting).await?;
        if let (Command::Earn(Activity { order: Some(order), .. }), Some(fact)) =
            (&instruction.command, &instruction.fact)
            && !claims.contains_key(&fact.key)
        {
            let order = Box::new(self.order_to_pay(&order.order_id, setting).await?);
            claims.insert(fact.key, Claim::Own { since: setting.now, renewals: None, order });
        }
        let beside = Beside { claims: &claims, orders, borrowed: &[] };
        let mut decided = self.decide(&record, std::slice::from_ref(instruction), beside, setting).await?;
        let outcome = decided.outcomes.pop().ok_or_else(|| StoreError::bug("one command has one outcome"))?;
        if outcome.is_ok() && record.account.sequence == 0 && !self.may_open(member, setting).await? {
            return Ok(Err(instruction.of_nobody()));
        }
        for effect in decided.effects.iter().filter(|_| outcome.is_ok()) {
            let Effect::TakeStock { reward, quantity, .. } = effect else { continue };
            if self.stock_left(reward, setting.programmes).await? < i64::from(*quantity) {
                return Ok(Err(Unavailable::because(Reason::OutOfStock).into()));
            }
        }
        Ok(outcome)
    }

    /// The account as stored; a new one if there is none.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is damaged.
    pub async fn read(&self, member: &MemberId, consistent: bool) -> Result<Record, StoreError> {
        let call = self.dynamodb.get_item().table_name(&self.tables.accounts).key(table::MEMBER, text(member.as_str()));
        let found = call.consistent_read(consistent).send().await?;
        let Some(item) = found.item else { return Ok(Record::new(member.clone())) };
        decode_record(&item).map_err(StoreError::of_account(member))
    }

    /// What is known of the order that a command is about, as far as its decision reads it.
    async fn order_of(
        &self,
        instruction: &Instruction,
        history: &[Entry],
        beside: Beside<'_>,
        setting: Setting<'_>,
    ) -> Result<OrderRow, StoreError> {
        let claim = instruction.fact.as_ref().and_then(|fact| beside.claims.get(&fact.key));
        let owned = beside.order_of(instruction);
        Ok(match &instruction.command {
            Command::ReversePayment(_) => owned.map(|owned| owned.row.order.clone()).unwrap_or_default(),
            Command::Refund(refund) => {
                let read = owned.and_then(|owned| owned.lines.as_ref());
                let lines = self.paid_lines(&refund.order_id, history, read).await?;
                OrderRow { lines, ..OrderRow::default() }
            }
            Command::Hold(HoldPoints { order_id, .. })
            | Command::WithdrawPast(WithdrawPast { order: Some(order_id), .. }) => {
                self.order_to_pay(order_id, setting).await?
            }
            _ => claim.and_then(Claim::order).cloned().unwrap_or_default(),
        })
    }

    /// Decides the commands one after the other on the account as read.
    pub(crate) async fn decide(
        &self,
        read: &Record,
        instructions: &[Instruction],
        beside: Beside<'_>,
        setting: Setting<'_>,
    ) -> Result<Decided, StoreError> {
        let newest_at = read.newest_at().filter(|_| !planted!("bug-time-runs-backwards"));
        let now = newest_at.map_or(setting.now, |newest| newest.max(setting.now));
        let settled = Setting { now, ..setting };
        let mut pass = Pass::on(read);
        let mut outcomes = Vec::with_capacity(instructions.len());
        let mut lines = BTreeMap::new();
        for (place, instruction) in instructions.iter().enumerate() {
            let outcome = self.decide_whole(instruction, &mut pass, beside, settled).await?;
            lines.extend(pass.lines.take().map(|paid| (place, paid)));
            outcomes.push(outcome);
        }
        let Pass { mut record, effects, .. } = pass;
        record.version = read.version + 1;
        record.due = rearmed(record.due, record.account.due(settled), now);
        Ok(Decided { outcomes, record, effects, lines })
    }

    /// Decides a command and its legs: all of it or nothing.
    async fn decide_whole(
        &self,
        instruction: &Instruction,
        pass: &mut Pass,
        beside: Beside<'_>,
        setting: Setting<'_>,
    ) -> Result<Result<Done, Refused>, StoreError> {
        if matches!(instruction.command, Command::Open(_) | Command::Withdraw(_)) {
            return self.decide_brought(instruction, pass, beside, setting).await;
        }
        if instruction.legs.is_empty() {
            return self.decide_one(instruction, pass, beside, setting).await;
        }
        if let Some(known) = self.known_to(instruction, pass, beside, setting).await? {
            return Ok(known);
        }
        let before = pass.clone();
        for Leg { at, instruction: leg } in &instruction.legs {
            if let Err(refused) = self.decide_one(leg, pass, beside, setting).await? {
                *pass = before;
                return Ok(Err(refused.of_leg(at)));
            }
        }
        let mut outcome = self.decide_one(instruction, pass, beside, setting).await?;
        match &mut outcome {
            Ok(done) => done.legs = pass.legs_of(instruction),
            Err(_) => *pass = before,
        }
        Ok(outcome)
    }

    /// What is known of a command already: it is another member's, or in the ledger.
    pub(super) async fn known_to(
        &self,
        instruction: &Instruction,
        pass: &mut Pass,
        beside: Beside<'_>,
        setting: Setting<'_>,
    ) -> Result<Option<Result<Done, Refused>>, StoreError> {
        let claim = instruction.fact.as_ref().and_then(|fact| beside.claims.get(&fact.key));
        // Of who was absorbed, others' claims are mostly those of the member who stands for this one: it knows.
        let merged = matches!(pass.record.account.membership, Membership::Merged { .. });
        if let Some(Claim::Others(refusal)) = claim.filter(|_| !merged) {
            return Ok(Some(Err(refusal.clone())));
        }
        let mut reach = instruction.reach(setting.programmes, setting.now, claim.and_then(Claim::since));
        if let (Some((_, not_before)), Some(order)) = (&mut reach.order, beside.order_of(instruction)) {
            *not_before = setting.programmes.at(setting.now).less_skew(order.row.claimed_at);
            let hold = order.row.order.hold.as_ref().map(|hold| hold.hold.sequence);
            reach.sequence = hold.filter(|_| matches!(instruction.command, Command::ReversePayment(_)));
        }
        let Pass { record, history, .. } = pass;
        match &instruction.command {
            Command::Stand(_) => reach.sequence = record.account.membership.since(),
            Command::Open(Open { source, opening, .. }) => {
                reach.sequence = record.account.openings.get(&remembered_as(source, opening.part())).copied();
            }
            Command::Withdraw(Withdraw { source, part, .. }) => {
                reach.sequence = record.account.openings.get(&remembered_as(source, *part)).copied();
            }
            _ => {}
        }
        let member = &record.account.member;
        self.load(member, history, &reach).await?;
        let unknown = |entry: &&Entry| setting.programmes.numbered(entry.programme).is_none();
        if let Some(entry) = history.entries.iter().find(unknown) {
            return Err(StoreError::UnknownProgramme(entry.programme));
        }
        Ok(match instruction.repeat_in(&history.entries) {
            Some(Repeat::Same(entry)) => {
                let sequence = if planted!("bug-replay-answers-now") { u64::MAX } else { entry.sequence };
                let pockets = history.pockets_after(sequence, &record.account.pockets);
                let entry = entry.clone();
                Some(Ok(Done {
                    member: member.clone(),
                    legs: pass.legs_of(instruction),
                    entry,
                    pockets,
                    replayed: true,
                }))
            }
            Some(Repeat::Conflict(entry)) => {
                Some(Err(instruction.conflict(entry, &history.entries, Owner::Same(member))))
            }
            None => None,
        })
    }

    /// Decides one command on what the ones before it have left.
    pub(super) async fn decide_one(
        &self,
        instruction: &Instruction,
        pass: &mut Pass,
        beside: Beside<'_>,
        setting: Setting<'_>,
    ) -> Result<Result<Done, Refused>, StoreError> {
        if let Some(known) = self.known_to(instruction, pass, beside, setting).await? {
            return Ok(known);
        }
        let order = self.order_of(instruction, &pass.history.entries, beside, setting).await?;
        if pass.by_hand.is_none() {
            let limits_brand = setting.programmes.at(setting.now).document().adjustment.brand_day_limit.is_some();
            pass.by_hand = self.by_hand(instruction, limits_brand).await?;
        }
        let stands_for = self.stood_for(&pass.record.account.member, &order).await?;
        let known = Known { order, by_hand: pass.by_hand.clone().unwrap_or_default(), stands_for };
        let borrowed;
        let history = if beside.borrowed.is_empty() {
            &pass.history.entries
        } else {
            borrowed = beside.with_own(&pass.history.entries);
            &borrowed
        };
        let decided = instruction.decide(&pass.record.account, history, &known, setting);
        let done = decided.map(|change| pass.take(change));
        if let (Ok(_), Command::Earn(Activity { order: None, .. }), Some(fact)) =
            (&done, &instruction.command, &instruction.fact)
            && let Some(met) = meet(fact, (&pass.record.account, &pass.history.entries), &known, setting)
        {
            touch(&mut pass.effects, vec![met.settles]);
            if let Some(change) = met.change {
                pass.take(change);
            }
        }
        Ok(done)
    }
}

impl Pass {
    fn on(read: &Record) -> Self {
        let history = History { entries: read.recent.clone(), unread: read.sealed };
        Self { record: read.clone(), history, effects: Vec::new(), lines: None, by_hand: None }
    }

    /// What a change leaves for the next command.
    pub(super) fn take(&mut self, change: Change) -> Done {
        let Change { account, entry, effects, lines } = change;
        self.record.account = account;
        self.record.recent.push(entry.clone());
        self.history.entries.push(entry.clone());
        effects.iter().for_each(|effect| tally(&mut self.by_hand, effect));
        touch(&mut self.effects, effects);
        self.lines = lines;
        let (member, pockets) = (self.record.account.member.clone(), self.record.account.pockets.clone());
        Done { member, pockets, entry, legs: Vec::new(), replayed: false }
    }

    /// The entries of a command's legs.
    fn legs_of(&self, instruction: &Instruction) -> Vec<Entry> {
        let entry = |leg: &Leg| {
            self.history.entries.iter().find(|entry| entry.operation == leg.instruction.stamp.operation).cloned()
        };
        instruction.legs.iter().filter_map(entry).collect()
    }
}

/// What becomes of commands that would open an account for nobody.
fn of_nobody(outcomes: Outcomes, instructions: &[Instruction]) -> Outcomes {
    let outcomes = outcomes.into_iter().zip(instructions);
    outcomes.map(|(outcome, instruction)| outcome.and_then(|_undone| Err(instruction.of_nobody()))).collect()
}

/// What becomes of commands where something shared refuses those that are accepted.
fn refused_by(outcomes: Outcomes, refusal: &Refused) -> Outcomes {
    outcomes.into_iter().map(|outcome| outcome.and_then(|_undone| Err(refusal.clone()))).collect()
}

/// What was moved by hand, as the next command of the same call sees it.
fn tally(by_hand: &mut Option<ByHand>, effect: &Effect) {
    let (Some(by_hand), Effect::Tally { of, moved, .. }) = (by_hand, effect) else { return };
    let tally = match of {
        Tallied::Person(_) => &mut by_hand.person,
        Tallied::Brand => &mut by_hand.brand,
    };
    tally.moved.extend(moved);
}

/// Adds what one more command touches. Tallies of one person are one: a transaction touches a row once.
fn touch(effects: &mut Vec<Effect>, touched: Vec<Effect>) {
    for effect in touched {
        if let Effect::Tally { of, moved, .. } = &effect
            && let Some(Effect::Tally { moved: all, .. }) =
                effects.iter_mut().find(|other| matches!(other, Effect::Tally { of: other, .. } if other == of))
        {
            all.extend(moved);
            continue;
        }
        effects.push(effect);
    }
}
