//! What has become known by asking and hearing: later wishes refer to it.

use fastrand::Rng;
use serde_json::Value;

use super::care::known::Known as OfCare;
use super::ledger::known::Known as OfLedger;
use super::members::known::Known as OfMembers;
use super::voice::known::Known as OfVoice;
use super::wish::Wish;

/// The members. All are found in the same shard of the index of what is due.
const MEMBERS: [&str; 4] = ["m-0", "m-67", "m-206", "m-246"];

/// What is known, of all contexts and of each.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) members: usize,
    /// Counts wishes, so that ids differ.
    pub(crate) count: u64,
    pub(crate) ledger: OfLedger,
    pub(crate) members_known: OfMembers,
    pub(crate) care_known: OfCare,
    pub(crate) voice_known: OfVoice,
}

impl Known {
    pub(crate) fn new(members: usize) -> Self {
        Self { members, ..Self::default() }
    }

    pub(crate) fn member(&self, rng: &mut Rng) -> String {
        MEMBERS[rng.usize(0..self.members.min(MEMBERS.len()))].to_owned()
    }

    pub(super) fn key(&self) -> Option<String> {
        Some(format!("k-{}", self.count))
    }

    /// Hears an answer that is a success.
    pub(crate) fn hear(&mut self, wish: &Wish, answer: &Value) {
        self.ledger.hear(wish, answer);
        self.members_known.hear(wish, answer);
        self.voice_known.hear(wish, answer);
    }
}
