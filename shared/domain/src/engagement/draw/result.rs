//! The result of a draw: with it, anybody can work it out again.

use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::instance::Instance;
use super::ticket::Seed;
use crate::kernel::canonical::Hash;

/// The result of a draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawResult {
    /// Which draw.
    pub draw: String,
    /// The seed, in hexadecimal.
    pub seed: Hash,
    /// What was published before.
    pub commitment: Hash,
    /// By prize, the highest first.
    pub prizes: Vec<Awarded>,
    /// How many entries.
    pub entries: u64,
    /// The SHA-256 of their list.
    pub list_sha256: Hash,
}

/// What became of a prize.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awarded {
    /// Which.
    pub id: String,
    /// How many there were.
    pub stock: u32,
    /// The odds, in parts per million.
    pub odds_ppm: u32,
    /// How many were given.
    pub awarded: u64,
}

/// The list of entries: `entry_id,ticket,nominal,prize`, by id, `-` for none, a line feed after each. It names no member.
#[must_use]
pub fn list(entries: &[Entry]) -> String {
    let mut entries: Vec<&Entry> = entries.iter().collect();
    entries.sort_by_key(|entry| entry.id);
    let name = |prize: &Option<String>| prize.as_deref().unwrap_or("-").to_owned();
    let line =
        |entry: &&Entry| format!("{},{},{},{}\n", entry.id, entry.ticket, name(&entry.nominal), name(&entry.prize));
    entries.iter().map(line).collect()
}

/// The result of all entries.
#[must_use]
pub fn result(instance: &Instance, seed: &Seed, entries: &[Entry]) -> DrawResult {
    let awarded = |id: &str| entries.iter().filter(|entry| entry.prize.as_deref() == Some(id)).count();
    let prizes = instance.prizes.iter().map(|prize| Awarded {
        id: prize.id.clone(),
        stock: prize.stock,
        odds_ppm: prize.odds_ppm,
        awarded: u64::try_from(awarded(&prize.id)).unwrap_or(u64::MAX),
    });
    DrawResult {
        draw: instance.id.clone(),
        seed: Hash(seed.0),
        commitment: instance.commitment,
        prizes: prizes.collect(),
        entries: u64::try_from(entries.len()).unwrap_or(u64::MAX),
        list_sha256: Hash::of(&list(entries)),
    }
}
