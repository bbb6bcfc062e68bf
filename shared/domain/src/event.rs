//! What the ledger tells others: `CloudEvents` 1.0, derived from committed entries and nothing else.
//!
//! An event's id is a hash of where it comes from, so that sending it again is harmless. Events name members by their
//! pseudonymous id and hold no personal data.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::entry::{Detail, Entry, Initiator, Movement, Settlement};
use crate::id::{EntryId, MemberId, OperationId};
use crate::programme::ORDER_PAID;
use crate::programme::document::RewardKind;
use crate::quantity::{Minor, Points};
use crate::segments::{Measures, ScoreChange, Scores};
use crate::tiers::{TierChange, Transition};

/// A `CloudEvents` 1.0 event, structured mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Always `1.0`.
    pub specversion: Version,
    /// The same for the same event, however often it is sent.
    pub id: String,
    /// Always `/perennial/accounts`.
    pub source: String,
    /// Its type and data.
    #[serde(flatten)]
    pub fact: Fact,
    /// When it happened.
    pub time: Timestamp,
    /// Whose account.
    #[schemars(with = "String")]
    pub member: MemberId,
    /// The ledger entry that it comes from, counted from 1 per account.
    pub sequence: u64,
    /// When the entry was recorded.
    pub recordedtime: Timestamp,
    /// The entry that it comes from.
    pub causationid: String,
    /// The operation that made the entry: the same for everything that came of one request.
    pub correlationid: OperationId,
    /// The number of the programme version that decided.
    pub programmeversion: u32,
}

/// The version of the `CloudEvents` specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Version {
    /// 1.0.
    #[serde(rename = "1.0")]
    V1,
}

macro_rules! facts {
    ($($(#[doc = $doc:literal])+ $name:ident = $type:literal { $($(#[$attribute:meta])* $field:ident: $kind:ty),* $(,)? })+) => {
        /// What happened. One type and the shape of its data each.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "type", content = "data")]
        pub enum Fact {
            $($(#[doc = $doc])+ #[serde(rename = $type)] $name {
                $($(#[$attribute])* $field: $kind),*
            },)+
        }

        impl Fact {
            /// Every type with what it means, in order.
            pub const TYPES: &'static [(&'static str, &'static str)] = &[$(($type, concat!($($doc),+))),+];

            /// Its `CloudEvents` type.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $type,)+
                }
            }
        }
    };
}

facts! {
    /// An order was paid.
    OrderPaid = "perennial.earn.orderpaid.v1" {
        /// The shop's order id.
        order: String,
        /// What it cost, net, in minor units, less refunds that came before it.
        net_minor: Minor,
    }
    /// An order was returned, in part or whole.
    OrderRefunded = "perennial.earn.orderrefunded.v1" {
        /// The shop's order id.
        order: String,
        /// How much of it, in minor units.
        amount_minor: Minor,
        /// The order itself has not been reported yet.
        parked: bool,
    }
    /// Another declared behaviour was reported.
    ActivityRecorded = "perennial.earn.activityrecorded.v1" {
        /// Its type, as declared in the programme.
        activity: String,
    }
    /// Points were earned.
    PointsEarned = "perennial.led.pointsearned.v1" {
        /// How many.
        points: Points,
        /// When they can be spent; absent if at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        activates_at: Option<Timestamp>,
        /// When they expire; absent if all of them repaid debt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
        /// Points by rule.
        rules: BTreeMap<String, Points>,
    }
    /// Pending points can be spent. It is told when the ledger records it: with the member's next entry, or at the latest
    /// `record_activation_within_days` later; `time` says since when.
    PointsActivated = "perennial.led.pointsactivated.v1" {
        /// How many.
        points: Points,
        /// When they expire.
        expires_at: Timestamp,
    }
    /// Points will expire soon.
    PointsExpiring = "perennial.led.pointsexpiring.v1" {
        /// How many.
        points: Points,
        /// When.
        expires_at: Timestamp,
        /// How many days before.
        days: i32,
    }
    /// Points expired unspent.
    PointsExpired = "perennial.led.pointsexpired.v1" {
        /// How many.
        points: Points,
    }
    /// Points were held for an order that is being paid.
    PointsHeld = "perennial.led.pointsheld.v1" {
        /// The hold.
        hold: String,
        /// Which order.
        order: String,
        /// How many.
        points: Points,
        /// When the hold ends by itself.
        until: Timestamp,
    }
    /// A hold ended and gave its points back.
    HoldReleased = "perennial.led.holdreleased.v1" {
        /// The hold.
        hold: String,
        /// How many points it gave back, before debt was repaid.
        points: Points,
    }
    /// Points were spent.
    PointsRedeemed = "perennial.led.pointsredeemed.v1" {
        /// How many.
        points: Points,
    }
    /// Spent points came back.
    PointsRestored = "perennial.led.pointsrestored.v1" {
        /// How many.
        points: Points,
        /// How many stay expired.
        lost: Points,
    }
    /// Earned points were taken back after a refund.
    PointsReversed = "perennial.led.pointsreversed.v1" {
        /// How many, debt included.
        points: Points,
    }
    /// Points were corrected by hand.
    PointsAdjusted = "perennial.led.pointsadjusted.v1" {
        /// How many, up or down.
        points: Points,
        /// One of the programme's reasons.
        reason: String,
    }
    /// A correction by hand waits for a second person.
    AdjustmentRequested = "perennial.led.adjustmentrequested.v1" {
        /// The request.
        adjustment: String,
        /// How many points, up or down.
        points: Points,
        /// One of the programme's reasons.
        reason: String,
    }
    /// Points are owed after a refund of spent points.
    DebtIncurred = "perennial.led.debtincurred.v1" {
        /// How many.
        points: Points,
    }
    /// Points repaid debt: those of a fact when it is recorded, those that became spendable when that is.
    DebtRepaid = "perennial.led.debtrepaid.v1" {
        /// How many.
        points: Points,
    }
    /// Status points were credited.
    StatusCredited = "perennial.led.statuscredited.v1" {
        /// How many.
        points: Points,
    }
    /// Status points were taken back.
    StatusReversed = "perennial.led.statusreversed.v1" {
        /// How many.
        points: Points,
    }
    /// A reward was had.
    RedemptionConfirmed = "perennial.red.redemptionconfirmed.v1" {
        /// The redemption.
        redemption: String,
        /// Which reward.
        reward: String,
        /// What it is.
        reward_kind: RewardKind,
        /// How many.
        quantity: u32,
    }
    /// A voucher was issued; its code is only in the answer to the member.
    VoucherIssued = "perennial.red.voucherissued.v1" {
        /// The redemption that it belongs to.
        redemption: String,
        /// Of which reward.
        reward: String,
        /// Until when it is valid.
        expires_at: Timestamp,
    }
    /// A redemption or a payment with points was taken back.
    RedemptionReversed = "perennial.red.redemptionreversed.v1" {
        /// What was taken back.
        redemption: String,
        /// Who cancelled.
        initiated_by: Initiator,
    }
    /// The tier rose.
    TierUpgraded = "perennial.tier.tierupgraded.v1" {
        /// The tier before.
        from: String,
        /// The tier now.
        tier: String,
        /// The end of its period.
        until: Option<Timestamp>,
        /// The segment that qualified, if it was not the points.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        segment: Option<String>,
        /// It had been reached and revoked before in the same period: no second ceremony.
        regained: bool,
    }
    /// The tier was kept for another period.
    TierRenewed = "perennial.tier.tierrenewed.v1" {
        /// The tier.
        tier: String,
        /// The end of its period.
        until: Option<Timestamp>,
    }
    /// The tier was not kept; benefits stay during a grace in which it still can be.
    TierGraceStarted = "perennial.tier.tiergracestarted.v1" {
        /// The tier.
        tier: String,
        /// The end of the grace.
        until: Option<Timestamp>,
        /// Status points missing to keep it.
        missing: Points,
    }
    /// The tier fell.
    TierDowngraded = "perennial.tier.tierdowngraded.v1" {
        /// The tier before.
        from: String,
        /// The tier now.
        tier: String,
        /// The end of its period; absent for the base tier.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    }
    /// A refund took the ground from a new tier.
    TierRevoked = "perennial.tier.tierrevoked.v1" {
        /// The tier before.
        from: String,
        /// The tier now.
        tier: String,
    }
    /// A late fact gave a tier back.
    TierReinstated = "perennial.tier.tierreinstated.v1" {
        /// The tier before.
        from: String,
        /// The tier now.
        tier: String,
        /// The end of its period.
        until: Option<Timestamp>,
    }
    /// The lowest tier was set by hand.
    TierFloorSet = "perennial.tier.tierfloorset.v1" {
        /// The tier.
        tier: String,
        /// Until when.
        until: Timestamp,
        /// One of the programme's reasons.
        reason: String,
    }
    /// The tier will fall soon.
    TierDowngradeUpcoming = "perennial.tier.tierdowngradeupcoming.v1" {
        /// The tier.
        tier: String,
        /// When.
        at: Timestamp,
        /// Status points missing to keep it.
        missing: Points,
        /// How many days before.
        days: i32,
    }
    /// A benefit came with the tier.
    BenefitGranted = "perennial.tier.benefitgranted.v1" {
        /// The benefit.
        benefit: String,
        /// The tier that it came with.
        tier: String,
    }
    /// A benefit went with the tier.
    BenefitWithdrawn = "perennial.tier.benefitwithdrawn.v1" {
        /// The benefit.
        benefit: String,
        /// The tier now.
        tier: String,
    }
    /// A benefit was used.
    BenefitConsumed = "perennial.tier.benefitconsumed.v1" {
        /// The benefit.
        benefit: String,
        /// The tier that it came with.
        tier: String,
    }
    /// RFM-LS scores changed.
    ScoreChanged = "perennial.seg.scorechanged.v1" {
        /// The scores now.
        scores: Scores,
        /// The scores before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Scores>,
        /// What they are worked out from.
        measures: Measures,
    }
    /// The member left a segment.
    SegmentLeft = "perennial.seg.segmentleft.v1" {
        /// Which.
        segment: String,
    }
    /// The member entered a segment.
    SegmentEntered = "perennial.seg.segmententered.v1" {
        /// Which.
        segment: String,
    }
    /// A tag of the dictionary marks the member now.
    TagAdded = "perennial.mem.tagadded.v1" {
        /// Which.
        tag: String,
    }
    /// A tag marks the member no longer.
    TagRemoved = "perennial.mem.tagremoved.v1" {
        /// Which.
        tag: String,
    }
}

/// The `source` of every event.
pub const SOURCE: &str = "/perennial/accounts";

/// The events of an entry, in the order in which things happened; none if nobody could notice what happened.
#[must_use]
pub fn events(member: &MemberId, entry: &Entry) -> Vec<Event> {
    let id = |sequence: u64| EntryId { member: member.clone(), sequence }.to_string();
    let mut facts: Vec<(Timestamp, Fact)> = Vec::new();
    for settlement in &entry.settled {
        settled(settlement, entry.recorded_at, &id, &mut facts);
    }
    let mut own = Vec::new();
    happened(entry, &id, &mut own);
    facts.extend(own.into_iter().map(|fact| (entry.occurred_at, fact)));
    let mut legs: BTreeMap<&str, u32> = BTreeMap::new();
    let events = facts.into_iter().map(|(time, fact)| {
        let leg = legs.entry(fact.kind()).or_default();
        *leg = leg.saturating_add(1);
        Event {
            specversion: Version::V1,
            id: event_id(&id(entry.sequence), fact.kind(), *leg),
            source: SOURCE.to_owned(),
            fact,
            time,
            member: member.clone(),
            sequence: entry.sequence,
            recordedtime: entry.recorded_at,
            causationid: id(entry.sequence),
            correlationid: entry.operation,
            programmeversion: entry.programme,
        }
    });
    events.collect()
}

/// The first 16 bytes of SHA-256 of the entry, the type, and which of its type it is.
fn event_id(entry: &str, kind: &str, leg: u32) -> String {
    let digest: [u8; 32] = Sha256::digest(format!("{entry}\n{kind}\n{leg}")).into();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    OperationId(first).to_string()
}

/// What time did, when it was due; a notice is told when it is recorded.
fn settled(
    settlement: &Settlement,
    recorded_at: Timestamp,
    id: &impl Fn(u64) -> String,
    facts: &mut Vec<(Timestamp, Fact)>,
) {
    let mut at = |at: Timestamp, fact| facts.push((at, fact));
    match settlement {
        Settlement::Activated { activates_at, expires_at, points, repaid } => {
            at(*activates_at, Fact::PointsActivated { points: *points, expires_at: *expires_at });
            if repaid.is_positive() {
                at(*activates_at, Fact::DebtRepaid { points: *repaid });
            }
        }
        Settlement::Expired { expires_at, points } => at(*expires_at, Fact::PointsExpired { points: *points }),
        Settlement::Released { hold, until, parts, repaid } => {
            let points = parts.iter().map(|(_, points)| *points).sum();
            at(*until, Fact::HoldReleased { hold: id(*hold), points });
            if repaid.is_positive() {
                at(*until, Fact::DebtRepaid { points: *repaid });
            }
        }
        Settlement::Tier(change) => {
            let mut moved = Vec::new();
            tier_moved(change, &mut moved);
            for fact in moved {
                at(change.at, fact);
            }
        }
        Settlement::Expiring { expires_at, points, days } => {
            at(recorded_at, Fact::PointsExpiring { points: *points, expires_at: *expires_at, days: *days });
        }
        Settlement::DowngradeUpcoming { tier, at: falls_at, missing, days } => {
            let tier = tier.clone();
            at(recorded_at, Fact::TierDowngradeUpcoming { tier, at: *falls_at, missing: *missing, days: *days });
        }
    }
}

/// What the operation did.
fn happened(entry: &Entry, id: &impl Fn(u64) -> String, facts: &mut Vec<Fact>) {
    let own = || id(entry.sequence);
    match &entry.detail {
        Detail::Earn { activity, order, inputs, trace, status } => {
            let net_minor = inputs.net.unwrap_or_default() - inputs.netted;
            facts.push(match order {
                Some(order) if activity == ORDER_PAID => Fact::OrderPaid { order: order.clone(), net_minor },
                _ => Fact::ActivityRecorded { activity: activity.clone() },
            });
            facts.extend(earned(entry, trace));
            facts.extend(status.is_positive().then_some(Fact::StatusCredited { points: *status }));
        }
        Detail::Refund { order, amount_minor, parked, status, .. } => {
            let (order, amount_minor, parked) = (order.clone(), *amount_minor, *parked);
            facts.push(Fact::OrderRefunded { order, amount_minor, parked });
            let points = -entry.points();
            facts.extend(points.is_positive().then_some(Fact::PointsReversed { points }));
            facts.extend(status.is_positive().then_some(Fact::StatusReversed { points: *status }));
        }
        Detail::Redeem { reward, reward_kind, quantity, voucher_expires_at, .. } => {
            let (reward, reward_kind, quantity) = (reward.clone(), *reward_kind, *quantity);
            let issued = voucher_expires_at.map(|expires_at| Fact::VoucherIssued {
                redemption: own(),
                reward: reward.clone(),
                expires_at,
            });
            facts.push(Fact::RedemptionConfirmed { redemption: own(), reward, reward_kind, quantity });
            facts.push(Fact::PointsRedeemed { points: -entry.points() });
            facts.extend(issued);
        }
        Detail::Reverse { redemption, initiated_by, lost, .. } => {
            facts.push(Fact::RedemptionReversed { redemption: id(*redemption), initiated_by: *initiated_by });
            facts.push(Fact::PointsRestored { points: entry.points(), lost: *lost });
        }
        Detail::Hold { order, until, .. } => {
            let points = held(entry);
            facts.push(Fact::PointsHeld { hold: own(), order: order.clone(), points, until: *until });
        }
        Detail::Capture { .. } => facts.push(Fact::PointsRedeemed { points: -entry.points() }),
        Detail::Release { hold } => facts.push(Fact::HoldReleased { hold: id(*hold), points: -held(entry) }),
        Detail::Adjust { reason, .. } => {
            facts.push(Fact::PointsAdjusted { points: entry.points(), reason: reason.clone() });
        }
        Detail::AdjustmentRequest { points, reason, .. } => {
            let (points, reason) = (*points, reason.clone());
            facts.push(Fact::AdjustmentRequested { adjustment: own(), points, reason });
        }
        Detail::Settle => {}
        Detail::Benefit { benefit, tier } => {
            facts.push(Fact::BenefitConsumed { benefit: benefit.clone(), tier: tier.clone() });
        }
        Detail::Evaluate { tiers, score } => evaluated(tiers, score.as_ref(), facts),
        Detail::Floor { tier, until, reason, change, .. } => {
            let (tier, reason) = (tier.clone(), reason.clone());
            facts.push(Fact::TierFloorSet { tier, until: *until, reason });
            if let Some(change) = change {
                benefits_moved(change, facts);
            }
        }
    }
    debt_moved(entry, facts);
}

fn evaluated(tiers: &[TierChange], score: Option<&ScoreChange>, facts: &mut Vec<Fact>) {
    for change in tiers {
        tier_moved(change, facts);
    }
    let Some(score) = score else { return };
    let ScoreChange { scores, before, measures, .. } = *score;
    facts.push(Fact::ScoreChanged { scores, before, measures });
    if score.left.is_some() || before.is_none() {
        facts.extend(score.left.clone().map(|segment| Fact::SegmentLeft { segment }));
        facts.push(Fact::SegmentEntered { segment: score.segment.clone() });
    }
    facts.extend(score.tagged.iter().map(|tag| Fact::TagAdded { tag: tag.clone() }));
    facts.extend(score.untagged.iter().map(|tag| Fact::TagRemoved { tag: tag.clone() }));
}

/// Debt that the operation itself repaid or incurred.
fn debt_moved(entry: &Entry, facts: &mut Vec<Fact>) {
    let of_debt = |movement: &Movement| match *movement {
        Movement::Debt { points } => points,
        _ => Points::ZERO,
    };
    let debt: Points = entry.movements.iter().map(of_debt).sum();
    if debt.is_positive() {
        facts.push(Fact::DebtRepaid { points: debt });
    } else if !debt.is_zero() {
        facts.push(Fact::DebtIncurred { points: -debt });
    }
}

/// Points in a hold after an entry that made it; what one that ended it took out is negative.
fn held(entry: &Entry) -> Points {
    let held = entry.movements.iter().filter(|movement| matches!(movement, Movement::Held { .. }));
    held.map(Movement::points).sum()
}

fn earned(entry: &Entry, rules: &BTreeMap<String, Points>) -> Option<Fact> {
    let points: Points = rules.values().copied().sum();
    let lot = entry.movements.iter().find_map(|movement| match *movement {
        Movement::Pending { activates_at, expires_at, points } if points.is_positive() => {
            Some((Some(activates_at), expires_at))
        }
        Movement::Active { expires_at, points } if points.is_positive() => Some((None, expires_at)),
        _ => None,
    });
    let (activates_at, expires_at) =
        lot.map_or((None, None), |(activates_at, expires_at)| (activates_at, Some(expires_at)));
    points.is_positive().then(|| Fact::PointsEarned { points, activates_at, expires_at, rules: rules.clone() })
}

fn tier_moved(change: &TierChange, facts: &mut Vec<Fact>) {
    let TierChange { from, tier, until, .. } = change.clone();
    let moved = from != tier;
    let fact = match change.change {
        Transition::Upgraded if moved => {
            let (segment, regained) = (change.segment.clone(), change.regained);
            Some(Fact::TierUpgraded { from, tier, until, segment, regained })
        }
        Transition::Renewed => Some(Fact::TierRenewed { tier, until }),
        Transition::GraceStarted => {
            Some(Fact::TierGraceStarted { tier, until, missing: (change.needed - change.status).or_zero() })
        }
        Transition::Downgraded | Transition::FloorEnded if moved => Some(Fact::TierDowngraded { from, tier, until }),
        Transition::Revoked if moved => Some(Fact::TierRevoked { from, tier }),
        Transition::Reinstated if moved => Some(Fact::TierReinstated { from, tier, until }),
        // A floor holds the tier: nothing that the member would notice.
        _ => None,
    };
    facts.extend(fact);
    benefits_moved(change, facts);
}

fn benefits_moved(change: &TierChange, facts: &mut Vec<Fact>) {
    let tier = || change.tier.clone();
    let granted = change.granted.iter().map(|benefit| Fact::BenefitGranted { benefit: benefit.clone(), tier: tier() });
    facts.extend(granted);
    let gone = change.withdrawn.iter().map(|benefit| Fact::BenefitWithdrawn { benefit: benefit.clone(), tier: tier() });
    facts.extend(gone);
}
