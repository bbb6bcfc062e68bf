//! `[referral]`: members bring friends.

use crate::kernel::quantity::Minor;
use crate::programme::later::referral as written;

/// `[referral]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// The lowest tier that may refer.
    pub min_tier: Option<String>,
    /// How long a touch counts, in days of 24 hours.
    pub window_days: i32,
    /// How long before the touch a friend may have enrolled, in hours.
    pub new_member_hours: i64,
    /// Does the friend's first order decide?
    pub first_order: bool,
    /// The least that the order comes to.
    pub min: Minor,
    /// When the commission is paid, in dates after the order.
    pub payout_after_days: i32,
    /// The commission, in basis points of the order.
    pub commission_bp: i64,
    /// The largest.
    pub cap: Minor,
    /// Points beside; the rule on `referral.qualified` pays them.
    pub points: i64,
    /// The friend's coupon.
    pub coupon: Option<String>,
    /// What it costs.
    pub friend_value: Minor,
    /// Friends of one advocate in 30 days.
    pub per_advocate: usize,
    /// Claims from one address in 7 days.
    pub per_ip: usize,
    /// What a new customer costs otherwise.
    pub baseline: Minor,
    /// The cost ratio at which somebody is told, in basis points.
    pub warn_bp: i64,
    /// And at which it stops.
    pub stop_bp: i64,
    /// Over how many dates the ratio is worked out.
    pub guard_days: i32,
}

impl Referral {
    pub(super) fn compile(referral: &written::Referral) -> Option<Self> {
        let limits = referral.limits.as_ref();
        let limit = |limit: Option<i64>, usual: usize| limit.and_then(|n| usize::try_from(n).ok()).unwrap_or(usual);
        let days = |days: i64| i32::try_from(days).ok();
        let bp = |bp: Option<i64>, share: Option<crate::programme::later::moment::Fraction>, usual| {
            bp.or(share.map(|share| share.0)).unwrap_or(usual)
        };
        Some(Self {
            min_tier: referral.min_tier.clone(),
            window_days: days(referral.window_days)?,
            new_member_hours: referral.new_member_hours.unwrap_or(24),
            first_order: referral.qualify.first_order,
            min: Minor(referral.qualify.min_minor.unwrap_or_default()),
            payout_after_days: days(referral.payout_after_days)?,
            commission_bp: referral.advocate.commission_bp,
            cap: Minor(referral.advocate.commission_cap_minor),
            points: referral.advocate.points,
            coupon: referral.friend.coupon.clone(),
            friend_value: Minor(referral.friend.value_minor.unwrap_or_default()),
            per_advocate: limit(limits.and_then(|limits| limits.per_advocate_30d), 20),
            per_ip: limit(limits.and_then(|limits| limits.per_ip_7d), 10),
            baseline: Minor(referral.baseline_cac_minor),
            warn_bp: bp(referral.cost_ratio_warn_bp, referral.cost_ratio_warn, 4_000),
            stop_bp: bp(referral.cost_ratio_stop_bp, referral.cost_ratio_stop, 5_000),
            guard_days: days(referral.guard_days.unwrap_or(90))?,
        })
    }
}
