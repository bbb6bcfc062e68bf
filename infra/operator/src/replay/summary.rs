//! What the ledger says after a replay, read back through the API.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{Player, Stage, history::History};

/// Totals over all members, from their statements and balances.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Members that the history names.
    pub members: u64,
    /// Orders credited.
    pub orders: u64,
    /// Refunds posted.
    pub refunds: u64,
    /// Points issued.
    pub issued: i64,
    /// Points clawed back.
    pub clawed_back: i64,
    /// Points expired.
    pub expired: i64,
    /// Points that can be spent.
    pub active: i64,
    /// Points that cannot be spent yet.
    pub pending: i64,
    /// Points owed.
    pub debt: i64,
    /// Rows of the file that say nothing sensible.
    pub rejected_rows: u64,
    /// Cancellation lines that match no invoice.
    pub unmatched_cancellations: u64,
    /// Events that had been recorded by an earlier run.
    #[serde(skip)]
    pub replayed: u64,
    /// The slowest call, in milliseconds.
    #[serde(skip)]
    pub slowest_ms: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = [
            ("members", self.members.to_string()),
            ("orders", self.orders.to_string()),
            ("refunds", self.refunds.to_string()),
            ("points issued", self.issued.to_string()),
            ("points clawed back", self.clawed_back.to_string()),
            ("points expired", self.expired.to_string()),
            ("balance: active", self.active.to_string()),
            ("balance: pending", self.pending.to_string()),
            ("balance: debt", self.debt.to_string()),
            ("bad rows", self.rejected_rows.to_string()),
            ("cancellations without an order", self.unmatched_cancellations.to_string()),
            ("already recorded by an earlier run", self.replayed.to_string()),
            ("slowest call", format!("{} ms", self.slowest_ms)),
        ];
        rows.into_iter().try_for_each(|(name, value)| writeln!(f, "{name:<36}{value:>12}"))
    }
}

impl<S: Stage> Player<'_, S> {
    /// Reads every member's statement and balance.
    pub(super) async fn sum_up(&self, history: &History) -> anyhow::Result<Summary> {
        let members: BTreeSet<&str> = history.events.iter().map(|event| event.member.as_str()).collect();
        let mut summary = Summary {
            members: members.len().try_into()?,
            rejected_rows: history.rejected.len().try_into()?,
            unmatched_cancellations: history.unmatched.len().try_into()?,
            replayed: self.replayed,
            slowest_ms: self.slowest.as_millis().try_into()?,
            ..Summary::default()
        };
        for member in members {
            let balance = self.get(&format!("/v1/members/{member}/balance")).await?;
            summary.active += number(&balance["active"]);
            summary.pending += number(&balance["pending"]);
            summary.debt += number(&balance["debt"]);
            let mut after = String::new();
            loop {
                let page = self.get(&format!("/v1/members/{member}/entries?limit=100{after}")).await?;
                for entry in page["entries"].as_array().into_iter().flatten() {
                    summary.add(entry);
                }
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&after={next}");
            }
        }
        Ok(summary)
    }
}

impl Summary {
    fn add(&mut self, entry: &Value) {
        let points = number(&entry["points"]);
        self.expired -= number(&entry["settled_points"]);
        match entry["kind"].as_str() {
            Some("earn") => {
                self.orders += 1;
                self.issued += points;
            }
            Some("refund") => {
                self.refunds += 1;
                self.clawed_back -= points;
            }
            _ => {}
        }
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}
