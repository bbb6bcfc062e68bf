//! What rows of a file came to (rules: import 7).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::members::proving::Proof;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something is another now.
    Accepted,
    /// Everything was so already.
    Unchanged,
    /// Nothing of it is done.
    Refused,
}

/// Counts of rows; rows = accepted + unchanged + refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// All that are not blank.
    pub rows: u32,
    /// Those that changed something.
    pub accepted: u32,
    /// Those that said what was known.
    pub unchanged: u32,
    /// Those that are not done.
    pub refused: u32,
    /// What is worth to be told of those that are.
    pub warnings: u32,
    /// The points of those that changed something, less what is owed.
    pub points: i64,
    /// Rows whose points are good for longer than they say.
    pub lengthened: u32,
    /// Errors and warnings, by code.
    pub codes: BTreeMap<String, u32>,
    /// What the file says, beside what is in the ledger for it.
    #[serde(skip_serializing_if = "Proof::is_empty")]
    pub proof: Proof,
}

impl Counts {
    /// Counts a row, with the codes of its faults and whether each is a mere warning.
    pub fn count<'a>(&mut self, outcome: Outcome, faults: impl IntoIterator<Item = (&'a str, bool)>) {
        self.rows = self.rows.saturating_add(1);
        let of = match outcome {
            Outcome::Accepted => &mut self.accepted,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Refused => &mut self.refused,
        };
        *of = of.saturating_add(1);
        for (code, warning) in faults {
            self.warnings = self.warnings.saturating_add(u32::from(warning));
            let of = self.codes.entry(code.to_owned()).or_default();
            *of = of.saturating_add(1);
        }
    }

    /// Adds the counts of another part of the file.
    pub fn add(&mut self, other: &Self) {
        self.rows = self.rows.saturating_add(other.rows);
        self.accepted = self.accepted.saturating_add(other.accepted);
        self.unchanged = self.unchanged.saturating_add(other.unchanged);
        self.refused = self.refused.saturating_add(other.refused);
        self.warnings = self.warnings.saturating_add(other.warnings);
        self.points = self.points.saturating_add(other.points);
        self.lengthened = self.lengthened.saturating_add(other.lengthened);
        for (code, count) in &other.codes {
            let of = self.codes.entry(code.clone()).or_default();
            *of = of.saturating_add(*count);
        }
        self.proof.add(&other.proof);
    }
}
