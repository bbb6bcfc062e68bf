//! Schedule expressions as EventBridge Scheduler reads them: `rate(..)` and `cron(..)` in a time zone.

use std::{collections::BTreeSet, ops::RangeInclusive};

use anyhow::{Context as _, anyhow, bail, ensure};
use jiff::{
    SignedDuration, Timestamp, ToSpan as _,
    civil::{Date, DateTime, Weekday},
    tz::{AmbiguousOffset, TimeZone},
};

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// When a schedule is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Every so often, counted from the platform's start.
    Rate(SignedDuration),
    /// At the minutes a calendar pattern names.
    Cron(Cron),
}

/// A calendar pattern: `cron(minutes hours day-of-month month day-of-week year)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    days: Days,
    months: BTreeSet<i16>,
    years: BTreeSet<i16>,
}

/// The days of a pattern: the two day fields exclude each other, one of them is `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    OfMonth(BTreeSet<i16>),
    LastOfMonth,
    /// Sunday is 1.
    OfWeek(BTreeSet<i16>),
}

impl Expression {
    /// Reads `rate(1 hour)` or `cron(5 * * * ? *)`.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(rate) = inside("rate") {
            Self::rate(rate)
        } else if let Some(cron) = inside("cron") {
            Cron::parse(cron).map(Self::Cron)
        } else {
            Err(anyhow!("expected rate(..) or cron(..)"))
        }
        .with_context(|| format!("schedule expression '{text}'"))
    }

    fn rate(text: &str) -> anyhow::Result<Self> {
        let (count, unit) = text.split_once(' ').context("expected rate(value unit)")?;
        let count: i64 = count.parse().context("the value of a rate is a whole number")?;
        ensure!((1..=100_000).contains(&count), "the value of a rate lies between 1 and 100000");
        let minutes = match unit {
            "minute" | "minutes" => 1,
            "hour" | "hours" => 60,
            // Twenty-four hours, whatever the clocks of the time zone do.
            "day" | "days" => 24 * 60,
            _ => bail!("the unit of a rate is minutes, hours or days"),
        };
        Ok(Self::Rate(SignedDuration::from_mins(count * minutes)))
    }

    /// The first time due after `after`; `base` is when a rate began.
    pub fn next(&self, after: Timestamp, base: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Rate(every) => nth(base, *every, periods(base, *every, after) + 1),
            Self::Cron(cron) => cron.next(after, zone),
        }
    }

    /// The last time due after `from` and not after `to`.
    pub fn last(&self, from: Timestamp, to: Timestamp, base: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Rate(every) => nth(base, *every, periods(base, *every, to)),
            Self::Cron(cron) => cron.last(from, to, zone),
        }
        .filter(|due| *due > from)
    }
}

/// How many whole periods have passed since `base`; a rate is first due one period after it.
fn periods(base: Timestamp, every: SignedDuration, at: Timestamp) -> i64 {
    (at.duration_since(base).as_secs() / every.as_secs()).max(0)
}

fn nth(base: Timestamp, every: SignedDuration, n: i64) -> Option<Timestamp> {
    base.checked_add(SignedDuration::from_secs(every.as_secs().checked_mul(n)?)).ok()
}

impl Cron {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, day_of_month, month, day_of_week, year] = fields[..] else {
            bail!("expected six fields: minutes hours day-of-month month day-of-week year");
        };
        let days = match (day_of_month, day_of_week) {
            ("L", "?") => Days::LastOfMonth,
            (_, "?") => Days::OfMonth(field("day-of-month", day_of_month, 1..=31, &[])?),
            ("?", _) => Days::OfWeek(field("day-of-week", day_of_week, 1..=7, &WEEKDAYS)?),
            _ => bail!("one of day-of-month and day-of-week must be ?"),
        };
        Ok(Self {
            minutes: field("minutes", minutes, 0..=59, &[])?,
            hours: field("hours", hours, 0..=23, &[])?,
            days,
            months: field("month", month, 1..=12, &MONTHS)?,
            years: field("year", year, 1970..=2199, &[])?,
        })
    }

    fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let last_year = *self.years.last()?;
        zone.to_datetime(after)
            .date()
            .series(1.day())
            .take_while(|date| date.year() <= last_year)
            .filter(|date| self.includes(*date))
            .flat_map(|date| self.times(date))
            .filter_map(|time| instant(time, zone))
            .find(|due| *due > after)
    }

    fn last(&self, from: Timestamp, to: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let first = zone.to_datetime(from).date();
        zone.to_datetime(to)
            .date()
            .series(-1.day())
            .take_while(|date| *date >= first)
            .filter(|date| self.includes(*date))
            .flat_map(|date| self.times(date).rev())
            .filter_map(|time| instant(time, zone))
            .find(|due| *due <= to)
    }

    fn includes(&self, date: Date) -> bool {
        let day = match &self.days {
            Days::OfMonth(days) => days.contains(&i16::from(date.day())),
            Days::LastOfMonth => date.day() == date.days_in_month(),
            Days::OfWeek(days) => days.contains(&i16::from(date.weekday().since(Weekday::Sunday) + 1)),
        };
        day && self.months.contains(&i16::from(date.month())) && self.years.contains(&date.year())
    }

    fn times(&self, date: Date) -> impl DoubleEndedIterator<Item = DateTime> {
        self.hours.iter().flat_map(move |hour| {
            self.minutes
                .iter()
                .filter_map(move |minute| Some(date.at(i8::try_from(*hour).ok()?, i8::try_from(*minute).ok()?, 0, 0)))
        })
    }
}

/// A local time that the clocks skip in spring is not due at all; one they repeat in autumn is due once, the
/// first time.
fn instant(time: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(time).offset() {
        AmbiguousOffset::Gap { .. } => None,
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(time).ok()
        }
    }
}

/// Reads one field: `*`, or a list of values, ranges and steps.
fn field(name: &str, text: &str, range: RangeInclusive<i16>, names: &[&str]) -> anyhow::Result<BTreeSet<i16>> {
    let (first, last) = (*range.start(), *range.end());
    let value = |text: &str| -> anyhow::Result<i16> {
        let named = names.iter().zip(first..).find(|(known, _)| known.eq_ignore_ascii_case(text));
        let value = match named {
            Some((_, value)) => value,
            None => text.parse().with_context(|| format!("{name}: '{text}' is not understood"))?,
        };
        ensure!(range.contains(&value), "{name}: {value} is not between {first} and {last}");
        Ok(value)
    };
    let mut values = BTreeSet::new();
    for part in text.split(',') {
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => {
                let step: i16 = step.parse().with_context(|| format!("{name}: the step '{step}'"))?;
                ensure!(step > 0, "{name}: a step is at least 1");
                (span, Some(step))
            }
            None => (part, None),
        };
        let (from, to) = match span.split_once('-') {
            Some((from, to)) => (value(from)?, value(to)?),
            None if span == "*" => (first, last),
            // `5/15` runs from 5 to the end of the range; `5` is 5.
            None => (value(span)?, if step.is_some() { last } else { value(span)? }),
        };
        ensure!(from <= to, "{name}: {span} runs backwards");
        values.extend((from..=to).step_by(usize::try_from(step.unwrap_or(1))?));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The times due from the start of `from` on, as the zone's wall clock shows them.
    #[track_caller]
    fn check(expression: &str, zone: &str, from: &str, expected: &[&str]) {
        let expression = Expression::parse(expression).unwrap();
        let zone = TimeZone::get(zone).unwrap();
        let base = at(from);
        let mut now = base;
        for expected in expected {
            let due = expression.next(now, base, &zone).unwrap();
            assert_eq!(due.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M%:z").to_string(), *expected);
            assert_eq!(expression.last(now, due, base, &zone), Some(due), "looking back finds the same time");
            now = due;
        }
    }

    #[test]
    fn cron_names_minutes_of_the_zone() {
        check(
            "cron(5 * * * ? *)",
            "Asia/Shanghai",
            "2026-01-01T00:05:00Z",
            &["2026-01-01T09:05+08:00", "2026-01-01T10:05+08:00"],
        );
        check(
            "cron(0/20 9-10 ? * MON-FRI *)",
            "Asia/Shanghai",
            "2026-01-02T02:30:00Z",
            &["2026-01-02T10:40+08:00", "2026-01-05T09:00+08:00", "2026-01-05T09:20+08:00"],
        );
        check(
            "cron(30 3 L FEB,MAR ? 2027-2028)",
            "UTC",
            "2026-01-01T00:00:00Z",
            &["2027-02-28T03:30+00:00", "2027-03-31T03:30+00:00", "2028-02-29T03:30+00:00"],
        );
    }

    #[test]
    fn a_rate_counts_elapsed_time_from_its_start() {
        check(
            "rate(1 day)",
            "America/New_York",
            "2026-03-07T17:00:00Z",
            &["2026-03-08T13:00-04:00", "2026-03-09T13:00-04:00"],
        );
    }

    #[test]
    fn a_time_the_clocks_skip_is_not_due() {
        check("cron(30 2 * * ? *)", "America/New_York", "2026-03-07T08:00:00Z", &["2026-03-09T02:30-04:00"]);
        check(
            "cron(5 * * * ? *)",
            "America/New_York",
            "2026-03-08T06:00:00Z",
            &["2026-03-08T01:05-05:00", "2026-03-08T03:05-04:00"],
        );
    }

    #[test]
    fn a_time_the_clocks_repeat_is_due_once() {
        check(
            "cron(30 1 * * ? *)",
            "America/New_York",
            "2026-10-31T12:00:00Z",
            &["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"],
        );
        check(
            "cron(5 * * * ? *)",
            "America/New_York",
            "2026-11-01T05:00:00Z",
            &["2026-11-01T01:05-04:00", "2026-11-01T02:05-05:00"],
        );
    }

    #[test]
    fn looking_back_over_a_long_time_finds_only_the_last() {
        let hourly = Expression::parse("cron(5 * * * ? *)").unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let (from, to) = (at("2025-01-01T00:00:00Z"), at("2026-06-01T12:00:00Z"));
        assert_eq!(hourly.last(from, to, from, &zone), Some(at("2026-06-01T11:05:00Z")));
        assert_eq!(hourly.last(at("2026-06-01T11:05:00Z"), to, from, &zone), None);
        let rate = Expression::parse("rate(1 hour)").unwrap();
        assert_eq!(rate.last(to, to, from, &zone), None);
    }

    #[test]
    fn a_pattern_without_a_future_has_no_next() {
        let past = Expression::parse("cron(0 0 1 1 ? 2020)").unwrap();
        assert_eq!(past.next(at("2026-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"), &TimeZone::UTC), None);
    }

    #[test]
    fn a_wrong_expression_says_what_is_wrong() {
        for (text, expected) in [
            ("every hour", "expected rate(..) or cron(..)"),
            ("cron(5 * * * *)", "expected six fields"),
            ("cron(5 * * * * *)", "must be ?"),
            ("cron(60 * * * ? *)", "minutes: 60 is not between 0 and 59"),
            ("cron(5 * ? * MONDAY *)", "day-of-week: 'MONDAY' is not understood"),
            ("rate(0 hours)", "lies between"),
            ("rate(5 weeks)", "the unit of a rate"),
        ] {
            let error = format!("{:#}", Expression::parse(text).unwrap_err());
            assert!(error.contains(expected), "{text}: {error}");
            assert!(error.contains(text), "{text}: {error}");
        }
    }
}
