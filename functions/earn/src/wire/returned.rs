//! What a ticket takes back while it sells.

use std::collections::BTreeSet;

use domain::kernel::id::{ContentHash, FactName, OperationId};
use domain::kernel::quantity::Minor;
use domain::kernel::stamp::Stamp;
use domain::ledger::command::{Command, Instruction, Leg};
use domain::ledger::lines::Refund;
use lambda::Problem;
use lambda::wire::{short, within};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::refund::{RefundLine, to_returns};

/// The most orders that one ticket takes back.
const MOST: usize = 20;

/// An earlier order of the member, of which something comes back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnData {
    /// The order that it was bought with.
    order_id: String,
    /// The lines that come back, at most 200; they are taken before the amount.
    #[serde(default)]
    lines: Vec<RefundLine>,
    /// How much was paid back without naming a line, in minor units; without `lines` it is required.
    #[serde(default)]
    amount_minor: Option<i64>,
}

/// The refunds of what a ticket takes back. Each is called after the ticket and the order that it is of.
///
/// # Errors
/// 422 with a pointer to the field.
pub(super) fn legs(returns: &[ReturnData], (ticket, source): (&str, &str), stamp: Stamp) -> Result<Vec<Leg>, Problem> {
    if returns.len() > MOST {
        return Err(Problem::invalid("/data/returns", "a ticket takes back from at most 20 orders"));
    }
    let mut seen = BTreeSet::from([ticket]);
    let legs = returns.iter().enumerate().map(|(place, back)| {
        let at = format!("data/returns/{place}");
        let again = !seen.insert(&back.order_id);
        back.to_leg(at, (ticket, source), stamp, again)
    });
    let legs: Vec<Result<Leg, Problem>> = legs.collect();
    Problem::unless(legs.iter().map(|leg| leg.as_ref().map(drop).map_err(Clone::clone)))?;
    legs.into_iter().collect()
}

impl ReturnData {
    fn to_leg(&self, at: String, (ticket, source): (&str, &str), stamp: Stamp, again: bool) -> Result<Leg, Problem> {
        let place = |field: &str| format!("/{at}/{field}");
        let amount = match self.amount_minor {
            Some(amount) => within(&place("amount_minor"), amount, 1..=Minor::LIMIT),
            None if self.lines.is_empty() => {
                Err(Problem::invalid(place("amount_minor"), "is missing, and no lines are named"))
            }
            None => Ok(()),
        };
        let once = if again {
            Err(Problem::invalid(place("order_id"), "is the ticket itself, or named twice"))
        } else {
            Ok(())
        };
        let lines = to_returns(&self.lines, &place("lines"));
        let checks =
            [short(&place("order_id"), &self.order_id), once, amount, lines.as_ref().map(drop).map_err(Clone::clone)];
        Problem::unless(checks)?;
        let order_id = self.order_id.clone();
        let id = format!("{ticket}>{order_id}");
        let name = FactName::refund(&id);
        let said = json!({"ticket": ticket, "order": order_id, "time": stamp.occurred_at.to_string(), "of": stamp.content.to_string()});
        let stamp = Stamp { operation: OperationId::of_name(&name), content: ContentHash::of(&said), ..stamp };
        let amount = Minor(self.amount_minor.unwrap_or_default());
        let refund = Refund { id, source: source.to_owned(), order_id, amount, lines: lines? };
        let instruction =
            Instruction { stamp, fact: Some(name), by: None, command: Command::Refund(refund), legs: Vec::new() };
        Ok(Leg { at, instruction })
    }
}
