//! Evaluation: what time and facts call for in tiers and segments, worked out anew and recorded where anything changed.
//!
//! It can be asked for at any time and as often as one likes: an account that has been evaluated is not changed again.

use jiff::Timestamp;

use crate::account::Account;
use crate::books::{Books, Change, Setting, Stamp};
use crate::entry::{Detail, Entry};
use crate::planted;
use crate::programme::Programme;
use crate::refusal::Refusal;
use crate::segments::{Facts, Score, ScoreChange};
use crate::tiers::{Floor, TierChange};

/// An account after an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    /// The account; without an entry it differs at most in when it is due.
    pub account: Account,
    /// What was recorded, if anything changed.
    pub entry: Option<Entry>,
}

/// From which instant on the ledger must be known to score a member at `now`.
#[must_use]
pub fn lookback(programme: &Programme, now: Timestamp) -> Option<Timestamp> {
    let general = &programme.document().programme;
    let days = programme.document().rfmls.as_ref()?.lookback_days;
    let start = programme.zone().start_of_day_after(now, days.saturating_neg());
    let skew = jiff::SignedDuration::from_secs(general.future_skew_seconds.into());
    Some(start.saturating_sub(skew).expect("a duration suits a timestamp"))
}

/// Settles an account and works out its scores (from the entries of the lookback, oldest first, if they are given) and its
/// tier.
#[must_use]
pub fn evaluate(account: &Account, history: Option<&[Entry]>, setting: Setting<'_>) -> Evaluated {
    let Setting { programmes, now } = setting;
    let programme = programmes.at(now);
    let mut books = Books::open(account, programme, setting);
    let score = history.and_then(|history| rescore(&mut books.account, history, programme, now));
    let Account { tiers, qualifying, score: scored, .. } = &mut books.account;
    let evidence = crate::tiers::Evidence { months: qualifying, segment: scored.as_ref().map(|score| &*score.segment) };
    let tiers = tiers.evaluate(programme, evidence, now);
    if books.settled().is_empty() && score.is_none() && tiers.is_empty() {
        return Evaluated { account: books.account, entry: None };
    }
    let (operation, content) = Entry::settling(books.next_sequence());
    let stamp = Stamp { operation, content, occurred_at: now };
    let detail = if score.is_none() && tiers.is_empty() { Detail::Settle } else { Detail::Evaluate { tiers, score } };
    let Change { account, entry, .. } = books.close(&stamp, detail);
    Evaluated { account, entry: Some(entry) }
}

fn rescore(account: &mut Account, history: &[Entry], programme: &Programme, now: Timestamp) -> Option<ScoreChange> {
    let rfmls = programme.document().rfmls.as_ref()?;
    let today = programme.zone().date(now);
    let facts = Facts::of(history, programme, rfmls);
    let scored = facts.score(programme, today)?;
    let change = Score::change(account.score.as_ref(), &scored);
    let next = facts.next_change(programme, today).map(|date| programme.zone().start_of(date));
    let next = next.filter(|_| !planted!("bug-score-never-decays"));
    account.score = Some(Score { scores: scored.scores, segment: scored.segment, tags: scored.tags, next });
    change
}

/// Sets the tier below which a member does not fall, by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetFloor {
    /// The tier.
    pub tier: String,
    /// Until when, exclusive; at most five years. An instant that is over ends the floor there is.
    pub until: Timestamp,
    /// One of the programme's reasons for corrections by hand.
    pub reason: String,
    /// Who sets it.
    pub by: String,
}

/// The longest time for which a floor can be set, in days.
const FLOOR_DAYS: i32 = 5 * 366;

/// Decides on a floor.
///
/// # Errors
/// The programme allows none, or the tier, the end or the reason is wrong.
pub fn set_floor(
    account: &Account,
    command: &SetFloor,
    stamp: &Stamp,
    programme: &Programme,
    setting: Setting<'_>,
) -> Result<Change, Refusal> {
    let document = programme.document();
    if !document.tiers.manual_floor_allowed {
        return Err(Refusal::invalid("tier", "the programme allows no floor by hand"));
    }
    if programme.tier(&command.tier).is_none() {
        let known: Vec<_> = programme.tiers().map(|tier| tier.id.as_str()).collect();
        return Err(Refusal::invalid("tier", &format!("must be one of {}", known.join(", "))));
    }
    if command.until > crate::calendar::add_days(setting.now, FLOOR_DAYS) {
        return Err(Refusal::invalid("until", "must be at most five years from now"));
    }
    let reasons = &document.adjustment.reasons;
    if !reasons.contains(&command.reason) {
        return Err(Refusal::invalid("reason", &format!("must be one of {}", reasons.join(", "))));
    }
    let mut books = Books::open(account, programme, setting);
    let floor = Floor { tier: command.tier.clone(), until: command.until };
    let change: Option<TierChange> = books.account.tiers.set_floor(floor, programme, setting.now);
    let SetFloor { tier, until, reason, by } = command.clone();
    Ok(books.close(stamp, Detail::Floor { tier, until, reason, by, change }))
}
