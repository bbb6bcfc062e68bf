//! A deterministic simulator of the whole chain: the real handlers on the real AWS SDK, with faults. `FAULT-MODEL.md`
//! tells what is assumed, what is survived, and how a new handler joins.
//!
//! The seam is the SDK's HTTP client. A call does not go out; it waits in the [`network`] until the scheduler decides its
//! fate: carried out, carried out and the answer lost, refused, carried out much later, answered with old data. One AWS
//! call is one step; a crash drops the handler's future. Time is virtual. Everything follows from one seed, so a failing
//! run can be watched again: `cargo run -p simulation -- --seed N --trace`.

mod answers;
pub mod bugs;
mod contexts;
pub mod crash_points;
mod database;
mod faults;
mod injected;
mod judge;
mod life;
mod network;
mod pace;
mod parallel;
mod plan;
mod queue;
pub mod stamps;
mod stream;
pub mod sweeps;
mod tables;
pub mod twin;
mod world;
pub mod years;

use std::path::Path;

use contexts::ledger::auditor;
pub use contexts::ledger::auditor::Place;
pub use parallel::on_every_core;
pub use plan::{Outcome, Plan, Tier};

/// Runs a plan from beginning to end.
///
/// # Errors
/// The world cannot be set up; what goes wrong inside it is a violation instead.
pub fn run(plan: Plan) -> anyhow::Result<Outcome> {
    domain::kernel::planted::plant(plan.bug.or(bugs::only().map(|bug| bug.name)));
    let outcome = world::block_on(plan.seed, async {
        let mut world = world::World::new(plan).await?;
        world.live().await;
        Ok(world.outcome)
    });
    domain::kernel::planted::plant(None);
    outcome
}

/// Audits the tables that a platform left in a file: how many entries there are, and what is wrong.
///
/// # Errors
/// The file cannot be opened.
pub fn audit_file(path: &Path) -> anyhow::Result<(usize, Vec<String>)> {
    let tables = tables::Embedded::open(path)?;
    let (auditor, wrong) = auditor::Auditor::from_scratch(|table| tables::Tables::dump(&tables, table));
    Ok((auditor.count(), wrong))
}

/// What an audit found, tiers and segments included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audited {
    /// What is wrong.
    pub violations: Vec<String>,
    /// How many members there are.
    pub members: usize,
    /// How many of them have a segment.
    pub scored: usize,
    /// Members by the tier in force at the end.
    pub by_tier: std::collections::BTreeMap<String, usize>,
    /// How often a tier changed.
    pub changes: usize,
}

/// Audits the tables of an embedded database at rest: also whether an evaluation at an instant would still change anything.
///
/// # Errors
/// The file cannot be read.
pub fn audit_chain(path: &Path, at: jiff::Timestamp) -> anyhow::Result<Audited> {
    let tables = tables::Embedded::open(path)?;
    let (auditor, mut violations) = auditor::Auditor::from_scratch(|table| tables::Tables::dump(&tables, table));
    violations.extend(auditor.unevaluated(at.as_millisecond()));
    let mut audited = Audited { violations, members: auditor.members().len(), ..Audited::default() };
    for member in auditor.members().values() {
        *audited.by_tier.entry(member.tier(at.as_millisecond()).to_owned()).or_default() += 1;
        audited.scored += usize::from(member.is_scored());
        audited.changes += member.entries.iter().map(|entry| entry.tier_changes().count()).sum::<usize>();
    }
    Ok(audited)
}
