//! Who says something of a member, and how much that counts (rules: members 14, privacy 10).

use jiff::Timestamp;

use crate::members::field::Provenance;
use crate::members::identifier::Kind;
use crate::members::profile::{BY_AGENT, BY_MEMBER};
use crate::programme::source::{Sends, Source, Sourcing, Verified, named};

/// The rank of what a member says.
const OF_MEMBERS: u8 = 40;

/// The rank of what an agent says.
const OF_AGENTS: u8 = 30;

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker<'a> {
    /// The member.
    Member,
    /// Who serves members.
    Agent,
    /// A system.
    Source(&'a Source),
}

impl<'a> Speaker<'a> {
    /// A declared source that may send something.
    ///
    /// # Errors
    /// There is none of this name, or it may not.
    pub fn source(sources: &'a [Source], id: &str, sends: Sends) -> Result<Self, Sourcing> {
        named(sources, id, sends).map(Self::Source)
    }

    /// As what it says is kept.
    #[must_use]
    pub fn says(self, at: Timestamp) -> Provenance {
        let (source, rank) = match self {
            Self::Member => (BY_MEMBER, OF_MEMBERS),
            Self::Agent => (BY_AGENT, OF_AGENTS),
            Self::Source(source) => (source.id.as_str(), source.rank),
        };
        Provenance { source: source.to_owned(), rank, at }
    }

    /// Has it verified what it presents as verified? Cards always are.
    #[must_use]
    pub fn verifies(self, kind: &Kind) -> bool {
        let of = |verified| matches!(self, Self::Source(source) if source.verifies.contains(&verified));
        match kind {
            Kind::Card => true,
            Kind::Phone => of(Verified::Phone),
            Kind::Email => of(Verified::Email),
            Kind::Wecom => of(Verified::Wecom),
            Kind::Device | Kind::External(_) => false,
        }
    }
}
