//! What the ledger tells others, derived from committed entries and nothing else.
//!
//! An event's id is a hash of where it comes from, so sending it again is harmless. Of members it holds the pseudonymous id alone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::kernel::event::{Event, Fact, Version, event_id, facts};
use crate::kernel::id::{EntryId, MemberId};
use crate::kernel::quantity::{Minor, Points};
use crate::ledger::entry::{Detail, Entry, Initiator, Posted};
use crate::ledger::granted::{GrantRefusal, Granted};
use crate::ledger::order_row::PointsPaid;
use crate::ledger::parked::Lapse;
use crate::ledger::pockets::Movement;
use crate::ledger::settlement::Settlement;
use crate::programme::activity::ORDER_PAID;
use crate::programme::reward::RewardKind;
use crate::standing::facts::{StandingFact, benefits_moved, rescored, tier_moved};

/// An instant at which things expire, in examples.
const EXPIRY: Timestamp = Timestamp::constant(1_827_504_000, 0);

facts! { LedgerFact:
    /// The ledger has an account for somebody, from the first entry on.
    AccountOpened = "perennial.led.accountopened.v1" {}
    /// An order was paid.
    OrderPaid = "perennial.earn.orderpaid.v1" {
        /// The shop's order id.
        order: String = "o-1001".into(),
        /// What it cost, net, in minor units, less refunds that came before it.
        net_minor: Minor = Minor(19_990),
    }
    /// An order says that points paid for it, and something else was captured.
    PointsPaidMismatch = "perennial.led.pointspaidmismatch.v1" {
        /// The shop's order id.
        order: String = "o-1001".into(),
        /// What it says, in minor units.
        reported_minor: Minor = Minor(4_300),
        /// What points did pay.
        captured_minor: Minor = Minor(0),
    }
    /// An order was returned, in part or whole.
    OrderRefunded = "perennial.earn.orderrefunded.v1" {
        /// The shop's order id.
        order: String = "o-1001".into(),
        /// How much of it, in minor units.
        amount_minor: Minor = Minor(6_663),
    }
    /// A refund that came before its order took nothing back.
    RefundLapsed = "perennial.led.refundlapsed.v1" {
        /// The shop's refund id.
        refund: String = "r-7".into(),
        /// The order that it named.
        order: String = "o-1001".into(),
        /// Why.
        because: Lapse = Lapse::NoOrder,
    }
    /// Another declared behaviour was reported.
    ActivityRecorded = "perennial.earn.activityrecorded.v1" {
        /// Its type, as declared in the programme.
        activity: String = "ugc.approved".into(),
    }
    /// Points were earned.
    PointsEarned = "perennial.led.pointsearned.v1" {
        /// How many.
        points: Points = Points(299),
        /// When they can be spent; absent if at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        activates_at: Option<Timestamp> = Some(Timestamp::constant(1_796_572_800, 0)),
        /// When they expire; absent if all of them repaid debt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp> = Some(EXPIRY),
        /// Points by rule.
        rules: BTreeMap<String, Points> = [("base-spend".into(), Points(299))].into(),
    }
    /// Pending points can be spent. It is told when the ledger records it: with the member's next entry, or at the latest
    /// `record_activation_within_days` later; `time` says since when.
    PointsActivated = "perennial.led.pointsactivated.v1" {
        /// How many.
        points: Points = Points(299),
        /// When they expire.
        expires_at: Timestamp = EXPIRY,
    }
    /// Points will expire soon.
    PointsExpiring = "perennial.led.pointsexpiring.v1" {
        /// How many.
        points: Points = Points(299),
        /// When.
        expires_at: Timestamp = EXPIRY,
        /// How many days before.
        days: i32 = 30,
    }
    /// Points expired unspent.
    PointsExpired = "perennial.led.pointsexpired.v1" {
        /// How many.
        points: Points = Points(299),
    }
    /// Points were held for an order that is being paid.
    PointsHeld = "perennial.led.pointsheld.v1" {
        /// The hold.
        hold: String = "m-1.40".into(),
        /// Which order.
        order: String = "o-1001".into(),
        /// How many.
        points: Points = Points(300),
        /// When the hold ends by itself.
        until: Timestamp = EXPIRY,
    }
    /// A hold ended and gave its points back.
    HoldReleased = "perennial.led.holdreleased.v1" {
        /// The hold.
        hold: String = "m-1.40".into(),
        /// How many points it gave back, before debt was repaid.
        points: Points = Points(300),
    }
    /// Points were spent.
    PointsRedeemed = "perennial.led.pointsredeemed.v1" {
        /// How many.
        points: Points = Points(100),
    }
    /// Spent points came back.
    PointsRestored = "perennial.led.pointsrestored.v1" {
        /// How many.
        points: Points = Points(100),
        /// How many stay expired.
        lost: Points = Points(0),
    }
    /// Earned points were taken back: after a refund, or with the fact that earned them.
    PointsReversed = "perennial.led.pointsreversed.v1" {
        /// How many, debt included.
        points: Points = Points(100),
    }
    /// Points were corrected by hand.
    PointsAdjusted = "perennial.led.pointsadjusted.v1" {
        /// How many, up or down.
        points: Points = Points(50),
        /// One of the programme's reasons.
        reason: String = "goodwill".into(),
    }
    /// A correction by hand waits for a second person.
    AdjustmentRequested = "perennial.led.adjustmentrequested.v1" {
        /// The request.
        adjustment: String = "m-1.42".into(),
        /// How many points, up or down.
        points: Points = Points(1_500),
        /// One of the programme's reasons.
        reason: String = "complaint".into(),
    }
    /// Points are owed after a refund of spent points.
    DebtIncurred = "perennial.led.debtincurred.v1" {
        /// How many.
        points: Points = Points(80),
    }
    /// Points repaid debt: those of a fact when it is recorded, those that became spendable when that is.
    DebtRepaid = "perennial.led.debtrepaid.v1" {
        /// How many.
        points: Points = Points(50),
    }
    /// Status points were credited.
    StatusCredited = "perennial.led.statuscredited.v1" {
        /// How many.
        points: Points = Points(199),
    }
    /// Status points were taken back.
    StatusReversed = "perennial.led.statusreversed.v1" {
        /// How many.
        points: Points = Points(66),
    }
    /// A reward was had.
    RedemptionConfirmed = "perennial.red.redemptionconfirmed.v1" {
        /// The redemption.
        redemption: String = "m-1.42".into(),
        /// Which reward.
        reward: String = "drink".into(),
        /// What it is.
        reward_kind: RewardKind = RewardKind::Voucher,
        /// How many.
        quantity: u32 = 1,
        /// What it was given for, in the words of the context that asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<String> = None,
    }
    /// What another context asked to be given was not: it is told once, and nothing else comes of the request.
    RewardGrantRefused = "perennial.red.rewardgrantrefused.v1" {
        /// Which reward, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reward: Option<String> = Some("drink".into()),
        /// Which benefit, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        benefit: Option<String> = None,
        /// Why not.
        code: GrantRefusal = GrantRefusal::OutOfStock,
        /// What it was asked for, in the words of the context that asked.
        cause: String = "grant-1001".into(),
    }
    /// A voucher was issued; its code is only in the answer to the member.
    VoucherIssued = "perennial.red.voucherissued.v1" {
        /// The redemption that it belongs to.
        redemption: String = "m-1.42".into(),
        /// Of which reward.
        reward: String = "drink".into(),
        /// Until when it is valid.
        expires_at: Timestamp = EXPIRY,
        /// What it was given for, in the words of the context that asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<String> = None,
    }
    /// A voucher was used.
    VoucherUsed = "perennial.red.voucherused.v1" {
        /// The redemption that it belongs to.
        redemption: String = "m-1.42".into(),
        /// Of which reward.
        reward: String = "drink".into(),
    }
    /// A redemption or a payment with points was taken back.
    RedemptionReversed = "perennial.red.redemptionreversed.v1" {
        /// What was taken back.
        redemption: String = "m-1.42".into(),
        /// Who cancelled.
        initiated_by: Initiator = Initiator::Merchant,
    }
}

/// The `source` of every event.
pub const SOURCE: &str = "/perennial/accounts";

/// What an entry tells: of the ledger itself, or of where the member stands.
enum Told {
    Ledger(LedgerFact),
    Standing(StandingFact),
}

impl From<LedgerFact> for Told {
    fn from(fact: LedgerFact) -> Self {
        Self::Ledger(fact)
    }
}

impl From<StandingFact> for Told {
    fn from(fact: StandingFact) -> Self {
        Self::Standing(fact)
    }
}

impl Told {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ledger(fact) => fact.kind(),
            Self::Standing(fact) => fact.kind(),
        }
    }

    fn data(&self) -> Value {
        match self {
            Self::Ledger(fact) => fact.data(),
            Self::Standing(fact) => fact.data(),
        }
    }
}

/// What an entry tells, and when it happened.
#[derive(Default)]
struct Telling(Vec<(Timestamp, Told)>);

impl Telling {
    fn at(&mut self, at: Timestamp, fact: impl Into<Told>) {
        self.0.push((at, fact.into()));
    }

    fn all_at<F: Into<Told>>(&mut self, at: Timestamp, facts: impl IntoIterator<Item = F>) {
        self.0.extend(facts.into_iter().map(|fact| (at, fact.into())));
    }
}

/// The events of an entry that somebody wants, by their types, in the order in which things happened.
#[must_use]
pub fn events(member: &MemberId, entry: &Entry, wanted: impl Fn(&str) -> bool) -> Vec<Event> {
    let id = |sequence: u64| EntryId { member: member.clone(), sequence }.to_string();
    let mut telling = Telling::default();
    telling.all_at(entry.recorded_at, (entry.sequence == 1).then_some(LedgerFact::AccountOpened {}));
    for settlement in &entry.settled {
        settled(settlement, &id, &mut telling);
    }
    happened(entry, &id, &mut telling);
    debt_moved(entry, &mut telling);
    telling.all_at(entry.recorded_at, entry.then.iter().flat_map(tier_moved));
    let mut legs: BTreeMap<&str, u32> = BTreeMap::new();
    let events = telling.0.into_iter().filter_map(|(time, fact)| {
        let leg = legs.entry(fact.kind()).or_default();
        *leg = leg.saturating_add(1);
        wanted(fact.kind()).then(|| event(member, entry, time, &fact, *leg))
    });
    events.collect()
}

/// That somebody is to work the scores out anew after an entry.
#[must_use]
pub fn rescore_wanted(member: &MemberId, entry: &Entry) -> Event {
    event(member, entry, entry.recorded_at, &StandingFact::RescoreWanted {}.into(), 1)
}

fn event(member: &MemberId, entry: &Entry, time: Timestamp, fact: &Told, leg: u32) -> Event {
    let cause = EntryId { member: member.clone(), sequence: entry.sequence }.to_string();
    Event {
        specversion: Version::V1,
        id: event_id(&cause, fact.kind(), leg),
        source: SOURCE.to_owned(),
        kind: fact.kind().to_owned(),
        data: fact.data(),
        time,
        member: Some(member.clone()),
        sequence: entry.sequence,
        recordedtime: entry.recorded_at,
        causationid: cause,
        correlationid: entry.operation,
        programmeversion: entry.programme,
    }
}

/// What time did, when it was due.
fn settled(settlement: &Settlement, id: &impl Fn(u64) -> String, telling: &mut Telling) {
    match settlement {
        Settlement::Activated { activates_at, expires_at, points, repaid } => {
            telling.at(*activates_at, LedgerFact::PointsActivated { points: *points, expires_at: *expires_at });
            if repaid.is_positive() {
                telling.at(*activates_at, LedgerFact::DebtRepaid { points: *repaid });
            }
        }
        Settlement::Expired { expires_at, points } => {
            telling.at(*expires_at, LedgerFact::PointsExpired { points: *points })
        }
        Settlement::Released { hold, until, parts, repaid } => {
            let points = parts.iter().map(|(_, points)| *points).sum();
            telling.at(*until, LedgerFact::HoldReleased { hold: id(*hold), points });
            if repaid.is_positive() {
                telling.at(*until, LedgerFact::DebtRepaid { points: *repaid });
            }
        }
        Settlement::Tier(change) => {
            telling.all_at(change.at, tier_moved(change));
        }
    }
}

/// What the operation did.
fn happened(entry: &Entry, id: &impl Fn(u64) -> String, telling: &mut Telling) {
    let at = entry.occurred_at;
    match &entry.detail {
        Detail::Earn { activity, order, inputs, trace, status, points_paid } => {
            let net_minor = inputs.net.unwrap_or_default() - inputs.netted;
            let reported = match order {
                Some(order) if activity == ORDER_PAID => LedgerFact::OrderPaid { order: order.clone(), net_minor },
                _ => LedgerFact::ActivityRecorded { activity: activity.clone() },
            };
            telling.at(at, reported);
            telling.all_at(at, earned(entry, trace).filter(|_| !inputs.suspended));
            if let (Some(order), Some(paid)) = (order, points_paid.filter(PointsPaid::differs)) {
                let (reported_minor, captured_minor) = (paid.reported, paid.captured);
                telling.at(at, LedgerFact::PointsPaidMismatch { order: order.clone(), reported_minor, captured_minor });
            }
            let credited = status.is_positive() && !inputs.suspended;
            telling.all_at(at, credited.then_some(LedgerFact::StatusCredited { points: *status }));
        }
        Detail::Refund { order, amount_minor, status, withheld, .. } => {
            telling.at(at, LedgerFact::OrderRefunded { order: order.clone(), amount_minor: *amount_minor });
            telling.all_at(at, withheld.is_none().then(|| taken_back(entry, *status)).into_iter().flatten());
        }
        Detail::ActivityReversal { status, withheld, .. } => {
            telling.all_at(at, withheld.is_none().then(|| taken_back(entry, *status)).into_iter().flatten());
        }
        Detail::Adjust { reason, .. } => {
            telling.at(at, LedgerFact::PointsAdjusted { points: entry.points(), reason: reason.clone() });
        }
        Detail::AdjustmentRequest { points, reason, .. } => {
            let (adjustment, points, reason) = (id(entry.sequence), *points, reason.clone());
            telling.at(at, LedgerFact::AdjustmentRequested { adjustment, points, reason });
        }
        Detail::Standing { posted, .. } => telling.all_at(at, posted.iter().flat_map(posted_later)),
        Detail::Closed { expired, .. } => {
            telling.all_at(at, expired.is_positive().then_some(LedgerFact::PointsExpired { points: *expired }));
        }
        Detail::Benefit { benefit, tier, cause } => {
            let (benefit, tier, cause) = (benefit.clone(), tier.clone(), cause.clone());
            telling.at(at, StandingFact::BenefitConsumed { benefit, tier, cause });
        }
        Detail::GrantRefused { what, code, cause } => {
            let (reward, benefit) = match what.clone() {
                Granted::Reward(reward) => (Some(reward), None),
                Granted::Benefit(benefit) => (None, Some(benefit)),
            };
            telling.at(at, LedgerFact::RewardGrantRefused { reward, benefit, code: *code, cause: cause.clone() });
        }
        Detail::Evaluate { tiers, score } => {
            telling.all_at(at, tiers.iter().flat_map(tier_moved));
            telling.all_at(at, score.iter().flat_map(rescored));
        }
        Detail::Floor { tier, until, reason, change, .. } => {
            let (tier, reason) = (tier.clone(), reason.clone());
            telling.at(at, StandingFact::TierFloorSet { tier, until: *until, reason });
            telling.all_at(at, change.iter().flat_map(benefits_moved));
        }
        _ => spent(entry, id, telling),
    }
}

/// What an operation did that spends points, or gives them back; of others nothing is told.
fn spent(entry: &Entry, id: &impl Fn(u64) -> String, telling: &mut Telling) {
    let (at, own) = (entry.occurred_at, || id(entry.sequence));
    match &entry.detail {
        Detail::Redeem { reward, reward_kind, quantity, voucher_expires_at, cause, .. } => {
            let (reward, reward_kind, quantity, cause) = (reward.clone(), *reward_kind, *quantity, cause.clone());
            let issued = voucher_expires_at.map(|expires_at| LedgerFact::VoucherIssued {
                redemption: own(),
                reward: reward.clone(),
                expires_at,
                cause: cause.clone(),
            });
            let points = Some(-entry.points()).filter(|_| cause.is_none());
            telling.at(at, LedgerFact::RedemptionConfirmed { redemption: own(), reward, reward_kind, quantity, cause });
            telling.all_at(at, points.map(|points| LedgerFact::PointsRedeemed { points }));
            telling.all_at(at, issued);
        }
        Detail::Reverse { redemption, points, initiated_by, lost } => {
            let (redemption, initiated_by) = (id(*redemption), *initiated_by);
            telling.at(at, LedgerFact::RedemptionReversed { redemption, initiated_by });
            let restored = LedgerFact::PointsRestored { points: entry.points(), lost: *lost };
            telling.all_at(at, points.is_positive().then_some(restored)); // what was given had cost none
        }
        Detail::Hold { order, until, .. } => {
            let (order, points) = (order.clone(), held(entry));
            telling.at(at, LedgerFact::PointsHeld { hold: own(), order, points, until: *until });
        }
        Detail::VoucherUse { redemption, reward } => {
            telling.at(at, LedgerFact::VoucherUsed { redemption: id(*redemption), reward: reward.clone() });
        }
        Detail::Capture { .. } => telling.at(at, LedgerFact::PointsRedeemed { points: -entry.points() }),
        Detail::Release { hold } => {
            telling.at(at, LedgerFact::HoldReleased { hold: id(*hold), points: -held(entry) });
        }
        _ => {}
    }
}

/// What was earned during a suspension.
fn posted_later(posted: &Posted) -> Vec<LedgerFact> {
    let Posted { trace: rules, status: credited, activates_at, expires_at, .. } = posted.clone();
    let (points, expires_at) = (rules.values().copied().sum::<Points>(), Some(expires_at));
    let earned = points.is_positive().then_some(LedgerFact::PointsEarned { points, activates_at, expires_at, rules });
    let credited = credited.is_positive().then_some(LedgerFact::StatusCredited { points: credited });
    earned.into_iter().chain(credited).collect()
}

/// Points and status points that were taken back.
fn taken_back(entry: &Entry, status: Points) -> Vec<LedgerFact> {
    let points = Some(-entry.points()).filter(|points| points.is_positive());
    let status = Some(status).filter(|points| points.is_positive());
    let points = points.map(|points| LedgerFact::PointsReversed { points });
    points.into_iter().chain(status.map(|points| LedgerFact::StatusReversed { points })).collect()
}

/// Debt that the operation itself repaid or incurred.
fn debt_moved(entry: &Entry, telling: &mut Telling) {
    let of_debt = |movement: &Movement| match *movement {
        Movement::Debt { points } => points,
        _ => Points::ZERO,
    };
    let carried =
        matches!(entry.detail, Detail::Opening { .. } | Detail::TransferOut { .. } | Detail::TransferIn { .. });
    if carried || matches!(entry.detail, Detail::Closed { .. }) {
        return; // what is forgiven or carried over is neither repaid nor new
    }
    let debt: Points = entry.movements.iter().map(of_debt).sum();
    let fact = if debt.is_positive() {
        LedgerFact::DebtRepaid { points: debt }
    } else {
        LedgerFact::DebtIncurred { points: -debt }
    };
    telling.all_at(entry.occurred_at, (!debt.is_zero()).then_some(fact));
}

/// Points in a hold after an entry that made it; what one that ended it took out is negative.
fn held(entry: &Entry) -> Points {
    let held = entry.movements.iter().filter(|movement| matches!(movement, Movement::Held { .. }));
    held.map(Movement::points).sum()
}

fn earned(entry: &Entry, rules: &BTreeMap<String, Points>) -> Option<LedgerFact> {
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
    points.is_positive().then(|| LedgerFact::PointsEarned { points, activates_at, expires_at, rules: rules.clone() })
}
