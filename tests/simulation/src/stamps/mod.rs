//! The aggregate store under faults: cards of the tests' own ([`card`]), many askers, one network that fails in every way, an
//! auditor who knows nothing of the product. Everything follows from one seed.

mod audit;
mod card;
mod endings;
mod faults;
mod golden;
mod plan;
mod stack;
mod world;

pub use endings::{Ending, endings};
pub use faults::{Fate, Mistake};
pub use golden::golden;
pub use plan::{Plan, Report};

use world::World;

/// Runs a plan from beginning to end.
///
/// # Errors
/// The world cannot be set up; what goes wrong inside it is a violation instead.
pub fn run(plan: Plan) -> anyhow::Result<Report> {
    crate::world::block_on(plan.seed, async {
        let mut world = World::new(plan).await?;
        world.live().await;
        Ok(world.report)
    })
}

/// Asks for what makes an item larger than it may be: what is said about it, and how many items there are then.
///
/// # Errors
/// The world cannot be set up.
pub fn too_large() -> anyhow::Result<(Vec<String>, usize)> {
    let plan = Plan { asks: 0, faults_per_mille: 0, ..Plan::seed(1) };
    crate::world::block_on(plan.seed, async {
        let mut world = World::new(plan).await?;
        let place = world.want("m-1", card::Ask::Link("7".repeat(2_000)), "too large");
        world.begin(Some(place));
        world.finish().await;
        let written = ["cards", "card-numbers"].map(|table| world.dump(table).as_array().map_or(0, Vec::len));
        Ok((world.report.violations, written.into_iter().sum()))
    })
}
