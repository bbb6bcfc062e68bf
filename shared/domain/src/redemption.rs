//! Spending: rewards, donations, paying with points at a checkout, and taking it back.

use jiff::Timestamp;

use crate::account::{Account, Counter, Hold};
use crate::books::{Books, Change, Effect, Setting, Stamp};
use crate::calendar::{add_days, add_minutes};
use crate::entry::{Detail, Entry, Initiator, Movement, Settlement};
use crate::planted;
use crate::programme::Programme;
use crate::programme::document::{Expiry, Reward, RewardKind};
use crate::quantity::{Minor, Points};
use crate::refusal::{HoldState, NextActivation, Reason, Refusal};

/// Spends points on a reward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeem {
    /// Which reward.
    pub reward: String,
    /// How many, from 1.
    pub quantity: u32,
    /// A donation and nothing else.
    pub donation: bool,
}

/// Holds points for an order that is being paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldPoints {
    /// Which order.
    pub order_id: String,
    /// What it costs, net, in minor units.
    pub order_net: Minor,
    /// How many points the member wants to use; less may be allowed.
    pub points: Points,
}

/// Takes a redemption or a captured hold back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reverse {
    /// Its entry.
    pub redemption: u64,
    /// How many points; all that is left if absent.
    pub points: Option<Points>,
    /// Who cancelled.
    pub initiated_by: Initiator,
}

/// How many points an order allows, and what they pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// Points, in whole steps.
    pub points: Points,
    /// What they pay, in minor units.
    pub value: Minor,
}

/// The most points that may pay for an order, at most `wanted`: the programme's share of it, in whole steps.
#[must_use]
pub fn pay_with_points(programme: &Programme, order_net: Minor, wanted: Points) -> Allowed {
    let pay = &programme.document().redemption.pay_with_points;
    let whole = |upper: i128, lower: i128| upper.checked_div(lower).unwrap_or_default();
    let most_value = whole(i128::from(order_net.0).saturating_mul(pay.max_share_bp.into()), 10_000);
    let by_order = whole(most_value.saturating_mul(pay.points.0.into()), pay.value_minor.0.into());
    let step = i128::from(pay.step_points.0);
    let points = whole(by_order.min(wanted.0.into()).max(0), step).saturating_mul(step);
    let value = whole(points.saturating_mul(pay.value_minor.0.into()), pay.points.0.into());
    let bounded = |number: i128| i64::try_from(number).expect("at most what was wanted");
    Allowed { points: Points(bounded(points)), value: Minor(bounded(value)) }
}

/// A reward's price for a member.
#[must_use]
pub fn price(programme: &Programme, reward: &Reward, tier: Option<&str>) -> Points {
    let tier = tier.unwrap_or(&programme.base_tier().id);
    reward.tier_price.get(tier).copied().unwrap_or(reward.cost_points)
}

fn limit_counter(programme: &Programme, reward: &Reward, at: Timestamp) -> Option<(Counter, i64)> {
    let limit = reward.limit?;
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
    if let Some((counter, per_member)) = limit_counter(programme, reward, now)
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

/// Lots among the movements that were a grace already.
fn grace_of(account: &Account, movements: &[Movement]) -> Vec<Timestamp> {
    let lots = movements.iter().filter_map(|movement| match movement {
        Movement::Active { expires_at, .. } | Movement::Held { expires_at, .. } => Some(*expires_at),
        Movement::Pending { .. } | Movement::Debt { .. } => None,
    });
    lots.filter(|lot| account.grace.contains(lot)).collect()
}

/// Decides a redemption.
///
/// # Errors
/// The reward does not exist, or every reason why it cannot be had. Stock is decided where it is kept, by the effect.
pub fn redeem(
    account: &Account,
    redeem: &Redeem,
    stamp: &Stamp,
    programme: &Programme,
    setting: Setting<'_>,
) -> Result<Change, Refusal> {
    let now = setting.now;
    let Some(reward) =
        programme.reward(&redeem.reward).filter(|reward| (reward.kind == RewardKind::Donation) == redeem.donation)
    else {
        return Err(Refusal::UnknownReward);
    };
    let mut books = Books::open(account, programme, setting);
    let reasons = availability(&books.account, reward, redeem.quantity, programme, now);
    if !reasons.is_empty() {
        return Err(Refusal::Unavailable { reasons });
    }
    let cost = Points(price(programme, reward, books.account.tier_at(now)).0.saturating_mul(redeem.quantity.into()));
    let grace = grace_of(&books.account, &books.account.pockets.draw(cost));
    let _drawn = books.draw(cost);
    books.slide_expiry(now);
    if let Some((counter, _)) = limit_counter(programme, reward, now) {
        books.account.count(counter, redeem.quantity.into());
    }
    let expires_at = reward.voucher_valid_days.map(|days| programme.zone().day_boundary_after(now, days));
    let detail = Detail::Redeem {
        reward: reward.id.clone(),
        reward_kind: reward.kind,
        quantity: redeem.quantity,
        voucher_expires_at: expires_at,
        grace,
    };
    let mut change = books.close(stamp, detail);
    if let Some(stock) = reward.stock {
        let shards = Programme::stock_shards(stock);
        change.effects.push(Effect::TakeStock { reward: reward.id.clone(), quantity: redeem.quantity, shards });
    }
    if let Some(expires_at) = expires_at {
        let (operation, reward) = (stamp.operation, reward.id.clone());
        change.effects.push(Effect::IssueVoucher { operation, reward, expires_at });
    }
    Ok(change)
}

/// Decides a hold.
///
/// # Errors
/// Too few points, a debt, less than the programme's minimum, or too many open holds.
pub fn hold(
    account: &Account,
    hold: &HoldPoints,
    stamp: &Stamp,
    programme: &Programme,
    setting: Setting<'_>,
) -> Result<Change, Refusal> {
    let now = setting.now;
    let mut books = Books::open(account, programme, setting);
    let redemption = &programme.document().redemption;
    let allowed = pay_with_points(programme, hold.order_net, hold.points);
    if allowed.points < redemption.pay_with_points.min_points {
        let min_points = redemption.pay_with_points.min_points;
        return Err(Refusal::BelowMinimum { min_points, allowed: allowed.points });
    }
    let pockets = &books.account.pockets;
    let (active, debt) = (pockets.active_points(), pockets.debt);
    let mut reasons = Vec::new();
    if debt.is_positive() {
        reasons.push(Reason::InDebt { debt });
    }
    if active < allowed.points {
        let next_activation = pockets.next_activation().map(|(at, points)| NextActivation { points, at });
        let missing = allowed.points - active + debt;
        reasons.push(Reason::InsufficientPoints { required: allowed.points, active, debt, missing, next_activation });
    }
    if !reasons.is_empty() {
        return Err(Refusal::Unavailable { reasons });
    }
    if books.account.holds.len() >= Account::MAX_HOLDS {
        return Err(Refusal::TooManyHolds { most: Account::MAX_HOLDS });
    }
    let sequence = books.next_sequence();
    for movement in books.account.pockets.draw(allowed.points) {
        books.post(movement);
        if let Movement::Active { expires_at, points } = movement {
            books.post(Movement::Held { hold: sequence, expires_at, points: -points });
        }
    }
    let until = add_minutes(now, redemption.hold_minutes);
    let (order, value) = (hold.order_id.clone(), allowed.value);
    books.account.holds.insert(sequence, Hold { order: order.clone(), value, until });
    Ok(books.close(stamp, Detail::Hold { order, value_minor: value, until }))
}

/// The open hold, or what became of it.
fn open_hold(books: &Books<'_>, hold: u64, history: &[Entry]) -> Result<Hold, Refusal> {
    if let Some(open) = books.account.holds.get(&hold) {
        return Ok(open.clone());
    }
    let made = history.iter().any(|entry| entry.sequence == hold && matches!(entry.detail, Detail::Hold { .. }));
    if !made {
        return Err(Refusal::NotFound { what: "hold" });
    }
    let ended = history.iter().find_map(|entry| match entry.detail {
        Detail::Capture { hold: captured, .. } if captured == hold => Some(HoldState::Captured),
        Detail::Release { hold: released } if released == hold => Some(HoldState::Released),
        _ => None,
    });
    Err(Refusal::HoldNotOpen { state: ended.unwrap_or(HoldState::Expired) })
}

/// Spends held points. A lot that expires while it is held is still honoured.
///
/// # Errors
/// The hold is not open.
pub fn capture(
    account: &Account,
    hold: u64,
    stamp: &Stamp,
    history: &[Entry],
    (programme, setting): (&Programme, Setting<'_>),
) -> Result<Change, Refusal> {
    let now = setting.now;
    let mut books = Books::open(account, programme, setting);
    let open = open_hold(&books, hold, history)?;
    let parts: Vec<_> = books.account.pockets.held_by(hold).collect();
    let movements: Vec<_> =
        parts.into_iter().map(|(expires_at, points)| Movement::Held { hold, expires_at, points: -points }).collect();
    let grace = grace_of(&books.account, &movements);
    for movement in movements {
        books.post(movement);
    }
    if !planted!("bug-captured-hold-open") {
        books.account.holds.remove(&hold);
    }
    books.slide_expiry(now);
    let detail = Detail::Capture { hold, order: open.order, value_minor: open.value, until: open.until, grace };
    Ok(books.close(stamp, detail))
}

/// Gives held points back.
///
/// # Errors
/// The hold is not open.
pub fn release(
    account: &Account,
    hold: u64,
    stamp: &Stamp,
    history: &[Entry],
    (programme, setting): (&Programme, Setting<'_>),
) -> Result<Change, Refusal> {
    let now = setting.now;
    let mut books = Books::open(account, programme, setting);
    open_hold(&books, hold, history)?;
    let released: Settlement = books.account.pockets.release(hold, now);
    for movement in released.movements() {
        books.post(movement);
    }
    books.account.holds.remove(&hold);
    Ok(books.close(stamp, Detail::Release { hold }))
}

/// Decides a reversal: the exact inverse of the consumption, last consumed first, with the original expiry dates.
/// `history` reaches back to the redemption.
///
/// # Errors
/// There is no such redemption, too little is left of it, the time is over, or a voucher can only be reversed whole.
pub fn reverse(
    account: &Account,
    reverse: &Reverse,
    stamp: &Stamp,
    history: &[Entry],
    setting: Setting<'_>,
) -> Result<Change, Refusal> {
    let Setting { programmes, now } = setting;
    let programme = programmes.at(now);
    let spent = history.iter().find(|entry| entry.sequence == reverse.redemption);
    let Some((spent, grace)) = spent.and_then(|entry| match &entry.detail {
        Detail::Redeem { grace, .. } | Detail::Capture { grace, .. } => Some((entry, grace)),
        _ => None,
    }) else {
        return Err(Refusal::NotFound { what: "redemption" });
    };
    let closed_at = add_days(spent.recorded_at, programme.document().redemption.reversal_window_days);
    if now >= closed_at {
        return Err(Refusal::ReversalWindowClosed { closed_at });
    }
    let cost = -spent.points();
    let done = history.iter().filter_map(|entry| match entry.detail {
        Detail::Reverse { redemption, points, .. } if redemption == reverse.redemption => Some(points),
        _ => None,
    });
    let done: Points = if planted!("bug-reversed-twice") { Points::ZERO } else { done.sum() };
    let remaining = cost - done;
    let points = reverse.points.unwrap_or(remaining);
    if points > remaining || !points.is_positive() {
        return Err(Refusal::NothingToReverse { remaining });
    }
    if points < cost && matches!(spent.detail, Detail::Redeem { .. }) {
        return Err(Refusal::OnlyWhole { points: cost });
    }
    let mut books = Books::open(account, programme, setting);
    let frozen = programmes.numbered(spent.programme).expect("the store loads the version of the redemption's entry");
    let parts = consumed(spent, frozen);
    let lost = restore(&mut books, parts, (done, points), reverse.initiated_by, grace);
    let effects = give_back(&mut books, spent, frozen);
    let detail = Detail::Reverse { redemption: reverse.redemption, points, initiated_by: reverse.initiated_by, lost };
    let mut change = books.close(stamp, detail);
    change.effects = effects;
    Ok(change)
}

/// What a redemption consumed, last consumed first. Under the inactivity model the redemption itself moved the expiry of
/// all points, so those that it consumed would have expired then.
fn consumed(spent: &Entry, programme: &Programme) -> Vec<(Timestamp, Points)> {
    if programme.points().expiry == Expiry::Activity {
        return vec![(programme.expires_at(spent.recorded_at), -spent.points())];
    }
    let parts = spent.movements.iter().rev().filter_map(|movement| match *movement {
        Movement::Active { expires_at, points } | Movement::Held { expires_at, points, .. } => {
            (points < Points::ZERO).then_some((expires_at, -points))
        }
        Movement::Pending { .. } | Movement::Debt { .. } => None,
    });
    parts.collect()
}

/// Puts `points` back, skipping the `done` that earlier reversals put back; returns what stays expired.
fn restore(
    books: &mut Books<'_>,
    consumed: Vec<(Timestamp, Points)>,
    (done, points): (Points, Points),
    initiated_by: Initiator,
    grace: &[Timestamp],
) -> Points {
    let wallet = books.programme.points();
    let second = books.programme.zone().day_boundary_after(books.now, wallet.restore_grace_days);
    let sliding = wallet.expiry == Expiry::Activity;
    let (mut skip, mut left, mut lost) = (done, points, Points::ZERO);
    for (expires_at, part) in consumed {
        let skipped = skip.min(part);
        skip -= skipped;
        let part = (part - skipped).min(left);
        left -= part;
        if !part.is_positive() {
            continue;
        }
        let last = books.account.pockets.last_expiry().filter(|_| sliding);
        let lot = last.map_or(expires_at, |last| last.max(expires_at));
        let lot = if planted!("bug-restored-as-new") { books.programme.expires_at(books.now) } else { lot };
        if lot > books.now {
            books.credit(lot, part);
        } else if initiated_by == Initiator::Merchant && !grace.contains(&expires_at) && wallet.restore_grace_days > 0 {
            books.account.grace.insert(second);
            books.credit(second, part);
        } else {
            let repaid = books.account.pockets.debt.min(part); // what was owed is not owed twice
            if repaid.is_positive() {
                books.post(Movement::Debt { points: repaid });
            }
            if part > repaid {
                books.post(Movement::Active { expires_at: lot, points: part - repaid }); // and gone again
            }
            lost += part - repaid;
        }
    }
    lost
}

/// What a reversal gives back besides points: stock, the voucher, the member's turn.
fn give_back(books: &mut Books<'_>, spent: &Entry, frozen: &Programme) -> Vec<Effect> {
    let Detail::Redeem { reward, quantity, voucher_expires_at, .. } = &spent.detail else {
        return Vec::new();
    };
    let written = frozen.reward(reward).expect("a redemption is of a reward of its version");
    let mut effects = Vec::new();
    if let Some(stock) = written.stock {
        let shards = Programme::stock_shards(stock);
        effects.push(Effect::ReturnStock { reward: reward.clone(), quantity: *quantity, shards });
    }
    if voucher_expires_at.is_some() {
        effects.push(Effect::VoidVoucher { operation: spent.operation });
    }
    if let Some((counter, _)) = limit_counter(frozen, written, spent.recorded_at) {
        books.account.count(counter, i64::from(*quantity).saturating_neg());
    }
    effects
}
