//! A file as it is shown.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// Where a file is to be had.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ErrorsReply {
    /// The address; it is signed.
    pub(crate) url: String,
    /// Until when.
    pub(crate) until: Timestamp,
}
