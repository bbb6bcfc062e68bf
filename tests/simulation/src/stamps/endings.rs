//! Every call of every command, ended badly in every way, and asked again.

use super::Plan;
use super::card::{Ask, FULL};
use super::faults::Fate;
use super::world::World;

/// A command whose every call was ended badly.
#[derive(Debug, Clone)]
pub struct Ending {
    /// Which command.
    pub about: &'static str,
    /// How many calls it makes when nothing goes wrong.
    pub calls: usize,
    /// How many endings were tried.
    pub tried: usize,
    /// What is wrong; empty is well.
    pub violations: Vec<String>,
}

/// What is asked before, and what then ends badly; none: a sweep.
type Story = (&'static str, Vec<Ask>, Option<Ask>, bool);

fn stories() -> Vec<Story> {
    let collected = |count: u32| (0..count).map(|_| Ask::Collect).collect::<Vec<_>>();
    let link = || Ask::Link("4711".to_owned());
    // The own shard of a member holds two or three gifts: the fourth comes by a plan.
    let swaps = [collected(FULL), vec![Ask::Swap; 3], collected(2)].concat();
    vec![
        ("the first stamp", vec![], Some(Ask::Collect), true),
        ("the last stamp", collected(FULL - 1), Some(Ask::Collect), true),
        ("one stamp too many", collected(FULL), Some(Ask::Collect), false),
        ("a gift", collected(2), Some(Ask::Swap), true),
        ("a gift from another shard", swaps, Some(Ask::Swap), true),
        ("a gift too dear", collected(1), Some(Ask::Swap), false),
        ("a gift given back", [collected(2), vec![Ask::Swap]].concat(), Some(Ask::GiveBack), true),
        ("a number", vec![], Some(link()), true),
        ("a number given up", vec![link()], Some(Ask::Unlink), true),
        ("stamps that lapse", collected(3), None, true),
    ]
}

/// Ends every call of every command in every way.
///
/// # Errors
/// The world cannot be set up.
pub fn endings() -> anyhow::Result<Vec<Ending>> {
    let mut endings = Vec::new();
    for story in stories() {
        let (calls, violations) = tell(&story, None)?;
        let mut ending = Ending { about: story.0, calls, tried: 0, violations };
        for script in (0..calls).flat_map(|place| Fate::ENDINGS.map(|fate| (place, fate))) {
            let (_, violations) = tell(&story, Some(script))?;
            ending.tried += 1;
            ending.violations.extend(violations.into_iter().map(|what| format!("{script:?}: {what}")));
        }
        endings.push(ending);
    }
    Ok(endings)
}

/// Tells a story once: how many calls its command makes, and what is wrong.
fn tell((_, before, then, done): &Story, script: Option<(usize, Fate)>) -> anyhow::Result<(usize, Vec<String>)> {
    let plan = Plan { asks: 0, faults_per_mille: 0, ..Plan::seed(1) };
    crate::world::block_on(plan.seed, async {
        let mut world = World::new(plan).await?;
        for (number, ask) in before.iter().enumerate() {
            let place = world.want("m-1", ask.clone(), &format!("before-{number}"));
            world.begin(Some(place));
            world.finish().await;
        }
        if then.is_none() {
            world.skip(31 * 24);
        }
        let place = then.clone().map(|ask| world.want("m-1", ask, "then"));
        (world.script, world.calls) = (script, 0);
        world.begin(place);
        world.finish().await;
        let calls = world.calls;
        world.script = None;
        world.begin(place); // whoever got no answer asks again; so does one who did
        world.finish().await;
        let answered = place.map(|place| world.is_done(place));
        world.come_to_rest().await;
        let mut violations = std::mem::take(&mut world.report.violations);
        if answered.is_some_and(|answered| answered != Some(*done)) {
            violations.push(format!("answered {answered:?}"));
        }
        Ok((calls, violations))
    })
}
