//! What a context keeps under one key, and what a command makes of it.
//!
//! A [`Change`] leaves nothing to decide: the state afterwards, what is told of it, and what must be true and change outside in
//! the same write. Who decides names things; where they are kept is known by the one who writes.

use serde_json::{Map, Value};

use crate::kernel::event::Fact;
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{Refusal, Reused};

/// What a context keeps under one key and changes as a whole.
pub trait Aggregate: Clone + PartialEq + Send + Sync + 'static {
    /// What others are told of it.
    type Fact: Fact;
    /// Why a command is refused.
    type Refusal: Refusal + From<Reused>;

    /// Whose it is, if it is a member's: its facts say so.
    fn member(&self) -> Option<&MemberId>;

    /// What it means that an effect cannot be had: its claim is somebody else's, its counter too low, its row there already.
    fn denied(effect: &Effect) -> Self::Refusal;
}

/// What is written when a command is accepted.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<A: Aggregate> {
    /// The state afterwards.
    pub state: A,
    /// What others are told, in order.
    pub facts: Vec<A::Fact>,
    /// What must be true, and change, beside the state in the same write.
    pub effects: Vec<Effect>,
    /// What a repeated answer needs and the state will not keep.
    pub said: Option<Said>,
}

impl<A: Aggregate> Change<A> {
    /// To a state, and nothing else.
    pub fn to(state: A) -> Self {
        Self { state, facts: Vec::new(), effects: Vec::new(), said: None }
    }

    /// And others are told.
    pub fn telling(mut self, fact: A::Fact) -> Self {
        self.facts.push(fact);
        self
    }

    /// And something beside it changes too.
    pub fn with(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    /// And a repeat is answered by this.
    pub fn saying(mut self, said: Said) -> Self {
        self.said = Some(said);
        self
    }
}

/// Where something is kept: in a table whose items have one key, or one of two parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The first part.
    pub hash: String,
    /// The second.
    pub range: Option<String>,
}

impl Key {
    /// A key of one part.
    #[must_use]
    pub fn of(hash: impl Into<String>) -> Self {
        Self { hash: hash.into(), range: None }
    }

    /// A key of two parts.
    #[must_use]
    pub fn pair(hash: impl Into<String>, range: impl Into<String>) -> Self {
        Self { hash: hash.into(), range: Some(range.into()) }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hash)?;
        self.range.iter().try_for_each(|range| write!(f, "/{range}"))
    }
}

/// Something beside the state that a change touches. What cannot be had refuses the change as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Makes something this owner's that is nobody's.
    Claim {
        /// What.
        claim: Claim,
        /// Whose it will be.
        owner: Owner,
    },
    /// Gives a claim up that is this owner's.
    Unclaim {
        /// What.
        claim: Claim,
        /// Whose it is.
        owner: Owner,
    },
    /// Takes from a counter that holds as much.
    Take {
        /// From which.
        counter: Counter,
        /// Over how many shards it is spread.
        shards: u32,
        /// How much.
        n: u32,
    },
    /// Gives back to a counter.
    Return {
        /// To which.
        counter: Counter,
        /// Over how many shards it is spread.
        shards: u32,
        /// How much.
        n: u32,
    },
    /// Adds a row, which never changes, under a key that has none.
    Row(Row),
}

/// What can be one owner's only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The table of such claims.
    pub table: &'static str,
    /// What it is about.
    pub key: Key,
}

/// Whose a claim is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner(pub String);

/// How much is left of something shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The table of such counters.
    pub table: &'static str,
    /// Its name; a shard's key is the name, `#` and its number.
    pub name: String,
}

/// What grows with every command: beside the state, not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The table of such rows.
    pub table: &'static str,
    /// Its key.
    pub key: Key,
    /// What it says.
    pub fields: Map<String, Value>,
}

/// What a repeated answer needs and the state will not keep; at most [`Said::MOST`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said(String);

impl Said {
    /// The most bytes: it is kept with each of the newest operations.
    pub const MOST: usize = 64;

    /// Words of ours.
    ///
    /// # Panics
    /// They are too long: what callers send does not belong here.
    #[must_use]
    pub fn new(words: impl Into<String>) -> Self {
        let words = words.into();
        assert!(words.len() <= Self::MOST, "what a repeat is answered by is short");
        Self(words)
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
