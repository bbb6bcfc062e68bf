//! What somebody made at an event, and that it may come on a pack.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::facts::CommunityFact;
use super::rsvp::{Rsvp, RsvpState};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{WrongState, refusals};

/// What somebody made at an event. Its title lies elsewhere, under the member's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Who made it.
    pub member: MemberId,
    /// At which event.
    pub event: String,
    /// Which of the member's there, from 1.
    pub n: u8,
    /// May it be printed?
    pub consent: bool,
    /// How it stands.
    pub state: WorkState,
}

/// How a work stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum WorkState {
    /// It is known.
    Recorded,
    /// It was chosen.
    Selected,
    /// It is on a pack.
    Printed {
        /// On which article.
        sku: String,
        /// Of which batch.
        batch: String,
        /// Since which date.
        printed_on: Date,
    },
}

refusals! {
    /// Why nothing is noted of a work.
    WorkRefusal {
        /// Only guests make something.
        Conflict NoRsvp ("no_rsvp") = "the member did not come to the event",
        /// The member has made as many as one can.
        Conflict TooManyWorks ("too_many_works") {
            /// How many that is.
            most: u8,
        } = "the member has made as many works as one can at an event",
        /// The member has not agreed.
        Invalid ConsentNeeded ("consent_needed" at "consent_print") = "the member has not agreed to it",
        | WrongState,
    }
}

impl WorkState {
    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Selected => "selected",
            Self::Printed { .. } => "printed",
        }
    }
}

impl Work {
    /// The most of a guest at an event.
    pub const MOST: u8 = 5;
    /// The badge of those whose work is on a pack.
    pub const BADGE: &str = "on-the-pack";

    /// Notes what a guest made.
    ///
    /// # Errors
    /// The member did not come, or has made as many as one can.
    pub fn record(event: &str, rsvp: Option<&Rsvp>, earlier: u8, consent: bool) -> Result<Self, WorkRefusal> {
        let came = rsvp.filter(|rsvp| matches!(rsvp.state, RsvpState::Attended { .. })).ok_or(WorkRefusal::NoRsvp)?;
        if earlier >= Self::MOST {
            return Err(WorkRefusal::TooManyWorks { most: Self::MOST });
        }
        Ok(Self {
            member: came.member.clone(),
            event: event.to_owned(),
            n: earlier.saturating_add(1),
            consent,
            state: WorkState::Recorded,
        })
    }

    /// The member agrees, or no longer does: until it is printed.
    ///
    /// # Errors
    /// It is on a pack.
    pub fn agreed(&self, consent: bool) -> Result<Self, WorkRefusal> {
        if matches!(self.state, WorkState::Printed { .. }) {
            return Err(self.wrong(&[]));
        }
        Ok(Self { consent, ..self.clone() })
    }

    /// It is chosen.
    ///
    /// # Errors
    /// It was.
    pub fn selected(&self) -> Result<Self, WorkRefusal> {
        if self.state != WorkState::Recorded {
            return Err(self.wrong(&["printed"]));
        }
        Ok(Self { state: WorkState::Selected, ..self.clone() })
    }

    /// It is on a pack: the member is told, and has the badge.
    ///
    /// # Errors
    /// It was not chosen; the member has not agreed.
    pub fn printed(&self, sku: &str, batch: &str, printed_on: Date) -> Result<(Self, CommunityFact), WorkRefusal> {
        if self.state != WorkState::Selected {
            return Err(self.wrong(&["selected"]));
        }
        if !self.consent {
            return Err(WorkRefusal::ConsentNeeded);
        }
        let state = WorkState::Printed { sku: sku.to_owned(), batch: batch.to_owned(), printed_on };
        let told = CommunityFact::WorkPrinted { event: self.event.clone(), sku: sku.to_owned() };
        Ok((Self { state, ..self.clone() }, told))
    }

    fn wrong(&self, allowed: &'static [&'static str]) -> WorkRefusal {
        WrongState::WrongState { state: self.state.name(), allowed }.into()
    }
}
