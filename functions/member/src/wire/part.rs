//! Parts of files of what is known of a member.

use lambda::{BoxFuture, Failure};
use serde_json::Value;

/// A part that is being read.
pub(crate) type Reading<'a> = BoxFuture<'a, Result<Part, Failure>>;

/// A part of a file.
pub(crate) struct Part {
    pub(crate) text: String,
    /// How many lines or things it has.
    pub(crate) rows: u64,
    /// Where it goes on, if there is more.
    pub(crate) after: Option<String>,
}

impl Part {
    /// A whole file of one value.
    pub(crate) fn whole(value: &Value, rows: usize) -> Self {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        Self { text: format!("{value:#}\n"), rows, after: None }
    }

    /// A line for each.
    pub(crate) fn lines(values: &[Value], after: Option<String>) -> Self {
        let rows = u64::try_from(values.len()).unwrap_or(u64::MAX);
        Self { text: values.iter().map(|value| format!("{value}\n")).collect(), rows, after }
    }
}

/// Whoever did something for the brand is not named to the member, but as what.
pub(crate) fn role(who: &str) -> &str {
    who.split(':').next().unwrap_or_default()
}
