//! What is simulated, and what came of it.

use std::collections::BTreeMap;

use super::faults::{Fate, Mistake};

/// What to simulate.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Everything follows from it.
    pub seed: u64,
    /// How much is asked.
    pub asks: usize,
    /// How often, in a thousand calls, a fault happens.
    pub faults_per_mille: u32,
    /// A mistake that the store makes.
    pub mistake: Option<Mistake>,
}

impl Plan {
    /// A seed with everything else as usual.
    #[must_use]
    pub fn seed(seed: u64) -> Self {
        Self { seed, asks: 60, faults_per_mille: 150, mistake: None }
    }
}

/// What came of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Steps taken.
    pub steps: u64,
    /// Faults, by kind.
    pub faults: BTreeMap<Fate, u64>,
    /// Commands done, and how often time did something.
    pub done: (usize, usize),
    /// Answers: done, answered again, refused.
    pub answers: (usize, usize, usize),
    /// Events told.
    pub events: usize,
    /// What is wrong; empty is well.
    pub violations: Vec<String>,
}
