//! What is simulated, and what came of it.

use std::collections::BTreeMap;

/// On which tables a run lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Those of the embedded DynamoDB.
    Embedded,
    /// Ordered maps with the same conditions, for volume.
    Memory,
}

/// What to simulate.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Everything follows from it.
    pub seed: u64,
    /// On which tables.
    pub tier: Tier,
    /// How many wishes the world has.
    pub wishes: u64,
    /// How often, in a thousand calls, a fault happens.
    pub faults_per_mille: u32,
    /// A mistake that is planted.
    pub bug: Option<&'static str>,
    /// Do care and messages take part? Then streams tell them, too, what is told.
    pub care: bool,
    /// Print one line per step.
    pub trace: bool,
}

impl Plan {
    /// A seed with everything else as usual.
    #[must_use]
    pub fn seed(seed: u64) -> Self {
        Self { seed, tier: Tier::Memory, wishes: 60, faults_per_mille: 150, bug: None, care: false, trace: false }
    }
}

/// What came of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Steps taken.
    pub steps: u64,
    /// Faults injected, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Entries in all ledgers at the end.
    pub entries: u64,
    /// What is wrong; empty is well.
    pub violations: Vec<String>,
    /// The hash of the log: the same seed gives the same.
    pub log: String,
    /// The hash of all tables: the same seed gives the same, on any tables.
    pub ledger: String,
}
