//! A deterministic simulator of the whole chain: the real handlers on the real AWS SDK, with faults. `FAULT-MODEL.md`
//! tells what is assumed, what is survived, and how a new handler joins.
//!
//! The seam is the SDK's HTTP client. A call does not go out; it waits in the [`network`] until the scheduler decides its
//! fate: carried out, carried out and the answer lost, refused, carried out much later, answered with old data. One AWS
//! call is one step; a crash drops the handler's future. Time is virtual. Everything follows from one seed, so a failing
//! run can be watched again: `cargo run -p simulation -- --seed N --trace`.

mod answers;
mod booting;
mod bug;
pub mod bugs;
pub mod contexts;
pub mod crash_points;
mod database;
mod drawn;
mod faults;
mod injected;
mod judge;
mod life;
pub mod lives;
mod master;
mod mistakes;
mod network;
mod objects;
mod pace;
mod parallel;
mod plan;
mod providers;
mod queue;
mod stack;
pub mod stamps;
mod stream;
mod tables;
pub mod twin;
mod world;

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
