//! `[health]` and `[insight]`: what is measured, and when somebody is told.

use serde::Deserialize;

use super::moment::Fraction;
use super::place::Place;
use super::section::Section;

/// `[health]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// Members of high value that stay, as a share.
    pub high_value_retention_min_exclusive: Option<Fraction>,
    /// The same in basis points.
    pub high_value_retention_min_exclusive_bp: Option<i64>,
    /// Interactions of a member in a month.
    pub monthly_interactions_min_exclusive: Option<i64>,
    /// What a referred customer costs against others, as a share.
    pub referral_cost_ratio_max_exclusive: Option<Fraction>,
    /// The same in basis points.
    pub referral_cost_ratio_max_exclusive_bp: Option<i64>,
    /// How far a measure must come back before it can alarm again, in basis points.
    pub rearm_bp: Option<i64>,
    /// When a member of high value goes quiet.
    pub vip_drop: Option<VipDrop>,
}

/// `vip_drop`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VipDrop {
    /// The days that are looked at.
    pub window_days: i64,
    /// The days that they are compared with.
    pub baseline_days: i64,
    /// Below this share of the baseline it is a drop: `0.5`, or `"1/2"`.
    pub ratio: Share,
    /// From this share on it can be told again.
    pub rearm: Option<Share>,
    /// The fewest active days of the baseline.
    pub min_days: Option<i64>,
    /// For how long it is not told again, in days.
    pub cooldown_days: i64,
}

/// A share, as a fraction or as a ratio.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "must be a ratio in quotes, such as \"1/2\"")]
pub enum Share {
    /// `0.5`.
    Fraction(Fraction),
    /// `"1/2"`.
    Ratio(crate::kernel::quantity::Ratio),
}

impl Share {
    /// Is it above nothing and at most the whole?
    fn is_part(&self) -> bool {
        match self {
            Self::Fraction(fraction) => (1..=10_000).contains(&fraction.0),
            Self::Ratio(ratio) => ratio.numerator() <= ratio.denominator(),
        }
    }
}

impl Section for Health {
    fn check(&self, place: &mut Place<'_>) {
        for (name, share) in [
            ("high_value_retention_min_exclusive", self.high_value_retention_min_exclusive),
            ("referral_cost_ratio_max_exclusive", self.referral_cost_ratio_max_exclusive),
        ] {
            place.unless(share.is_none_or(|share| (0..=10_000).contains(&share.0)), name, "must be in 0..=1");
        }
        place.range(
            0..=10_000,
            [
                ("high_value_retention_min_exclusive_bp", self.high_value_retention_min_exclusive_bp),
                ("referral_cost_ratio_max_exclusive_bp", self.referral_cost_ratio_max_exclusive_bp),
                ("rearm_bp", self.rearm_bp),
            ],
        );
        place.range(0..=1_000, [("monthly_interactions_min_exclusive", self.monthly_interactions_min_exclusive)]);
        let Some(drop) = &self.vip_drop else { return };
        let mut place = place.within("vip_drop");
        place.range(
            1..=366,
            [
                ("window_days", Some(drop.window_days)),
                ("baseline_days", Some(drop.baseline_days)),
                ("min_days", drop.min_days),
            ],
        );
        place.range(0..=366, [("cooldown_days", Some(drop.cooldown_days))]);
        place.unless(drop.window_days <= drop.baseline_days, "window_days", "must be at most baseline_days");
        place.unless(drop.ratio.is_part(), "ratio", "must be above 0 and at most 1");
        place.unless(drop.rearm.as_ref().is_none_or(Share::is_part), "rearm", "must be above 0 and at most 1");
    }
}

/// `[insight]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insight {
    /// Who did something in so many days is active.
    pub active_days: Option<i64>,
    /// The tag of members of high value.
    pub high_value: Option<String>,
    /// What counts as doing something.
    #[serde(default)]
    pub activity: Vec<String>,
    /// How much of what is issued is never spent, in basis points.
    pub breakage_bp: Option<i64>,
    /// What works reports out: `folds` or `athena`.
    pub engine: Option<String>,
    /// From how many rows on, `athena`.
    pub athena_over_rows: Option<i64>,
    /// Points issued in an hour that alarm.
    pub liability_band_points_per_hour: Option<i64>,
    /// Targets.
    pub gain: Option<Gain>,
}

/// `[insight.gain]`, in basis points.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gain {
    /// Of need.
    pub need_target_bp: Option<i64>,
    /// Of activity.
    pub activity_target_bp: Option<i64>,
    /// Of growth.
    pub growth_target_bp: Option<i64>,
}

impl Section for Insight {
    fn check(&self, place: &mut Place<'_>) {
        place.range(1..=3_650, [("active_days", self.active_days)]);
        place.range(0..=10_000, [("breakage_bp", self.breakage_bp)]);
        place.one_of("engine", self.engine.as_deref(), &["folds", "athena"]);
        place.named("high_value", &self.high_value, &["tag"]);
        let counts = [
            ("athena_over_rows", self.athena_over_rows),
            ("liability_band_points_per_hour", self.liability_band_points_per_hour),
        ];
        place.range(1..=1_000_000_000_000, counts);
        if let Some(gain) = &self.gain {
            place.within("gain").range(
                1..=10_000,
                [
                    ("need_target_bp", gain.need_target_bp),
                    ("activity_target_bp", gain.activity_target_bp),
                    ("growth_target_bp", gain.growth_target_bp),
                ],
            );
        }
    }
}
