//! The tier below which a member does not fall, set by hand.

use jiff::Timestamp;

use crate::kernel::refusal::{InvalidField, refusals};
use crate::kernel::time::add_days;
use crate::ledger::books::Change;
use crate::ledger::case::Case;
use crate::ledger::entry::Detail;
use crate::standing::qualification::Floor;
use crate::standing::record::TierChange;

/// Sets the tier below which a member does not fall, by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetFloor {
    /// The tier.
    pub tier: String,
    /// Until when, exclusive; at most five years. An instant that is over ends the floor there is.
    pub until: Timestamp,
    /// One of the programme's reasons for corrections by hand.
    pub reason: String,
}

/// The longest time for which a floor can be set, in days.
const FLOOR_DAYS: i32 = 5 * 366;

refusals! {
    /// Why a floor is refused.
    SettingFloor {
        | InvalidField,
    }
}

/// Decides on a floor.
///
/// # Errors
/// The programme allows none, or the tier, the end or the reason is wrong.
pub fn set_floor(command: &SetFloor, case: Case<'_>) -> Result<Change, SettingFloor> {
    let Case { stamp, then: programme, setting, .. } = case;
    let document = programme.document();
    if !document.tiers.manual_floor_allowed {
        return Err(InvalidField::new("tier", "the programme allows no floor by hand").into());
    }
    if programme.rank(&command.tier) == 0 {
        let known: Vec<_> = programme.tiers().filter(|tier| tier.rank > 0).map(|tier| tier.id.as_str()).collect();
        return Err(InvalidField::new("tier", format!("must be one of {}", known.join(", "))).into());
    }
    if command.until > add_days(setting.now, FLOOR_DAYS) {
        return Err(InvalidField::new("until", "must be at most five years from now").into());
    }
    let reasons = &document.adjustment.reasons;
    if !reasons.contains(&command.reason) {
        return Err(InvalidField::new("reason", format!("must be one of {}", reasons.join(", "))).into());
    }
    let mut books = case.books();
    let floor = Floor { tier: command.tier.clone(), until: command.until };
    let change: Option<TierChange> = books.account.tiers.set_floor(floor, programme, setting.now);
    let SetFloor { tier, until, reason } = command.clone();
    Ok(books.close(stamp, Detail::Floor { tier, until, reason, change }))
}
