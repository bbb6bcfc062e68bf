//! Local days and months. Storage is UTC; every day and month boundary lies in the programme's time zone (rules: time).

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{RoundMode, Span, Timestamp, TimestampRound, ToSpan, Unit};
use serde::{Deserialize, Serialize};

/// A programme's time zone, from the bundled IANA database.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of an IANA name such as `Asia/Shanghai`; `None` if there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// The local date at an instant.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.0.clone()).date()
    }

    /// The local hour, 0 to 23, at an instant.
    #[must_use]
    pub fn hour(&self, at: Timestamp) -> i8 {
        at.to_zoned(self.0.clone()).hour()
    }

    /// The local date and time at an instant.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> DateTime {
        at.to_zoned(self.0.clone()).datetime()
    }

    /// The first instant at which clocks show a time of a local date; where they skip it, the first one after what they skip.
    #[must_use]
    pub fn instant(&self, date: Date, time: Time) -> Timestamp {
        let shown = date.to_datetime(time);
        let read = |offset: jiff::tz::Offset| offset.to_timestamp(shown).expect("dates lie within the calendar");
        match self.0.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => read(offset),
            AmbiguousOffset::Fold { before, .. } => read(before),
            AmbiguousOffset::Gap { after, .. } => {
                let next = self.0.following(read(after)).next();
                next.map_or_else(|| read(after), |change| change.timestamp())
            }
        }
    }

    /// The first instant of a local date. Where midnight does not exist, the first existing instant.
    #[must_use]
    pub fn start_of(&self, date: Date) -> Timestamp {
        let start = date.to_zoned(self.0.clone()).and_then(|zoned| zoned.start_of_day());
        start.expect("dates of a programme lie within the years of the calendar").timestamp()
    }

    /// The first instant of the local date that is `days` after the date of `at`.
    #[must_use]
    pub fn start_of_day_after(&self, at: Timestamp, days: i32) -> Timestamp {
        self.start_of(add(self.date(at), days.days()))
    }

    /// The first day boundary at least `days` after `at`.
    #[must_use]
    pub fn day_boundary_after(&self, at: Timestamp, days: i32) -> Timestamp {
        let exact = add_days(at, days);
        let start = self.start_of(self.date(exact));
        if start == exact { exact } else { self.start_of(add(self.date(exact), 1.day())) }
    }
}

/// A date moved by a span, clamped to the last day of the month; dates stay far inside the calendar's range.
fn add(date: Date, span: Span) -> Date {
    date.saturating_add(span)
}

/// An instant to the millisecond, as instants are kept. What is finer is cut off: the end of a day never becomes the next.
#[must_use]
pub fn to_millisecond(at: Timestamp) -> Timestamp {
    let finer = TimestampRound::new().smallest(Unit::Millisecond).mode(RoundMode::Floor);
    at.round(finer).unwrap_or(at)
}

/// `days` times 24 hours later.
#[must_use]
pub fn add_days(at: Timestamp, days: i32) -> Timestamp {
    at.saturating_add((i64::from(days).saturating_mul(24)).hours()).expect("a span of hours suits a timestamp")
}

/// `minutes` later.
#[must_use]
pub fn add_minutes(at: Timestamp, minutes: i32) -> Timestamp {
    at.saturating_add(i64::from(minutes).minutes()).expect("a span of minutes suits a timestamp")
}

/// The date `months` later, clamped to the length of that month: 31 January + 1 = 28 or 29 February.
#[must_use]
pub fn add_months(date: Date, months: i32) -> Date {
    add(date, months.months())
}

/// To what an expiry date is rounded (programme: `round_expiry`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundExpiry {
    /// The last day of its month.
    #[default]
    EndOfMonth,
    /// Not rounded: the day itself.
    Day,
}

/// How long points live: whole months (`P12M`) or days (`P90D`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Validity {
    /// Calendar months.
    Months(i32),
    /// Calendar days.
    Days(i32),
}

impl TryFrom<String> for Validity {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a validity such as \"P12M\" or \"P90D\", at most P120M or P3650D");
        let body = text.strip_prefix('P').ok_or_else(wrong)?;
        let (number, unit) = body.split_at_checked(body.len().saturating_sub(1)).ok_or_else(wrong)?;
        let number: i32 = number.parse().ok().filter(|&number| number > 0).ok_or_else(wrong)?;
        match unit {
            "M" if number <= 120 => Ok(Self::Months(number)),
            "D" if number <= 3650 => Ok(Self::Days(number)),
            _ => Err(wrong()),
        }
    }
}

impl From<Validity> for String {
    fn from(validity: Validity) -> Self {
        match validity {
            Validity::Months(months) => format!("P{months}M"),
            Validity::Days(days) => format!("P{days}D"),
        }
    }
}

impl Validity {
    /// The last local date on which points earned on `earned` are valid.
    #[must_use]
    pub fn last_date(self, earned: Date, round: RoundExpiry) -> Date {
        let date = match self {
            Self::Months(months) => add_months(earned, months),
            Self::Days(days) => add(earned, days.days()),
        };
        match round {
            RoundExpiry::EndOfMonth => date.last_of_month(),
            RoundExpiry::Day => date,
        }
    }

    /// The fewest days that points can live.
    #[must_use]
    pub fn least_days(self) -> i32 {
        /// The fewest days that so many months have, from any date on.
        const OF_MONTHS: [i32; 12] = [0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334];
        match self {
            Self::Months(months) => {
                let rest = usize::try_from(months.rem_euclid(12)).unwrap_or_default();
                months.div_euclid(12).saturating_mul(365).saturating_add(OF_MONTHS[rest])
            }
            Self::Days(days) => days,
        }
    }

    /// The first instant at which points earned at `earned_at` are no longer valid: the start of the local day after the
    /// last valid date. Frozen when the lot is written; a later change of the zone's rules does not move it.
    #[must_use]
    pub fn expires_at(self, earned_at: Timestamp, round: RoundExpiry, zone: &Zone) -> Timestamp {
        zone.start_of(add(self.last_date(zone.date(earned_at), round), 1.day()))
    }
}

/// A calendar month, e.g. 202611.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(pub i32);

impl fmt::Display for Month {
    /// As ISO 8601 writes it: `2026-03`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(100), self.0.rem_euclid(100))
    }
}

impl Month {
    /// The month of a date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self(i32::from(date.year()).saturating_mul(100).saturating_add(i32::from(date.month())))
    }

    /// Its last date.
    ///
    /// # Panics
    /// It is no month.
    #[must_use]
    pub fn last_date(self) -> Date {
        let (year, month) = (i16::try_from(self.0.div_euclid(100)), i8::try_from(self.0.rem_euclid(100)));
        let (year, month) = year.ok().zip(month.ok()).expect("a month has a year");
        Date::new(year, month, 1).expect("a month is one of twelve").last_of_month()
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(if self.0.checked_rem(100) == Some(12) { self.0.saturating_add(89) } else { self.0.saturating_add(1) })
    }
}

/// The period over which a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A local date.
    CalendarDay,
    /// A local month.
    CalendarMonth,
    /// A local year.
    CalendarYear,
    /// Always: the limit never resets.
    Ever,
}

impl Period {
    /// The first date of the period that `date` lies in.
    #[must_use]
    pub fn start(self, date: Date) -> Date {
        match self {
            Self::CalendarDay => date,
            Self::CalendarMonth => date.first_of_month(),
            Self::CalendarYear => date.first_of_year(),
            Self::Ever => Date::constant(1970, 1, 1),
        }
    }

    /// The first date after the period that `date` lies in; `None` if it never ends.
    #[must_use]
    pub fn end(self, date: Date) -> Option<Date> {
        match self {
            Self::CalendarDay => Some(add(date, 1.day())),
            Self::CalendarMonth => Some(add_months(date.first_of_month(), 1)),
            Self::CalendarYear => Some(add_months(date.first_of_year(), 12)),
            Self::Ever => None,
        }
    }
}

/// Days since 1970-01-01, to count streaks with.
#[must_use]
pub fn day_number(date: Date) -> i32 {
    let hours = date.duration_since(Date::constant(1970, 1, 1)).as_hours();
    i32::try_from(hours.div_euclid(24)).expect("days of the calendar fit 32 bits")
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Period {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |period: &Self| match period {
            Self::CalendarDay => 0,
            Self::CalendarMonth => 1,
            Self::CalendarYear => 2,
            Self::Ever => 3,
        };
        rank(self).cmp(&rank(other))
    }
}
