//! Tiers and segments.

use domain::kernel::id::{EntryId, MemberId};
use domain::kernel::quantity::{Minor, Points};
use domain::ledger::entry::Detail;
use domain::ledger::floor::SetFloor;
use domain::ledger::outlook::{Entitlement, Outlook};
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::segment::{Measures, Scores};
use domain::standing::scores::{Score, Scored};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Done, StoreError};

use crate::Problem;

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

/// A lowest tier set by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TierFloor {
    /// The tier.
    pub tier: String,
    /// Until when, exclusive.
    pub until: Timestamp,
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
        let Outlook { tier, since, status, period, floor, next, benefits } = outlook;
        Self {
            member: member.to_string(),
            tier,
            since,
            status_points: status,
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

/// A benefit that was used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BenefitUseReply {
    /// Its entry.
    pub use_id: String,
    /// Which.
    pub benefit: String,
    /// The tier that it came with.
    pub tier: String,
    /// What it costs the brand, in minor units.
    pub unit_cost_minor: Minor,
}

impl BenefitUseReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no use of a benefit.
    pub fn new(member: &MemberId, done: &Done, programmes: &Programmes) -> Result<Self, Problem> {
        let Detail::Benefit { benefit, tier } = &done.entry.detail else {
            return Err(StoreError::Broken("the use of a benefit made another entry".to_owned()).into());
        };
        let declared = programmes.numbered(done.entry.programme).and_then(|programme| programme.benefit(benefit));
        Ok(Self {
            use_id: EntryId { member: member.clone(), sequence: done.entry.sequence }.to_string(),
            benefit: benefit.clone(),
            tier: tier.clone(),
            unit_cost_minor: declared.map(|declared| declared.unit_cost_minor).unwrap_or_default(),
        })
    }
}

/// The tier below which a member is not to fall.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierFloorRequest {
    /// The tier.
    pub tier: String,
    /// Until when, exclusive; at most five years. An instant that is over ends the floor there is.
    pub until: Timestamp,
    /// One of the programme's reasons for corrections by hand.
    pub reason: String,
}

impl TierFloorRequest {
    /// As a command of `by`.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub fn to_floor(&self, by: &str) -> Result<SetFloor, Problem> {
        let until = self.until.round(jiff::Unit::Millisecond);
        let until = until.map_err(|error| Problem::invalid("/until", error.to_string()))?;
        Ok(SetFloor { tier: self.tier.clone(), until, reason: self.reason.clone(), by: by.to_owned() })
    }
}

/// The floor that was set.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TierFloorReply {
    /// Its entry.
    pub floor_id: String,
    /// The tier below which the member does not fall.
    pub floor: TierFloor,
    /// The tier that it lifted the member to, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_to: Option<String>,
}

impl TierFloorReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no floor.
    pub fn new(member: &MemberId, done: &Done) -> Result<Self, Problem> {
        let Detail::Floor { tier, until, change, .. } = &done.entry.detail else {
            return Err(StoreError::Broken("a floor made another entry".to_owned()).into());
        };
        Ok(Self {
            floor_id: EntryId { member: member.clone(), sequence: done.entry.sequence }.to_string(),
            floor: TierFloor { tier: tier.clone(), until: *until },
            lifted_to: change.as_ref().map(|change| change.tier.clone()),
        })
    }
}
