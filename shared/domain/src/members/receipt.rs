//! That a member was erased: what was done when, and who has answered (rules: privacy 21, 22). It says nothing of the member but the id.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::kernel::id::{EntryId, MemberId};
use crate::members::erasing::Because;

/// How long a context has to answer.
const IN_TIME: SignedDuration = SignedDuration::from_hours(24);

/// How long tables can be taken back to a time before, in days: whatever was erased is then gone from copies too.
pub const BACKUPS_DAYS: i32 = 35;

/// For how long ledger and audit are kept.
pub const LEDGER_YEARS: i16 = 10;

/// A step of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What was known of the member, and of those it stood for.
    Members,
    /// Their keys.
    Keys,
    /// By what they were known.
    Claims,
    /// The account.
    Account,
    /// What they did that earned nothing.
    Signals,
}

impl Step {
    /// All of them, in the order in which they are done.
    pub const ALL: [Self; 5] = [Self::Members, Self::Keys, Self::Claims, Self::Account, Self::Signals];

    /// As a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Keys => "keys",
            Self::Claims => "claims",
            Self::Account => "account",
            Self::Signals => "signals",
        }
    }
}

/// That something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// How many.
    pub count: u64,
}

/// Where an erasure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Something is still to be done, or answered.
    Open,
    /// Somebody has not answered in time.
    Partial,
    /// Everything is gone.
    Complete,
}

impl Stage {
    /// As a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "erasing",
            Self::Partial => "partial",
            Self::Complete => "complete",
        }
    }
}

/// The receipt of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Who was erased.
    pub member: MemberId,
    /// Which of the member's requests it was.
    pub n: u64,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub because: Because,
    /// When the member was gone.
    pub erased_at: Timestamp,
    /// For whom the member stood, and who went with it.
    pub absorbed: Vec<MemberId>,
    /// What was done.
    pub steps: BTreeMap<Step, Done>,
    /// The contexts that were told, and what they answered.
    pub answers: BTreeMap<String, Option<Done>>,
    /// Somebody has not answered in time.
    pub late: bool,
}

impl Receipt {
    /// What it is called.
    #[must_use]
    pub fn id(&self) -> String {
        EntryId { member: self.member.clone(), sequence: self.n }.to_string()
    }

    /// Everybody who was erased.
    pub fn everybody(&self) -> impl Iterator<Item = &MemberId> {
        std::iter::once(&self.member).chain(&self.absorbed)
    }

    /// Where it stands.
    #[must_use]
    pub fn stage(&self) -> Stage {
        let done = Step::ALL.iter().all(|step| self.steps.contains_key(step));
        if done && self.answers.values().all(Option::is_some) {
            Stage::Complete
        } else if self.late {
            Stage::Partial
        } else {
            Stage::Open
        }
    }

    /// Until when answers are in time.
    #[must_use]
    pub fn answers_due(&self) -> Timestamp {
        self.erased_at.saturating_add(IN_TIME).unwrap_or(Timestamp::MAX)
    }

    /// A step was done: what it came to the first time counts.
    pub fn did(&mut self, step: Step, count: u64, at: Timestamp) {
        self.steps.entry(step).or_insert(Done { at, count });
    }

    /// A context says how much it has deleted; what it says again, or was not asked, changes nothing. Was it news?
    pub fn answered(&mut self, context: &str, count: u64, at: Timestamp) -> bool {
        match self.answers.get_mut(context) {
            Some(answer @ None) => {
                *answer = Some(Done { at, count });
                true
            }
            _ => false,
        }
    }

    /// Has somebody not answered in time, and nobody said so yet?
    pub fn settle(&mut self, now: Timestamp) -> bool {
        let missing = self.answers.values().any(Option::is_none);
        let late = !self.late && missing && now >= self.answers_due();
        self.late |= late;
        late
    }
}
