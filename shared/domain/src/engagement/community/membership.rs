//! A member of a community.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::CommunityFact;
use crate::engagement::mac::{base32, mac};
use crate::engagement::scene::{Barred, Standing};
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{Reused, refusals};
use crate::programme::engagement::community::{Community, Joining};

/// The most communities of a member.
pub const MOST: usize = 50;

/// A member of a community, or one who was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Who.
    pub member: MemberId,
    /// Of which.
    pub community: String,
    /// Since when.
    pub joined_at: Timestamp,
    /// Since when no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Timestamp>,
    /// Since when in its group elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wecom_at: Option<Timestamp>,
}

/// By what somebody joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By asking to.
    Asking,
    /// By a tag that was given.
    Tag,
    /// By an invitation.
    Invitation,
}

refusals! {
    /// Why a member does not join.
    MembershipRefusal {
        /// The member is in as many as one can be.
        Conflict TooManyCommunities ("too_many_communities") {
            /// How many that is.
            most: usize,
        } = "the member is in as many communities as one can be",
        | Barred,
        | Reused,
    }
}

impl Aggregate for Membership {
    type Fact = CommunityFact;
    type Refusal = MembershipRefusal;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.member)
    }

    fn denied(_: &Effect) -> MembershipRefusal {
        unreachable!("a membership changes nothing beside itself")
    }
}

/// What tells a member in the community's group elsewhere: 24 characters.
#[must_use]
pub fn state_of(secret: &[u8], community: &str, member: &MemberId) -> String {
    base32(&mac(secret, &format!("{community}|{member}")), 24)
}

impl Membership {
    /// Joins, if one may; who has left is joined by no tag again. Nothing, if there is nothing to do.
    ///
    /// # Errors
    /// It is not for this member, or one too many.
    pub fn join(
        (member, before): (&MemberId, Option<&Self>),
        community: &Community,
        by: By,
        (standing, others): (&Standing, usize),
        now: Timestamp,
    ) -> Result<Option<Change<Self>>, MembershipRefusal> {
        standing.takes_part()?;
        if before.is_some_and(|before| before.left_at.is_none() || by == By::Tag) {
            return Ok(None);
        }
        let tagged = |tags: &[String]| tags.iter().any(|tag| standing.tags.contains(tag));
        let reason = match (&community.join, by) {
            (Joining::Open, _) | (Joining::Invite, By::Invitation) => None,
            (Joining::Tag(tags), _) => (!tagged(tags)).then_some("tags"),
            (Joining::Invite, By::Asking | By::Tag) => Some("invitation"),
        };
        if let Some(reason) = reason {
            return Err(Barred::NotEligible { reasons: vec![reason] }.into());
        }
        if others >= MOST {
            return Err(MembershipRefusal::TooManyCommunities { most: MOST });
        }
        let membership = Self {
            member: member.clone(),
            community: community.id.clone(),
            joined_at: now,
            left_at: None,
            wecom_at: None,
        };
        let told = CommunityFact::CommunityJoined { community: community.id.clone() };
        Ok(Some(Change::to(membership).telling(told)))
    }

    /// Leaves at once.
    #[must_use]
    pub fn leave(&self, now: Timestamp) -> Option<Change<Self>> {
        let told = CommunityFact::CommunityLeft { community: self.community.clone() };
        let left = Self { left_at: Some(now), wecom_at: None, ..self.clone() };
        self.left_at.is_none().then(|| Change::to(left).telling(told))
    }

    /// Is in its group elsewhere, or no more.
    pub fn in_group(&self, since: Option<Timestamp>) -> Change<Self> {
        Change::to(Self { wecom_at: since.filter(|_| self.left_at.is_none()), ..self.clone() })
    }

    /// The communities that a member is in, in the order in which they were joined.
    #[must_use]
    pub fn of<'a>(all: &'a [Self], member: &MemberId) -> Vec<&'a Self> {
        let mut own: Vec<&Self> = all.iter().filter(|m| m.member == *member && m.left_at.is_none()).collect();
        own.sort_by_key(|membership| (membership.joined_at, &membership.community));
        own
    }
}

/// Everybody who is in a community.
#[must_use]
pub(super) fn members(all: &[Membership]) -> BTreeSet<&MemberId> {
    all.iter().filter(|membership| membership.left_at.is_none()).map(|membership| &membership.member).collect()
}
