//! Checkpoints, worked out again: every entry is covered by one, a sealed day never changes, and the roots are those of RFC 6962.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::attribute::string;
use super::canonical::{hex, link};
use super::entry::Entry;
use super::member::Member;

type Bytes = [u8; 32];

/// An account as it was noted: the first entry since, sequence, head, balance, seal.
type Noted = (u64, u64, Bytes, i64, [u8; 16]);

/// What the table `checkpoints` holds.
#[derive(Default)]
pub(crate) struct Checkpoints {
    /// By day and member, the newest.
    notes: BTreeMap<String, BTreeMap<String, Noted>>,
    /// The entries that were noted, by member.
    told: BTreeMap<String, BTreeSet<u64>>,
    /// By day, as they are.
    days: BTreeMap<String, Value>,
}

impl Checkpoints {
    /// Sees a write.
    pub(crate) fn see(&mut self, before: &Value, after: &Value) -> Vec<String> {
        let at = string(after, "at");
        let Some((day, _)) = at.split_once('#').map(|(day, name)| (day.to_owned(), name)) else {
            let changed = !before["root"].is_null();
            self.days.insert(at.clone(), after.clone());
            return if changed { vec![format!("the checkpoint of {at} has changed")] } else { Vec::new() };
        };
        let notes = self.notes.entry(day.clone()).or_default();
        for leaf in after["leaves"]["L"].as_array().into_iter().flatten() {
            let leaf = &leaf["M"];
            let number = |name: &str| leaf[name]["N"].as_str().and_then(|text| text.parse::<i64>().ok()).unwrap_or(-1);
            let [first, sequence] = ["f", "q"].map(|name| u64::try_from(number(name)).unwrap_or_default());
            let noted = (first, sequence, bytes(&leaf["h"]), number("b"), bytes(&leaf["s"]));
            let known = notes.entry(string(leaf, "m")).or_insert(noted);
            let since = known.0.min(first);
            if known.1 < sequence {
                *known = noted;
            }
            known.0 = since;
            self.told.entry(string(leaf, "m")).or_default().extend(first..=sequence);
        }
        if self.days.contains_key(&day) {
            return vec![format!("{at} is noted for {day}, which is sealed")];
        }
        Vec::new()
    }

    /// What is wrong when every day is closed.
    pub(crate) fn wrong(&self, members: &BTreeMap<String, Member>) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut previous = [0; 32];
        let chains: BTreeMap<&str, Vec<Bytes>> =
            members.iter().map(|(name, member)| (name.as_str(), chain(member))).collect();
        for (day, item) in &self.days {
            let leaves = self.notes.get(day).cloned().unwrap_or_default();
            for (name, (_, sequence, head, balance, _)) in &leaves {
                let place = usize::try_from(*sequence).unwrap_or_default().wrapping_sub(1);
                let is = chains.get(name.as_str()).and_then(|chain| chain.get(place));
                let entry = members.get(name).and_then(|member| member.entries.get(place));
                if is != Some(head) || entry.is_none_or(|entry| entry.balance != *balance) {
                    wrong.push(format!("{name}: noted with entry {sequence} on {day}, which is another"));
                }
            }
            if item["root"].is_null() {
                wrong.push(format!("{day} is sealed and has no checkpoint"));
                continue;
            }
            if item["differences"]["L"].as_array().is_none_or(|differences| !differences.is_empty()) {
                wrong.push(format!("{day} was closed with {}", item["differences"]));
            }
            let root = root(day, previous, &leaves);
            if bytes(&item["root"]) != root || bytes(&item["previous"]) != previous {
                wrong.push(format!("the checkpoint of {day} has another root"));
            }
            previous = root;
        }
        for (name, member) in members {
            let none = BTreeSet::new();
            let told = self.told.get(name).unwrap_or(&none);
            let untold = (1..=member.sequence()).filter(|sequence| !told.contains(sequence));
            wrong.extend(untold.map(|sequence| format!("{name}: entry {sequence} was never noted")));
        }
        wrong
    }
}

fn hash(parts: &[&[u8]]) -> Bytes {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N]
where
    [u8; N]: Default,
{
    let decoded = aws_smithy_types::base64::decode(value["B"].as_str().unwrap_or_default()).unwrap_or_default();
    decoded.try_into().unwrap_or_default()
}

/// The hash of each entry.
fn chain(member: &Member) -> Vec<Bytes> {
    let mut head = [0; 32];
    let linked = |entry: &Entry| {
        head = link(head, &entry.text);
        head
    };
    member.entries.iter().map(linked).collect()
}

fn root(day: &str, previous: Bytes, leaves: &BTreeMap<String, Noted>) -> Bytes {
    let leaf = |(name, (first, sequence, head, balance, seal)): (&String, &Noted)| {
        let (head, seal) = (hex(head), hex(seal));
        let json = format!(
            r#"{{"balance":{balance},"first":{first},"head":"{head}","member":"{name}","seal":"{seal}","sequence":{sequence}}}"#
        );
        hash(&[&[0], json.as_bytes()])
    };
    let mut level: Vec<Bytes> = leaves.iter().map(leaf).collect();
    // Level by level, the odd one is carried up: the same tree as the standard's.
    while level.len() > 1 {
        let pair = |pair: &[Bytes]| pair.get(1).map_or(pair[0], |right| hash(&[&[1], &pair[0], right]));
        level = level.chunks(2).map(pair).collect();
    }
    let tree = hex(&level.first().copied().unwrap_or_else(|| hash(&[])));
    let points: i64 = leaves.values().map(|(.., balance, _)| balance).sum();
    let json = format!(r#"{{"accounts":{},"day":"{day}","points":{points},"tree":"{tree}"}}"#, leaves.len());
    hash(&[&previous, json.as_bytes()])
}
