//! Identifiers that would not be taken in today: rules change, and what was written before does not (rules: import 31).

use crate::kernel::refusal::Refusal as _;
use crate::members::identifier::Reading;
use crate::members::state::{Held, Member};

/// An identifier for somebody to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclean {
    /// Its number among the member's.
    pub n: u32,
    /// Of which kind.
    pub kind: String,
    /// The source that presented it first.
    pub source: String,
    /// Why it would be refused; or `reads_differently`: it would be taken in as another.
    pub code: &'static str,
}

/// The identifiers of a member that are no longer read as what they are.
#[must_use]
pub fn unclean(member: &Member, reading: &Reading) -> Vec<Unclean> {
    let code = |held: &Held| {
        let identifier = &held.identifier;
        match reading.identifier(identifier.kind.clone(), &identifier.value, None) {
            Ok(read) => (read != *identifier).then_some("reads_differently"),
            Err(refusal) => Some(refusal.code()),
        }
    };
    let found = member.identifiers.iter().filter_map(|held| {
        let (kind, source) = (held.identifier.kind.to_string(), held.source.clone());
        Some(Unclean { n: held.n, kind, source, code: code(held)? })
    });
    found.collect()
}
