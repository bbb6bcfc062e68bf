//! Why somebody does something, in their own words.

use lambda::Problem;
use schemars::JsonSchema;
use serde::Deserialize;

/// How short and how long it may be, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=500;

/// Why, in 10 to 500 characters; kept sealed, for those who look after what was done.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct StatedReason(String);

impl StatedReason {
    /// Is it one?
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let fits = LENGTH.contains(&self.0.trim().chars().count()) && !self.0.chars().any(char::is_control);
        if fits { Ok(()) } else { Err(Problem::invalid("/reason", "say why, in 10 to 500 characters")) }
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.trim()
    }
}
