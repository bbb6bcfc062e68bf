//! Whose turn it is, and who is asked (rules: voice 9).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, time};
use sha2::{Digest, Sha256};

use crate::kernel::id::MemberId;
use crate::kernel::time::Zone;

/// How many rings members are spread over.
pub const RINGS: u16 = 1_024;
/// The local hour at which members are asked.
const HOUR: i8 = 9;

/// A quarter of a year, `2026-Q4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: i16,
    number: i8,
}

impl Quarter {
    /// That a date lies in.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self { year: date.year(), number: date.month().saturating_sub(1).div_euclid(3).saturating_add(1) }
    }

    /// Its first date.
    ///
    /// # Panics
    /// It lies outside the calendar.
    #[must_use]
    pub fn first(self) -> Date {
        let month = self.number.saturating_sub(1).saturating_mul(3).saturating_add(1);
        Date::new(self.year, month, 1).expect("a quarter begins with a month")
    }

    /// How many days it has.
    #[must_use]
    pub fn days(self) -> u16 {
        let next = self.first().saturating_add(3.months());
        u16::try_from(next.duration_since(self.first()).as_hours().div_euclid(24)).unwrap_or_default()
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.number)
    }
}

impl FromStr for Quarter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no quarter such as 2026-Q4");
        let (year, number) = text.split_once("-Q").filter(|(year, _)| year.len() == 4).ok_or_else(wrong)?;
        let (year, number) = (year.parse().ok(), number.parse().ok());
        let number = number.filter(|number| (1..=4).contains(number));
        Ok(Self { year: year.ok_or_else(wrong)?, number: number.ok_or_else(wrong)? })
    }
}

/// The ring of a member.
#[must_use]
pub fn ring(member: &MemberId) -> u16 {
    u16::try_from(number(member.as_str()).rem_euclid(u64::from(RINGS))).unwrap_or_default()
}

/// On which day of a quarter a ring is asked, from 0.
#[must_use]
pub fn day(ring: u16, quarter: Quarter) -> u16 {
    let day = u32::from(ring).saturating_mul(u32::from(quarter.days())).div_euclid(u32::from(RINGS));
    u16::try_from(day).unwrap_or_default()
}

/// The rings that are asked on a date.
#[must_use]
pub fn rings(date: Date) -> Vec<u16> {
    let quarter = Quarter::of(date);
    let today = date.duration_since(quarter.first()).as_hours().div_euclid(24);
    (0..RINGS).filter(|ring| i64::from(day(*ring, quarter)) == today).collect()
}

/// From when on those are asked whose turn is on a date.
#[must_use]
pub fn opens(date: Date, zone: &Zone) -> Timestamp {
    zone.instant(date, time(HOUR, 0, 0, 0))
}

/// When a member is asked in a quarter.
#[must_use]
pub fn turn(member: &MemberId, quarter: Quarter, zone: &Zone) -> (Date, Timestamp) {
    let date = quarter.first().saturating_add(i32::from(day(ring(member), quarter)).days());
    (date, opens(date, zone))
}

/// Where a member stands among those of a quarter, below 10,000.
#[must_use]
pub fn sample_key(member: &MemberId, quarter: Quarter) -> u16 {
    u16::try_from(number(&format!("{member}|{quarter}")).rem_euclid(10_000)).unwrap_or_default()
}

/// The first eight bytes of SHA-256, the greatest first.
fn number(text: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
