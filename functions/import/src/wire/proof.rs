//! The proof of an import as it is shown (rule: import 27f).

use domain::kernel::canonical::Hash;
use domain::members::import::{Import, State};
use domain::members::proving::{Line, Sum};
use schemars::JsonSchema;
use serde::Serialize;

/// What the rows of a file say, beside what is in the ledger for them.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct ProofShown {
    /// Both say the same, line by line.
    agrees: bool,
    /// The SHA-256 of all of it: import, file and lines, as canonical JSON.
    sha256: Hash,
    /// The SHA-256 of the file.
    file: String,
    /// Sums side by side.
    lines: Vec<LineShown>,
}

/// Sums of the file and of the ledger.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct LineShown {
    /// By what is added up: `expiry_month`, `debt`, `tier`, `status_month`, `state`.
    by: String,
    /// Of which: a month, a tier, a state; `never` of points that do not expire, `later` of those that do in more than ten years.
    of: String,
    /// What the rows say that are in the ledger.
    file: SumShown,
    /// What is there.
    ledger: SumShown,
}

/// How many members, and their points.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct SumShown {
    members: u32,
    points: i64,
}

impl ProofShown {
    /// Of an import that has ended, if it has something to prove.
    pub(super) fn of(import: &Import) -> Option<Self> {
        let proof = &import.counts.proof;
        let ended = matches!(import.state, State::Done | State::Cancelled) && !proof.is_empty();
        let file = import.file.clone().unwrap_or_default();
        ended.then(|| Self {
            agrees: proof.agrees(),
            sha256: proof.hash(&import.id, &file),
            lines: proof.lines().map(LineShown::new).collect(),
            file,
        })
    }
}

impl LineShown {
    fn new(line: Line<'_>) -> Self {
        let Line { by, of, file, ledger } = line;
        let sum = |Sum(members, points): Sum| SumShown { members, points };
        Self { by: by.to_owned(), of: of.to_owned(), file: sum(file), ledger: sum(ledger) }
    }
}
