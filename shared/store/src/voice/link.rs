//! The links that lead to a form, signed under a key of their own (rules: voice 11).

use domain::voice::{InvitationId, LinkKey, opened, token};

use crate::sealed::keys::{Keys, SURVEY_LINKS};
use crate::{Store, StoreError};

/// What the key is called in links.
const KEY: &str = "1";

impl Store {
    /// The token of the link to an invitation.
    ///
    /// # Errors
    /// The key cannot be had.
    pub async fn survey_token(&self, keys: &Keys, invitation: InvitationId) -> Result<String, StoreError> {
        Ok(token(invitation, &self.survey_key(keys).await?))
    }

    /// The invitation that a token leads to; none if it was not made here. Nothing is read for it but the key.
    ///
    /// # Errors
    /// The key cannot be had.
    pub async fn survey_opened(&self, keys: &Keys, token: &str) -> Result<Option<InvitationId>, StoreError> {
        Ok(opened(token, &[self.survey_key(keys).await?]))
    }

    async fn survey_key(&self, keys: &Keys) -> Result<LinkKey, StoreError> {
        let secret = self.kept_key(keys, SURVEY_LINKS).await?;
        Ok(LinkKey { id: KEY.to_owned(), secret: secret.bytes().to_vec() })
    }
}
