//! That a member was erased: what was done when, and who has answered (rules: privacy 21, 22). It says nothing of the member but the id.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::kernel::id::{EntryId, MemberId};
use crate::members::erasing::Because;

/// How long a context has to answer.
const IN_TIME: SignedDuration = SignedDuration::from_hours(24);

/// How long something that was on its way when a member went may take to come.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(30);

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
    /// Files with what is theirs: what they were given, and rows that came in.
    Files,
}

impl Step {
    /// All of them, in the order in which they are done.
    pub const ALL: [Self; 6] = [Self::Members, Self::Keys, Self::Claims, Self::Account, Self::Signals, Self::Files];

    /// As a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Keys => "keys",
            Self::Claims => "claims",
            Self::Account => "account",
            Self::Signals => "signals",
            Self::Files => "files",
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
        if !self.is_done() {
            Stage::Open
        } else if self.answers.values().all(Option::is_some) {
            Stage::Complete
        } else if self.late {
            Stage::Partial
        } else {
            Stage::Open
        }
    }

    /// Is every step done, whoever has answered?
    #[must_use]
    pub fn is_done(&self) -> bool {
        Step::ALL.iter().all(|step| self.steps.contains_key(step))
    }

    /// When somebody looks at it next: at once while a step is left, else when answers are due; never when all is said.
    #[must_use]
    pub fn looked_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.stage() {
            Stage::Open if !self.is_done() => Some(now),
            Stage::Open => Some(self.answers_due()),
            Stage::Partial | Stage::Complete => None,
        }
    }

    /// Until when answers are in time.
    #[must_use]
    pub fn answers_due(&self) -> Timestamp {
        self.erased_at.saturating_add(IN_TIME).unwrap_or(Timestamp::MAX)
    }

    /// When whatever was on its way has come, and goes too.
    #[must_use]
    pub fn again(&self) -> Timestamp {
        self.erased_at.saturating_add(ON_ITS_WAY).unwrap_or(Timestamp::MAX)
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
