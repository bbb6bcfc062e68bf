//! The stream of a table, modelled, as each of its readers sees it: for each item its changes in order and one reader at a time, between items in no order.
//! What failed comes again, from the first record that was reported; and a batch that succeeded may come again, too.

use std::collections::BTreeMap;

use emulator::payload;
use fastrand::Rng;
use serde_json::{Value, json};

use crate::database::Change;

/// A stretch of one item's records that a function was invoked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    item: String,
    from: usize,
    to: usize,
}

/// One item's records.
#[derive(Default)]
struct Records {
    changes: Vec<Change>,
    /// How many were handled.
    handled: usize,
    /// Somebody has a batch of them.
    read: bool,
}

/// The stream, as one function reads it.
#[derive(Default)]
pub(crate) struct Stream {
    items: BTreeMap<String, Records>,
}

impl Stream {
    /// A change of the table.
    pub(crate) fn record(&mut self, change: &Change) {
        let item = change.after["member"]["S"].as_str().unwrap_or_default().to_owned();
        self.items.entry(item).or_default().changes.push(change.clone());
    }

    /// Are there records that were not handled?
    pub(crate) fn waits(&self) -> bool {
        self.items.values().any(|records| records.handled < records.changes.len())
    }

    /// Can a batch be read?
    pub(crate) fn is_ready(&self) -> bool {
        self.items.values().any(|records| !records.read && records.handled < records.changes.len())
    }

    /// Reads a batch of one item, sometimes from an earlier place than where the last ended; and the event for it.
    pub(crate) fn read(&mut self, rng: &mut Rng, repeats: bool) -> Option<(Stretch, Value)> {
        let ready = self.items.iter().filter(|(_, records)| !records.read && records.handled < records.changes.len());
        let ready: Vec<String> = ready.map(|(item, _)| item.clone()).collect();
        let item = rng.choice(&ready)?.clone();
        let records = self.items.get_mut(&item)?;
        let back = if repeats && rng.u32(0..4) == 0 { rng.usize(0..3) } else { 0 };
        let from = records.handled.saturating_sub(back);
        let to = (records.handled + rng.usize(1..=3)).min(records.changes.len());
        records.read = true;
        let event = records.changes[from..to].iter().zip(from..).map(|(change, place)| {
            let mut event = payload::change(&format!("{item}-{place}"), place, &change.before, &change.after);
            let arn = format!("arn:aws:dynamodb:us-east-1:000000000000:table/{}/stream/1", change.table);
            event["eventSourceARN"] = json!(arn);
            event
        });
        let event = json!({ "Records": event.collect::<Vec<_>>() });
        Some((Stretch { item, from, to }, event))
    }

    /// The function has answered, or never will. Returns how many records were handled, or what is wrong with the answer.
    pub(crate) fn hear(&mut self, stretch: &Stretch, answer: Option<&Value>) -> Result<usize, String> {
        let Some(records) = self.items.get_mut(&stretch.item) else { return Ok(0) };
        records.read = false;
        let Some(answer) = answer else { return Ok(0) };
        let mut until = stretch.to;
        for failure in answer["batchItemFailures"].as_array().into_iter().flatten() {
            let named =
                (stretch.from..stretch.to).find(|place| failure["itemIdentifier"] == json!(payload::sequence(*place)));
            until = until.min(named.ok_or_else(|| format!("{failure} is reported, which is not in the batch"))?);
        }
        records.handled = records.handled.max(until);
        Ok(until - stretch.from)
    }
}

impl std::fmt::Display for Stretch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}..{}", self.item, self.from, self.to)
    }
}
