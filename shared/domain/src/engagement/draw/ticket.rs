//! From a seed and an entry to a ticket, and from a ticket to a prize.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::engagement::mac::mac;
use crate::kernel::canonical::{Hash, first, hexadecimal};
use crate::kernel::id::MemberId;
use crate::programme::engagement::draw::Prize;

hexadecimal!(
    /// An entry: it follows from the draw, the member and the member's key, so the server cannot choose it.
    DrawEntryId,
    16
);

impl DrawEntryId {
    /// Of a key, without the blanks and quotes around it.
    #[must_use]
    pub fn of(draw: &str, member: &MemberId, key: &str) -> Self {
        let key = key.trim_matches(|letter: char| letter.is_whitespace() || letter == '"');
        Self(first(Sha256::digest(format!("{draw}\n{member}\n{key}")).into()))
    }
}

/// What decides a draw; secret until it is over, and never shown by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed")
    }
}

impl Seed {
    /// What is published before the draw opens.
    #[must_use]
    pub fn commitment(&self) -> Hash {
        Hash(Sha256::digest(self.0).into())
    }

    /// The ticket of an entry: 0 to 999,999.
    #[must_use]
    pub fn ticket(&self, draw: &str, entry: DrawEntryId) -> u32 {
        let mac = mac(&self.0, &format!("{draw}|{entry}"));
        ticket_of(u64::from_be_bytes(first(mac)))
    }
}

/// The ticket of 64 bits.
#[must_use]
pub fn ticket_of(u: u64) -> u32 {
    let ticket = (u128::from(u).saturating_mul(1_000_000)) >> 64;
    u32::try_from(ticket).expect("below a million")
}

/// The place of the prize that a ticket falls on: prizes hold ranges in their order, what is past all of them wins nothing.
#[must_use]
pub fn nominal(prizes: &[Prize], ticket: u32) -> Option<usize> {
    let mut end = 0_u32;
    prizes.iter().position(|prize| {
        end = end.saturating_add(prize.odds_ppm);
        ticket < end
    })
}
