//! Imports as they are asked for and shown.

pub(crate) mod export;
pub(crate) mod file;
mod proof;
pub(crate) mod sweep;
pub(crate) mod undo;

use std::collections::BTreeMap;

use domain::kernel::cutover::Cutover;
use domain::kernel::quantity::Ratio;
use domain::members::import::{Import, Kind};
use jiff::Timestamp;
use lambda::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sheet::Mapping;

use file::ErrorsReply;
use proof::ProofShown;
use undo::UndoShown;

/// A file that is to come.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRequest {
    /// What its rows are.
    pub(crate) kind: Kind,
    /// A declared source that sends what the rows are.
    pub(crate) source: String,
    /// How it is read; found out where nothing is said.
    #[serde(default)]
    pub(crate) mapping: Mapping,
    /// Find out what would come of it, and write nothing.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// Of lots: points that are owed are taken from those of the same member that expire first; else they come alone.
    #[serde(default)]
    pub(crate) net: bool,
    /// When members left the other programme: a second file of the same part takes the place of the first, while the member has done nothing here.
    #[serde(default)]
    pub(crate) as_of: Option<Timestamp>,
    /// Of lots: for how many days after `as_of` each is good, at least.
    #[serde(default)]
    pub(crate) min_validity_days: Option<u16>,
    /// Of lots: what a point of there is worth here, such as `1/10`; rounded up for each member.
    #[serde(default)]
    pub(crate) factor: Option<String>,
    /// Write only if so much would be accepted.
    #[serde(default)]
    pub(crate) expect: Option<Expect>,
    /// The SHA-256 of the file, in hexadecimal digits: the file that was imported last is not taken in again.
    #[serde(default)]
    pub(crate) sha256: Option<String>,
    /// A small file as text, instead of an upload.
    #[serde(default)]
    pub(crate) content: Option<String>,
}

/// What is expected.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    /// How many rows would be accepted.
    #[serde(default)]
    pub(crate) rows: Option<u32>,
    /// How many points those have, less what is owed.
    #[serde(default)]
    pub(crate) points: Option<i64>,
}

/// An import.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ImportReply {
    /// Its id.
    import: String,
    /// What its rows are.
    kind: Kind,
    /// Who says so.
    source: String,
    /// `received`, `checking`, `checked`, `applying`, `done`, `cancelled` or `refused`.
    state: &'static str,
    /// Nothing is written.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dry_run: bool,
    /// When it was asked for.
    created_at: Timestamp,
    /// Since when it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    /// Where its file may be put, by `PUT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<Upload>,
    /// How far it is, once its file is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Progress>,
    /// What came of its rows so far, or would: rows = accepted + unchanged + refused.
    result: ResultShown,
    /// Why the file as a whole is not taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<WholeShown>,
    /// What its rows say beside what is in the ledger for them, once it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<ProofShown>,
    /// Its undoing, and what came of the rows, or would.
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<UndoShown>,
}

/// Where a file may be put.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Upload {
    /// The address; it is signed.
    url: String,
    /// Until when.
    until: Timestamp,
}

/// How far an import is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Progress {
    /// Rows of the file.
    rows: u32,
    /// Parts into which it is cut, of 500 rows.
    parts: u32,
    /// Those that are looked at or written.
    done: u32,
}

/// What came of rows.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct ResultShown {
    /// All that are not blank.
    rows: u32,
    /// Those that changed something.
    accepted: u32,
    /// Those that said what was known.
    unchanged: u32,
    /// Those that are not done.
    refused: u32,
    /// What is worth to be told of those that are.
    warnings: u32,
    /// The points of those that changed something, less what is owed.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
    /// Rows whose points are good for longer than they say.
    #[serde(skip_serializing_if = "Option::is_none")]
    lengthened: Option<u32>,
    /// Errors and warnings, by code.
    by_code: BTreeMap<String, u32>,
}

/// Why a file is not taken in.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct WholeShown {
    /// A stable code.
    code: String,
    /// In words.
    detail: String,
    /// The columns that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<String>,
    /// How many rows or points were expected to be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<i64>,
    /// How many would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<i64>,
}

impl CreateRequest {
    /// How members are brought over.
    pub(crate) fn cutover(&self, now: Timestamp) -> Result<Cutover, Problem> {
        let factor = self.factor.clone().map(Ratio::try_from).transpose();
        let factor = factor.ok().filter(|factor| factor.is_none_or(|factor| factor.numerator() > 0));
        let factor = factor.ok_or_else(|| Problem::invalid("/factor", "must be a ratio above 0, such as 1/10"))?;
        if self.as_of.is_some_and(|as_of| as_of > now) {
            return Err(Problem::invalid("/as_of", "the cutover is still to come"));
        }
        if self.min_validity_days.is_some() && self.as_of.is_none() {
            return Err(Problem::invalid("/min_validity_days", "counts from the cutover: say `as_of`"));
        }
        Ok(Cutover { net: self.net, as_of: self.as_of, min_validity_days: self.min_validity_days, factor })
    }
}

impl ImportReply {
    pub(crate) fn new(import: &Import, upload: Option<(String, Timestamp)>) -> Self {
        let counts = &import.counts;
        Self {
            import: import.id.clone(),
            kind: import.kind,
            source: import.source.clone(),
            state: import.state.name(),
            dry_run: import.dry_run,
            created_at: import.created_at,
            started_at: import.started_at,
            upload: upload.map(|(url, until)| Upload { url, until }),
            progress: import.parts.map(|parts| Progress { rows: import.rows, parts, done: import.done }),
            result: ResultShown {
                rows: counts.rows,
                accepted: counts.accepted,
                unchanged: counts.unchanged,
                refused: counts.refused,
                warnings: counts.warnings,
                points: Some(counts.points).filter(|_| matches!(import.kind, Kind::Lots | Kind::Status)),
                lengthened: Some(counts.lengthened).filter(|rows| *rows > 0),
                by_code: counts.codes.clone(),
            },
            refused: import.whole.as_ref().map(|whole| WholeShown {
                code: whole.code.clone(),
                detail: whole.words.clone(),
                columns: whole.columns.clone(),
                expected: whole.total.map(|total| total.expected),
                found: whole.total.map(|total| total.found),
            }),
            proof: ProofShown::of(import),
            undo: import.undo.as_ref().map(UndoShown::new),
        }
    }

    /// The same, with where the list of what stays is.
    pub(crate) fn listed(mut self, url: String, until: Timestamp) -> Self {
        if let Some(undo) = &mut self.undo {
            undo.list = Some(ErrorsReply { url, until });
        }
        self
    }
}
