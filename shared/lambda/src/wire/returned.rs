//! What comes back of an order's lines.

use domain::kernel::quantity::Minor;
use domain::ledger::lines;
use schemars::JsonSchema;
use serde::Serialize;

/// What a refund takes of lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Returned {
    /// Those that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ReturnedLine>,
    /// How much of lines that are shipping it takes, beside what it takes of goods, in minor units.
    #[serde(skip_serializing_if = "no_money")]
    pub shipping_minor: Minor,
}

impl From<&lines::Returned> for Returned {
    fn from(returned: &lines::Returned) -> Self {
        let lines = returned.lines.iter().map(Into::into).collect();
        Self { lines, shipping_minor: returned.shipping }
    }
}

/// What a refund takes of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReturnedLine {
    /// Its place in the order, from 0.
    pub line: u32,
    /// How many pieces came back.
    pub quantity: i64,
    /// How much was paid back for it, in minor units.
    pub amount_minor: Minor,
}

impl From<&lines::ReturnedLine> for ReturnedLine {
    fn from(returned: &lines::ReturnedLine) -> Self {
        let lines::ReturnedLine { line, quantity, amount } = *returned;
        Self { line, quantity, amount_minor: amount }
    }
}

pub(super) fn no_money(amount: &Minor) -> bool {
    amount.is_zero()
}
