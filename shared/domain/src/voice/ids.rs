//! Names of invitations and suggestions, and the link that leads to a form (rules: voice 6, 11, 25).

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::kernel::canonical::{Hash, first, hexadecimal};
use crate::kernel::id::MemberId;

hexadecimal!(
    /// An invitation: the same survey, cause and member have one.
    InvitationId,
    16
);

hexadecimal!(
    /// A suggestion.
    SuggestionId,
    16
);

impl InvitationId {
    /// Of a survey, what caused it, and a member.
    #[must_use]
    pub fn of(survey: &str, cause: &str, member: &MemberId) -> Self {
        Self(first(Hash::of(&format!("{survey}|{cause}|{member}")).0))
    }
}

impl SuggestionId {
    /// Of a theme and which suggestion of it this is.
    #[must_use]
    pub fn of(theme: &str, operation: &str) -> Self {
        Self(first(Hash::of(&format!("suggestion|{theme}|{operation}")).0))
    }

    /// What a member is thanked under: once for a suggestion.
    #[must_use]
    pub fn thanks(self, member: &MemberId) -> String {
        let bytes: [u8; 16] = first(Hash::of(&format!("{self}|{member}")).0);
        InvitationId(bytes).to_string()
    }
}

/// A key that links are signed with.
#[derive(Clone)]
pub struct LinkKey {
    /// What it is called in links, 1 to 8 letters and digits.
    pub id: String,
    /// The key.
    pub secret: Vec<u8>,
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkKey({})", self.id)
    }
}

/// The token of a link: `1.<key id>.<id>.<signature>`.
#[must_use]
pub fn token(invitation: InvitationId, key: &LinkKey) -> String {
    let signature: [u8; 16] = sign(invitation, key);
    format!("1.{}.{}.{}", key.id, base64url(invitation.0), base64url(signature))
}

/// The invitation that a token leads to, if one of the keys signed it. Signatures are compared in constant time.
#[must_use]
pub fn opened(token: &str, keys: &[LinkKey]) -> Option<InvitationId> {
    let mut parts = token.split('.');
    let (version, id) = (parts.next()?, parts.next()?);
    let (invitation, signature) = (plain(parts.next()?)?, plain(parts.next()?)?);
    if version != "1" || parts.next().is_some() {
        return None;
    }
    let invitation = InvitationId(invitation);
    let key = keys.iter().find(|key| key.id == id)?;
    mac(invitation, key).verify_truncated_left(&signature).ok().map(|()| invitation)
}

fn mac(invitation: InvitationId, key: &LinkKey) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.secret).expect("a key is of any length");
    mac.update(format!("survey|1|{}|{invitation}", key.id).as_bytes());
    mac
}

fn sign(invitation: InvitationId, key: &LinkKey) -> [u8; 16] {
    first(mac(invitation, key).finalize().into_bytes().into())
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Sixteen bytes in base64url, without padding.
fn base64url(bytes: [u8; 16]) -> String {
    let number = u128::from_be_bytes(bytes);
    let letter = |place: u32| {
        // 128 bits are 21 letters of six bits and one of two, whose other four are nought.
        let six = if place < 21 { number >> 122_u32.saturating_sub(place.saturating_mul(6)) } else { number << 4 };
        let six = usize::try_from(six & 63).unwrap_or_default();
        char::from(LETTERS.get(six).copied().unwrap_or(b'A'))
    };
    (0..22).map(letter).collect()
}

/// The sixteen bytes that a text is of, if it is one.
fn plain(text: &str) -> Option<[u8; 16]> {
    let (most, last) = text.split_at_checked(21)?;
    let six = |letter: u8| LETTERS.iter().position(|known| *known == letter).and_then(|six| u128::try_from(six).ok());
    let mut number = 0_u128;
    for letter in most.bytes() {
        number = (number << 6) | six(letter)?;
    }
    let rest = six(*last.as_bytes().first().filter(|_| last.len() == 1)?)?;
    // One number has one text: what is left over of the last letter is nought.
    (rest & 15 == 0).then(|| ((number << 2) | (rest >> 4)).to_be_bytes())
}
