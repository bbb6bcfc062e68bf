//! Who is compared with, and who gets which form: by the member's id, so that it is the same for ever (rules: care 7).

use sha2::{Digest, Sha256};

use super::state::Group;
use crate::kernel::id::MemberId;
use crate::programme::care::Care as Settings;
use crate::programme::journey::{Journey, Purpose};

/// A number below 10,000.
fn draw(what: &str, journey: &str, salt: &str, member: &MemberId) -> u64 {
    let digest: [u8; 32] = Sha256::digest(format!("{what}|{journey}|{salt}|{member}")).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h]).rem_euclid(10_000)
}

fn salt<'a>(settings: &'a Settings, journey: &'a Journey) -> &'a str {
    journey.holdout_salt.as_ref().unwrap_or(&settings.holdout_salt)
}

/// Is nothing done, to compare with?
pub(super) fn group(settings: &Settings, journey: &Journey, member: &MemberId) -> Group {
    let below = |share: u16, of: &str, salt: &str| draw("holdout", of, salt, member) < u64::from(share);
    let marketing = journey.purpose == Purpose::Marketing;
    let held_out = below(journey.holdout_bp, &journey.id, salt(settings, journey))
        || (marketing && below(settings.holdout_bp, "*", &settings.holdout_salt));
    if held_out { Group::Holdout } else { Group::Treated }
}

/// Which form.
pub(super) fn variant(settings: &Settings, journey: &Journey, member: &MemberId) -> Option<String> {
    let drawn = draw("variant", &journey.id, salt(settings, journey), member);
    let mut upto = 0_u64;
    let mut variants = journey.variants.iter();
    variants
        .find(|variant| {
            upto = upto.saturating_add(u64::from(variant.share_bp));
            drawn < upto
        })
        .map(|variant| variant.id.clone())
}
