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
//! at the beginning of a local day, so [`Facts::next_change`] can name the day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::calendar::day_number;
use crate::entry::{Detail, Entry};
use crate::planted;
use crate::programme::condition::{Scalar, Variables};
use crate::programme::segment::{Labelled, Rfmls, Weights};
use crate::programme::{ORDER_PAID, Programme};
use crate::quantity::Minor;

/// The scores, each from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Scores {
    /// Recency.
    pub r: u8,
    /// Frequency.
    pub f: u8,
    /// Monetary.
    pub m: u8,
    /// Lifecycle potential.
    pub l: u8,
    /// Social influence.
    pub s: u8,
}

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
}

/// What scores are worked out from: the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Measures {
    /// Local days since the last order; `lookback_days` if there was none since.
    pub days_since_order: i32,
    /// Orders.
    pub orders: i64,
    /// What they cost, net of refunds, in minor units.
    pub spent_minor: Minor,
    /// Quarters of the last year, 0 to 4, with an order.
    pub active_quarters: i64,
    /// Customer lifetime value, in minor units.
    pub lifetime_value_minor: Minor,
    /// Influence points.
    pub influence: i64,
    /// Local days since the member last did something; at most `lookback_days`.
    pub days_since_activity: i32,
    /// Local days since the first entry; at most `lookback_days`.
    pub tenure_days: i32,
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

/// A change of scores, segment or tags, as the ledger records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ScoreChange {
    /// The scores now.
    pub scores: Scores,
    /// The scores before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Scores>,
    /// What they are worked out from.
    pub measures: Measures,
    /// The segment now.
    pub segment: String,
    /// The segment that the member left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// New tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tagged: Vec<String>,
    /// Tags that hold no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untagged: Vec<String>,
}

impl Scores {
    /// The composite score, weighed, in basis points: 10,000 (all 1) to 50,000 (all 5).
    #[must_use]
    pub fn composite_bp(self, weights: Weights) -> i64 {
        let parts =
            [(self.r, weights.r), (self.f, weights.f), (self.m, weights.m), (self.l, weights.l), (self.s, weights.s)];
        parts.iter().map(|(score, weight)| i64::from(*score).saturating_mul(*weight)).fold(0, i64::saturating_add)
    }
}

/// What the ledger says of a member, by the number of the local day, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    orders: Vec<(i32, Minor)>,
    influence: Vec<(i32, i64)>,
    last_activity: Option<i32>,
    first_entry: Option<i32>,
}

/// The score of a value against four bounds: 1 and one more for each that is met.
fn score(met: [bool; 4]) -> u8 {
    let count = met.iter().filter(|met| **met).count();
    u8::try_from(count).unwrap_or_default().saturating_add(1)
}

impl Facts {
    /// Of entries, oldest first, that reach back as far as the programme looks.
    #[must_use]
    pub fn of(history: &[Entry], programme: &Programme, rfmls: &Rfmls) -> Self {
        let mut orders: BTreeMap<&str, (i32, Minor)> = BTreeMap::new();
        let mut facts = Self::default();
        for entry in history {
            let day = day_number(programme.zone().date(entry.occurred_at));
            if entry.sequence == 1 {
                facts.first_entry = Some(day);
            }
            let acted = match &entry.detail {
                Detail::Earn { activity, order, inputs, .. } => {
                    if let Some(order) = order.as_deref().filter(|_| activity == ORDER_PAID) {
                        let paid = inputs.net.unwrap_or_default() - inputs.netted;
                        orders.insert(order, (day, paid));
                    }
                    let influence = rfmls.influence.get(activity).copied().unwrap_or_default();
                    if influence > 0 {
                        facts.influence.push((day, influence));
                    }
                    true
                }
                Detail::Refund { order, amount_minor, parked: false, .. } => {
                    if let Some((_, paid)) =
                        orders.get_mut(order.as_str()).filter(|_| !planted!("bug-score-ignores-refunds"))
                    {
                        *paid -= *amount_minor;
                    }
                    false
                }
                Detail::Redeem { .. } | Detail::Hold { .. } | Detail::Capture { .. } => true,
                _ => false,
            };
            facts.last_activity = facts.last_activity.max(Some(day).filter(|_| acted));
        }
        facts.orders = orders.into_values().filter(|(_, paid)| paid.is_positive()).collect();
        facts.orders.sort_unstable();
        facts
    }

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
        let holds = |label: &&Labelled| label.when.evaluate(&variables) == Ok(true);
        let segment = programme.segments().iter().find(holds)?.id.clone();
        let mut climbed = BTreeSet::new();
        let highest = |tag: &&Labelled| tag.ladder.as_deref().is_none_or(|ladder| climbed.insert(ladder.to_owned()));
        let tags = programme.tags().iter().filter(holds).filter(highest).map(|tag| tag.id.clone()).collect();
        Some(Scored { measures, scores, segment, tags })
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
            labels.iter().map(|label| label.when.evaluate(&variables) == Ok(true)).collect()
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

/// Names of conditions that may change from day to day while the scores stay the same.
const MEASURED: [&str; 4] = ["orders", "influence", "days_since_activity", "tenure_days"];

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

/// What conditions of segments and tags may read.
pub(crate) fn variables(scores: Scores, measures: &Measures) -> Variables {
    let scores = [("r", scores.r), ("f", scores.f), ("m", scores.m), ("l", scores.l), ("s", scores.s)];
    let scores = scores.map(|(name, score)| (name, i64::from(score)));
    let days = [measures.days_since_activity, measures.tenure_days].map(i64::from);
    let measured = MEASURED.into_iter().zip([measures.orders, measures.influence].into_iter().chain(days));
    scores.into_iter().chain(measured).map(|(name, value)| (name.to_owned(), Scalar::Integer(value))).collect()
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
