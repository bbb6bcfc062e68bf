//! Commands as they are asked for: by which names their orders go, and whose account they are carried out in.

use std::borrow::Cow;

use domain::kernel::id::MemberId;
use domain::kernel::membership::HOPS;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::entry::Entry;
use domain::ledger::membership::Gone;
use domain::ledger::pockets::Pockets;
use domain::ledger::refusal::Refused;
use domain::programme::general::OrderIds;
use domain::programme::setting::Setting;

use crate::ledger::facts::Claims;
use crate::ledger::owned_order::OwnedOrder;
use crate::race::Patience;
use crate::{Store, StoreError};

/// A command that is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// In whose account: another member may stand for the one who was named.
    pub member: MemberId,
    /// What was recorded.
    pub entry: Entry,
    /// What was recorded with it, just before.
    pub legs: Vec<Entry>,
    /// Where the points were right after it.
    pub pockets: Pockets,
    /// It had been recorded before.
    pub replayed: bool,
}

/// What became of each command, in order.
pub type Outcomes = Vec<Result<Done, Refused>>;

/// Who stands for the member that a command is about, if that is why it is refused.
pub(crate) fn survivor(outcome: &Result<Done, Refused>) -> Option<MemberId> {
    match outcome {
        Err(Refused::Gone(Gone::Merged { survivor })) => Some(survivor.clone()),
        _ => None,
    }
}

/// Commands for one member, and the orders that they refund.
#[derive(Clone, Copy)]
pub(crate) struct Commands<'a> {
    pub(crate) instructions: &'a [Instruction],
    pub(crate) orders: &'a [OwnedOrder],
    /// Entries of a member whom this one stands for: those back to the order that is refunded.
    pub(crate) borrowed: &'a [Entry],
}

impl<'a> Commands<'a> {
    pub(crate) fn of(instructions: &'a [Instruction], orders: &'a [OwnedOrder]) -> Self {
        Self { instructions, orders, borrowed: &[] }
    }
}

/// What is known beside the account.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'a> {
    pub(crate) claims: &'a Claims,
    /// The orders that are refunded.
    pub(crate) orders: &'a [OwnedOrder],
    /// Entries of a member whom this one stands for.
    pub(crate) borrowed: &'a [Entry],
}

impl<'a> Beside<'a> {
    /// The entries of a member whom this one stands for, and this one's since it does.
    pub(crate) fn with_own(self, own: &[Entry]) -> Vec<Entry> {
        let from = self.borrowed.last().map(|entry| entry.recorded_at);
        let since = own.iter().filter(|entry| from.is_none_or(|from| entry.recorded_at >= from));
        self.borrowed.iter().chain(since).cloned().collect()
    }

    /// The order that a command refunds.
    pub(crate) fn order_of(self, instruction: &Instruction) -> Option<&'a OwnedOrder> {
        let order = match &instruction.command {
            Command::Refund(refund) => &refund.order_id,
            Command::ReversePayment(payment) => &payment.order_id,
            _ => return None,
        };
        self.orders.iter().find(|owned| owned.order_id == *order)
    }
}

impl Store {
    /// Carries out commands for one member, folded into one write. At most one of them may touch something shared. What another context
    /// asked for, and something shared refuses, is recorded as refused.
    ///
    /// The time is fixed by the caller: a retry decides at the same time. Time never runs backwards in an account: if another
    /// clock was ahead, its newest entry's time counts.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races, or what DynamoDB says.
    pub async fn execute(
        &self,
        member: &MemberId,
        instructions: &[Instruction],
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Outcomes, StoreError> {
        let instructions = &numbered(instructions, setting);
        let orders = &self.returned_orders(member, instructions).await?;
        let mut outcomes = self.execute_on(member, Commands::of(instructions, orders), setting, patience).await?;
        // Who was absorbed has another member standing for it; what had been recorded before is answered as it was.
        for _ in 0..HOPS {
            let refused = instructions.iter().zip(&outcomes).enumerate();
            let followed = refused.filter_map(|(place, (instruction, outcome))| {
                let survivor = survivor(outcome).filter(|_| instruction.follows())?;
                Some((place, survivor, instruction.clone()))
            });
            let followed: Vec<(usize, MemberId, Instruction)> = followed.collect();
            let Some((_, survivor, _)) = followed.first().cloned() else { break };
            let left: Vec<Instruction> = followed.iter().map(|(_, _, instruction)| instruction.clone()).collect();
            let orders = &self.returned_orders(&survivor, &left).await?;
            let again = self.execute_on(&survivor, Commands::of(&left, orders), setting, patience).await?;
            for ((place, _, _), outcome) in followed.into_iter().zip(again) {
                outcomes[place] = outcome;
            }
        }
        Ok(outcomes)
    }
}

/// Commands with the names that their orders and refunds have in the brand.
pub(crate) fn numbered<'a>(instructions: &'a [Instruction], setting: Setting<'_>) -> Cow<'a, [Instruction]> {
    match setting.programmes.at(setting.now).document().programme.order_ids {
        OrderIds::Brand => instructions.into(),
        OrderIds::Source => instructions.iter().cloned().map(Instruction::numbered_by_source).collect(),
    }
}
