//! Journeys that stand still because somebody said so (rules: care 25).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::event::facts;
use crate::kernel::id::MemberId;
use crate::kernel::refusal::refusals;
use crate::kernel::refusal::{Missing, Reused};
use crate::programme::compiled::Programme;

/// The longest reason, in characters.
const LONGEST: usize = 200;

/// The most journeys that stand still at once.
const MOST: usize = 256;

refusals! {
    /// Why a journey is not paused, or not resumed.
    Pausing {
        /// Why is not said, or at too great length.
        Invalid ReasonNeeded ("reason_needed" at "reason") = "why is said in 1 to 200 characters",
        /// There is an end to it.
        Conflict TooManyPaused ("too_many_paused") = "too many journeys stand still",
        | Reused,
        | Missing,
    }
}

facts! { PausingFact:
    /// Somebody has changed what is done for members: for those who look after it.
    JourneyAudited = "perennial.gov.auditrecorded.v1" {
        /// Who, as what: `admin:ada`.
        actor: String = "admin:ada".into(),
        /// What: `journey.paused` or `journey.resumed`.
        what: String = "journey.paused".into(),
        /// Which journey.
        of: Vec<String> = vec!["after-sale".into()],
    }
}

/// A journey that stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Why, in words.
    pub reason: String,
    /// Who said so.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
}

/// Those that do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pauses {
    /// By journey.
    pub paused: BTreeMap<String, Pause>,
}

impl Aggregate for Pauses {
    type Fact = PausingFact;
    type Refusal = Pausing;

    fn member(&self) -> Option<&MemberId> {
        None
    }

    fn denied(_: &Effect) -> Pausing {
        unreachable!("a pause changes nothing beside itself")
    }
}

impl Pauses {
    /// Their names.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        self.paused.keys().cloned().collect()
    }

    /// Stops a journey; one that stands still goes on doing so, for the reason that was said first.
    ///
    /// # Errors
    /// There is no such journey, or no reason.
    pub fn pause(&self, programme: &Programme, journey: &str, pause: Pause) -> Result<Change<Self>, Pausing> {
        if programme.journey(journey).is_none() {
            return Err(Missing::NotFound { what: "journey" }.into());
        }
        if pause.reason.trim().is_empty() || pause.reason.chars().count() > LONGEST {
            return Err(Pausing::ReasonNeeded);
        }
        if self.paused.contains_key(journey) {
            return Ok(Change::to(self.clone()));
        }
        if self.paused.len() >= MOST {
            return Err(Pausing::TooManyPaused);
        }
        let told = told(&pause.by, "journey.paused", journey);
        let mut paused = self.paused.clone();
        paused.insert(journey.to_owned(), pause);
        Ok(Change::to(Self { paused }).telling(told))
    }

    /// Lets a journey go on; what became late meanwhile is skipped when it is decided.
    ///
    /// # Errors
    /// There is no such journey, and none of that name stands still; or no reason.
    pub fn resume(
        &self,
        programme: &Programme,
        journey: &str,
        reason: &str,
        by: &str,
    ) -> Result<Change<Self>, Pausing> {
        if programme.journey(journey).is_none() && !self.paused.contains_key(journey) {
            return Err(Missing::NotFound { what: "journey" }.into());
        }
        if reason.trim().is_empty() || reason.chars().count() > LONGEST {
            return Err(Pausing::ReasonNeeded);
        }
        let mut paused = self.paused.clone();
        if paused.remove(journey).is_none() {
            return Ok(Change::to(self.clone()));
        }
        Ok(Change::to(Self { paused }).telling(told(by, "journey.resumed", journey)))
    }
}

fn told(by: &str, what: &str, journey: &str) -> PausingFact {
    PausingFact::JourneyAudited { actor: by.to_owned(), what: what.to_owned(), of: vec![journey.to_owned()] }
}
