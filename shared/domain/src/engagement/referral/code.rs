//! What a friend types: eight characters that cannot be taken for others.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::engagement::mac::{base32, mac};
use crate::engagement::scene::{Barred, Scene, Standing};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::refusals;
use crate::programme::engagement::referral::Referral;

/// A code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReferralCode(String);

refusals! {
    /// Why a member gets no code.
    CodeRefusal {
        /// It takes a higher tier.
        Forbidden TierTooLow ("tier_too_low") {
            /// The member's.
            tier: String,
            /// The lowest that may.
            needs: String,
        } = "it takes a higher tier to refer friends",
        | Barred,
    }
}

impl ReferralCode {
    /// The code of a member: the first 40 bits of a mark of the secret. Where it is somebody's, the next `n` is taken.
    #[must_use]
    pub fn of(secret: &[u8], member: &MemberId, n: u32) -> Self {
        Self(base32(&mac(secret, &format!("{member}|{n}")), 8))
    }

    /// As it is typed: in any case, with O for 0 and I or L for 1.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let letter = |letter: char| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        };
        Self(text.trim().chars().map(letter).collect())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReferralCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The code that a member gets, or has: one at a time.
///
/// # Errors
/// The member is not active, or below the tier.
pub fn issue(
    (secret, n): (&[u8], u32),
    (member, has): (&MemberId, Option<&ReferralCode>),
    referral: &Referral,
    standing: &Standing,
    scene: Scene<'_>,
) -> Result<ReferralCode, CodeRefusal> {
    standing.takes_part()?;
    if let Some(needs) = referral.min_tier.as_ref().filter(|tier| !standing.reaches(tier, scene.programme)) {
        let tier = scene.programme.tier_or_base(standing.tier.as_deref()).to_owned();
        return Err(CodeRefusal::TierTooLow { tier, needs: needs.clone() });
    }
    Ok(has.cloned().unwrap_or_else(|| ReferralCode::of(secret, member, n)))
}
