//! The command that takes a fact back that is no order.

use crate::kernel::id::OperationId;

/// A fact turned out not to be so, or to be worth nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseActivity {
    /// Where that fact came from.
    pub source: String,
    /// Its id there.
    pub id: String,
    /// Why, in words.
    pub reason: Option<String>,
}

impl ReverseActivity {
    /// The operation that recorded the fact.
    #[must_use]
    pub fn operation(&self) -> OperationId {
        OperationId::of_event(&self.source, &self.id)
    }
}
