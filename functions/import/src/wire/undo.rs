//! The undoing of an import as it is asked for and shown.

use std::collections::BTreeMap;

use domain::members::undoing::Undo;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::ErrorsReply;

/// An import is to be undone.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UndoRequest {
    /// Find out what would come of it, and take nothing back. That comes first.
    pub(crate) dry_run: bool,
}

/// The undoing of an import.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct UndoShown {
    /// `looking`, `looked`: what would come of it is found out; `undoing`, `undone`.
    state: &'static str,
    /// When it was asked for.
    asked_at: Timestamp,
    /// Rows that had changed something, so far: restored + erased + withdrawn + left.
    rows: u32,
    /// Everything of them is as it was, or would be.
    restored: u32,
    /// They had enrolled somebody who did nothing since, and is erased.
    erased: u32,
    /// What they had brought over is withdrawn.
    withdrawn: u32,
    /// Something of them stays.
    left: u32,
    /// Why, by code.
    by_code: BTreeMap<String, u32>,
    /// Where the list of what stays is: row, member, field, why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) list: Option<ErrorsReply>,
}

impl UndoShown {
    pub(super) fn new(undo: &Undo) -> Self {
        let counts = undo.counts.clone();
        Self {
            state: undo.state.name(),
            asked_at: undo.asked_at,
            rows: counts.rows,
            restored: counts.restored,
            erased: counts.erased,
            withdrawn: counts.withdrawn,
            left: counts.left,
            by_code: counts.codes,
            list: None,
        }
    }
}
