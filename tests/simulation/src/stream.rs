//! The stream of a table, modelled: for each item its changes in order, between items in no order, and batches more than
//! once. Its reader stands in for a router of events until there is one: it derives from the two images which entries were
//! committed, and there must be no gap.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use store::decode_record;

use crate::audit::attributes;
use crate::database::Change;

/// What the reader of the stream has made of it.
#[derive(Default)]
pub(crate) struct Stream {
    /// Records by item, oldest first, and how many of them were read.
    items: BTreeMap<String, (Vec<Change>, usize)>,
    routed: BTreeMap<String, BTreeSet<u64>>,
}

impl Stream {
    /// A change of the table.
    pub(crate) fn record(&mut self, change: &Change) {
        let item = change.after["member"]["S"].as_str().unwrap_or_default().to_owned();
        self.items.entry(item).or_default().0.push(change.clone());
    }

    /// Are there records that were not read?
    pub(crate) fn waits(&self) -> bool {
        self.items.values().any(|(records, read)| *read < records.len())
    }

    /// Reads a batch of one item, sometimes from an earlier place than where the last batch ended: a reader that failed
    /// reads again. Returns what is wrong.
    pub(crate) fn read(&mut self, rng: &mut Rng, repeats: bool) -> (String, Option<String>) {
        let waiting: Vec<String> = self
            .items
            .iter()
            .filter(|(_, (records, read))| *read < records.len())
            .map(|(item, _)| item.clone())
            .collect();
        let Some(item) = rng.choice(&waiting).cloned() else { return ("nothing".to_owned(), None) };
        let Some((records, read)) = self.items.get_mut(&item) else { return (item, None) };
        let from = if repeats && rng.u32(0..4) == 0 { read.saturating_sub(rng.usize(0..3)) } else { *read };
        let to = (*read + rng.usize(1..=3)).min(records.len());
        let routed = self.routed.entry(item.clone()).or_default();
        let mut wrong = None;
        for Change { before, after, .. } in &records[from..to] {
            let old =
                if before.is_null() { 0 } else { before["q"]["N"].as_str().and_then(|q| q.parse().ok()).unwrap_or(0) };
            let Ok(record) = decode_record(&attributes(after)) else {
                wrong = Some(format!("{item}: an image cannot be read"));
                continue;
            };
            let new: Vec<u64> =
                record.recent.iter().map(|entry| entry.sequence).filter(|sequence| *sequence > old).collect();
            let expected: Vec<u64> = (old + 1..=record.account.sequence).collect();
            if new != expected {
                wrong = Some(format!("{item}: the images show the entries {new:?} of {expected:?}"));
            }
            routed.extend(new);
        }
        *read = to;
        (format!("{item} {from}..{to}"), wrong)
    }

    /// How many entries of a member were routed.
    pub(crate) fn routed(&self, member: &str) -> usize {
        self.routed.get(member).map_or(0, BTreeSet::len)
    }
}
