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
//! at the beginning of a local day, so [`Behaviour::turns`] can name the day.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::kernel::quantity::Minor;
use crate::kernel::time::day_number;
use crate::programme::compiled::Programme;
use crate::programme::segment::{Labelled, MEASURED, Measures, Rfmls, Scores, variables};
use crate::standing::record::ScoreChange;
use crate::standing::room::{Room, numbers, room};

/// A member's scores and what follows from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// The scores.
    pub scores: Scores,
    /// The segment.
    pub segment: String,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// When time alone may change any of it.
    pub turns: Turns,
    /// What the member may do before anything of it can change.
    pub room: Room,
}

/// When time alone may change scores, segment or tags: never later than the first of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turns {
    /// Whatever the member does: what happened once no longer counts.
    pub anyway: Option<Timestamp>,
    /// Unless there is another order before.
    pub without_order: Option<Timestamp>,
    /// Unless the member does anything before.
    pub without_activity: Option<Timestamp>,
}

impl Turns {
    /// The first of them.
    #[must_use]
    pub fn first(self) -> Option<Timestamp> {
        [self.anyway, self.without_order, self.without_activity].into_iter().flatten().min()
    }
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
    /// The same of a member who was seen doing something else at an instant.
    #[must_use]
    pub fn seen(mut self, programme: &Programme, at: Option<Timestamp>) -> Self {
        self.last_activity = self.last_activity.max(at.map(|at| day_number(programme.zone().date(at))));
        self
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
        scored(programme, rfmls, self.measures(rfmls, day_number(today)))
    }

    /// How much more may happen on a date before what it was scored can change.
    #[must_use]
    pub fn room(&self, programme: &Programme, scored: &Scored) -> Room {
        let rfmls = programme.document().rfmls.as_ref();
        rfmls.map_or_else(Room::default, |rfmls| room(programme, rfmls, scored.scores, &scored.measures))
    }

    /// When time alone may change the scores, the segment or the tags, after `today` and within the lookback: what is measured since the
    /// last order, or activity, goes on from there with the next one; all else stays as it is here, whatever else happens.
    #[must_use]
    pub fn turns(&self, programme: &Programme, today: Date) -> Turns {
        let Some(rfmls) = programme.document().rfmls.as_ref() else { return Turns::default() };
        let Some(now) = self.score(programme, today) else { return Turns::default() };
        let after = |days: i64| Some(programme.zone().start_of(today.saturating_add(days.days())));
        let since = |measure: &str, days: i32| {
            let next = bounds_of(programme, rfmls, measure).filter(|bound| *bound > i64::from(days)).min()?;
            after(next.saturating_sub(i64::from(days)))
        };
        let Measures { days_since_order, days_since_activity, .. } = now.measures;
        let ordered = Some(()).filter(|()| !self.orders.is_empty());
        let acted = Some(()).filter(|()| self.last_activity.is_some());
        Turns {
            anyway: self.passing(programme, rfmls, &now, today).and_then(after),
            without_order: ordered.and_then(|()| since(SINCE_ORDER, days_since_order)),
            without_activity: acted.and_then(|()| since(SINCE_ACTIVITY, days_since_activity)),
        }
    }

    /// In how many days something changes though nothing happens, and nothing is further behind than today.
    fn passing(&self, programme: &Programme, rfmls: &Rfmls, now: &Scored, today: Date) -> Option<i64> {
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
            let Measures { days_since_order, days_since_activity, .. } = now.measures;
            let then = self.measures(rfmls, first.saturating_add(*days));
            let measures = Measures { days_since_order, days_since_activity, ..then };
            if scores(rfmls, &measures) != now.scores {
                return true;
            }
            // A condition that turns need not change the segment: an earlier one may hold.
            truths(&measures) != known && {
                let then = scored(programme, rfmls, measures);
                then.is_none_or(|then| (then.segment, then.tags) != (now.segment.clone(), now.tags.clone()))
            }
        })?;
        Some(days.into())
    }
}

/// The measure of the time since the last order.
const SINCE_ORDER: &str = "days_since_order";
/// The measure of the time since the member last did something.
const SINCE_ACTIVITY: &str = "days_since_activity";

/// The numbers of days at which something may turn.
fn bounds_of<'a>(programme: &'a Programme, rfmls: &Rfmls, measure: &'a str) -> impl Iterator<Item = i64> + use<'a> {
    let recency = rfmls.recency_days.map(|days| i64::from(days).saturating_add(1));
    let recency = recency.into_iter().filter(move |_| measure == SINCE_ORDER);
    let labels = programme.segments().iter().chain(programme.tags());
    recency.chain(labels.flat_map(move |label| numbers(label, measure))).filter(|bound| *bound > 0)
}

impl Turns {
    /// Something happened on a date: what is measured since then turns so many days later. If the scores may have changed with it, what was
    /// known before stands until they are worked out.
    pub(crate) fn happened(&mut self, programme: &Programme, rfmls: &Rfmls, what: Happened, date: Date) {
        let (measure, turn, turns) = match what {
            Happened::Order { turns } => (SINCE_ORDER, &mut self.without_order, turns),
            Happened::Activity { turns } => (SINCE_ACTIVITY, &mut self.without_activity, turns),
        };
        let at = bounds_of(programme, rfmls, measure).min();
        let at = at.map(|days| programme.zone().start_of(date.saturating_add(days.days())));
        let before = *turn;
        *turn = if turns { before.into_iter().chain(at).min() } else { before.max(at) };
    }
}

/// What a member did; may scores turn with it?
#[derive(Debug, Clone, Copy)]
pub(crate) enum Happened {
    Order { turns: bool },
    Activity { turns: bool },
}

/// What measures come to; `None` if no segment's condition holds.
fn scored(programme: &Programme, rfmls: &Rfmls, measures: Measures) -> Option<Scored> {
    let scores = scores(rfmls, &measures);
    let variables = variables(scores, &measures);
    let holds = |label: &&Labelled| label.when.holds(&variables) == Ok(true);
    let segment = programme.segments().iter().find(holds)?.id.clone();
    let mut climbed = BTreeSet::new();
    let highest = |tag: &&Labelled| tag.ladder.as_deref().is_none_or(|ladder| climbed.insert(ladder.to_owned()));
    let tags = programme.tags().iter().filter(holds).filter(highest).map(|tag| tag.id.clone()).collect();
    Some(Scored { measures, scores, segment, tags })
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
