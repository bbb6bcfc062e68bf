//! What others read of a member whom they may ask something: where they stand, and whether they refuse.

use domain::kernel::id::MemberId;
use domain::kernel::membership::HOPS;
use domain::members::consent::{Consents, Said};
use domain::members::state::State;
use domain::programme::compiled::Programme;
use domain::voice::inviting::Standing;

use crate::members::outline::Outline;
use crate::{Store, StoreError};

/// A member who may be asked something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitee {
    /// Who stands for the id that was asked for.
    pub member: MemberId,
    /// How they stand.
    pub standing: Standing,
    /// Have they not left?
    pub is_open: bool,
    /// Their language.
    pub locale: Option<String>,
    consents: Consents,
}

impl Invitee {
    /// Have they said of every channel that they are not to be asked for a purpose?
    #[must_use]
    pub fn refuses(&self, programme: &Programme, purpose: &str) -> bool {
        let Some(purpose) = programme.document().purpose.iter().find(|known| known.id == purpose) else { return false };
        let withdrawn = |channel| {
            let consent = self.consents.get(&(purpose.id.clone(), channel));
            consent.is_some_and(|consent| consent.said == Said::Withdrawn)
        };
        let mut channels = purpose.channels.iter().map(|channel| Some(*channel)).peekable();
        if channels.peek().is_none() { withdrawn(None) } else { channels.all(withdrawn) }
    }
}

impl Store {
    /// Who is meant by an id, and how they stand; none if nobody is.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn invitee(&self, member: &MemberId) -> Result<Option<Invitee>, StoreError> {
        let mut member = member.clone();
        for _ in 0..HOPS {
            let Some(Outline { state, locale, consents, .. }) = self.outline(&member).await? else { return Ok(None) };
            let (standing, is_open) = match state {
                Some(State::Merged { into }) => {
                    member = into;
                    continue;
                }
                None => (Standing::Erased, false),
                Some(State::Active) => (Standing::Active, true),
                Some(State::Suspended) => (Standing::Inactive, true),
                Some(State::Closed { .. }) => (Standing::Inactive, false),
            };
            return Ok(Some(Invitee { member, standing, is_open, locale, consents }));
        }
        Err(StoreError::bug("members stand for each other in a circle"))
    }
}
