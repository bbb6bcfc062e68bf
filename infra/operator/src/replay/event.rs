//! What happened, and how it is reported.

use jiff::Timestamp;
use serde_json::{Value, json};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub member: String,
    /// The first line of the file that tells of it.
    pub line: u64,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An invoice was paid.
    Order {
        /// Its number.
        invoice: String,
        /// Its lines.
        lines: Vec<Line>,
    },
    /// A line was cancelled.
    Refund {
        /// Names this refund, whenever it is read again, and from whatever file.
        id: String,
        /// The cancellation.
        cancellation: String,
        /// The invoice it takes back.
        invoice: String,
        /// How much, in minor units.
        amount_minor: i64,
    },
}

/// An invoice line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// What was sold.
    pub stock_code: String,
    /// What one costs, in ten-thousandths of a unit of the currency.
    pub price: i64,
    /// How many.
    pub quantity: i64,
    /// What they cost together, in minor units.
    pub amount_minor: i64,
}

/// An invoice as far as it has been read.
pub(super) struct Order {
    pub(super) at: Timestamp,
    pub(super) member: String,
    pub(super) lines: Vec<Line>,
    pub(super) line: u64,
}

impl Event {
    /// How it is reported: the path, and the body.
    pub(super) fn request(&self, currency: &str) -> (Vec<&str>, Value) {
        match &self.what {
            What::Order { invoice, lines } => {
                let lines: Vec<Value> = lines
                    .iter()
                    .map(|line| json!({"sku": line.stock_code, "quantity": line.quantity, "amount_minor": line.amount_minor}))
                    .collect();
                let body = json!({
                    "specversion": "1.0", "type": "order.paid", "source": "replay", "id": invoice, "subject": self.member,
                    "time": self.at, "data": {"order_id": invoice, "currency": currency, "lines": lines},
                });
                (vec!["v1", "activities"], body)
            }
            What::Refund { id, invoice, amount_minor, .. } => {
                let body = json!({
                    "source": "replay", "id": id, "member": self.member, "time": self.at, "amount_minor": amount_minor,
                });
                (vec!["v1", "orders", invoice, "refunds"], body)
            }
        }
    }
}
