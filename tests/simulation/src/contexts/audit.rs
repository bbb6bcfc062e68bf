//! What an auditor is asked: every context has one, and so have the cards of the tests' own.

use serde_json::Value;

use super::wish::{Heard, Wish};
use crate::database::Change;

/// What is wrong; empty is well.
pub(crate) type Wrong = Vec<String>;

/// Who makes sure of a context: follows what is asked, stored and answered, and says what is wrong.
pub(crate) trait Audit {
    /// Something is asked for, for the first time.
    fn ask(&mut self, _wish: &Wish) {}

    /// A call has changed something, all of it at once, at a step; in an invocation that still runs, or nobody knows in which.
    fn see(&mut self, step: u64, changes: &[Change], during: Option<&During<'_>>) -> Wrong;

    /// A text is put into the bucket, at a path.
    fn put(&mut self, _path: &str, _said: &str) -> Wrong {
        Wrong::new()
    }

    /// A queue has taken messages in.
    fn sent(&mut self, _queue: &str, _bodies: &[Value]) {}

    /// An answer is given: status and body.
    fn answered(&self, _wish: &Wish, _answer: (Option<i64>, &Value), _during: &During<'_>) -> Wrong {
        Wrong::new()
    }

    /// Everything that was wanted is done, and everything that was due by an instant should be.
    fn at_rest(&self, at: i64) -> Wrong;

    /// Every day on which something was written is closed.
    fn closed(&self) -> Wrong {
        Wrong::new()
    }

    /// All answers, held against what is stored.
    fn heard(&self, _heard: &[Heard<'_>]) -> Wrong {
        Wrong::new()
    }

    /// What is stored, as far as it is the same whatever went wrong on the way.
    fn stored(&self) -> Vec<String> {
        Vec::new()
    }

    /// How many entries there are in ledgers.
    fn entries(&self) -> u64 {
        0
    }
}

/// An auditor, and what it found wrong in what was there when it began.
pub(crate) type Begun = (Box<dyn Audit>, Wrong);

/// An invocation, as far as it has come.
pub(crate) struct During<'a> {
    /// At which step it began.
    pub(crate) since: u64,
    /// The queue whose messages it works on.
    pub(crate) queue: Option<&'a str>,
    /// What it has read.
    pub(crate) looks: &'a [Look],
}

/// An item that was read.
pub(crate) struct Look {
    pub(crate) table: String,
    pub(crate) key: Value,
    /// When, on the reader's own clock, in milliseconds.
    pub(crate) at: i64,
    /// It was a strong read.
    pub(crate) is_strong: bool,
}
