//! Refunds of orders.

use domain::kernel::id::{ContentHash, FactName, MemberId, OperationId};
use domain::kernel::quantity::{Minor, Points};
use domain::kernel::stamp::Stamp;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::entry::Detail;
use domain::ledger::pockets::Movement;
use domain::ledger::refund::Refund;
use jiff::{Timestamp, Unit};
use lambda::wire::{Balance, id, member, short, within};
use lambda::{Failure, NamesMember, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Done, StoreError};

/// A return of an order, in part or whole. Its id is its business key, for ever.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundRequest {
    /// The refund's id, unique within the brand.
    pub(crate) id: String,
    /// Where it comes from.
    pub(crate) source: String,
    /// The member's id.
    pub(crate) member: String,
    /// When it happened.
    pub(crate) time: Timestamp,
    /// How much was paid back, in minor units. More than is left of the order is cut down to that.
    pub(crate) amount_minor: i64,
}

impl RefundRequest {
    /// As a command for a member.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub(crate) fn to_instruction(&self, order_id: &str) -> Result<(MemberId, Instruction), Problem> {
        if short("", order_id).is_err() {
            return Err(Problem::not_found("order"));
        }
        let member = member("/member", &self.member);
        Problem::unless([
            short("/id", &self.id),
            short("/source", &self.source),
            within("/amount_minor", self.amount_minor, 1..=Minor::LIMIT),
            member.as_ref().map(drop).map_err(Clone::clone),
        ])?;
        let member = member?;
        let occurred_at = self.time.round(Unit::Millisecond).unwrap_or(self.time);
        let said = json!({
            "member": self.member, "time": occurred_at.to_string(), "amount_minor": self.amount_minor, "order": order_id,
        });
        let stamp = Stamp { operation: OperationId::of_refund(&self.id), content: ContentHash::of(&said), occurred_at };
        let refund = Refund { order_id: order_id.to_owned(), amount: Minor(self.amount_minor) };
        let fact = Some(FactName::refund(&self.id));
        Ok((member, Instruction { stamp, fact, command: Command::Refund(refund) }))
    }
}

/// What a refund took back.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct RefundReply {
    /// The refund's entry.
    pub(crate) refund_id: String,
    /// The order.
    pub(crate) order_id: String,
    /// How much of the order it takes, in minor units.
    pub(crate) amount_minor: Minor,
    /// More was asked than was left of the order.
    pub(crate) capped: bool,
    /// The order has not arrived yet; the refund is taken off when it comes.
    pub(crate) parked: bool,
    /// Points that were due.
    pub(crate) due: Points,
    /// Points taken from the account, as a positive number, the debt included.
    pub(crate) taken: Points,
    /// Of those, what became a debt.
    pub(crate) debt_incurred: Points,
    /// Points due that had expired unspent: nothing is owed for them.
    pub(crate) expired: Points,
    /// Points due that the return policy let go.
    pub(crate) shortfall: Points,
    /// Status points taken back.
    pub(crate) status_points: Points,
    /// The balance right after.
    pub(crate) balance: Balance,
}

impl RefundReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no refund.
    pub(crate) fn new(member: &MemberId, done: &Done) -> Result<Self, Failure> {
        let entry = &done.entry;
        let Detail::Refund { order, amount_minor, asked_minor, parked, expired, shortfall, status, .. } = &entry.detail
        else {
            return Err(StoreError::bug("a refund made another entry").into());
        };
        let debts = entry.movements.iter().filter_map(|movement| match *movement {
            Movement::Debt { points } => Some(-points),
            _ => None,
        });
        Ok(Self {
            refund_id: id(member, entry),
            order_id: order.clone(),
            amount_minor: *amount_minor,
            capped: asked_minor.is_some(),
            parked: *parked,
            due: entry.clawed_back(),
            taken: -entry.points(),
            debt_incurred: debts.sum(),
            expired: *expired,
            shortfall: *shortfall,
            status_points: *status,
            balance: Balance::of(&done.pockets),
        })
    }
}

impl NamesMember for RefundRequest {
    fn member(&self) -> Result<MemberId, Problem> {
        member("/member", &self.member)
    }
}
