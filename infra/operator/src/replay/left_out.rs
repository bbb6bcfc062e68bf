//! What was left out of a history, by cause and value.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

/// Why a row was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It names no customer.
    NoCustomer,
    /// A field of it is not what its column should hold.
    Unreadable,
    /// Its quantity and the kind of its invoice contradict each other.
    Contradicts,
    /// Its invoice belongs to another customer.
    OtherCustomer,
    /// What it takes back was never sold to the customer, or later.
    NeverSold,
    /// It takes back more than is left of what was sold.
    NothingLeft,
    /// It names an invoice that the customer does not have by then.
    NoSuchInvoice,
    /// Nothing was paid for what it takes back.
    NothingPaid,
    /// The order was paid too long ago to be refunded.
    WindowClosed,
    /// The ledger holds something else under the same name.
    Conflict,
    /// The platform refused it for another reason.
    Refused,
    /// The platform refused the order that it takes back.
    OrderRefused,
}

impl Cause {
    /// All that say that a return was left out, or an order that the platform refused.
    pub(super) fn is_of_an_event(self) -> bool {
        !matches!(self, Self::NoCustomer | Self::Unreadable | Self::Contradicts | Self::OtherCustomer)
    }

    fn words(self) -> &'static str {
        match self {
            Self::NoCustomer => "rows without a customer",
            Self::Unreadable => "rows with a field that cannot be read",
            Self::Contradicts => "quantities that contradict their invoice",
            Self::OtherCustomer => "rows of another customer's invoice",
            Self::NeverSold => "returns of what was not sold before",
            Self::NothingLeft => "returns of more than is left",
            Self::NoSuchInvoice => "returns of an invoice that is not there",
            Self::NothingPaid => "returns of what nothing was paid for",
            Self::WindowClosed => "returns outside the refund window",
            Self::Conflict => "conflicts with what the ledger holds",
            Self::Refused => "refused by the platform",
            Self::OrderRefused => "returns of orders that were refused",
        }
    }
}

/// A row, or a part of one, that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its line in the file; the header is in line 1.
    pub line: u64,
    /// Its invoice or cancellation, as far as it is known.
    pub invoice: String,
    /// Whose it is, as far as it is known.
    pub member: String,
    /// What it is worth, in minor units.
    pub value_minor: i64,
    /// Why, for machines.
    pub cause: Cause,
    /// Why, in words.
    pub reason: String,
}

/// What was left out for one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Why.
    pub cause: Cause,
    /// How many rows.
    pub rows: u64,
    /// What they are worth together, in minor units.
    pub value_minor: i64,
}

/// The most rows that are told at a terminal; all are in the file.
const TOLD: usize = 20;

/// Puts the largest first.
pub fn sort(left_out: &mut [LeftOut]) {
    left_out.sort_by_key(|row| (std::cmp::Reverse(row.value_minor), row.line));
}

/// What was left out by cause, the largest value first.
pub fn sums(left_out: &[LeftOut]) -> Vec<Sum> {
    let mut sums: BTreeMap<Cause, Sum> = BTreeMap::new();
    for row in left_out {
        let sum = sums.entry(row.cause).or_insert(Sum { cause: row.cause, rows: 0, value_minor: 0 });
        sum.rows += 1;
        sum.value_minor = sum.value_minor.saturating_add(row.value_minor);
    }
    let mut sums: Vec<Sum> = sums.into_values().collect();
    sums.sort_by_key(|sum| (std::cmp::Reverse(sum.value_minor), sum.cause));
    sums
}

/// A file for rows, and the folder for it.
pub(super) fn create(path: &Path) -> anyhow::Result<csv::Writer<File>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    csv::Writer::from_path(path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Writes all of them to a file, which is there also if there are none.
///
/// # Errors
/// It cannot be written.
pub fn write(path: &Path, left_out: &[LeftOut]) -> anyhow::Result<()> {
    let mut file = create(path)?;
    file.write_record(["line", "invoice", "customer", "value_minor", "cause", "reason"])?;
    for row in left_out {
        let LeftOut { line, invoice, member, value_minor, cause, reason } = row;
        file.serialize((line, invoice, member, value_minor, cause, reason))?;
    }
    file.flush().with_context(|| format!("{} cannot be written", path.display()))
}

/// The causes, and the largest of the returns and orders that were left out.
pub fn told(left_out: &[LeftOut]) -> String {
    let mut text = String::new();
    let mut say = |line: std::fmt::Arguments<'_>| text.write_fmt(line).expect("a string takes any text");
    for Sum { cause, rows, value_minor } in sums(left_out) {
        say(format_args!("  {:<44}{rows:>9}{:>18}\n", cause.words(), money(value_minor)));
    }
    let mut events = left_out.iter().filter(|row| row.cause.is_of_an_event()).take(TOLD).peekable();
    if events.peek().is_some() {
        say(format_args!("\nThe largest returns and orders among them:\n"));
    }
    for LeftOut { line, invoice, member, value_minor, reason, .. } in events {
        say(format_args!("{:>14}  customer {member}, invoice {invoice}, line {line}: {reason}\n", money(*value_minor)));
    }
    text
}

/// An amount in the currency's unit, its thousands apart.
fn money(minor: i64) -> String {
    let units = (minor / 100).to_string();
    let mut text = String::new();
    for (place, digit) in units.chars().enumerate() {
        if place > 0 && (units.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text}.{:02}", minor % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_their_thousands_apart() {
        assert_eq!(
            [0, 5, 12_345, 3_897_000, 123_456_789].map(money),
            ["0.00", "0.05", "123.45", "38,970.00", "1,234,567.89"]
        );
    }
}
