//! What is wrong with a row, or worth to be told of it.

use std::borrow::Cow;

use domain::kernel::refusal::Refusal;
use serde::{Deserialize, Serialize};
use sheet::CellFault;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row is refused.
    Error,
    /// The row is taken in.
    Warning,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Which field.
    pub field: String,
    /// A stable code.
    pub code: Cow<'static, str>,
    /// In words for people.
    pub words: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
}

impl Fault {
    /// An error.
    pub fn new(field: &str, code: &'static str, words: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.to_owned(), code: Cow::Borrowed(code), words: words.into(), severity: Severity::Error }
    }

    /// The error of a cell.
    #[must_use]
    pub fn cell(field: &str, fault: CellFault) -> Self {
        Self::new(field, fault.code(), fault.words())
    }

    /// What a decision refuses.
    pub fn refused(field: &str, refusal: &impl Refusal) -> Self {
        Self::new(field, refusal.code(), refusal.words())
    }

    /// The same, and the row is taken in.
    #[must_use]
    pub fn warned(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }
}
