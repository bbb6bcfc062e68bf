//! RFM-LS: five scores from 1 to 5, and the segment and tags that follow from them.
//!
//! | score | of |
//! |---|---|
//! | `r` recency | days since the last order |
//! | `f` frequency | number of orders |
//! | `m` monetary | net amount of the orders |
//! | `l` lifecycle potential | customer lifetime value: margin x 5 / (5 - quarters with an order) |
//! | `s` social influence | influence points of declared behaviours |
//!
//! All are worked out from the entries of the last `lookback_days` local days, today included, and from nothing else: the same
//! entries and the same date give the same scores. An order that was returned whole is none. Scores change by the clock only
//! at the beginning of a local day, so [`Behaviour::next_change`] can name the day.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::kernel::quantity::Minor;
use crate::kernel::time::day_number;
use crate::programme::compiled::Programme;
use crate::programme::segment::{Labelled, MEASURED, Measures, Rfmls, Scores, variables};
use crate::standing::record::ScoreChange;
use crate::standing::room::{Room, room};

/// A member's scores and what follows from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// The scores.
    pub scores: Scores,
    /// The segment.
    pub segment: String,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// The instant at which time alone may change any of it; never later than that.
    pub next: Option<Timestamp>,
    /// What the member may do before anything of it can change.
    pub room: Room,
}

/// Scores with their evidence, on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// What they are worked out from.
    pub measures: Measures,
    /// The scores.
    pub scores: Scores,
    /// The first segment whose condition holds.
    pub segment: String,
    /// Tags whose conditions hold.
    pub tags: BTreeSet<String>,
}

/// What the ledger says of a member, by the number of the local day, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// Orders that were not returned whole: what was paid for each.
    pub(crate) orders: Vec<(i32, Minor)>,
    /// Influence points.
    pub(crate) influence: Vec<(i32, i64)>,
    /// When the member last did something.
    pub(crate) last_activity: Option<i32>,
    /// When the first entry was made.
    pub(crate) first_entry: Option<i32>,
}

/// The score of a value against four bounds: 1 and one more for each that is met.
fn score(met: [bool; 4]) -> u8 {
    let count = met.iter().filter(|met| **met).count();
    u8::try_from(count).unwrap_or_default().saturating_add(1)
}

impl Behaviour {
    /// The measures on a day.
    fn measures(&self, rfmls: &Rfmls, today: i32) -> Measures {
        let lookback = rfmls.lookback_days;
        let age = |day: i32| today.saturating_sub(day).max(0);
        let counts = |day: i32| age(day) < lookback;
        let orders = || self.orders.iter().filter(|(day, _)| counts(*day));
        let spent_minor: Minor = orders().map(|(_, paid)| *paid).sum();
        let quarters: BTreeSet<i32> =
            orders().filter_map(|(day, _)| age(*day).saturating_mul(4).checked_div(lookback)).collect();
        let active_quarters = i64::try_from(quarters.len()).unwrap_or_default().min(4);
        let margin = i128::from(spent_minor.0).saturating_mul(rfmls.margin_bp.into()).saturating_mul(5);
        let years = i128::from(10_000_i64.saturating_mul(5_i64.saturating_sub(active_quarters)));
        let lifetime = margin.checked_div(years).and_then(|value| i64::try_from(value).ok());
        let since = |day: Option<i32>| day.map_or(lookback, age).min(lookback);
        Measures {
            days_since_order: since(self.orders.last().map(|(day, _)| *day)),
            orders: i64::try_from(orders().count()).unwrap_or(i64::MAX),
            spent_minor,
            active_quarters,
            lifetime_value_minor: Minor(lifetime.unwrap_or(i64::MAX)),
            influence: self.influence.iter().filter(|(day, _)| counts(*day)).map(|(_, points)| points).sum(),
            days_since_activity: since(self.last_activity),
            tenure_days: since(self.first_entry),
        }
    }

    /// The scores on a date; `None` if the programme scores nobody.
    #[must_use]
    pub fn score(&self, programme: &Programme, today: Date) -> Option<Scored> {
        let rfmls = programme.document().rfmls.as_ref()?;
        let measures = self.measures(rfmls, day_number(today));
        let scores = scores(rfmls, &measures);
        let variables = variables(scores, &measures);
        let holds = |label: &&Labelled| label.when.holds(&variables) == Ok(true);
        let segment = programme.segments().iter().find(holds)?.id.clone();
        let mut climbed = BTreeSet::new();
        let highest = |tag: &&Labelled| tag.ladder.as_deref().is_none_or(|ladder| climbed.insert(ladder.to_owned()));
        let tags = programme.tags().iter().filter(holds).filter(highest).map(|tag| tag.id.clone()).collect();
        Some(Scored { measures, scores, segment, tags })
    }

    /// How much more may happen on a date before what it was scored can change.
    #[must_use]
    pub fn room(&self, programme: &Programme, scored: &Scored) -> Room {
        let rfmls = programme.document().rfmls.as_ref();
        rfmls.map_or_else(Room::default, |rfmls| room(programme, rfmls, scored.scores, &scored.measures))
    }

    /// The first date after `today`, within the lookback, on which time alone would change the scores, the segment or the tags.
    #[must_use]
    pub fn next_change(&self, programme: &Programme, today: Date) -> Option<Date> {
        let rfmls = programme.document().rfmls.as_ref()?;
        let now = self.score(programme, today)?;
        // As long as the scores are the same, only conditions that read measures can turn.
        let measured = |label: &&Labelled| label.when.reads().iter().any(|name| MEASURED.contains(&name.as_str()));
        let labels: Vec<&Labelled> = programme.segments().iter().chain(programme.tags()).filter(measured).collect();
        let truths = |measures: &Measures| -> Vec<bool> {
            let variables = variables(now.scores, measures);
            labels.iter().map(|label| label.when.holds(&variables) == Ok(true)).collect()
        };
        let known = truths(&now.measures);
        let first = day_number(today);
        let mut ahead = 1..=rfmls.lookback_days;
        let days = ahead.find(|days| {
            let measures = self.measures(rfmls, first.saturating_add(*days));
            if scores(rfmls, &measures) != now.scores {
                return true;
            }
            // A condition that turns need not change the segment: an earlier one may hold.
            truths(&measures) != known && {
                let then = self.score(programme, today.saturating_add(days.days()));
                then.is_none_or(|then| (then.segment, then.tags) != (now.segment.clone(), now.tags.clone()))
            }
        })?;
        Some(today.saturating_add(days.days()))
    }
}

/// The scores that measures give.
fn scores(rfmls: &Rfmls, measures: &Measures) -> Scores {
    let ordered = measures.orders > 0;
    Scores {
        r: score(rfmls.recency_days.map(|days| ordered && measures.days_since_order <= days)),
        f: score(rfmls.frequency.map(|least| measures.orders >= least)),
        m: score(rfmls.monetary_minor.map(|least| measures.spent_minor >= least)),
        l: score(rfmls.lifecycle_minor.map(|least| measures.lifetime_value_minor >= least)),
        s: score(rfmls.social.map(|least| measures.influence >= least)),
    }
}

impl Score {
    /// The change from earlier scores to new ones; `None` if nothing is different.
    #[must_use]
    pub fn change(before: Option<&Self>, now: &Scored) -> Option<ScoreChange> {
        let none = BTreeSet::new();
        let tags = before.map_or(&none, |before| &before.tags);
        let left = before.filter(|before| before.segment != now.segment).map(|before| before.segment.clone());
        let same = before.is_some_and(|before| before.scores == now.scores && left.is_none() && *tags == now.tags);
        (!same).then(|| ScoreChange {
            scores: now.scores,
            before: before.map(|before| before.scores),
            measures: now.measures,
            segment: now.segment.clone(),
            left,
            tagged: now.tags.difference(tags).cloned().collect(),
            untagged: tags.difference(&now.tags).cloned().collect(),
        })
    }
}
