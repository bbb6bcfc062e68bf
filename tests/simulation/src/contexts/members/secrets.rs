//! What is secret, worked out by whoever knows the keys of the simulation: they follow from their names.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::drawn;

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The size of a block of SHA-256.
const BLOCK: usize = 64;

/// HMAC of a text under the key of a name (RFC 2104).
pub(super) fn mac(name: &str, text: &str) -> [u8; 32] {
    let key = Sha256::digest(name);
    let padded = |pad: u8| -> Vec<u8> {
        let bytes = key.iter().copied().chain(std::iter::repeat(0)).take(BLOCK);
        bytes.map(|byte| byte ^ pad).collect()
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

/// The token of a page for a member, made at an instant.
pub(super) fn token(member: &str, issued: i64) -> String {
    let signed = format!("p.1.{issued}.{member}");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac("link#1", &signed)))
}

/// The code that was sent to an identifier: it follows from what the invocation drew first.
pub(super) fn code(route: &str) -> String {
    let drawn = drawn::first::<32>(&format!("{route} {:?}", serde_json::Value::Null));
    let name: String = hex(&drawn).chars().take(32).collect();
    let digits = mac("code#1", &name).iter().fold(0_u32, |rest, byte| (rest * 256 + u32::from(*byte)) % 1_000_000);
    format!("{digits:06}")
}

#[cfg(test)]
mod tests {
    use super::{hex, mac};

    #[test]
    fn a_keyed_hash_is_that_of_the_standard() {
        // By Python's hmac and hashlib.
        assert_eq!(
            hex(&mac("link#1", "p.1.0.m-1")),
            "f9a8725d5a3768c6112213aea7c93f969fffae0ebd54f338530364ccbbeb5562"
        );
    }
}
