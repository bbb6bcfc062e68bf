//! Whether a member can have a reward, and every reason why not.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::kernel::quantity::Points;
use crate::kernel::refusal::{Class, Codes, Refusal, fields_of, refusals};
use crate::ledger::account::Account;
use crate::ledger::counter::Counter;
use crate::programme::compiled::Programme;
use crate::programme::reward::Reward;

refusals! {
    /// Why something cannot be had.
    Reason {
        /// The member is suspended, or has left.
        Forbidden MemberNotActive ("member_not_active") {
            /// Where the member stands.
            state: &'static str,
        } = "the member is not active",
        /// There are none left.
        Conflict OutOfStock ("out_of_stock") = "there are none left",
        /// The member owes points.
        Conflict InDebt ("in_debt") {
            /// How many.
            debt: Points,
        } = "the member owes points",
        /// Too few points can be spent.
        Conflict InsufficientPoints ("insufficient_points") {
            /// Its price.
            required: Points,
            /// What can be spent.
            active: Points,
            /// What is owed.
            debt: Points,
            /// What is missing.
            missing: Points,
            /// The next points to become spendable.
            #[serde(skip_serializing_if = "Option::is_none")]
            next_activation: Option<NextActivation>,
        } = "too few points can be spent",
        /// The member's tier is too low.
        Conflict TierTooLow ("tier_too_low") {
            /// The lowest that may have it.
            min_tier: String,
        } = "the member's tier is too low",
        /// The member had as many as one may.
        Conflict LimitReached ("limit_reached") {
            /// How many in a period.
            per_member: i64,
            /// The first date on which it can be had again; absent if never.
            #[serde(skip_serializing_if = "Option::is_none")]
            resets_on: Option<Date>,
        } = "the member had as many as one may",
        /// It is not offered yet.
        Conflict NotStarted ("not_started") {
            /// The first date.
            from: Date,
        } = "it is not offered yet",
        /// It is no longer offered.
        Conflict Ended ("ended") {
            /// The last date.
            until: Date,
        } = "it is no longer offered",
    }
}

/// Something cannot be had, for every reason in the list; the first gives code, words and data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unavailable {
    reasons: Vec<Reason>,
}

impl Unavailable {
    /// For one reason.
    #[must_use]
    pub fn because(reason: Reason) -> Self {
        Self { reasons: vec![reason] }
    }

    /// Nothing if there is no reason.
    ///
    /// # Errors
    /// There is one.
    pub fn unless_empty(reasons: Vec<Reason>) -> Result<(), Self> {
        if reasons.is_empty() { Ok(()) } else { Err(Self { reasons }) }
    }

    /// Why; never empty.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }
}

impl Refusal for Unavailable {
    const CODES: Codes = Reason::CODES;

    fn code(&self) -> &'static str {
        self.reasons[0].code()
    }

    fn class(&self) -> Class {
        self.reasons[0].class()
    }

    fn words(&self) -> Cow<'static, str> {
        self.reasons[0].words()
    }

    fn field(&self) -> Option<&str> {
        self.reasons[0].field()
    }

    fn data(&self) -> Map<String, Value> {
        let mut data = fields_of(self);
        data.extend(self.reasons[0].data());
        data
    }
}

/// The next points to become spendable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextActivation {
    /// How many.
    pub points: Points,
    /// When.
    pub at: Timestamp,
}

/// A reward's price for a member.
#[must_use]
pub fn price(programme: &Programme, reward: &Reward, tier: Option<&str>) -> Points {
    let tier = programme.tier_or_base(tier);
    reward.tier_price.get(tier).copied().unwrap_or(reward.cost_points)
}

/// The counter of a reward's limit at an instant, and how many there may be; `None` if it has none, or none that counts what is
/// granted.
pub(crate) fn limit_counter(
    programme: &Programme,
    reward: &Reward,
    granted: bool,
    at: Timestamp,
) -> Option<(Counter, i64)> {
    let limit = reward.limit.filter(|limit| limit.grants || !granted)?;
    let counter = Counter::new(&format!("reward:{}", reward.id), limit.period, programme.zone().date(at));
    Some((counter, limit.per_member))
}

/// Every reason why a member cannot have `quantity` of a reward now; none means that it can be had, stock aside.
#[must_use]
pub fn availability(
    account: &Account,
    reward: &Reward,
    quantity: u32,
    programme: &Programme,
    now: Timestamp,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !account.membership.spends() {
        reasons.push(Reason::MemberNotActive { state: account.membership.name() });
    }
    let date = programme.zone().date(now);
    let pockets = &account.pockets;
    let (active, debt) = (pockets.active_points(), pockets.debt);
    if debt.is_positive() {
        reasons.push(Reason::InDebt { debt });
    }
    let required = Points(price(programme, reward, account.tier_at(now)).0.saturating_mul(quantity.into()));
    if active < required {
        let next_activation = pockets.next_activation().map(|(at, points)| NextActivation { points, at });
        let missing = required - active + debt;
        reasons.push(Reason::InsufficientPoints { required, active, debt, missing, next_activation });
    }
    let own = account.tier_at(now).map_or(0, |tier| programme.rank(tier));
    if let Some(min_tier) = reward.min_tier.as_ref().filter(|tier| own < programme.rank(tier)) {
        reasons.push(Reason::TierTooLow { min_tier: min_tier.clone() });
    }
    if let Some((counter, per_member)) = limit_counter(programme, reward, false, now)
        && account.counted(&counter).saturating_add(quantity.into()) > per_member
    {
        reasons.push(Reason::LimitReached { per_member, resets_on: counter.period.end(date) });
    }
    if let Some(from) = reward.from.filter(|&from| date < from) {
        reasons.push(Reason::NotStarted { from });
    }
    if let Some(until) = reward.until.filter(|&until| until < date) {
        reasons.push(Reason::Ended { until });
    }
    reasons
}
