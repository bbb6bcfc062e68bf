//! Items as they are stored, and events as they are told, for bytes that never change unseen.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Plan;
use super::card::Ask;
use super::world::World;

/// By name: an item of each kind with what the stream tells of it.
///
/// # Errors
/// The world cannot be set up.
pub fn golden() -> anyhow::Result<BTreeMap<String, Value>> {
    let plan = Plan { asks: 0, faults_per_mille: 0, ..Plan::seed(1) };
    crate::world::block_on(plan.seed, async {
        let mut world = World::new(plan).await?;
        let mut now = BTreeMap::new();
        let mut at: Timestamp = "2026-01-10T09:00:00.5Z".parse()?;
        let asks = [
            ("first", Some(Ask::Collect)),
            ("claimed", Some(Ask::Link("4711".to_owned()))),
            ("second", Some(Ask::Collect)),
            ("swapped", Some(Ask::Swap)),
            ("given-back", Some(Ask::GiveBack)),
            ("third", Some(Ask::Collect)),
            ("settled", None),
        ];
        for (name, ask) in asks {
            at += SignedDuration::from_hours(if ask.is_none() { 31 * 24 } else { 1 });
            let place = ask.map(|ask| world.want("m-1", ask, name));
            world.begin_at(place, at);
            world.finish().await;
            now.insert(name.to_owned(), world.newest()?);
        }
        let beside = ["card-log", "card-numbers", "gifts"].map(|table| (table.to_owned(), world.dump(table)));
        now.insert("beside".to_owned(), beside.into_iter().collect());
        Ok(now)
    })
}
