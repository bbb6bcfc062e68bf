//! What members wish, from proposed to shipped; who wished it is thanked once (rules: voice 25).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::{Suggested, VoiceFact};
use super::ids::SuggestionId;
use crate::kernel::change::{Aggregate, Change, Effect, Key, Row};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{Missing, Reused, WrongState, refusals};
use crate::programme::voice::form::Texts;

/// What members wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Its id.
    pub id: SuggestionId,
    /// What it is about.
    pub theme: String,
    /// What it is called, by language.
    pub title: Texts,
    /// Where it stands.
    pub state: Stage,
    /// Why it will not be done, by language.
    pub reason: Texts,
    /// How many wished it.
    pub contributors: u32,
    /// When it was proposed.
    pub logged_at: Timestamp,
    /// When it came to where it stands.
    pub moved_at: Timestamp,
    /// How far those who wished it were looked for since it came to where it stands; none: nobody was yet.
    pub found: Option<Upto>,
    /// How far they are told; none: nobody was yet.
    pub told: Option<Upto>,
}

/// How far one has come among many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upto {
    /// Up to this one, in their order.
    This(String),
    /// All.
    Everybody,
}

/// Where a suggestion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Somebody proposes it.
    Proposed,
    /// It will be done.
    Accepted,
    /// It is.
    Shipped,
    /// It will not be.
    Declined,
}

impl Stage {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Shipped => "shipped",
            Self::Declined => "declined",
        }
    }
}

refusals! {
    /// Why a suggestion does not move.
    SuggestionRefusal {
        /// Somebody counted the same members meanwhile.
        Conflict ChangedMeanwhile ("changed_meanwhile") = "it was changed meanwhile; ask again",
        | WrongState,
        | Missing,
        | Reused,
    }
}

impl Aggregate for Suggestion {
    type Fact = VoiceFact;
    type Refusal = SuggestionRefusal;

    fn member(&self) -> Option<&MemberId> {
        None
    }

    fn denied(_: &Effect) -> SuggestionRefusal {
        SuggestionRefusal::ChangedMeanwhile
    }
}

impl Suggestion {
    /// How many are told at once.
    pub const PAGE: i32 = 100;
    /// How many are noted at once.
    pub const NOTED: usize = 20;

    /// One that somebody proposes.
    pub fn propose(id: SuggestionId, theme: &str, title: Texts, now: Timestamp) -> Change<Self> {
        let proposed = Self {
            id,
            theme: theme.to_owned(),
            title,
            state: Stage::Proposed,
            reason: Texts::new(),
            contributors: 0,
            logged_at: now,
            moved_at: now,
            found: None,
            told: None,
        };
        let of = proposed.named();
        Change::to(proposed).telling(VoiceFact::SuggestionLogged { of })
    }

    fn named(&self) -> Suggested {
        Suggested { suggestion: self.id.to_string(), theme: self.theme.clone(), title: self.title.clone() }
    }

    fn moved(&self, from: &'static [&'static str], to: Stage, now: Timestamp) -> Result<Self, SuggestionRefusal> {
        let state = self.state.name();
        if !from.contains(&state) {
            return Err(WrongState::WrongState { state, allowed: from }.into());
        }
        Ok(Self { state: to, moved_at: now, found: None, ..self.clone() })
    }

    /// It will be done.
    ///
    /// # Errors
    /// It is not proposed.
    pub fn accept(&self, now: Timestamp) -> Result<Change<Self>, SuggestionRefusal> {
        let after = self.moved(&["proposed"], Stage::Accepted, now)?;
        let of = after.named();
        Ok(Change::to(after).telling(VoiceFact::SuggestionAccepted { of }))
    }

    /// It will not.
    ///
    /// # Errors
    /// It is shipped, or declined before.
    pub fn decline(&self, reason: Texts, now: Timestamp) -> Result<Change<Self>, SuggestionRefusal> {
        let after = Self { reason: reason.clone(), ..self.moved(&["proposed", "accepted"], Stage::Declined, now)? };
        let of = after.named();
        Ok(Change::to(after).telling(VoiceFact::SuggestionDeclined { of, reason }))
    }

    /// It is done: who wished it is looked for once more, and told from then on, page by page.
    ///
    /// # Errors
    /// It is not accepted.
    pub fn ship(&self, now: Timestamp) -> Result<Change<Self>, SuggestionRefusal> {
        Ok(Change::to(self.moved(&["accepted"], Stage::Shipped, now)?))
    }

    /// Are those who wished it still being looked for?
    #[must_use]
    pub fn is_looking(&self) -> bool {
        matches!(self.state, Stage::Accepted | Stage::Shipped) && self.found != Some(Upto::Everybody)
    }

    /// Are they being told?
    #[must_use]
    pub fn is_telling(&self) -> bool {
        self.state == Stage::Shipped && self.found == Some(Upto::Everybody) && self.told != Some(Upto::Everybody)
    }

    /// Notes who wished it, each with what that belongs to: those who are not noted yet. `found` says how far one has looked, if one does.
    ///
    /// # Errors
    /// It is declined, or those who are told were all found.
    pub fn note(
        &self,
        wished: &[(MemberId, String)],
        found: Option<Upto>,
        now: Timestamp,
    ) -> Result<Change<Self>, SuggestionRefusal> {
        let open = self.state == Stage::Proposed || self.state == Stage::Accepted || self.is_looking();
        if !open {
            let state = self.state.name();
            return Err(WrongState::WrongState { state, allowed: &["proposed", "accepted"] }.into());
        }
        let more = u32::try_from(wished.len()).unwrap_or(u32::MAX);
        let contributors = self.contributors.saturating_add(more);
        let after = Self { contributors, found: found.or_else(|| self.found.clone()), ..self.clone() };
        let row = |(member, correlation): &(MemberId, String)| {
            Effect::Row(Row {
                table: "surveys",
                key: Key::of(format!("s#{}#{member}", self.id)),
                fields: serde_json::Map::from_iter([
                    ("g".to_owned(), format!("s#{}", self.id).into()),
                    ("at".to_owned(), now.as_second().into()),
                    ("co".to_owned(), correlation.as_str().into()),
                ]),
            })
        };
        Ok(wished.iter().map(row).fold(Change::to(after), Change::with))
    }

    /// Tells the next of those who wished it, each with what it belongs to: `page` without the closed and the erased, `told` how far one has
    /// come with it. Each is told once: what is told of each is written in their own row.
    #[must_use]
    pub fn thank(&self, page: &[(MemberId, String)], told: Upto) -> Option<Thanked> {
        let fact = |(member, correlation): &(MemberId, String)| VoiceFact::SuggestionShipped {
            of: self.named(),
            contributor: member.to_string(),
            thanks: self.id.thanks(member),
            correlation: correlation.clone(),
        };
        self.is_telling().then(|| Thanked {
            told: page.iter().map(|one| (one.0.clone(), fact(one))).collect(),
            after: Self { told: Some(told), ..self.clone() },
        })
    }
}

/// Those who are thanked, and the suggestion afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thanked {
    /// Whom, and what is told.
    pub told: Vec<(MemberId, VoiceFact)>,
    /// How far that goes.
    pub after: Suggestion,
}
