//! A touch: somebody came by a code, and the app keeps the proof.

use jiff::Timestamp;

use super::code::ReferralCode;
use crate::engagement::mac::{base32, mac};

/// Somebody came by a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// By which.
    pub code: ReferralCode,
    /// When.
    pub at: Timestamp,
}

impl Touch {
    /// The token that the app keeps: `code.milliseconds.mark`.
    #[must_use]
    pub fn token(&self, secret: &[u8]) -> String {
        let said = format!("{}.{}", self.code, self.at.as_millisecond());
        let mark = base32(&mac(secret, &format!("touch|{said}")), 26);
        format!("{said}.{mark}")
    }

    /// Of a token that is one of ours.
    #[must_use]
    pub fn read(secret: &[u8], token: &str) -> Option<Self> {
        let (code, rest) = token.split_once('.')?;
        let at = rest.split_once('.')?.0.parse().ok()?;
        let touch = Self { code: ReferralCode::read(code), at: Timestamp::from_millisecond(at).ok()? };
        (touch.token(secret) == token).then_some(touch)
    }
}
