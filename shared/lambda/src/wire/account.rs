//! The account as it stands: balance, lots, tier, scores.

use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::account::Account;
use domain::ledger::outlook::{Entitlement, Outlook};
use domain::programme::compiled::Programme;
use domain::programme::segment::{Measures, Scores};
use domain::standing::scores::{Score, Scored};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Balance, NextActivation, TierFloor};

/// A member's balance at an instant.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BalanceReply {
    /// Whose.
    pub member: String,
    /// The member who was asked for, if another one stands for that one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_from: Option<String>,
    /// The instant.
    pub as_of: Timestamp,
    /// The balance.
    #[serde(flatten)]
    pub balance: Balance,
    /// The tier now.
    pub tier: String,
    /// The next points to become spendable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_activation: Option<NextActivation>,
    /// The next points to expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_expiry: Option<LotView>,
}

/// Points that expire at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LotView {
    /// How many.
    pub points: Points,
    /// When.
    pub expires_at: Timestamp,
}

/// Points that become spendable at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PendingView {
    /// How many.
    pub points: Points,
    /// When they can be spent.
    pub activates_at: Timestamp,
    /// When they expire.
    pub expires_at: Timestamp,
}

/// A member's lots.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LotsReply {
    /// Whose.
    pub member: String,
    /// Spendable, in the order in which they are spent.
    pub active: Vec<LotView>,
    /// Not yet spendable.
    pub pending: Vec<PendingView>,
    /// Held at a checkout.
    pub held: Vec<LotView>,
}

impl BalanceReply {
    /// Of an account that is settled at `as_of`.
    #[must_use]
    pub fn new(account: &Account, asked: &MemberId, programme: &Programme, as_of: Timestamp) -> Self {
        let pockets = &account.pockets;
        Self {
            member: account.member.to_string(),
            merged_from: (*asked != account.member).then(|| asked.to_string()),
            as_of,
            balance: Balance::of(pockets),
            tier: programme.tier_or_base(account.tier_at(as_of)).to_owned(),
            next_activation: pockets.next_activation().map(|(at, points)| NextActivation { points, at }),
            next_expiry: pockets.active.first_key_value().map(|(&expires_at, &points)| LotView { points, expires_at }),
        }
    }
}

impl LotsReply {
    /// Of a settled account.
    #[must_use]
    pub fn new(account: &Account) -> Self {
        let pockets = &account.pockets;
        let lot = |(&expires_at, &points)| LotView { points, expires_at };
        let pending = pockets.pending.iter();
        Self {
            member: account.member.to_string(),
            active: pockets.active.iter().map(lot).collect(),
            pending: pending
                .map(|(&(activates_at, expires_at), &points)| PendingView { points, activates_at, expires_at })
                .collect(),
            held: pockets.held.iter().map(|((_, expires_at), points)| lot((expires_at, points))).collect(),
        }
    }
}

/// A member's tier, what it rests on, and how far it is to the next.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TierReply {
    /// Whose.
    pub member: String,
    /// The tier in force.
    pub tier: String,
    /// Since when; absent for who never left the base tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Status points of the running month and the twelve before it: what an upgrade looks at.
    pub status_points: Points,
    /// What was earned in all in other programmes, of who was brought over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_points: Option<Points>,
    /// The period of the tier; absent for the base tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<TierPeriod>,
    /// A lowest tier set by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<TierFloor>,
    /// The next higher tier, and why not now; absent at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextTier>,
    /// What the tier entitles to.
    pub benefits: Vec<BenefitView>,
}

/// The period of a tier.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TierPeriod {
    /// The tier that was reached; a floor may hold a higher one.
    pub tier: String,
    /// Facts from then on count for keeping it.
    pub start: Timestamp,
    /// Until then, exclusive.
    pub end: Timestamp,
    /// The end of the grace after it, in which it can still be kept.
    pub grace_end: Timestamp,
    /// The period is over, the grace runs.
    pub in_grace: bool,
    /// Status points of the period so far.
    pub points: Points,
    /// How many keep the tier.
    pub points_needed: Points,
    /// How many are missing to keep it.
    pub points_to_keep: Points,
    /// The tier at the end of the grace if nothing more is earned.
    pub projected_tier: String,
}

/// The next higher tier.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NextTier {
    /// The tier.
    pub tier: String,
    /// Status points needed.
    pub threshold: Points,
    /// How many are missing: why the member is not there.
    pub points_to_next: Points,
    /// Another way to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative: Option<AlternativeView>,
}

/// Another way to a tier, and which of its conditions hold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AlternativeView {
    /// Members of this segment ...
    pub segment: String,
    /// ... from this tier on.
    pub min_tier: String,
    /// The segment that the member is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_segment: Option<String>,
}

/// A benefit.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BenefitView {
    /// Which.
    pub benefit: String,
    /// What it is.
    pub description: String,
    /// How often it can still be used in the running period; absent: as often as one likes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// The local date on which the count begins anew; absent if it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub resets_on: Option<Date>,
}

impl From<Entitlement> for BenefitView {
    fn from(Entitlement { benefit, description, left, resets_on }: Entitlement) -> Self {
        Self { benefit, description, left, resets_on }
    }
}

impl TierReply {
    /// Of how an account stands.
    #[must_use]
    pub fn new(member: &MemberId, outlook: Outlook) -> Self {
        let Outlook { tier, since, status, lifetime, period, floor, next, benefits } = outlook;
        Self {
            member: member.to_string(),
            tier,
            since,
            status_points: status,
            lifetime_points: Some(lifetime).filter(|points| points.is_positive()),
            period: period.map(|period| TierPeriod {
                tier: period.tier,
                start: period.start,
                end: period.end,
                grace_end: period.grace_end,
                in_grace: period.in_grace,
                points: period.points,
                points_needed: period.needed,
                points_to_keep: period.missing,
                projected_tier: period.projected,
            }),
            floor: floor.map(|floor| TierFloor { tier: floor.tier, until: floor.until }),
            next: next.map(|next| NextTier {
                tier: next.tier,
                threshold: next.threshold,
                points_to_next: next.missing,
                alternative: next.alternative.map(|alternative| AlternativeView {
                    segment: alternative.segment,
                    min_tier: alternative.min_tier,
                    own_segment: next.segment,
                }),
            }),
            benefits: benefits.into_iter().map(BenefitView::from).collect(),
        }
    }
}

/// A member's RFM-LS scores, with what they are worked out from.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SegmentReply {
    /// Whose.
    pub member: String,
    /// The segment.
    pub segment: String,
    /// The scores, each from 1 to 5.
    pub scores: Scores,
    /// The weighed sum of the scores, in basis points: 10,000 to 50,000.
    pub composite_bp: i64,
    /// Tags.
    pub tags: Vec<String>,
    /// What the scores are worked out from, today.
    pub measures: Measures,
    /// The programme version with the breakpoints, segments and tags.
    pub programme_version: String,
    /// What the ledger says if it has not been evaluated today yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RecordedSegment>,
}

/// The scores as last recorded in the ledger.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RecordedSegment {
    /// The segment.
    pub segment: String,
    /// The scores.
    pub scores: Scores,
}

impl SegmentReply {
    /// Of today's scores and those on record.
    #[must_use]
    pub fn new(member: &MemberId, scored: Scored, recorded: Option<&Score>, programme: &Programme) -> Self {
        let weights = programme.document().rfmls.as_ref().map(|rfmls| rfmls.weights_bp);
        let recorded = recorded.filter(|score| (score.scores, &score.segment) != (scored.scores, &scored.segment));
        Self {
            member: member.to_string(),
            segment: scored.segment,
            scores: scored.scores,
            composite_bp: weights.map_or(0, |weights| scored.scores.composite_bp(weights)),
            tags: scored.tags.into_iter().collect(),
            measures: scored.measures,
            programme_version: programme.version().to_owned(),
            recorded: recorded.map(|score| RecordedSegment { segment: score.segment.clone(), scores: score.scores }),
        }
    }
}
