//! Decides what an activity earns.

use jiff::Timestamp;

use crate::kernel::id::FactName;
use crate::kernel::quantity::Points;
use crate::kernel::refusal::{InvalidField, OutsideWindow, refusals};
use crate::kernel::stamp::Stamp;
use crate::kernel::time::{add_days, day_number};
use crate::ledger::account::Account;
use crate::ledger::books::{Books, Change};
use crate::ledger::boost::Boost;
use crate::ledger::brought::Past;
use crate::ledger::case::Case;
use crate::ledger::counter::Counter;
use crate::ledger::cutover::MovingIn;
use crate::ledger::earning::limits::{headroom, joined, streak_step};
use crate::ledger::earning::order::{Activity, Earned, Order};
use crate::ledger::earning::reading::read_again;
use crate::ledger::earning::rules::{Explanation, GivenBack, Outcome, explain};
use crate::ledger::effect::Effect;
use crate::ledger::entry::{Detail, Entry, Inputs, Posted};
use crate::ledger::four_eyes;
use crate::ledger::lines::{PaidLines, Remaining};
use crate::ledger::membership::Gone;
use crate::ledger::order_row::PointsPaid;
use crate::ledger::parked::{Netted, Parked, net};
use crate::planted;
use crate::programme::compiled::Programme;
use crate::programme::condition::{Scalar, Variables};
use crate::programme::setting::Setting;
use crate::standing::boundary::best;
use crate::standing::qualification::Evidence;

/// How late an activity that counts a streak may be reported, in days: dates that are older are no longer remembered.
pub(crate) const STREAK_DAYS: i32 = 2;

refusals! {
    /// Why an activity is refused; nothing about points ever is, only cut off.
    Earning {
        /// The activity type is not declared by the programme.
        Invalid UnknownActivity ("unknown_activity" at "type") {
            /// Those that are.
            known: Vec<String>,
        } = "the programme does not declare this activity",
        /// It is recorded though it is too old, and with what was moved by hand within a day it comes to more than one person may decide.
        Conflict ApprovalRequired ("approval_required") {
            /// The limit.
            limit: Points,
            /// What it would come to.
            sum: Points,
        } = "more than one person may give within a day; correct the balance by hand, and let a second person approve",
        | Gone,
        | InvalidField,
        | MovingIn,
        | OutsideWindow,
    }
}

/// Decides what an activity earns.
///
/// # Errors
/// What is wrong with the activity; nothing about points is ever refused, only cut off.
pub fn earn(activity: &Activity, case: Case<'_>) -> Result<Change, Earning> {
    let Case { stamp, history, .. } = case;
    let too_old = check(activity, &case)?;
    let mut books = case.books();
    let captured =
        case.known.order.hold.as_ref().filter(|hold| hold.captured && hold.hold.member == books.account.member);
    let lines = activity.order.as_ref().map(|order| order.paid(captured.map(|hold| hold.value).unwrap_or_default()));
    let lines = lines.transpose()?;
    let mut inputs = gather(&books, (&activity.activity, &activity.attributes), stamp.occurred_at, history);
    let netted = lines.as_ref().map(|lines| gather_order(&books, lines, &case, &mut inputs));
    let cancelled = netted.as_ref().map(|netted| netted.left.is_nothing());
    let (inputs, explanation) = match activity.past {
        Some(earned) => (as_past(inputs, earned), Explanation::NOTHING),
        None => credit(&mut books, (&activity.activity, cancelled), inputs, &case),
    };
    let points = explanation.points();
    if let Some((sum, limit)) = four_eyes::passes(points, &case).filter(|_| too_old) {
        return Err(Earning::ApprovalRequired { limit, sum });
    }
    let points_paid =
        activity.order.as_ref().map(|order| PointsPaid::compared(order.points_reported(), order.net(), captured));
    let detail = Detail::Earn {
        activity: activity.activity.clone(),
        order: activity.order.as_ref().map(|order| order.order_id.clone()),
        inputs,
        trace: explanation.trace(),
        status: explanation.status,
        points_paid: points_paid.filter(|points_paid| !points_paid.is_regular()),
        moved: None,
    };
    let by_hand = if too_old { four_eyes::count(points, &case) } else { Vec::new() };
    let settled = activity.order.as_ref().zip(netted).and_then(|(order, netted)| settled(order, netted.parked, &case));
    let mut change = books.close(stamp, detail);
    change.effects.extend(by_hand.into_iter().chain(settled));
    change.lines = lines;
    Ok(change)
}

/// What is kept of an order that was paid in another programme.
pub(crate) fn as_past(inputs: Inputs, Earned { points, expires_at }: Earned) -> Inputs {
    let Inputs { net, netted, returned, .. } = inputs;
    let past = Some(Box::new(Past { net: net.unwrap_or_default(), earned: points, expires_at }));
    Inputs { net, netted, returned, past, ..Inputs::default() }
}

/// Posts what an activity earns by what was read for it. `cancelled` is of an order: nothing is left of it. Returns what the entry keeps of
/// what was read, and why it earned that.
pub(crate) fn credit(
    books: &mut Books<'_>,
    (activity, cancelled): (&str, Option<bool>),
    mut inputs: Inputs,
    case: &Case<'_>,
) -> (Inputs, Explanation) {
    let Case { stamp, then: programme, setting, .. } = *case;
    let (is_order, now) = (cancelled.is_some(), setting.now);
    let kept = programme.kept_attributes(activity);
    inputs.attributes.retain(|name, _| kept.binary_search(name).is_ok());
    let explanation = explain(programme, activity, stamp.occurred_at, &inputs, GivenBack::NOTHING);
    let cut = |name: &str| {
        explanation.candidates.iter().any(|candidate| {
            candidate.limited_by.iter().any(|limit| limit == name || (limit == "limit" && candidate.rule == name))
        })
    };
    // A rule of a group may have lost by its limit, and one of an order may win when a part of it is returned.
    let compared = |name: &str| {
        let rule = programme.rule(name);
        rule.is_some_and(|rule| is_order || rule.written.group.is_some())
    };
    inputs.headroom.retain(|name, _| cut(name) || compared(name));

    remember(&mut books.account, activity, stamp.occurred_at, programme, &explanation);
    if let Some(cancelled) = cancelled {
        books.account.boosts.retain(|boost| cancelled || !boost.waits_at(stamp.occurred_at));
    }
    let waits = inputs.suspended;
    if !waits {
        books.account.credit_status(programme.zone(), stamp.occurred_at, now, explanation.status);
    }
    books.lift(setting.programmes);
    let points = explanation.points();
    let expires_at = books.expires_at(if planted!("bug-expiry-from-recorded") { now } else { stamp.occurred_at });
    let pending_days = if is_order { programme.points().pending_days } else { 0 };
    let activates_at = programme.zone().start_of_day_after(stamp.occurred_at, pending_days);
    if points.is_positive() && !waits {
        let activates_at = Some(activates_at).filter(|at| pending_days > 0 && *at > now);
        books.earned(activates_at, expires_at, points);
    }
    books.slide_expiry(stamp.occurred_at);
    (inputs, explanation)
}

/// Is the activity acceptable? Returns whether only because somebody says why.
fn check(activity: &Activity, case: &Case<'_>) -> Result<bool, Earning> {
    let Case { by, stamp: Stamp { occurred_at, .. }, then: programme, setting: Setting { now, .. }, .. } = *case;
    let occurred_at = *occurred_at;
    let declared = programme.activity(&activity.activity).filter(|declared| !declared.is_signal());
    let Some(declared) = declared else {
        let known = programme.document().activity.iter().filter(|(_, declared)| !declared.is_signal());
        let known = known.map(|(name, _)| name.clone()).collect();
        return Err(Earning::UnknownActivity { known });
    };
    let general = &programme.document().programme;
    let counts_streak = programme.rules_on(&activity.activity).any(|rule| rule.written.streak.is_some());
    let window = general.backdate_window_days;
    let earliest = add_days(now, if counts_streak { window.min(STREAK_DAYS) } else { window }.saturating_neg());
    let latest = programme.plus_skew(now);
    if occurred_at > latest {
        return Err(OutsideWindow::InFuture { latest }.into());
    }
    let too_old = occurred_at < earliest && activity.past.is_none();
    if too_old && by.is_none_or(|by| by.backdate_reason.is_none()) {
        return Err(OutsideWindow::TooOld { earliest }.into());
    }
    let invalid = |field: String, message: &str| Err(InvalidField::new(field, message).into());
    for (name, value) in &activity.attributes {
        match declared.attributes.get(name) {
            None => {
                return invalid(format!("data/attributes/{name}"), "is not a declared attribute of this activity");
            }
            Some(attribute) if !attribute.kind().admits(value) => {
                return invalid(format!("data/attributes/{name}"), "is not of the declared type, or too long");
            }
            Some(_) => {}
        }
    }
    let Some(order) = &activity.order else { return Ok(too_old) };
    if order.currency != general.currency {
        return invalid("data/currency".to_owned(), &format!("the programme's currency is {}", general.currency));
    }
    for (place, line) in order.lines.iter().enumerate() {
        for (name, value) in &line.attributes {
            let fits = declared.line_attributes.get(name).is_some_and(|attribute| attribute.kind().admits(value));
            if !fits {
                let field = format!("data/lines/{place}/attributes/{name}");
                return invalid(field, "is not a declared line attribute of this type");
            }
        }
    }
    Ok(too_old)
}

/// Collects what the rules read.
pub(crate) fn gather(
    books: &Books<'_>,
    (activity, reported): (&str, &Variables),
    occurred_at: Timestamp,
    history: &[Entry],
) -> Inputs {
    let (programme, account) = (books.programme, &books.account);
    let declared = programme.activity(activity);
    let mut attributes = reported.clone();
    for (name, attribute) in declared.into_iter().flat_map(|declared| &declared.attributes) {
        if let Some(default) = attribute.default() {
            attributes.entry(name.clone()).or_insert_with(|| default.clone());
        }
    }
    let suspended = account.membership.withholds();
    let mut inputs = Inputs { tier: tier_then(books, history, occurred_at), suspended, ..Inputs::default() };
    inputs.attributes = attributes;
    let counted_at = if planted!("bug-limit-by-recording") { books.now } else { occurred_at };
    inputs.headroom = headroom(account, history, programme, activity, counted_at);
    for rule in programme.rules_on(activity).filter(|rule| rule.written.streak.is_some()) {
        inputs
            .streaks
            .insert(rule.written.id.clone(), streak_step(account, &rule.written, programme.zone().date(occurred_at)));
    }
    inputs
}

/// Collects what they read of an order: of what refunds that came before it have left.
fn gather_order<'a>(books: &Books<'_>, lines: &'a PaidLines, case: &Case<'_>, inputs: &mut Inputs) -> Netted<'a> {
    let (account, occurred_at) = (&books.account, case.stamp.occurred_at);
    let window = books.programme.document().programme.refund_window_days;
    let netted =
        net(lines, &case.known.order.parked, |parked| case.known.is_for(&account.member, parked), occurred_at, window);
    gather_left(books, &netted.left, occurred_at, inputs);
    netted
}

/// Collects what they read of an order's lines, as they are left.
pub(crate) fn gather_left(books: &Books<'_>, left: &Remaining<'_>, occurred_at: Timestamp, inputs: &mut Inputs) {
    (inputs.returned, inputs.netted) = left.so_far();
    inputs.boosts = books.account.boosts.iter().filter(|boost| boost.waits_at(occurred_at)).cloned().collect();
    inputs.attributes.extend(["gross_minor", "line_count"].map(|name| (name.to_owned(), Scalar::Integer(0))));
    read_again(books.programme, &left.lines(), inputs);
}

/// What has become of the refunds that waited for an order, if some did.
fn settled(order: &Order, parked: Vec<Parked>, case: &Case<'_>) -> Option<Effect> {
    let (fact, seen, at) = (FactName::order(&order.order_id).key, case.known.order.parked.clone(), case.setting.now);
    (parked != seen).then_some(Effect::SettleParked { fact, parked, seen, at, programme: case.then.number })
}

/// The tier at an instant, as the facts up to then make it: that of the books, or the higher one that earlier facts have reached, whether
/// or not the evaluation has said so yet. `None` is the base tier.
///
/// A fact that happened later was recorded later still, so all of those are in the history that a decision sees; what they brought is
/// taken off the months again.
fn tier_then(books: &Books<'_>, history: &[Entry], at: Timestamp) -> Option<String> {
    let (programme, account) = (books.programme, &books.account);
    let held = account.tier_at(at);
    let is_later = |posted: &&Posted| {
        let earned = history.iter().find(|entry| entry.sequence == posted.entry);
        earned.is_some_and(|earned| earned.occurred_at > at)
    };
    let later = history.iter().map(|entry| match &entry.detail {
        Detail::Standing { posted, .. } => posted.iter().filter(is_later).map(|posted| posted.status).sum(),
        _ if entry.occurred_at <= at => Points::ZERO,
        Detail::Earn { inputs, .. } if inputs.suspended => Points::ZERO,
        Detail::Earn { status, .. } => *status,
        Detail::Refund { withheld: None, status, .. } | Detail::ActivityReversal { withheld: None, status, .. } => {
            -*status
        }
        _ => Points::ZERO,
    });
    let evidence = Evidence { months: &account.qualifying, segment: None };
    let status = evidence.rolling(programme, at) - later.sum();
    // A tier that was lost is not gained anew by a late fact: it is given back from when that is recorded. What was lost before any
    // fact that may still come is over.
    let before = account.tiers.spans_since(programme.open_since(books.now)).iter().filter(|span| span.since <= at);
    let highest = before.map(|span| programme.rank(&span.tier)).max().unwrap_or(0);
    let reached = best(programme, status).filter(|tier| tier.rank > highest);
    let held = held.map(|held| programme.tier_name(held).to_owned());
    reached.map(|tier| tier.id.clone()).or(held)
}

/// What later decisions must know of this one.
fn remember(
    account: &mut Account,
    activity: &str,
    occurred_at: Timestamp,
    programme: &Programme,
    explanation: &Explanation,
) {
    let date = programme.zone().date(occurred_at);
    for candidate in &explanation.candidates {
        let Some(rule) = programme.rule(&candidate.rule).filter(|rule| rule.written.on == activity) else {
            continue;
        };
        if let Some(limit) = rule.written.limit.as_ref().filter(|_| candidate.points.is_positive()) {
            account.count(Counter::new(&candidate.rule, limit.period, date), limit.used_by(candidate.points));
        }
        if let (Some(_), Outcome::Applied) = (candidate.streak, &candidate.outcome) {
            let runs = account.streaks.entry(candidate.rule.clone()).or_default();
            *runs = joined(runs, day_number(date)).0;
        }
        if let (Some(effect), Outcome::Granted { multiplier, until }) = (&rule.written.effect, &candidate.outcome) {
            let granted = Boost {
                rule: candidate.rule.clone(),
                multiplier: *multiplier,
                cap: effect.cap_points,
                from: occurred_at,
                until: *until,
            };
            account.wait(granted);
        }
    }
}
