//! Who caused an entry, where it was not the member.

use std::fmt;
use std::str::FromStr;

use crate::kernel::canonical::{digest, first, hexadecimal};
use crate::kernel::id::OperationId;

/// Who caused an entry: a person of the brand, or one of its systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doer {
    /// Role and subject, such as `agent:agent-7`: the identity provider's subject, never a name.
    pub who: String,
    /// Why a fact was recorded though it is too old.
    pub backdate_reason: Option<String>,
}

hexadecimal!(
    /// What the hash chain says of a doer: whoever knows who it was can tell that it is so, and nobody can read it.
    DoerHash,
    16
);

impl Doer {
    /// Somebody.
    #[must_use]
    pub fn new(who: impl Into<String>) -> Self {
        Self { who: who.into(), backdate_reason: None }
    }

    /// The identity provider's subject; a member's is the member id.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.who.split_once(':').map_or(&*self.who, |(_, subject)| subject)
    }

    /// Of an operation: the first bytes of SHA-256 over `by`, the operation, who it was, and the reason (empty if there is none), each
    /// preceded by its length. So the members, who may read what is hashed, cannot tell one doer of theirs from another.
    #[must_use]
    pub fn hash(&self, operation: OperationId) -> DoerHash {
        let reason = self.backdate_reason.as_deref().unwrap_or_default();
        DoerHash(first(digest(&[b"by", &operation.0, self.who.as_bytes(), reason.as_bytes()])))
    }
}
