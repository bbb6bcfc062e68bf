//! How what members have in another programme is brought over: as of when, for how long at least, and what a point is worth
//! (rules: import 27a, 27e).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::kernel::quantity::{Ratio, allocate};
use crate::kernel::time::Zone;

/// What somebody who brings a programme over says of all of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cutover {
    /// Points that are owed are taken from a member's lots.
    pub net: bool,
    /// When the cutover was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// For how many days after the cutover every lot is good, at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_validity_days: Option<u16>,
    /// What a point of there is worth here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<Ratio>,
}

impl Cutover {
    /// Before when no lot expires: the end of the last day until which it is good at least.
    #[must_use]
    pub fn earliest_expiry(&self, zone: &Zone) -> Option<Timestamp> {
        let (as_of, days) = self.as_of.zip(self.min_validity_days)?;
        Some(zone.start_of_day_after(as_of, i32::from(days).saturating_add(1)))
    }

    /// What points of there are here, rounded up on the sum of one member; what is owed gets no more by it.
    #[must_use]
    pub fn worth(&self, points: i64) -> i64 {
        let Some(factor) = self.factor else { return points };
        let product = i128::from(points).saturating_mul(factor.numerator());
        let down = product.saturating_neg().div_euclid(factor.denominator());
        let up = down.saturating_neg();
        i64::try_from(up).unwrap_or(if up > 0 { i64::MAX } else { i64::MIN })
    }

    /// The same, spread over lots by largest remainder; a tie goes to the first.
    #[must_use]
    pub fn worth_of(&self, lots: &[i64]) -> Vec<i64> {
        allocate(self.worth(lots.iter().sum()), lots)
    }
}
