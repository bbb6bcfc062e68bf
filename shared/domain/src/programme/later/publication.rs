//! `[publication]`: how a programme is put in force.

use serde::Deserialize;

use super::place::Place;
use super::section::Section;
use crate::kernel::quantity::Ratio;

/// `[publication]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicationRules {
    /// Must a second person approve?
    #[serde(default)]
    pub second_person: bool,
    /// Shares of members by step, in basis points, rising to 10000.
    #[serde(default)]
    pub ramp: Vec<i64>,
    /// How long a step lasts at least, in hours.
    pub hold_hours: Option<i64>,
    /// Where simulations run: `machine` or `distributed`.
    pub simulate: Option<String>,
    /// What stops it.
    pub guard: Option<Guard>,
}

/// `[publication.guard]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// How many times the points of the others.
    pub issue_ratio_max: Option<Ratio>,
}

impl Section for PublicationRules {
    fn check(&self, place: &mut Place<'_>) {
        place.range(1..=8_784, [("hold_hours", self.hold_hours)]);
        place.one_of("simulate", self.simulate.as_deref(), &["machine", "distributed"]);
        let rising = self.ramp.is_sorted_by(|one, next| one < next) && self.ramp.first().is_none_or(|share| *share > 0);
        let whole = self.ramp.last().is_none_or(|share| *share == 10_000);
        place.unless(rising && whole, "ramp", "must rise to 10000");
    }
}
