//! Two members, and identifiers of which a person decides whose they are (rules: members 8, 9).

use jiff::Timestamp;

use crate::kernel::canonical::Hash;
use crate::kernel::id::MemberId;
use crate::kernel::refusal::refusals;
use crate::members::identifier::{Index, Kind};

/// The most identifiers that a conflict lists.
pub const MOST: usize = 20;

refusals! {
    /// A conflict cannot be resolved so.
    Resolving {
        /// It is resolved already.
        Conflict AlreadyResolved ("already_resolved") = "this conflict is resolved already",
        /// It is between two others.
        Invalid NotOfThePair ("not_of_the_pair" at "survivor") = "the survivor is one of the two members",
    }
}

/// Two members, the first by its id first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair(MemberId, MemberId);

impl Pair {
    /// Of two members, in whichever order. None if they are one.
    #[must_use]
    pub fn of(one: &MemberId, other: &MemberId) -> Option<Self> {
        match one.as_str().cmp(other.as_str()) {
            std::cmp::Ordering::Less => Some(Self(one.clone(), other.clone())),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(Self(other.clone(), one.clone())),
        }
    }

    /// Both.
    #[must_use]
    pub fn members(&self) -> [&MemberId; 2] {
        [&self.0, &self.1]
    }

    /// The name of what stands between them.
    #[must_use]
    pub fn id(&self) -> String {
        let Self(first, second) = self;
        Hash::of(&format!("{first}\u{1f}{second}")).to_string().chars().take(32).collect()
    }

    /// The other one.
    #[must_use]
    pub fn other(&self, member: &MemberId) -> Option<&MemberId> {
        let [first, second] = self.members();
        if member == first { Some(second) } else { (member == second).then_some(first) }
    }
}

/// What was done when it was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It moved to the member who presented it.
    Moved,
    /// It stayed where it was.
    Stayed,
}

impl Outcome {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Stayed => "stayed",
        }
    }
}

/// An identifier of which two say that it is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Of which kind.
    pub kind: Kind,
    /// What stands for it.
    pub index: Index,
    /// A masked hint for people.
    pub hint: String,
    /// When it was presented.
    pub presented_at: Timestamp,
    /// By which source.
    pub source: String,
    /// What was done then.
    pub outcome: Outcome,
    /// Whose it is not, after what was done.
    pub without: MemberId,
}

/// How a person decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The two are one.
    Merge,
    /// Each identifier goes to the one who does not have it.
    Move,
    /// They share it: the other has it as a contact, to be written to under its own consents, and is never found by it.
    Share,
    /// Everything stays as it is.
    Keep,
}

impl Decision {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Merge, Self::Move, Self::Share, Self::Keep];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Move => "move",
            Self::Share => "share",
            Self::Keep => "keep",
        }
    }
}

/// What somebody who may not decide proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// How to decide.
    pub decision: Decision,
    /// Of a merge: who would stay.
    pub survivor: Option<MemberId>,
    /// Who proposes it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Between whom.
    pub pair: Pair,
    /// What is to be decided, the first presented first.
    pub open: Vec<Claimed>,
    /// What was decided to stay as it is, and is not asked again.
    pub settled: Vec<Index>,
    /// What was proposed of what is open.
    pub proposed: Option<Proposal>,
}

impl Conflict {
    /// Before anything was presented.
    #[must_use]
    pub const fn new(pair: Pair) -> Self {
        Self { pair, open: Vec::new(), settled: Vec::new(), proposed: None }
    }

    /// An identifier was presented that is the other's. Is there anything new to be decided?
    pub fn present(&mut self, claimed: Claimed) -> bool {
        if self.settled.contains(&claimed.index) {
            return false;
        }
        if let Some(known) = self.open.iter_mut().find(|known| known.index == claimed.index) {
            let same = (known.outcome, &known.without) == (claimed.outcome, &claimed.without);
            *known = claimed;
            if !same {
                self.proposed = None;
            }
            return !same;
        }
        let room = self.open.len() < MOST;
        if room {
            self.open.push(claimed);
            self.proposed = None; // of something else
        }
        room
    }

    /// Somebody proposes how to decide; a newer proposal takes the place of an older.
    ///
    /// # Errors
    /// As [`Conflict::resolve`].
    pub fn propose(&mut self, proposal: Proposal) -> Result<(), Resolving> {
        self.clone().resolve(proposal.decision, proposal.survivor.as_ref())?;
        self.proposed = Some(proposal);
        Ok(())
    }

    /// A person decides. Returns what was open, for whoever carries it out.
    ///
    /// # Errors
    /// Nothing is open, or a merge names somebody else as the survivor.
    pub fn resolve(&mut self, decision: Decision, survivor: Option<&MemberId>) -> Result<Vec<Claimed>, Resolving> {
        if self.open.is_empty() {
            return Err(Resolving::AlreadyResolved);
        }
        if survivor.is_some_and(|survivor| self.pair.other(survivor).is_none()) {
            return Err(Resolving::NotOfThePair);
        }
        let open = std::mem::take(&mut self.open);
        self.proposed = None;
        if matches!(decision, Decision::Keep | Decision::Share) {
            self.settled.extend(open.iter().map(|claimed| claimed.index));
        }
        Ok(open)
    }
}
