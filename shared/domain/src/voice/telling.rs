//! What is told the ledger, which earns by it once (rules: voice 19, 25).

/// The fact of the ledger that an answer is complete; it is known by its invitation.
pub const SURVEY_COMPLETED: &str = "survey.completed";
/// The fact of the ledger that what a member wished is done; it is known by the suggestion and the member.
pub const SUGGESTION_SHIPPED: &str = "suggestion.shipped";
