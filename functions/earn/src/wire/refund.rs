//! Refunds of orders.

use std::fmt;
use std::str::FromStr;

use domain::kernel::id::{ContentHash, FactName, MemberId, OperationId};
use domain::kernel::quantity::{Minor, Points};
use domain::kernel::stamp::Stamp;
use domain::kernel::time::to_millisecond;
use domain::ledger::command::{Command, Instruction, Leg};
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::lines::{self, LineReturn, Refund};
use domain::ledger::parked::Parked;
use domain::ledger::reversal::ReversePayment;
use domain::programme::setting::Setting;
use jiff::Timestamp;
use lambda::wire::{Balance, id, member, short, within};
use lambda::{Failure, NamesMember, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Done, ParkedPlace, Refunded, StoreError};

/// A return of an order, in part or whole. Its id is its business key, for ever.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundRequest {
    /// The refund's id, unique within the brand.
    pub(crate) id: String,
    /// Where it comes from.
    pub(crate) source: String,
    /// The member's id; it need not be known: the order says whose it is. One that is given and is not the order's is refused.
    #[serde(default)]
    pub(crate) member: Option<String>,
    /// When it happened.
    pub(crate) time: Timestamp,
    /// How much was paid back without naming a line, in minor units; without `lines` it is required. More than is left of the
    /// order is cut down to that.
    #[serde(default)]
    pub(crate) amount_minor: Option<i64>,
    /// The lines that came back, at most 200; they are taken before the amount.
    #[serde(default)]
    pub(crate) lines: Vec<RefundLine>,
    /// How much is given back in points that had paid for the order, in minor units, at most what they paid: they go back to their lots.
    #[serde(default)]
    pub(crate) points_minor: Option<i64>,
}

/// A line of the order that came back: by its place, or by a sku that one line only has.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundLine {
    /// Its place in the order, from 0.
    #[serde(default)]
    line: Option<u32>,
    /// What was sold.
    #[serde(default)]
    sku: Option<String>,
    /// How many pieces; without an amount all that have not come back.
    #[serde(default)]
    quantity: Option<i64>,
    /// How much was paid back for it, in minor units; else the share of its pieces. More than is left of it is cut down to that.
    #[serde(default)]
    amount_minor: Option<i64>,
}

impl RefundLine {
    fn to_return(&self, place: &str) -> Result<LineReturn, Problem> {
        let at = |field: &str| format!("{place}/{field}");
        if let Some(quantity) = self.quantity {
            within(&at("quantity"), quantity, 1..=1_000_000)?;
        }
        if let Some(amount) = self.amount_minor {
            within(&at("amount_minor"), amount, 0..=Minor::LIMIT)?;
        }
        if let Some(sku) = &self.sku {
            short(&at("sku"), sku)?;
        }
        if self.line.is_none() && self.sku.is_none() {
            return Err(Problem::invalid(place, "needs a line or a sku"));
        }
        let amount = self.amount_minor.map(Minor);
        Ok(LineReturn { line: self.line, sku: self.sku.clone(), quantity: self.quantity, amount })
    }

    /// What it says, to tell a repeat from a conflict.
    fn said(&self) -> Value {
        let Self { line, sku, quantity, amount_minor } = self;
        json!({"line": line, "sku": sku, "quantity": quantity, "amount_minor": amount_minor})
    }
}

impl RefundRequest {
    /// The most lines of one refund.
    const MAX_LINES: usize = 200;

    /// As a command for a member.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub(crate) fn to_instruction(&self, order_id: &str) -> Result<(Option<MemberId>, Instruction), Problem> {
        if short("", order_id).is_err() {
            return Err(Problem::not_found("order"));
        }
        let member = self.member.as_ref().map(|named| member("/member", named)).transpose();
        let amount = match self.amount_minor {
            Some(amount) => within("/amount_minor", amount, 1..=Minor::LIMIT),
            None if self.lines.is_empty() && self.points_minor.is_none() => {
                Err(Problem::invalid("/amount_minor", "is missing, and no lines are named"))
            }
            None => Ok(()),
        };
        let points = self.points_minor.map_or(Ok(()), |points| within("/points_minor", points, 1..=Minor::LIMIT));
        let lines = to_returns(&self.lines, "/lines");
        let own = [
            short("/id", &self.id),
            short("/source", &self.source),
            amount,
            points,
            lines.as_ref().map(drop).map_err(Clone::clone),
            member.as_ref().map(drop).map_err(Clone::clone),
        ];
        Problem::unless(own)?;
        let (member, lines) = (member?, lines?);
        let occurred_at = to_millisecond(self.time);
        let mut said = json!({"time": occurred_at.to_string(), "order": order_id});
        if let Some(member) = &self.member {
            said["member"] = member.as_str().into();
        }
        if let Some(amount) = self.amount_minor {
            said["amount_minor"] = amount.into();
        }
        if !self.lines.is_empty() {
            said["lines"] = self.lines.iter().map(RefundLine::said).collect();
        }
        if let Some(points) = self.points_minor {
            said["points_minor"] = points.into();
        }
        let stamp = Stamp { operation: OperationId::of_refund(&self.id), content: ContentHash::of(&said), occurred_at };
        let amount = Minor(self.amount_minor.unwrap_or_default());
        let payment = self.points_minor.map(|value| self.payment(order_id, Minor(value), stamp));
        let (id, source, order_id) = (self.id.clone(), self.source.clone(), order_id.to_owned());
        let refund = Refund { id, source, order_id, amount, lines };
        let fact = Some(FactName::refund(&self.id));
        let legs = payment.into_iter().collect();
        Ok((member, Instruction { stamp, fact, by: None, command: Command::Refund(refund), legs }))
    }

    /// What it gives back of the points that paid, a fact of its own.
    fn payment(&self, order_id: &str, value: Minor, stamp: Stamp) -> Leg {
        let name = FactName::refunded_points(&self.id);
        let stamp = Stamp { operation: OperationId::of_name(&name), ..stamp };
        let (refund_id, source, order_id) = (self.id.clone(), self.source.clone(), order_id.to_owned());
        let command = Command::ReversePayment(ReversePayment { refund_id, source, order_id, value });
        let instruction = Instruction { stamp, fact: Some(name), by: None, command, legs: Vec::new() };
        Leg { at: String::new(), instruction }
    }
}

/// Lines that came back, from where they stand in a body.
pub(super) fn to_returns(lines: &[RefundLine], at: &str) -> Result<Vec<LineReturn>, Problem> {
    if lines.len() > RefundRequest::MAX_LINES {
        return Err(Problem::invalid(at, "a refund names at most 200 lines"));
    }
    let lines = lines.iter().enumerate().map(|(place, line)| line.to_return(&format!("{at}/{place}")));
    let lines: Vec<Result<LineReturn, Problem>> = lines.collect();
    Problem::unless(lines.iter().map(|line| line.as_ref().map(drop).map_err(Clone::clone)))?;
    lines.into_iter().collect()
}

/// What a refund takes of a line.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct RefundedLine {
    /// Its place in the order, from 0.
    pub(crate) line: u32,
    /// How many pieces came back.
    pub(crate) quantity: i64,
    /// How much was paid back for it, in minor units.
    pub(crate) amount_minor: Minor,
}

impl From<&lines::ReturnedLine> for RefundedLine {
    fn from(returned: &lines::ReturnedLine) -> Self {
        let lines::ReturnedLine { line, quantity, amount } = *returned;
        Self { line, quantity, amount_minor: amount }
    }
}

/// What a refund took back.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct RefundReply {
    /// The refund's entry; absent while it waits for its order, and then it is in the entry of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refund_id: Option<String>,
    /// The order.
    pub(crate) order_id: String,
    /// How much of the order it takes, in minor units.
    pub(crate) amount_minor: Minor,
    /// What it takes of lines that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lines: Vec<RefundedLine>,
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
    /// Points due that were never posted, and status points with them: they wait for the end of a suspension, or the account is no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) withheld: Option<Points>,
    /// Status points taken back.
    pub(crate) status_points: Points,
    /// Points that had paid for the order and went back, those that stay expired among them.
    pub(crate) points_returned: Points,
    /// The member's balance right after; absent while it waits for its order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) balance: Option<Balance>,
}

impl RefundReply {
    /// From what became of it.
    ///
    /// # Errors
    /// 500: the entry is no refund.
    pub(crate) fn new(refunded: &Refunded) -> Result<Self, Failure> {
        match refunded {
            Refunded::Recorded { member, done } => Self::recorded(member, done),
            Refunded::Parked { parked, .. } => {
                let refund =
                    parked.takes.refund().ok_or_else(|| StoreError::bug("what waits for an order is a refund"))?;
                Ok(Self::waiting(refund))
            }
        }
    }

    /// Nothing is taken back before the order comes.
    fn waiting(refund: &Refund) -> Self {
        let none = Points::ZERO;
        Self {
            refund_id: None,
            order_id: refund.order_id.clone(),
            amount_minor: refund.amount,
            lines: Vec::new(),
            capped: false,
            parked: true,
            due: none,
            taken: none,
            debt_incurred: none,
            expired: none,
            shortfall: none,
            withheld: None,
            status_points: none,
            points_returned: none,
            balance: None,
        }
    }

    fn recorded(member: &MemberId, done: &Done) -> Result<Self, Failure> {
        let returned = done.legs.iter().filter_map(|leg| match leg.detail {
            Detail::Reverse { points, .. } => Some(points),
            _ => None,
        });
        let balance = Some(Balance::of(&done.pockets));
        Ok(Self { points_returned: returned.sum(), balance, ..Self::of(member, &done.entry)? })
    }

    /// Of an entry, without a balance.
    ///
    /// # Errors
    /// 500: the entry is no refund.
    pub(super) fn of(member: &MemberId, entry: &Entry) -> Result<Self, Failure> {
        let Detail::Refund { order, amount_minor, asked_minor, expired, shortfall, status, returned, withheld, .. } =
            &entry.detail
        else {
            return Err(StoreError::bug("a refund made another entry").into());
        };
        Ok(Self {
            refund_id: Some(id(member, entry)),
            order_id: order.clone(),
            amount_minor: *amount_minor + returned.shipping,
            lines: returned.lines.iter().map(Into::into).collect(),
            capped: asked_minor.is_some(),
            parked: false,
            due: entry.clawed_back(),
            taken: -entry.points(),
            debt_incurred: entry.debt_incurred(),
            expired: *expired,
            shortfall: *shortfall,
            withheld: *withheld,
            status_points: *status,
            points_returned: Points::ZERO,
            balance: None,
        })
    }
}

/// A refund that waits for its order.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ParkedView {
    /// The refund's id.
    pub(crate) id: String,
    /// Where it came from.
    pub(crate) source: String,
    /// The order that it waits for.
    pub(crate) order_id: String,
    /// For which member it was reported, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<String>,
    /// When it happened.
    pub(crate) time: Timestamp,
    /// When it was recorded.
    pub(crate) recorded_at: Timestamp,
    /// How much was paid back without naming a line, in minor units.
    pub(crate) amount_minor: Minor,
    /// How many lines it names.
    pub(crate) lines: usize,
    /// When it lapses if the order does not come.
    pub(crate) lapses_at: Timestamp,
}

impl ParkedView {
    pub(crate) fn new(parked: &Parked, refund: &Refund, setting: Setting<'_>) -> Self {
        let Refund { id, source, order_id, amount, lines } = refund.clone();
        Self {
            id,
            source,
            order_id,
            member: parked.member.as_ref().map(ToString::to_string),
            time: parked.occurred_at,
            recorded_at: parked.recorded_at,
            amount_minor: amount,
            lines: lines.len(),
            lapses_at: parked.lapses_at(setting),
        }
    }
}

/// Refunds that wait for their orders, those that lapse first first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ParkedReply {
    /// The refunds.
    pub(crate) refunds: Vec<ParkedView>,
    /// There are more: ask again with `after` set to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// Where a list of refunds that wait goes on, as callers see it: milliseconds since 1970, then the row.
pub(crate) struct After(pub(crate) ParkedPlace);

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.at.as_millisecond(), self.0.key)
    }
}

impl FromStr for After {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let place = || {
            let (at, key) = text.split_once('.')?;
            Some(ParkedPlace { at: Timestamp::from_millisecond(at.parse().ok()?).ok()?, key: key.parse().ok()? })
        };
        place().map(Self).ok_or("must be what `next` said")
    }
}

impl NamesMember for RefundRequest {
    fn member(&self) -> Result<MemberId, Problem> {
        let named =
            self.member.as_ref().ok_or_else(|| Problem::invalid("/member", "is missing: a quote is a member's"))?;
        member("/member", named)
    }
}
