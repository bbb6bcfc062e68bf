//! `[referral]`: members bring friends.

use serde::Deserialize;

use super::moment::Fraction;
use super::place::Place;
use super::section::Section;

/// `[referral]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referral {
    /// The lowest tier that may refer.
    pub min_tier: Option<String>,
    /// Which touch counts; `first_touch` is the only one.
    pub attribution: String,
    /// How long a touch counts, in days.
    pub window_days: i64,
    /// How long before the touch a friend may have enrolled, in hours.
    pub new_member_hours: Option<i64>,
    /// What qualifies a friend.
    pub qualify: Qualify,
    /// When the commission is paid, in days after that.
    pub payout_after_days: i64,
    /// What the advocate gets.
    pub advocate: Advocate,
    /// What the friend gets.
    pub friend: Friend,
    /// Against abuse.
    pub limits: Option<Limits>,
    /// How many levels; one.
    pub levels: i64,
    /// What a new customer costs otherwise, in minor units.
    pub baseline_cac_minor: i64,
    /// The cost ratio at which somebody is told.
    pub cost_ratio_warn: Option<Fraction>,
    /// The cost ratio at which it stops.
    pub cost_ratio_stop: Option<Fraction>,
    /// The same in basis points.
    pub cost_ratio_warn_bp: Option<i64>,
    /// The same in basis points.
    pub cost_ratio_stop_bp: Option<i64>,
    /// Over how many days the ratio is worked out.
    pub guard_days: Option<i64>,
}

/// `qualify`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qualify {
    /// Which activity.
    pub event: String,
    /// Must it be the friend's first order?
    #[serde(default)]
    pub first_order: bool,
    /// The least it costs, in minor units.
    pub min_minor: Option<i64>,
}

/// `advocate`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advocate {
    /// The commission, in basis points of the order.
    pub commission_bp: i64,
    /// The largest, in minor units.
    pub commission_cap_minor: i64,
    /// Points beside.
    #[serde(default)]
    pub points: i64,
}

/// `friend`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Friend {
    /// A coupon.
    pub coupon: Option<String>,
    /// What it is worth, in minor units.
    pub value_minor: Option<i64>,
}

/// `limits`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Friends of one advocate in 30 days.
    pub per_advocate_30d: Option<i64>,
    /// Claims from one address in 7 days.
    pub per_ip_7d: Option<i64>,
}

impl Section for Referral {
    fn check(&self, place: &mut Place<'_>) {
        place.unless(self.levels == 1, "levels", format!("there is one level, never more; it says {}", self.levels));
        place.named("min_tier", &self.min_tier, &["tier"]);
        place.one_of("attribution", Some(&self.attribution), &["first_touch"]);
        if self.advocate.points > 0 && place.points_on("referral.qualified").is_some() {
            let paid = place.points_on("referral.qualified");
            let words = format!("the rule on referral.qualified pays {}", paid.unwrap_or_default());
            place.within("advocate").unless(paid == Some(self.advocate.points), "points", words);
        }
        place.range(1..=366, [("window_days", Some(self.window_days)), ("guard_days", self.guard_days)]);
        place.range(0..=366, [("payout_after_days", Some(self.payout_after_days))]);
        place.range(0..=8_784, [("new_member_hours", self.new_member_hours)]);
        place.range(1..=1_000_000_000_000, [("baseline_cac_minor", Some(self.baseline_cac_minor))]);
        let (warn, stop) = (self.cost_ratio_warn_bp, self.cost_ratio_stop_bp);
        place.range(1..=5_000, [("cost_ratio_warn_bp", warn), ("cost_ratio_stop_bp", stop)]);
        let rising = warn.zip(stop).is_none_or(|(warn, stop)| warn < stop);
        place.unless(rising, "cost_ratio_warn_bp", "must be below cost_ratio_stop_bp");
        let (warn, stop) = (self.cost_ratio_warn, self.cost_ratio_stop);
        for (name, ratio) in [("cost_ratio_warn", warn), ("cost_ratio_stop", stop)] {
            let fits = ratio.is_none_or(|ratio| (1..=5_000).contains(&ratio.0));
            place.unless(fits, name, "must be above 0 and at most 0.5");
        }
        let rising = warn.zip(stop).is_none_or(|(warn, stop)| warn < stop);
        place.unless(rising, "cost_ratio_warn", "must be below cost_ratio_stop");
        place.within("qualify").named("event", [&self.qualify.event], &["activity"]);
        place.within("qualify").range(0..=1_000_000_000_000, [("min_minor", self.qualify.min_minor)]);
        let advocate = &self.advocate;
        place.within("advocate").range(0..=2_000, [("commission_bp", Some(advocate.commission_bp))]);
        let amounts =
            [("commission_cap_minor", Some(advocate.commission_cap_minor)), ("points", Some(advocate.points))];
        place.within("advocate").range(0..=1_000_000_000_000, amounts);
        place.within("friend").range(0..=1_000_000_000_000, [("value_minor", self.friend.value_minor)]);
        if let Some(limits) = &self.limits {
            let counts = [("per_advocate_30d", limits.per_advocate_30d), ("per_ip_7d", limits.per_ip_7d)];
            place.within("limits").range(1..=1_000_000, counts);
        }
    }
}
