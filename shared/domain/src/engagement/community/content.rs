//! Content of members: it is looked at, shown, and taken away.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::CommunityFact;
use super::hash::Fingerprint;
use crate::engagement::activity::Activity;
use crate::engagement::scene::Barred;
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{InvalidField, Reused, refusals};
use crate::kernel::time::add_days;
use crate::programme::engagement::community::Ugc;

/// Content of a member. Its words lie elsewhere, under the member's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Which.
    pub id: String,
    /// Whose.
    pub author: MemberId,
    /// What it is known by.
    pub hash: Fingerprint,
    /// When it was handed in.
    pub submitted_at: Timestamp,
    /// When it was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
    /// Was it shown to all?
    #[serde(default)]
    pub featured: bool,
    /// How it stands.
    pub state: ContentState,
}

/// How content stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentState {
    /// Nobody has looked at it.
    Pending,
    /// It is shown.
    Approved,
    /// It was turned down.
    Rejected,
    /// It is shown to all.
    Featured,
    /// It is shown no more.
    Removed,
}

impl ContentState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Featured => "featured",
            Self::Removed => "removed",
        }
    }
}

/// Who decides, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moderator {
    /// The member that the person is, if any.
    pub member: Option<MemberId>,
    /// When.
    pub at: Timestamp,
}

refusals! {
    /// Why nothing is decided on content.
    ContentRefusal {
        /// The same was handed in before.
        Conflict DuplicateContent ("duplicate_content") {
            /// What; of others' it is not told.
            #[serde(skip_serializing_if = "Option::is_none")]
            ugc: Option<String>,
            /// How it stands.
            ugc_status: &'static str,
        } = "the same was handed in before",
        /// It stands otherwise.
        Conflict WrongState ("wrong_state") {
            /// How.
            ugc_status: &'static str,
        } = "the content does not stand so that this could follow",
        /// Nobody decides on what is their own.
        Forbidden SelfBenefit ("self_benefit") = "nobody decides on what is their own",
        | InvalidField,
        | Barred,
        | Reused,
    }
}

impl Aggregate for Content {
    type Fact = CommunityFact;
    type Refusal = ContentRefusal;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.author)
    }

    fn denied(_: &Effect) -> ContentRefusal {
        ContentRefusal::DuplicateContent { ugc: None, ugc_status: ContentState::Pending.name() }
    }
}

/// Content that is taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// What is written.
    pub change: Change<Content>,
    /// What the ledger takes back.
    pub reversed: Vec<Activity>,
}

impl Content {
    /// Hands content in that nobody has, under an id of the caller's.
    ///
    /// # Errors
    /// It is somebody's, in whatever state.
    pub fn submit(
        (id, hash): (&str, Fingerprint),
        author: &MemberId,
        taken: Option<&Self>,
        now: Timestamp,
    ) -> Result<Change<Self>, ContentRefusal> {
        if let Some(taken) = taken {
            let ugc = (taken.author == *author).then(|| taken.id.clone());
            return Err(ContentRefusal::DuplicateContent { ugc, ugc_status: taken.state.name() });
        }
        let content = Self {
            id: id.to_owned(),
            author: author.clone(),
            hash,
            submitted_at: now,
            approved_at: None,
            featured: false,
            state: ContentState::Pending,
        };
        let told = CommunityFact::UgcSubmitted { ugc: content.id.clone() };
        Ok(Change::to(content).telling(told))
    }

    /// Approves it: it is shown, and the ledger is told.
    ///
    /// # Errors
    /// It stands otherwise, or is the moderator's own.
    pub fn approve(&self, moderator: &Moderator) -> Result<(Change<Self>, Activity), ContentRefusal> {
        self.stands(moderator, ContentState::Pending)?;
        let content = Self { state: ContentState::Approved, approved_at: Some(moderator.at), ..self.clone() };
        let told = CommunityFact::UgcApproved { ugc: self.id.clone() };
        let activity = Activity::new("ugc.approved", self.fact("approved"), &self.author, moderator.at);
        Ok((Change::to(content).telling(told), activity))
    }

    /// Turns it down.
    ///
    /// # Errors
    /// It stands otherwise, or is the moderator's own; there is no such reason.
    pub fn reject(&self, moderator: &Moderator, reason: &str, ugc: &Ugc) -> Result<Change<Self>, ContentRefusal> {
        self.stands(moderator, ContentState::Pending)?;
        if !ugc.reasons.iter().any(|known| known == reason) {
            let message = format!("`{reason}` is none of {}", ugc.reasons.join(", "));
            return Err(InvalidField::new("reason", message).into());
        }
        let told = CommunityFact::UgcRejected { ugc: self.id.clone(), reason: reason.to_owned() };
        Ok(Change::to(Self { state: ContentState::Rejected, ..self.clone() }).telling(told))
    }

    /// Shows it to all, and the ledger is told.
    ///
    /// # Errors
    /// It stands otherwise, or is the moderator's own.
    pub fn feature(&self, moderator: &Moderator) -> Result<(Change<Self>, Activity), ContentRefusal> {
        self.stands(moderator, ContentState::Approved)?;
        let content = Self { state: ContentState::Featured, featured: true, ..self.clone() };
        let told = CommunityFact::UgcFeatured { ugc: self.id.clone() };
        let activity = Activity::new("ugc.featured", self.fact("featured"), &self.author, moderator.at);
        Ok((Change::to(content).telling(told), activity))
    }

    /// Takes it away, which its author may, too. What was earned lately by it comes back.
    ///
    /// # Errors
    /// It is not shown.
    pub fn remove(&self, at: Timestamp, ugc: &Ugc) -> Result<Removed, ContentRefusal> {
        let approved_at = self.approved_at.filter(|_| self.is_shown());
        let approved_at = approved_at.ok_or(ContentRefusal::WrongState { ugc_status: self.state.name() })?;
        let lately = at < add_days(approved_at, ugc.clawback_days);
        let earned = [("approved", true), ("featured", self.featured)];
        let reversed = earned.into_iter().filter(|(_, earned)| *earned && lately);
        let reversed = reversed.map(|(what, _)| Activity::reversing(&self.fact(what), &self.author, at)).collect();
        let told = CommunityFact::UgcRemoved { ugc: self.id.clone() };
        let change = Change::to(Self { state: ContentState::Removed, ..self.clone() }).telling(told);
        Ok(Removed { change, reversed })
    }

    /// Its author is erased: it goes, and takes nothing back.
    pub fn erased(&self) -> Change<Self> {
        Change::to(Self { state: ContentState::Removed, ..self.clone() })
    }

    /// Is it shown to others?
    #[must_use]
    pub fn is_shown(&self) -> bool {
        matches!(self.state, ContentState::Approved | ContentState::Featured)
    }

    fn fact(&self, what: &str) -> String {
        format!("ugc|{}|{what}", self.hash)
    }

    fn stands(&self, moderator: &Moderator, state: ContentState) -> Result<(), ContentRefusal> {
        if moderator.member.as_ref() == Some(&self.author) {
            return Err(ContentRefusal::SelfBenefit);
        }
        if self.state == state { Ok(()) } else { Err(ContentRefusal::WrongState { ugc_status: self.state.name() }) }
    }
}
