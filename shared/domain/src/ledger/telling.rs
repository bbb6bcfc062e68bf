//! What an entry tells, as events: derived from it alone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::kernel::event::{Event, Fact as _, Version, event_id};
use crate::kernel::id::{EntryId, MemberId};
use crate::kernel::quantity::Points;
use crate::ledger::entry::{Detail, Entry, Posted};
use crate::ledger::facts::{LedgerFact, SOURCE};
use crate::ledger::granted::Granted;
use crate::ledger::order_row::PointsPaid;
use crate::ledger::pockets::Movement;
use crate::ledger::settlement::Settlement;
use crate::programme::activity::ORDER_PAID;
use crate::standing::facts::{StandingFact, benefits_moved, rescored, tier_moved};

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
        // What happened in another programme is no news.
        Detail::Earn { inputs, .. } if inputs.past.is_some() => {}
        Detail::Earn { activity, order, inputs, trace, status, points_paid, .. } => {
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
