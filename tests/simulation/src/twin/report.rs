//! What came of killing a platform.

use std::fmt;

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How often the platform was killed under load or while it started.
    pub kills: u32,
    /// Different requests over HTTP.
    pub requests: u64,
    /// Those of them that were answered with a success.
    pub acknowledged: u64,
    /// How often something was sent again, for want of an answer or as a sample.
    pub repeated: u64,
    /// Different messages to the queue.
    pub messages: u64,
    /// Entries in all ledgers at the end.
    pub entries: u64,
    /// How long it took.
    pub seconds: u64,
    /// What is wrong; empty is well.
    pub violations: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, requests, acknowledged, repeated, messages, entries, seconds, violations } = self;
        write!(f, "{kills} kills in {seconds} s: {requests} requests, {acknowledged} of them acknowledged, ")?;
        write!(f, "and {messages} messages; {repeated} were sent again. ")?;
        write!(f, "{entries} entries in the ledgers, {} violations", violations.len())?;
        violations.iter().take(50).try_for_each(|violation| write!(f, "\n  {violation}"))
    }
}
