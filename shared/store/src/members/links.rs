//! Links, signed under a key of their own (rules: privacy 8).

use aws_lc_rs::constant_time;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::kernel::id::MemberId;
use domain::members::link::{Link, Purpose};
use jiff::Timestamp;

use crate::sealed::keys::{Keys, LINKS};
use crate::{Store, StoreError};

/// The number of the key that signs.
const KEY: u32 = 1;

impl Store {
    /// A link for a member, as it stands in an address.
    ///
    /// # Errors
    /// The key cannot be had.
    pub async fn link(
        &self,
        keys: &Keys,
        (member, purpose): (&MemberId, Purpose),
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let signed = Link { member: member.clone(), purpose, key: KEY, issued: now }.signed();
        let signature = URL_SAFE_NO_PAD.encode(self.mac(keys, LINKS, &signed).await?);
        Ok(format!("{signed}.{signature}"))
    }

    /// A text with its signature, as it stands in an address.
    ///
    /// # Errors
    /// The key cannot be had.
    pub async fn signed(&self, keys: &Keys, text: &str) -> Result<String, StoreError> {
        let signature = URL_SAFE_NO_PAD.encode(self.mac(keys, LINKS, text).await?);
        Ok(format!("{text}.{signature}"))
    }

    /// The text of an address that was signed here; none if it was not.
    ///
    /// # Errors
    /// The key cannot be had.
    pub async fn unsigned<'a>(&self, keys: &Keys, signed: &'a str) -> Result<Option<&'a str>, StoreError> {
        let Some((text, signature)) = signed.rsplit_once('.') else { return Ok(None) };
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return Ok(None) };
        let right = self.mac(keys, LINKS, text).await?;
        Ok(constant_time::verify_slices_are_equal(&right, &signature).is_ok().then_some(text))
    }

    /// What a link says. None if it was not made here.
    ///
    /// # Errors
    /// The key cannot be had.
    pub async fn followed(&self, keys: &Keys, link: &str) -> Result<Option<Link>, StoreError> {
        let Some((signed, signature)) = link.rsplit_once('.') else { return Ok(None) };
        let Some(read) = Link::read(signed).filter(|link| link.key == KEY) else { return Ok(None) };
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return Ok(None) };
        let right = self.mac(keys, LINKS, signed).await?;
        Ok(constant_time::verify_slices_are_equal(&right, &signature).is_ok().then_some(read))
    }
}
