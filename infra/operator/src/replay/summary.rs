//! What the ledger says after a replay, read back through the API.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

use super::history::History;
use super::left_out::{self, LeftOut, Sum};
use super::player::Player;
use super::stage::Stage;

/// What a member's statement and balance say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Who.
    pub member: String,
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
}

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
    /// Cancellation lines that, wholly or in part, take back no earlier invoice line.
    pub unmatched_cancellations: u64,
    /// What was left out, by cause, the largest value first.
    pub left_out: Vec<Sum>,
    /// Events that had been recorded by an earlier run.
    #[serde(skip)]
    pub replayed: u64,
    /// The slowest call, in milliseconds.
    #[serde(skip)]
    pub slowest_ms: u64,
}

/// What came of a script.
pub struct Played {
    /// The totals.
    pub summary: Summary,
    /// What each member has.
    pub members: Vec<Member>,
    /// What was left out, by the reader or by the platform, the largest first.
    pub left_out: Vec<LeftOut>,
}

impl Played {
    /// Writes what each member has.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_members(&self, path: &Path) -> anyhow::Result<()> {
        let mut file = left_out::create(path)?;
        let mut write = || {
            self.members.iter().try_for_each(|member| file.serialize(member))?;
            Ok::<_, csv::Error>(file.flush()?)
        };
        write().with_context(|| format!("{} cannot be written", path.display()))
    }
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
            ("returns without an order", self.unmatched_cancellations.to_string()),
            ("already recorded by an earlier run", self.replayed.to_string()),
            ("slowest call", format!("{} ms", self.slowest_ms)),
        ];
        rows.into_iter().try_for_each(|(name, value)| writeln!(f, "{name:<36}{value:>12}"))
    }
}

impl<S: Stage> Player<'_, S> {
    /// Reads every member's statement and balance.
    pub(super) async fn sum_up(self, history: &History) -> anyhow::Result<Played> {
        let names: BTreeSet<&str> = history.events.iter().map(|event| event.member.as_str()).collect();
        let mut members = Vec::with_capacity(names.len());
        for name in names {
            members.push(self.member(name).await?);
        }
        let mut left_out = history.left_out.clone();
        let unmatched = left_out.iter().filter(|row| row.cause.is_of_an_event()).count();
        let rejected = left_out.len() - unmatched;
        left_out.extend(self.refused);
        left_out::sort(&mut left_out);
        let mut summary = Summary {
            members: members.len().try_into()?,
            rejected_rows: rejected.try_into()?,
            unmatched_cancellations: unmatched.try_into()?,
            left_out: left_out::sums(&left_out),
            replayed: self.replayed,
            slowest_ms: self.slowest.as_millis().try_into()?,
            ..Summary::default()
        };
        members.iter().for_each(|member| summary.add(member));
        Ok(Played { summary, members, left_out })
    }

    async fn member(&self, name: &str) -> anyhow::Result<Member> {
        let balance = self.get(&format!("/v1/members/{name}/balance")).await?.unwrap_or_default();
        let mut member = Member {
            member: name.to_owned(),
            active: number(&balance["active"]),
            pending: number(&balance["pending"]),
            debt: number(&balance["debt"]),
            ..Member::default()
        };
        // What moved and is not there any more has expired, whether or not the ledger has noted it already.
        member.expired = member.debt - member.active - member.pending - number(&balance["held"]);
        let mut after = String::new();
        loop {
            let page = self.get(&format!("/v1/members/{name}/entries?limit=100{after}")).await?.unwrap_or_default();
            for entry in page["entries"].as_array().into_iter().flatten() {
                member.add(entry);
            }
            let Some(next) = page["next"].as_str() else { return Ok(member) };
            after = format!("&after={next}");
        }
    }
}

impl Member {
    fn add(&mut self, entry: &Value) {
        let points = number(&entry["points"]);
        self.expired += points;
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

impl Summary {
    fn add(&mut self, member: &Member) {
        self.orders += member.orders;
        self.refunds += member.refunds;
        self.issued += member.issued;
        self.clawed_back += member.clawed_back;
        self.expired += member.expired;
        self.active += member.active;
        self.pending += member.pending;
        self.debt += member.debt;
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}
