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
    /// After whom telling goes on; none: nobody is to be told, or nobody was yet.
    pub told: Option<Told>,
}

/// How far those who wished it are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Up to this member, in the order of their ids.
    UpTo(MemberId),
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
        unreachable!("who wished something twice is counted once before")
    }
}

impl Suggestion {
    /// How many are told at once.
    pub const PAGE: usize = 100;

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
        Ok(Self { state: to, moved_at: now, ..self.clone() })
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

    /// It is done: who wished it is told from now on, page by page.
    ///
    /// # Errors
    /// It is not accepted.
    pub fn ship(&self, now: Timestamp) -> Result<Change<Self>, SuggestionRefusal> {
        Ok(Change::to(self.moved(&["accepted"], Stage::Shipped, now)?))
    }

    /// Notes who wished it, and what that belongs to: once each, and as long as nobody is told.
    ///
    /// # Errors
    /// It is neither proposed nor accepted.
    pub fn contribute(
        &self,
        member: &MemberId,
        correlation: &str,
        now: Timestamp,
    ) -> Result<Change<Self>, SuggestionRefusal> {
        let mut after = self.moved(&["proposed", "accepted"], self.state, self.moved_at)?;
        after.contributors = after.contributors.saturating_add(1);
        let row = Row {
            table: "surveys",
            key: Key::of(format!("s#{}#{member}", self.id)),
            fields: serde_json::Map::from_iter([
                ("at".to_owned(), now.to_string().into()),
                ("correlation".to_owned(), correlation.into()),
            ]),
        };
        Ok(Change::to(after).with(Effect::Row(row)))
    }

    /// Tells the next of those who wished it; `page` are their ids in order, each with what it belongs to, after whom was told last, without the closed and the
    /// erased, and `last` says that there are no more.
    #[must_use]
    pub fn thank(&self, page: &[(MemberId, String)], last: bool) -> Option<Change<Self>> {
        let telling = self.state == Stage::Shipped && self.told != Some(Told::Everybody);
        if !telling {
            return None;
        }
        let page = page.get(..Self::PAGE.min(page.len())).unwrap_or_default();
        let after_whom = |(member, _): &&(MemberId, String)| match &self.told {
            Some(Told::UpTo(told)) => member > told,
            Some(Told::Everybody) => false,
            None => true,
        };
        let facts = page.iter().filter(after_whom).map(|(member, correlation)| VoiceFact::SuggestionShipped {
            of: self.named(),
            contributor: member.to_string(),
            thanks: self.id.thanks(member),
            correlation: correlation.clone(),
        });
        let told = if last {
            Some(Told::Everybody)
        } else {
            page.last().map(|(member, _)| Told::UpTo(member.clone())).or_else(|| self.told.clone())
        };
        let facts: Vec<VoiceFact> = facts.collect();
        Some(facts.into_iter().fold(Change::to(Self { told, ..self.clone() }), Change::telling))
    }
}
