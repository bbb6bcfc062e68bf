//! The shapes of replies.

use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::account::Account;
use domain::ledger::entry::Entry;
use domain::ledger::outlook::{Entitlement, Outlook};
use domain::programme::compiled::Programme;
use domain::programme::segment::{Measures, Scores};
use domain::standing::scores::{Score, Scored};
use jiff::Timestamp;
use jiff::civil::Date;
use lambda::wire::{Balance, EntryView, Explanation, NextActivation, TierFloor};
use schemars::JsonSchema;
use serde::Serialize;

/// A member's balance at an instant.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct BalanceReply {
    /// Whose.
    pub(crate) member: String,
    /// The member who was asked for, if another one stands for that one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) merged_from: Option<String>,
    /// The instant.
    pub(crate) as_of: Timestamp,
    /// The balance.
    #[serde(flatten)]
    pub(crate) balance: Balance,
    /// The tier now.
    pub(crate) tier: String,
    /// The next points to become spendable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_activation: Option<NextActivation>,
    /// The next points to expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_expiry: Option<LotView>,
}

/// Points that expire at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct LotView {
    /// How many.
    pub(crate) points: Points,
    /// When.
    pub(crate) expires_at: Timestamp,
}

/// Points that become spendable at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PendingView {
    /// How many.
    pub(crate) points: Points,
    /// When they can be spent.
    pub(crate) activates_at: Timestamp,
    /// When they expire.
    pub(crate) expires_at: Timestamp,
}

/// A member's lots.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct LotsReply {
    /// Whose.
    pub(crate) member: String,
    /// Spendable, in the order in which they are spent.
    pub(crate) active: Vec<LotView>,
    /// Not yet spendable.
    pub(crate) pending: Vec<PendingView>,
    /// Held at a checkout.
    pub(crate) held: Vec<LotView>,
}

impl BalanceReply {
    /// Of an account that is settled at `as_of`.
    #[must_use]
    pub(crate) fn new(account: &Account, asked: &MemberId, programme: &Programme, as_of: Timestamp) -> Self {
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
    pub(crate) fn new(account: &Account) -> Self {
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

/// A stretch of the statement, newest first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct EntriesReply {
    /// The entries.
    pub(crate) entries: Vec<EntryView>,
    /// Give it as `after` to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// An entry with everything about it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct EntryReply {
    /// The entry.
    pub(crate) entry: EntryView,
    /// Why, for earnings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<Explanation>,
    /// The link of the hash chain.
    pub(crate) proof: Proof,
}

/// `hash = SHA-256(previous_hash + content)`, the hash as 32 bytes and the content as UTF-8. The hash of an account's
/// newest entry therefore stands for its whole ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Proof {
    /// The hash of the entry before; zeros for the first.
    pub(crate) previous_hash: Hash,
    /// The entry as canonical JSON: sorted keys, no white space.
    pub(crate) content: String,
    /// Its hash.
    pub(crate) hash: Hash,
}

impl Proof {
    /// Of an entry, after the hash of the one before.
    #[must_use]
    pub(crate) fn new(entry: &Entry, previous_hash: Hash) -> Self {
        Self { previous_hash, content: entry.canonical(), hash: entry.hash(previous_hash) }
    }
}

/// A member's tier, what it rests on, and how far it is to the next.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct TierReply {
    /// Whose.
    pub(crate) member: String,
    /// The tier in force.
    pub(crate) tier: String,
    /// Since when; absent for who never left the base tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Timestamp>,
    /// Status points of the running month and the twelve before it: what an upgrade looks at.
    pub(crate) status_points: Points,
    /// The period of the tier; absent for the base tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) period: Option<TierPeriod>,
    /// A lowest tier set by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) floor: Option<TierFloor>,
    /// The next higher tier, and why not now; absent at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<NextTier>,
    /// What the tier entitles to.
    pub(crate) benefits: Vec<BenefitView>,
}

/// The period of a tier.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct TierPeriod {
    /// The tier that was reached; a floor may hold a higher one.
    pub(crate) tier: String,
    /// Facts from then on count for keeping it.
    pub(crate) start: Timestamp,
    /// Until then, exclusive.
    pub(crate) end: Timestamp,
    /// The end of the grace after it, in which it can still be kept.
    pub(crate) grace_end: Timestamp,
    /// The period is over, the grace runs.
    pub(crate) in_grace: bool,
    /// Status points of the period so far.
    pub(crate) points: Points,
    /// How many keep the tier.
    pub(crate) points_needed: Points,
    /// How many are missing to keep it.
    pub(crate) points_to_keep: Points,
    /// The tier at the end of the grace if nothing more is earned.
    pub(crate) projected_tier: String,
}

/// The next higher tier.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct NextTier {
    /// The tier.
    pub(crate) tier: String,
    /// Status points needed.
    pub(crate) threshold: Points,
    /// How many are missing: why the member is not there.
    pub(crate) points_to_next: Points,
    /// Another way to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alternative: Option<AlternativeView>,
}

/// Another way to a tier, and which of its conditions hold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct AlternativeView {
    /// Members of this segment ...
    pub(crate) segment: String,
    /// ... from this tier on.
    pub(crate) min_tier: String,
    /// The segment that the member is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) own_segment: Option<String>,
}

/// A benefit.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct BenefitView {
    /// Which.
    pub(crate) benefit: String,
    /// What it is.
    pub(crate) description: String,
    /// How often it can still be used in the running period; absent: as often as one likes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left: Option<i64>,
    /// The local date on which the count begins anew; absent if it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) resets_on: Option<Date>,
}

impl From<Entitlement> for BenefitView {
    fn from(Entitlement { benefit, description, left, resets_on }: Entitlement) -> Self {
        Self { benefit, description, left, resets_on }
    }
}

impl TierReply {
    /// Of how an account stands.
    #[must_use]
    pub(crate) fn new(member: &MemberId, outlook: Outlook) -> Self {
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
pub(crate) struct SegmentReply {
    /// Whose.
    pub(crate) member: String,
    /// The segment.
    pub(crate) segment: String,
    /// The scores, each from 1 to 5.
    pub(crate) scores: Scores,
    /// The weighed sum of the scores, in basis points: 10,000 to 50,000.
    pub(crate) composite_bp: i64,
    /// Tags.
    pub(crate) tags: Vec<String>,
    /// What the scores are worked out from, today.
    pub(crate) measures: Measures,
    /// The programme version with the breakpoints, segments and tags.
    pub(crate) programme_version: String,
    /// What the ledger says if it has not been evaluated today yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recorded: Option<RecordedSegment>,
}

/// The scores as last recorded in the ledger.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct RecordedSegment {
    /// The segment.
    pub(crate) segment: String,
    /// The scores.
    pub(crate) scores: Scores,
}

impl SegmentReply {
    /// Of today's scores and those on record.
    #[must_use]
    pub(crate) fn new(member: &MemberId, scored: Scored, recorded: Option<&Score>, programme: &Programme) -> Self {
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
