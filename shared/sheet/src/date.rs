//! Dates, months and instants as many hands write them (rule: import 15).

use jiff::civil::{Date, DateTime, Time, date};
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::fault::CellFault;
use crate::mapping::DateOrder;

/// From which day a workbook counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Epoch {
    /// 1 is 1900-01-01; 60 would be a day that never was.
    #[default]
    Y1900,
    /// 0 is 1904-01-01.
    Y1904,
}

/// The serial of 9999-12-31.
const LATEST: i32 = 2_958_465;

/// When something was, as far as the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// An instant.
    Instant(Timestamp),
    /// By the clock of a zone that the file does not name.
    Civil(DateTime),
}

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// The year.
    pub year: i16,
    /// From 1 to 12.
    pub month: i8,
}

/// A date with the time that stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dated {
    pub(crate) date: Date,
    pub(crate) time: Option<Time>,
    /// A zone or an offset stands behind it.
    pub(crate) zoned: bool,
}

impl Epoch {
    /// The date of a number: days, and what is behind the point a part of one.
    pub(crate) fn dated(self, digits: &str) -> Result<Dated, CellFault> {
        let (days, part) = digits.split_once('.').unwrap_or((digits, ""));
        let days: i32 = days.parse().map_err(|_too_large| CellFault::NotADate)?;
        // People type 20260517 into a cell: no serial is so large.
        if part.is_empty() && (19_000_101..=99_991_231).contains(&days) {
            return whole(digits, None);
        }
        if days > LATEST {
            return Err(CellFault::NotADate);
        }
        let (first, shift) = match self {
            Self::Y1900 if (1..60).contains(&days) => (date(1899, 12, 31), days),
            Self::Y1900 if days > 60 => (date(1899, 12, 30), days),
            Self::Y1904 if days >= 0 => (date(1904, 1, 1), days),
            _ => return Err(CellFault::NotADate),
        };
        let found = first.checked_add(Span::new().days(shift)).map_err(|_never_so_late| CellFault::NotADate)?;
        Ok(Dated { date: found, time: time_of(part), zoned: false })
    }
}

/// The time of a part of a day, to the second.
fn time_of(part: &str) -> Option<Time> {
    let nine: String = part.chars().chain("000000000".chars()).take(9).collect();
    let billionths: u64 = nine.parse().ok()?;
    let seconds = (billionths * 86_400 + 500_000_000) / 1_000_000_000;
    let seconds = i64::try_from(seconds.min(86_399)).ok()?;
    Time::midnight().checked_add(Span::new().seconds(seconds)).ok().filter(|_| !part.is_empty())
}

/// How texts are read as dates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// What comes first where the year does not.
    pub(crate) order: Option<DateOrder>,
    /// Numbers of five digits are serials.
    pub(crate) serials: bool,
}

impl Reading {
    /// A date with an optional time.
    pub(crate) fn dated(self, text: &str) -> Result<Dated, CellFault> {
        let (first, rest) = number(text).ok_or(CellFault::NotADate)?;
        let Some((mark, rest)) = separator(rest) else { return self.plain(first, rest) };
        let (second, rest) = number(rest).ok_or(CellFault::NotADate)?;
        let rest = rest.strip_prefix(following(mark)).ok_or(CellFault::NotADate)?;
        let (third, rest) = number(rest).ok_or(CellFault::NotADate)?;
        let rest = if mark == '年' { rest.strip_prefix('日').unwrap_or(rest) } else { rest };
        let (time, zoned) = clock(rest)?;
        let dated = |date: Date| Dated { date, time, zoned };
        if first.len() == 4 {
            return ymd(first, second, third).map(dated).ok_or(CellFault::NotADate);
        }
        let year = full_year(third);
        let dmy = year.and_then(|year| of(year, second, first));
        let mdy = year.and_then(|year| of(year, first, second));
        match self.order {
            Some(DateOrder::Dmy) => dmy.map(dated).ok_or(CellFault::NotADate),
            Some(DateOrder::Mdy) => mdy.map(dated).ok_or(CellFault::NotADate),
            None => {
                let ymd = full_year(first).and_then(|year| of(year, second, third));
                let any = [dmy, mdy, ymd].iter().any(Option::is_some);
                Err(if any { CellFault::AmbiguousDate } else { CellFault::NotADate })
            }
        }
    }

    /// Digits alone.
    fn plain(self, digits: &str, rest: &str) -> Result<Dated, CellFault> {
        match digits.len() {
            8 => whole(digits, Some(rest)),
            6 if rest.is_empty() => {
                let parts = [&digits[..2], &digits[2..4], &digits[4..]];
                let shapes = [[0, 1, 2], [2, 1, 0], [2, 0, 1]]
                    .map(|[year, month, day]| of(full_year(parts[year])?, parts[month], parts[day]));
                let any = shapes.iter().any(Option::is_some);
                Err(if any { CellFault::AmbiguousDate } else { CellFault::NotADate })
            }
            5 => {
                let part = rest.strip_prefix('.').unwrap_or_default();
                let plain = rest.is_empty() || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
                match (plain, self.serials) {
                    (true, true) => Epoch::Y1900.dated(&format!("{digits}{rest}")),
                    (true, false) => Err(CellFault::AmbiguousDate),
                    (false, _) => Err(CellFault::NotADate),
                }
            }
            _ => Err(CellFault::NotADate),
        }
    }
}

/// Eight digits.
fn whole(digits: &str, rest: Option<&str>) -> Result<Dated, CellFault> {
    let (time, zoned) = rest.map_or(Ok((None, false)), clock)?;
    let found = ymd(&digits[..4], &digits[4..6], &digits[6..]).ok_or(CellFault::NotADate)?;
    Ok(Dated { date: found, time, zoned })
}

/// The digits at the beginning.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn separator(text: &str) -> Option<(char, &str)> {
    let mark = text.chars().next().filter(|mark| ['-', '/', '.', '年'].contains(mark))?;
    let rest = text.get(mark.len_utf8()..)?;
    // `32874.5` is one number, `2026.5.17` are three.
    let three = mark != '.' || number(rest).is_some_and(|(_, rest)| rest.starts_with('.'));
    three.then_some((mark, rest))
}

const fn following(mark: char) -> char {
    if mark == '年' { '月' } else { mark }
}

fn ymd(year: &str, month: &str, day: &str) -> Option<Date> {
    of(year.parse().ok()?, month, day)
}

fn of(year: i16, month: &str, day: &str) -> Option<Date> {
    let short = |digits: &str| (digits.len() <= 2).then(|| digits.parse::<i8>().ok()).flatten();
    Date::new(year, short(month)?, short(day)?).ok()
}

/// A year of two digits is one from 1930 to 2029, as spreadsheets have it.
fn full_year(digits: &str) -> Option<i16> {
    let year: i16 = digits.parse().ok()?;
    match digits.len() {
        4 => Some(year),
        2 if year < 30 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

/// The time behind a date, and whether a zone stands behind that.
fn clock(text: &str) -> Result<(Option<Time>, bool), CellFault> {
    let wrong = CellFault::NotADate;
    let text = text.strip_prefix(['T', 't']).unwrap_or(text).trim();
    if text.is_empty() {
        return Ok((None, false));
    }
    let (late, text) = match [("上午", false), ("下午", true), ("午前", false), ("午後", true)]
        .iter()
        .find_map(|(mark, late)| Some((Some(*late), text.strip_prefix(mark)?.trim_start())))
    {
        Some(found) => found,
        None => (None, text),
    };
    let (hour, rest) = number(text).ok_or(wrong)?;
    let (minute, mut rest) = rest.strip_prefix(':').and_then(number).ok_or(wrong)?;
    let mut second = "0";
    if let Some((found, after)) = rest.strip_prefix(':').and_then(number) {
        second = found;
        rest = after.strip_prefix(['.', ',']).and_then(number).map_or(after, |(_, after)| after);
    }
    let rest = rest.trim_start();
    let (late, rest) = match rest.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("am") => (Some(false), rest.get(2..).unwrap_or_default()),
        Some("pm") => (Some(true), rest.get(2..).unwrap_or_default()),
        _ => (late, rest),
    };
    let [hour, minute, second] = [hour, minute, second].map(|digits| digits.parse::<i8>().unwrap_or(-1));
    let hour = match late {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    let time = Time::new(hour, minute, second.min(59), 0).map_err(|_no_time| wrong)?;
    match zone(rest.trim_start()) {
        Some(zoned) => Ok((Some(time), zoned)),
        None => Err(wrong),
    }
}

/// Nothing, or a zone; none if it is something else.
fn zone(text: &str) -> Option<bool> {
    if text.is_empty() {
        return Some(false);
    }
    let offset = text.strip_prefix(['+', '-']).map(|digits| digits.replace(':', ""));
    let offset =
        offset.is_some_and(|digits| matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit()));
    (offset || ["z", "utc", "gmt"].contains(&text.to_ascii_lowercase().as_str())).then_some(true)
}

/// A month: `2026-05`, `2026/5`, `202605`, `2026年5月`, or any date in it.
pub(crate) fn month(text: &str) -> Option<Month> {
    let (year, rest) = number(text)?;
    let (year, month) = match (year.len(), separator(rest)) {
        (6, None) if rest.is_empty() => (&year[..4], &year[4..]),
        (4, _) => {
            let (mark, rest) = rest.chars().next().map(|mark| (mark, &rest[mark.len_utf8()..]))?;
            let (month, rest) = number(rest)?;
            let ends = if mark == '年' { rest == "月" } else { ['-', '/', '.'].contains(&mark) && rest.is_empty() };
            (year, Some(month).filter(|_| ends)?)
        }
        _ => return None,
    };
    let found = of(year.parse().ok()?, month, "1")?;
    Some(Month { year: found.year(), month: found.month() })
}
