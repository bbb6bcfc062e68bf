//! What a file says, beside what is in the ledger for it: sums side by side (rules: import 27f).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::kernel::canonical::{Hash, canonical_json};

/// How many members, and their points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum(pub u32, pub i64);

impl Sum {
    const fn add(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
        self.1 = self.1.saturating_add(other.1);
    }
}

/// Sums of the file and of the ledger, by what is added up and a word, such as `expiry_month 2026-12`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Proof(BTreeMap<String, (Sum, Sum)>);

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// By what.
    pub by: &'a str,
    /// Of which.
    pub of: &'a str,
    /// What the file says.
    pub file: Sum,
    /// What is in the ledger.
    pub ledger: Sum,
}

/// Which side of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The file.
    File,
    /// The ledger.
    Ledger,
}

impl Proof {
    /// Is there nothing to be shown?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what a member has: points, by what is added up and a word.
    pub fn put(&mut self, side: Side, of_member: impl IntoIterator<Item = (String, i64)>) {
        for (name, points) in of_member {
            let (file, ledger) = self.0.entry(name).or_default();
            let sum = if side == Side::File { file } else { ledger };
            sum.add(Sum(1, points));
        }
    }

    /// Adds what another part of the file comes to.
    pub fn add(&mut self, other: &Self) {
        for (of, (file, ledger)) in &other.0 {
            let sums = self.0.entry(of.clone()).or_default();
            sums.0.add(*file);
            sums.1.add(*ledger);
        }
    }

    /// Is what the file says in the ledger, line by line?
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.0.values().all(|(file, ledger)| file == ledger)
    }

    /// Its lines, in order.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.0.iter().filter_map(|(name, (file, ledger))| {
            let (by, of) = name.split_once(' ')?;
            Some(Line { by, of, file: *file, ledger: *ledger })
        })
    }

    /// The SHA-256 of the report: of which import and file, and all lines.
    #[must_use]
    pub fn hash(&self, import: &str, file: &str) -> Hash {
        let lines = self.lines().map(|line| {
            let sum = |sum: Sum| json!({"members": sum.0, "points": sum.1});
            json!({"by": line.by, "of": line.of, "file": sum(line.file), "ledger": sum(line.ledger)})
        });
        Hash::of(&canonical_json(&json!({"import": import, "file": file, "lines": lines.collect::<Value>()})))
    }
}
