//! Evaluation: what time and facts call for in tiers and segments, worked out anew and recorded where anything changed.
//!
//! It can be asked for at any time and as often as one likes: an account that has been evaluated is not changed again.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::quantity::Minor;
use crate::kernel::stamp::Stamp;
use crate::kernel::time::day_number;
use crate::ledger::account::Account;
use crate::ledger::books::{Books, Change};
use crate::ledger::brought::Elsewhere;
use crate::ledger::entry::{Detail, Entry};
use crate::planted;
use crate::programme::activity::ORDER_PAID;
use crate::programme::compiled::Programme;
use crate::programme::segment::Rfmls;
use crate::programme::setting::Setting;
use crate::standing::qualification::Evidence;
use crate::standing::record::ScoreChange;
use crate::standing::scores::{Behaviour, Score, Turns};

/// An account after an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    /// The account; without an entry it differs at most in when it is due, and in the room that its scores leave.
    pub account: Account,
    /// What was recorded, if anything changed.
    pub entry: Option<Entry>,
}

/// From which instant on the ledger must be known to score a member at `now`.
#[must_use]
pub fn lookback(programme: &Programme, now: Timestamp) -> Option<Timestamp> {
    let days = programme.document().rfmls.as_ref()?.lookback_days;
    Some(programme.less_skew(programme.zone().start_of_day_after(now, days.saturating_neg())))
}

/// Settles an account and works out its scores (from the entries of the lookback, oldest first, if they are given) and its
/// tier.
#[must_use]
pub fn evaluate(account: &Account, history: Option<&[Entry]>, setting: Setting<'_>) -> Evaluated {
    evaluate_seen(account, history, None, setting)
}

/// The same of a member who was last seen at an instant, doing something that the ledger does not tell.
#[must_use]
pub fn evaluate_seen(
    account: &Account,
    history: Option<&[Entry]>,
    seen: Option<Timestamp>,
    setting: Setting<'_>,
) -> Evaluated {
    let Setting { programmes, now } = setting;
    let programme = programmes.at(now);
    let mut books = Books::open(account, programme, setting);
    let score = history.and_then(|history| rescore(&mut books.account, (history, seen), programme, now));
    let Account { tiers, qualifying, score: scored, .. } = &mut books.account;
    let evidence = Evidence { months: qualifying, segment: scored.as_ref().map(|score| &*score.segment) };
    let tiers = tiers.lift(programmes, evidence, now);
    if books.settled().is_empty() && score.is_none() && tiers.is_empty() {
        return Evaluated { account: books.account, entry: None };
    }
    let (operation, content) = Entry::unasked(books.next_sequence());
    let stamp = Stamp { operation, content, occurred_at: now };
    let detail = if score.is_none() && tiers.is_empty() { Detail::Settle } else { Detail::Evaluate { tiers, score } };
    let Change { account, entry, .. } = books.close(&stamp, detail);
    Evaluated { account, entry: Some(entry) }
}

fn rescore(
    account: &mut Account,
    (history, seen): (&[Entry], Option<Timestamp>),
    programme: &Programme,
    now: Timestamp,
) -> Option<ScoreChange> {
    let rfmls = programme.document().rfmls.as_ref()?;
    let today = programme.zone().date(now);
    let behaviour = behaviour(history, programme, rfmls).seen(programme, seen);
    let scored = behaviour.score(programme, today)?;
    let change = Score::change(account.score.as_ref(), &scored);
    let turns = if planted!("bug-score-never-decays") { Turns::default() } else { behaviour.turns(programme, today) };
    let room = behaviour.room(programme, &scored);
    account.score = Some(Score { scores: scored.scores, segment: scored.segment, tags: scored.tags, turns, room });
    account.rescore = false;
    change
}

/// What entries, oldest first, that reach back as far as the programme looks, say of a member.
#[must_use]
pub fn behaviour(history: &[Entry], programme: &Programme, rfmls: &Rfmls) -> Behaviour {
    let mut orders: BTreeMap<&str, (i32, Minor, u64)> = BTreeMap::new();
    let mut influence: BTreeMap<u64, (i32, i64)> = BTreeMap::new();
    let mut behaviour = Behaviour::default();
    for entry in history {
        let day = day_number(programme.zone().date(entry.occurred_at));
        if entry.sequence == 1 {
            behaviour.first_entry = Some(day);
        }
        match &entry.detail {
            Detail::Opening { elsewhere: Elsewhere { joined_on: Some(date), .. }, .. } => {
                let joined = day_number(*date);
                behaviour.first_entry = Some(behaviour.first_entry.map_or(joined, |first| first.min(joined)));
            }
            Detail::Earn { activity, order, inputs, .. } => {
                if let Some(order) = order.as_deref().filter(|_| activity == ORDER_PAID) {
                    let paid = inputs.net.unwrap_or_default() - inputs.netted;
                    orders.insert(order, (day, paid, entry.sequence));
                }
                let weight = rfmls.influence.get(activity).copied().unwrap_or_default();
                if weight > 0 {
                    influence.insert(entry.sequence, (day, weight));
                }
            }
            Detail::Refund { order, amount_minor, .. } => {
                if let Some((_, paid, _)) =
                    orders.get_mut(order.as_str()).filter(|_| !planted!("bug-score-ignores-refunds"))
                {
                    *paid -= *amount_minor;
                }
            }
            Detail::ActivityReversal { earning, .. } => {
                influence.remove(earning);
                orders.retain(|_, (.., order)| *order != *earning);
            }
            _ => {}
        }
        behaviour.last_activity = behaviour.last_activity.max(Some(day).filter(|_| is_act(entry)));
    }
    behaviour.influence = influence.into_values().collect();
    let orders = orders.into_values().map(|(day, paid, _)| (day, paid));
    behaviour.orders = orders.filter(|(_, paid)| paid.is_positive()).collect();
    behaviour.orders.sort_unstable();
    behaviour
}

/// Is an entry of something that the member did? What is given, or corrected, or comes back is not.
#[must_use]
pub fn is_act(entry: &Entry) -> bool {
    matches!(
        entry.detail,
        Detail::Earn { .. } | Detail::Redeem { cause: None, .. } | Detail::Hold { .. } | Detail::Capture { .. }
    )
}
