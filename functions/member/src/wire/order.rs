//! Orders as a member is given them.

use domain::ledger::lines::{LineKind, PaidLine, PaidLines};
use serde_json::{Value, json};

/// The lines of an order as they were paid.
pub(crate) fn lines_of(paid: &PaidLines) -> Vec<Value> {
    let line = |line: &PaidLine| {
        json!({
            "sku": line.sku, "quantity": line.quantity, "gross_minor": line.gross, "discount_minor": line.discount,
            "net_minor": line.net, "tax_minor": line.tax, "shipping": line.kind == LineKind::Shipping,
        })
    };
    paid.lines.iter().map(line).collect()
}
