//! What a secret vouches for.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA256 of a text under a secret.
#[must_use]
pub(super) fn mac(secret: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key has any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The first bits of some bytes in Crockford's base 32, five a character.
#[must_use]
pub(super) fn base32(bytes: &[u8], characters: usize) -> String {
    let bit = |at: usize| bytes.get(at.div_euclid(8)).map_or(0, |byte| byte >> (7_usize.saturating_sub(at % 8)) & 1);
    let character = |at: usize| {
        let first = at.saturating_mul(5);
        let value = (first..first.saturating_add(5)).fold(0_u8, |value, at| value << 1 | bit(at));
        char::from(ALPHABET[usize::from(value)])
    };
    (0..characters).map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::base32;

    #[test]
    fn five_bits_are_a_character() {
        assert_eq!(base32(&[0xff, 0x00, 0x1f, 0x08, 0x42], 8), "ZW01Y222");
        assert_eq!(base32(&[0; 5], 8), "00000000");
    }
}
