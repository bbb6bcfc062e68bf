//! How many rows came to what (rule: import 7).

use std::collections::BTreeMap;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something is another now.
    Accepted,
    /// Everything was so already.
    Unchanged,
    /// Nothing of it is done.
    Refused,
}

/// Counts of rows; rows = accepted + unchanged + refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// Errors and warnings, by code.
    pub codes: BTreeMap<String, u32>,
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
}
