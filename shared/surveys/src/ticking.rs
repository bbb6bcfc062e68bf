//! What time does: invitations are sent, answers are complete, time runs out; suggestions go on (rules: voice 7, 18, 25).

use domain::voice::inviting::{Back, cancel, gives_back, pass};
use domain::voice::{InvitationId, State};
use store::{Contacting, Patience, StoreError};
use tokio::time::Instant;

use crate::Surveys;

impl Surveys<'_> {
    /// Does what is due of something, by its key; was there anything?
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races, or what DynamoDB or the master key says.
    pub async fn settle(&self, key: &str, deadline: Instant, patience: &mut Patience) -> Result<bool, StoreError> {
        match key.split_once('#') {
            Some(("i", id)) => match id.parse() {
                Ok(id) => self.pass(id, patience).await,
                Err(_) => Err(StoreError::bug("an invitation has an id")),
            },
            Some(("s", id)) => match id.parse() {
                Ok(id) => self.go_on(id, deadline, patience).await,
                Err(_) => Err(StoreError::bug("a suggestion has an id")),
            },
            _ => Ok(false),
        }
    }

    async fn pass(&self, id: InvitationId, patience: &mut Patience) -> Result<bool, StoreError> {
        let Some(kept) = self.store.invitation(self.keys, id, self.now).await? else { return Ok(false) };
        let by = self.programmes.numbered(kept.invitation.version).unwrap_or_else(|| self.programmes.at(self.now));
        let survey = by.survey(&kept.invitation.survey);
        let waits = kept.invitation.state == State::Waiting;
        let refuses = match survey.filter(|_| waits) {
            None => false,
            Some(survey) => {
                let invitee = self.store.invitee(&kept.invitation.member).await?;
                invitee.is_some_and(|invitee| invitee.refuses(self.programme(), &survey.purpose))
            }
        };
        self.alter(id, patience, |invitation| {
            if refuses {
                let back = gives_back(invitation, Back::NoConsent);
                let back = if back { Contacting::GivesBack } else { Contacting::Same };
                return cancel(invitation, Back::NoConsent).map(|change| (change, back));
            }
            pass(invitation, survey, by, self.now).map(|change| (change, Contacting::Same))
        })
        .await
    }
}
