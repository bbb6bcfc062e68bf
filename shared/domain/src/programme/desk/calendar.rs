//! `[[calendar]]`: when somebody works (rules: desk 15).

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::kernel::time::Zone;
use crate::programme::finding::Findings;
use crate::programme::later::moment::{Clock, Closing};

/// `[[calendar]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// A short name, unique.
    pub id: String,
    /// IANA zone.
    pub tz: String,
    /// Windows by weekday.
    pub windows: BTreeMap<Day, Vec<Hours>>,
    /// Dates on which nobody works.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub off: Vec<Date>,
    /// Dates on which somebody does as on a weekday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub worked: Vec<Worked>,
    /// Until which date `off` and `worked` are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers_until: Option<Date>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Day {
    /// Of a date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        match date.weekday() {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// A date that is worked like a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worked {
    /// The date.
    pub date: Date,
    /// The weekday.
    pub like: Day,
}

/// A window of a day, `09:00-18:00`, up to `24:00`; the end does not belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    /// From.
    pub open: Clock,
    /// To.
    pub close: Closing,
}

impl TryFrom<String> for Hours {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no window; one is \"09:00-18:00\", the last end \"24:00\"");
        let (open, close) = text.split_once('-').ok_or_else(wrong)?;
        let open = Clock::try_from(open.to_owned()).map_err(|_wrong| wrong())?;
        let close = Closing::try_from(close.to_owned()).map_err(|_wrong| wrong())?;
        if open.0 < close.0 { Ok(Self { open, close }) } else { Err(wrong()) }
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        format!("{}-{}", Self::from(hours.open), Self::from(hours.close))
    }
}

impl Calendar {
    /// The windows of a date. After `covers_until` those of its weekday alone.
    #[must_use]
    pub fn windows(&self, date: Date) -> &[Hours] {
        let known = self.covers_until.is_none_or(|until| date <= until);
        if known && self.off.contains(&date) {
            return &[];
        }
        let worked = self.worked.iter().find(|worked| known && worked.date == date);
        let day = worked.map_or_else(|| Day::of(date), |worked| worked.like);
        self.windows.get(&day).map_or(&[], Vec::as_slice)
    }

    /// How many days are left of what is known; none: it never ends.
    #[must_use]
    pub fn days_left(&self, today: Date) -> Option<i32> {
        let until = self.covers_until?;
        i32::try_from(until.duration_since(today).as_hours().div_euclid(24)).ok()
    }
}

/// Checks the section.
pub(super) fn check(calendars: &[Calendar], findings: &mut Findings) {
    findings.unique("calendar", calendars.iter().map(|calendar| calendar.id.as_str()));
    for calendar in calendars {
        let at = |field: &str| format!("calendar.{}.{field}", calendar.id);
        findings.unless(calendar.id != "always", at("id"), "is what a policy without calendar has");
        let zone = Zone::named(&calendar.tz).is_some();
        findings.unless(zone, at("tz"), format!("`{}` is not an IANA time zone", calendar.tz));
        let any = calendar.windows.values().any(|windows| !windows.is_empty());
        findings.unless(any, at("windows"), "there is no window");
        for windows in calendar.windows.values() {
            let apart = windows.is_sorted_by(|one, next| one.close.0 <= next.open.0);
            findings.unless(apart, at("windows"), "the windows of a day follow each other and do not overlap");
        }
        for worked in &calendar.worked {
            let both = calendar.off.contains(&worked.date);
            findings.unless(!both, at("worked"), format!("{} is off, too", worked.date));
            let open = calendar.windows.get(&worked.like).is_some_and(|windows| !windows.is_empty());
            findings.unless(open, at("worked"), format!("nobody works on the day that {} is like", worked.date));
        }
        let mut dates: Vec<Date> = calendar.worked.iter().map(|worked| worked.date).collect();
        dates.sort_unstable();
        findings.unless(dates.is_sorted_by(|one, next| one < next), at("worked"), "a date stands in it twice");
        let many = calendar.off.len().saturating_add(dates.len());
        findings.unless(many <= 1_000, at("off"), "1000 dates are the most");
    }
}
