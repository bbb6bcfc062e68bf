//! Exports as they are asked for and shown.

use domain::members::exporting::{Content, Export};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file of what is known of all members.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportRequest {
    /// What is written.
    pub(crate) kind: Content,
    /// By which source's names members are called; what a member was called first if absent. Who has none is called by its own id.
    #[serde(default)]
    pub(crate) source: Option<String>,
}

/// An export.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ExportReply {
    /// Its id.
    export: String,
    /// What is written.
    kind: Content,
    /// By which source's names members are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// `running` or `done`.
    state: &'static str,
    /// When it was asked for.
    created_at: Timestamp,
    /// Until when its file is kept.
    kept_until: Timestamp,
    /// Rows so far.
    rows: u32,
    /// Where its file is to be had, while it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Until when that address is good; then another is to be asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

impl ExportReply {
    pub(crate) fn new(export: &Export, file: Option<(String, Timestamp)>) -> Self {
        let (url, until) = file.unzip();
        Self {
            export: export.id.clone(),
            kind: export.kind,
            source: export.source.clone(),
            state: if export.done { "done" } else { "running" },
            created_at: export.created_at,
            kept_until: export.until(),
            rows: export.rows,
            url,
            until,
        }
    }
}
