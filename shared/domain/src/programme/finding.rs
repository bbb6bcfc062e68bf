//! What is wrong with a programme, and where.

use std::collections::BTreeSet;
use std::fmt;

use crate::kernel::quantity::Points;

/// Something wrong with a programme, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// E.g. `earning_rule.base-spend.when`.
    pub at: String,
    /// What is wrong, in words.
    pub message: String,
    /// In which line of the text, from 1, if it was read from one.
    pub line: Option<u32>,
}

impl Finding {
    /// Somewhere, something.
    pub(super) fn new(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self { at: at.into(), message: message.into(), line: None }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}: {}", self.at, self.message)
    }
}

/// What a check has found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

/// Names that sections declare and others refer to.
#[derive(Debug)]
pub(super) struct Names<'a> {
    pub(super) activities: BTreeSet<&'a str>,
    pub(super) signals: BTreeSet<&'a str>,
    pub(super) tiers: BTreeSet<&'a str>,
    pub(super) benefits: BTreeSet<&'a str>,
    pub(super) segments: BTreeSet<&'a str>,
}

impl Findings {
    /// Notes a finding, unless what should hold does.
    pub(super) fn unless(&mut self, holds: bool, at: impl Into<String>, message: impl Into<String>) {
        if !holds {
            self.0.push(Finding::new(at, message));
        }
    }

    /// Ids are shaped like ids, and each is used once.
    pub(super) fn unique<'a>(&mut self, section: &str, ids: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            let shaped = (1..=32).contains(&id.len())
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_');
            self.unless(shaped, format!("{section}.{id}"), "an id is 1 to 32 characters of a-z 0-9 - _");
            self.unless(seen.insert(id), format!("{section}.{id}"), "the id is used twice");
        }
    }
}

/// Is it an amount above nothing, within the limit?
pub(super) fn sane_amount(points: Points) -> bool {
    points.is_positive() && sane(points)
}

/// Is it an amount within the limit?
pub(super) fn sane(points: Points) -> bool {
    (0..=Points::LIMIT).contains(&points.0)
}

/// Is it a count above nothing, within the limit?
pub(super) fn sane_count(count: i64) -> bool {
    (1..=Points::LIMIT).contains(&count)
}

/// Days before something on which the member is told of it.
pub(super) fn notices(at: &str, days: &[i32], findings: &mut Findings) {
    findings.unless(days.len() <= 4, at, "at most four");
    findings.unless(days.iter().all(|days| (1..=90).contains(days)), at, "each must be in 1..=90");
}
