//! Times, spans and shares as programmes write them.

use serde::{Deserialize, Serialize};

use crate::kernel::time::Zone;

/// A time of a clock, `22:00`, in minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Clock(pub u16);

/// The end of a window, `18:00`; up to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Closing(pub u16);

impl Clock {
    /// As a time of day.
    #[must_use]
    pub fn time(self) -> jiff::civil::Time {
        let part = |number: u16| i8::try_from(number).unwrap_or_default();
        jiff::civil::time(part(self.0.div_euclid(60)), part(self.0.rem_euclid(60)), 0, 0)
    }
}

impl From<Clock> for String {
    fn from(Clock(minutes): Clock) -> Self {
        format!("{:02}:{:02}", minutes.div_euclid(60), minutes.rem_euclid(60))
    }
}

impl From<Closing> for String {
    fn from(Closing(minutes): Closing) -> Self {
        Clock(minutes).into()
    }
}

fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| (part.len() == 2).then(|| part.parse::<u16>().ok()).flatten();
    let (hours, minutes) = (two(hours)?, two(minutes).filter(|minutes| *minutes < 60)?);
    hours.checked_mul(60)?.checked_add(minutes)
}

impl TryFrom<String> for Clock {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let time = minutes(&text).filter(|minutes| *minutes < 24 * 60);
        time.map(Self).ok_or_else(|| format!("`{text}` is no time of a clock; one is \"22:00\""))
    }
}

impl TryFrom<String> for Closing {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let time = minutes(&text).filter(|minutes| *minutes <= 24 * 60);
        time.map(Self).ok_or_else(|| format!("`{text}` is no time of a clock; one is \"18:00\", the last \"24:00\""))
    }
}

/// A span that lasts, `PT15M` or `P2D`, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    /// Its length in seconds.
    pub seconds: i64,
}

/// Calendar months, `P6M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Term(pub i64);

/// The seconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds.
fn seconds(text: &str) -> Option<i64> {
    let mut rest = text.strip_prefix('P')?;
    let mut total = 0_i64;
    let mut units: &[(char, i64)] = &[('W', 604_800), ('D', 86_400)];
    let mut any = false;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            if time.is_empty() || units.iter().any(|(unit, _)| *unit == 'S') {
                return None;
            }
            (rest, units) = (time, &[('H', 3_600), ('M', 60), ('S', 1)]);
            continue;
        }
        let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: i64 = rest.get(..end)?.parse().ok()?;
        let unit = rest.get(end..)?.chars().next()?;
        let place = units.iter().position(|(known, _)| *known == unit)?;
        total = total.checked_add(number.checked_mul(units.get(place)?.1)?)?;
        units = units.get(place.checked_add(1)?..)?;
        rest = rest.get(end.checked_add(1)?..)?;
        // After the smallest unit of dates only a time can come.
        if units.is_empty() && !rest.is_empty() && !rest.starts_with('T') {
            return None;
        }
        any = true;
    }
    any.then_some(total)
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let found = seconds(&text).map(|seconds| Self { seconds });
        found.ok_or_else(|| {
            format!("`{text}` is no duration; one is \"P7D\" (days), \"PT1H\" (hours), \"PT15M\" (minutes)")
        })
    }
}

impl From<Span> for String {
    fn from(Span { seconds }: Span) -> Self {
        let units = [(86_400, "P", "D"), (3_600, "PT", "H"), (60, "PT", "M")];
        let whole = units.into_iter().find(|(unit, ..)| seconds.checked_rem(*unit) == Some(0));
        let (unit, start, end) = whole.unwrap_or((1, "PT", "S"));
        format!("{start}{}{end}", seconds.checked_div(unit).unwrap_or_default())
    }
}

impl TryFrom<String> for Term {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let months = text.strip_prefix('P').and_then(|rest| rest.strip_suffix('M')).and_then(|text| text.parse().ok());
        let months = months.filter(|months| (1..=120).contains(months));
        months.map(Self).ok_or_else(|| format!("`{text}` is no number of months; one is \"P6M\""))
    }
}

/// A moment of each year, `01-15T10:00`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Yearly(pub String);

impl TryFrom<String> for Yearly {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let date =
            text.split_once('T').filter(|(date, time)| date.len() == 5 && Clock::try_from((*time).to_owned()).is_ok());
        // A year that has no 29 February: what comes each year has a date in each.
        let date = date.and_then(|(date, _)| format!("2026-{date}").parse::<jiff::civil::Date>().ok());
        if date.is_some() {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` is no moment of each year; one is \"01-15T10:00\""))
        }
    }
}

/// A day of the week, and a time: `Mon 00:00`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Weekly(pub String);

/// The days of the week, Monday first.
pub(super) const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Weekly {
    /// The day, Monday being 0, and the time.
    #[must_use]
    pub fn parts(&self) -> Option<(i64, Clock)> {
        let (day, time) = self.0.split_once(' ')?;
        let day = DAYS.iter().position(|known| *known == day)?;
        Some((i64::try_from(day).ok()?, Clock::try_from(time.to_owned()).ok()?))
    }
}

impl TryFrom<String> for Weekly {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fits = text
            .split_once(' ')
            .is_some_and(|(day, time)| DAYS.contains(&day) && Clock::try_from(time.to_owned()).is_ok());
        if fits { Ok(Self(text)) } else { Err(format!("`{text}` is no day and time; one is \"Mon 00:00\"")) }
    }
}

/// A share as drafts of programmes write it, `0.85`, in basis points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "serde_json::Number")]
pub struct Fraction(pub i64);

impl TryFrom<serde_json::Number> for Fraction {
    type Error = String;

    fn try_from(number: serde_json::Number) -> Result<Self, String> {
        let text = number.to_string();
        let (whole, digits) = text.split_once('.').unwrap_or((&text, ""));
        let exact = (digits.len() <= 4).then(|| format!("{whole}{digits:0<4}").parse().ok()).flatten();
        exact.map(Self).ok_or_else(|| format!("`{text}` is no share such as 0.5, with at most four decimals"))
    }
}

/// One text or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be a text in quotes, or a list of texts")]
pub enum Texts {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Texts {
    /// As a list.
    #[must_use]
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

/// An instant with its offset, or a local date.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Moment(pub String);

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fits = text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::Date>().is_ok();
        let words = "is neither a date nor an instant; such are \"2026-12-01\" and \"2026-12-01T10:00:00+08:00\"";
        if fits { Ok(Self(text)) } else { Err(format!("`{text}` {words}")) }
    }
}

impl Moment {
    /// Its instant; of a date its first one.
    #[must_use]
    pub fn instant(&self, zone: &Zone) -> Option<jiff::Timestamp> {
        let date = || Some(zone.start_of(self.0.parse().ok()?));
        self.0.parse().ok().or_else(date)
    }

    /// Its local date.
    #[must_use]
    pub fn date(&self, zone: &Zone) -> Option<jiff::civil::Date> {
        let instant = || Some(zone.date(self.0.parse::<jiff::Timestamp>().ok()?));
        self.0.parse::<jiff::civil::Date>().ok().filter(|_| !self.0.contains('T')).or_else(instant)
    }

    /// Is it before another? Of a date and an instant nobody can tell.
    #[must_use]
    pub fn is_before(&self, other: &Self) -> bool {
        let instants = self.0.parse::<jiff::Timestamp>().ok().zip(other.0.parse::<jiff::Timestamp>().ok());
        let dates = self.0.parse::<jiff::civil::Date>().ok().zip(other.0.parse::<jiff::civil::Date>().ok());
        match (instants, dates) {
            (Some((one, other)), _) => one < other,
            (None, Some((one, other))) => one < other,
            (None, None) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_iso_8601() {
        for (text, seconds) in [("PT0S", 0), ("P7D", 604_800), ("P1DT2H", 93_600), ("PT504H", 1_814_400)] {
            assert_eq!(Span::try_from(text.to_owned()).unwrap().seconds, seconds, "{text}");
        }
        for wrong in ["7 days", "P", "PT", "P7", "7D", "P1H", "PT1D", "P1M", "PT1M1H", "15M", "P1DT", "-P1D", ""] {
            assert!(Span::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn clocks_show_what_there_is() {
        for wrong in ["25:00", "08:60", "8:00", "24:00", "0800", "-1:00", ""] {
            assert!(Clock::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert_eq!(Clock::try_from("22:30".to_owned()), Ok(Clock(1_350)));
        assert_eq!(Closing::try_from("24:00".to_owned()), Ok(Closing(1_440)));
        for wrong in ["13-45T10:00", "02-29T10:00", "01-15T25:00", "1-15T10:00", "01-15"] {
            assert!(Yearly::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert!(Weekly::try_from("Mon 00:00".to_owned()).is_ok() && Weekly::try_from("Day 00:00".to_owned()).is_err());
    }
}
