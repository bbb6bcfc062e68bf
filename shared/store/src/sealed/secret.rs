//! A key, and what it seals.
//!
//! | bytes of what is sealed | |
//! |---|---|
//! | 1 | the form: 1 |
//! | 12 | a nonce, drawn |
//! | n | the value by AES-256-GCM, bound to the place where it stands |
//! | 16 | its tag |

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use domain::kernel::id::MemberId;

use crate::StoreError;
use crate::error::{Damage, contradicts};
use crate::sealed::draw::Draw;

/// The only form there is.
const FORM: u8 = 1;

/// 32 bytes that nobody is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl From<[u8; 32]> for Secret {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl Secret {
    /// The bytes, for whoever wraps them.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn key(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.0).ok().map(LessSafeKey::new)
    }

    /// Seals a value for a place, under a nonce that is drawn.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub(crate) fn seal(&self, place: &str, value: &[u8], draw: &Draw) -> Result<Vec<u8>, StoreError> {
        let nonce: [u8; NONCE_LEN] = draw.bytes()?;
        let mut sealed = value.to_vec();
        let key = self.key().ok_or_else(|| StoreError::bug("32 bytes are no key"))?;
        let done = key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut sealed);
        done.map_err(|_unspecified| StoreError::bug("a value cannot be sealed"))?;
        Ok([&[FORM][..], &nonce, &sealed].concat())
    }

    /// Opens what was sealed for a place; nothing if it was not, or was changed since.
    #[must_use]
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (form, rest) = sealed.split_first()?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok().filter(|_| *form == FORM)?;
        let mut sealed = sealed.to_vec();
        let opened = self.key()?.open_in_place(nonce, Aad::from(place), &mut sealed).ok()?;
        Some(opened.to_vec())
    }

    /// HMAC-SHA256 of a text.
    #[must_use]
    pub(crate) fn mac(&self, text: &str) -> [u8; 32] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), text.as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }
}

/// A member's key.
#[derive(Debug, Clone)]
pub(crate) struct MemberKey {
    pub(crate) member: MemberId,
    pub(crate) secret: Secret,
    /// Under which branch it is sealed.
    pub(crate) branch: u32,
    pub(crate) draw: Draw,
}

impl MemberKey {
    /// Seals a value of the member's for its place in a table.
    pub(crate) fn seal(&self, table: &str, field: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.secret.seal(&self.place(table, field), value, &self.draw)
    }

    /// Opens a value in its place.
    pub(crate) fn open(&self, table: &'static str, field: &str, sealed: &[u8]) -> Result<Vec<u8>, Damage> {
        self.secret.open(&self.place(table, field), sealed).ok_or_else(|| contradicts("sealed").of(table))
    }

    fn place(&self, table: &str, field: &str) -> String {
        format!("f1|{}|{table}|{field}", self.member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(member: &str) -> MemberKey {
        MemberKey { member: member.parse().unwrap(), secret: Secret::from([7; 32]), branch: 1, draw: Draw::system() }
    }

    // rule: privacy 11
    #[test]
    fn what_is_sealed_opens_in_its_place_alone() {
        let sealed = key("m-1").seal("members", "name", "王小明".as_bytes()).unwrap();
        assert_eq!(sealed.len(), 1 + 12 + 9 + 16);
        assert_eq!(key("m-1").open("members", "name", &sealed).unwrap(), "王小明".as_bytes());
        for (member, table, field) in
            [("m-2", "members", "name"), ("m-1", "tickets", "name"), ("m-1", "members", "gender")]
        {
            assert!(key(member).open(table, field, &sealed).is_err(), "{member} {table} {field}");
        }
        let other = MemberKey { secret: Secret::from([8; 32]), ..key("m-1") };
        assert!(other.open("members", "name", &sealed).is_err(), "another key");
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(key("m-1").open("members", "name", &changed).is_err(), "byte {place}");
        }
        for length in 0..sealed.len() {
            assert!(key("m-1").open("members", "name", &sealed[..length]).is_err(), "{length} bytes");
        }
        assert_ne!(sealed, key("m-1").seal("members", "name", "王小明".as_bytes()).unwrap(), "no two are alike");
    }

    // rule: privacy 11
    #[test]
    fn of_ten_thousand_values_that_are_copied_elsewhere_none_opens() {
        let secret = |number: u8| Secret::from([number; 32]);
        let mut places = Vec::new();
        for number in 0..10 {
            let key = MemberKey { secret: secret(number), ..key(&format!("m-{number}")) };
            for (table, field) in
                [("members", "name"), ("members", "birthday"), ("member-log", "name"), ("tickets", "text")]
            {
                for place in 0..3 {
                    places.push((key.clone(), table, format!("{field} {place}")));
                }
            }
        }
        let seal = |(key, table, field): &(MemberKey, &'static str, String)| key.seal(table, field, b"canary").unwrap();
        let sealed: Vec<Vec<u8>> = places.iter().map(seal).collect();
        let mut tries = 0;
        for (from, sealed) in sealed.iter().enumerate() {
            for (to, (key, table, field)) in places.iter().enumerate() {
                assert_eq!(key.open(table, field, sealed).is_ok(), from == to, "from {from} to {to}");
                tries += usize::from(from != to);
            }
        }
        assert!(tries >= 10_000, "{tries}");
    }

    #[test]
    fn nobody_is_shown_a_secret() {
        assert_eq!(
            format!("{:?}", key("m-1")),
            "MemberKey { member: MemberId(\"m-1\"), secret: Secret, branch: 1, draw: Draw }"
        );
    }
}
