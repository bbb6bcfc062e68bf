//! `[[task]]`: something to watch or to do.

use crate::programme::later::engagement as written;

/// `[[task]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// A short name, unique.
    pub id: String,
    /// How long it takes at least.
    pub min_seconds: i64,
    /// How often it may be done without an offer; never, if nothing is said.
    pub open: Option<u32>,
}

impl Task {
    /// How long a task takes at least, unless it says so.
    const MIN_SECONDS: i64 = 60;

    pub(super) fn compile(task: &written::Task) -> Self {
        let times = task.per_member.and_then(|times| u32::try_from(times).ok()).unwrap_or(1);
        Self {
            id: task.id.clone(),
            min_seconds: task.min_seconds.unwrap_or(Self::MIN_SECONDS),
            open: task.open.then_some(times),
        }
    }
}
