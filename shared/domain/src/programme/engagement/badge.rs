//! `[[badge]]`: what is worn.

use crate::programme::later::engagement as written;

/// `[[badge]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// A short name, unique.
    pub id: String,
    /// The fact that earns it, and how many of them.
    pub on: Option<(String, u32)>,
}

impl Badge {
    pub(super) fn compile(badge: &written::Badge) -> Self {
        let count = badge.count.and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
        Self { id: badge.id.clone(), on: badge.on.clone().map(|on| (on, count)) }
    }
}
