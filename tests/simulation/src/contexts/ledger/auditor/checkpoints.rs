//! Checkpoints, worked out again: every entry is covered by one, a sealed day never changes, and the roots are those of RFC 6962.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::attribute::string;
use super::canonical::{hex, link};
use super::entry::Entry;
use super::member::Member;

type Bytes = [u8; 32];

/// An account as it was noted.
#[derive(Clone)]
struct Noted {
    /// The first entry since it was noted before, and the hash of the one before that.
    first: u64,
    before: Bytes,
    sequence: u64,
    head: Bytes,
    balance: i64,
    seal: [u8; 16],
}

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
        let Some(noted) = all_noted(&after["leaves"]) else { return vec![format!("{at} cannot be read")] };
        for (name, noted) in noted {
            self.told.entry(name.clone()).or_default().extend(noted.first..=noted.sequence);
            let known = notes.entry(name).or_insert_with(|| noted.clone());
            let earlier = if noted.first < known.first { &noted } else { &*known };
            let (first, before) = (earlier.first, earlier.before);
            if known.sequence < noted.sequence {
                *known = noted;
            }
            (known.first, known.before) = (first, before);
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
            for (name, Noted { first, before, sequence, head, balance, .. }) in &leaves {
                let place = usize::try_from(*sequence).unwrap_or_default().wrapping_sub(1);
                let hash_of = |place| chains.get(name.as_str()).and_then(|chain| chain.get(place));
                let entry = members.get(name).and_then(|member| member.entries.get(place));
                if hash_of(place) != Some(head) || entry.is_none_or(|entry| entry.balance != *balance) {
                    wrong.push(format!("{name}: noted with entry {sequence} on {day}, which is another"));
                }
                let earlier = usize::try_from(*first).unwrap_or_default().checked_sub(2).and_then(hash_of);
                if earlier.unwrap_or(&[0; 32]) != before {
                    wrong.push(format!("{name}: noted since entry {first} on {day}, and the one before is another"));
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

/// What a note says of each account: its member's length and itself; three numbers, of seven bits a byte, the lowest first; three
/// hashes.
fn all_noted(leaves: &Value) -> Option<Vec<(String, Noted)>> {
    let stored = aws_smithy_types::base64::decode(leaves["B"].as_str()?).ok()?;
    let (mut left, mut all) = (stored.as_slice(), Vec::new());
    while let [length, rest @ ..] = left {
        let (name, mut rest) = rest.split_at_checked(usize::from(*length))?;
        let mut number = || {
            let end = rest.iter().position(|byte| *byte < 0x80)?;
            let (bytes, others) = rest.split_at_checked(end + 1)?;
            rest = others;
            Some(bytes.iter().rev().fold(0_u64, |number, byte| number.wrapping_mul(128) + u64::from(byte % 128)))
        };
        let (first, sequence, balance) = (number()?, number()?, number()?);
        let half = i64::try_from(balance / 2).ok()?;
        let balance = if balance % 2 == 0 { half } else { -half - 1 };
        let (before, rest) = rest.split_first_chunk()?;
        let (head, rest) = rest.split_first_chunk()?;
        let (seal, rest) = rest.split_first_chunk()?;
        let noted = Noted { first, before: *before, sequence, head: *head, balance, seal: *seal };
        all.push((String::from_utf8(name.to_vec()).ok()?, noted));
        left = rest;
    }
    Some(all)
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
    let leaf = |(name, Noted { first, sequence, head, balance, seal, .. }): (&String, &Noted)| {
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
    let points: i64 = leaves.values().map(|noted| noted.balance).sum();
    let json = format!(r#"{{"accounts":{},"day":"{day}","points":{points},"tree":"{tree}"}}"#, leaves.len());
    hash(&[&previous, json.as_bytes()])
}
