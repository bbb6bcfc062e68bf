//! The seal: what an account was after a write, in a few bytes. `chain/state.rs` says what of it.

use std::fmt;
use std::str::FromStr;

use crate::kernel::canonical::hexadecimal;

hexadecimal!(
    /// The first bytes of the SHA-256 over an account's member, sequence, head and state.
    Seal,
    16
);

impl Seal {
    /// Of an account before its first entry.
    pub const NONE: Self = Self([0; 16]);
    /// Which text it is made of; another one has another name.
    pub(crate) const FORM: &[u8] = b"perennial/state/1";
}
