//! What came before what it takes back, as the row of that keeps it: refunds of an order, the reversal of a fact.

use jiff::Timestamp;
use serde_json::Value;

use super::attribute::{Read, hexadecimal, lacking, list, number, text};
use super::calendar::DAY;

/// For how many days an order can be refunded.
const WINDOW_DAYS: i64 = 365;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parked {
    pub(super) id: String,
    /// Of an order; of another fact its source.
    pub(super) order: String,
    /// It is the reversal of a fact.
    pub(super) reverses: bool,
    pub(super) operation: String,
    /// For whom it was reported, if that was said.
    pub(super) member: Option<String>,
    pub(super) amount: i64,
    /// When it happened, in milliseconds.
    pub(super) occurred_at: i64,
    /// What has become of it; empty while it waits.
    pub(super) fate: String,
}

impl Parked {
    /// All that a row keeps.
    pub(super) fn of_row(item: &Value) -> Read<Vec<Self>> {
        list(&item["r"], "r")?.iter().skip(1).map(|one| Self::read(&one["M"])).collect()
    }

    fn read(fields: &Value) -> Read<Self> {
        let maybe = |name: &str| fields[name]["S"].as_str().map(str::to_owned);
        let reverses = fields["d"].is_null();
        let at: Timestamp = text(&fields["t"], "t")?.parse().map_err(|_no_instant| lacking("t"))?;
        Ok(Self {
            id: text(&fields["i"], "i")?,
            order: text(&fields[if reverses { "s" } else { "d" }], "order or source")?,
            reverses,
            operation: hexadecimal::<16>(&fields["o"], "o")?,
            member: maybe("m"),
            amount: if fields["a"].is_null() { 0 } else { number(&fields["a"], "a")? },
            occurred_at: at.as_millisecond(),
            fate: maybe("x").unwrap_or_default(),
        })
    }

    /// What becomes of it when the order comes for a member, paid at an instant.
    pub(super) fn expected(&self, member: &str, paid_at: i64) -> &'static str {
        if self.member.as_ref().is_some_and(|named| named != member) {
            "other_member"
        } else if self.occurred_at >= paid_at + WINDOW_DAYS * DAY {
            "window_closed"
        } else {
            "netted"
        }
    }

    /// Has it waited for so long that it lapses?
    pub(super) fn lapses(&self, now: i64) -> bool {
        self.fate.is_empty() && self.occurred_at + WINDOW_DAYS * DAY <= now
    }

    /// The same refund, and another fate at most once.
    pub(super) fn follows(&self, before: &Self) -> bool {
        let same = Self { fate: self.fate.clone(), ..before.clone() } == *self;
        same && (before.fate.is_empty() || before.fate == self.fate)
    }
}
