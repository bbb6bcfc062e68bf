//! By what the date of a festival is found.

use calendrical_calculations::rata_die::RataDie;
use calendrical_calculations::{gregorian, julian};
use icu_calendar::Date as Other;
use icu_calendar::cal::Hijri;
use icu_calendar::types::Month;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use super::lunar::{self, Moons};

/// By what the date of a festival is found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// A month and a day of it.
    On(i8, i8),
    /// The same, another one before a year.
    OnSince(i16, (i8, i8), (i8, i8)),
    /// The nth weekday of a month, from its end if below zero, and days after it.
    Weekday(i8, i8, Weekday, i32),
    /// A month and a day of the lunisolar calendar of East Asia, by the moons of a meridian.
    Lunar(Moons, u8, u8),
    /// When the sun stands at 15 degrees, by China's clocks.
    Qingming,
    /// A month and a day of the calendar of Umm al-Qura.
    UmmAlQura(u8, u8),
    /// A month, from Tishri, and a day of the Hebrew calendar.
    Hebrew(u8, u8),
    /// A month and a day of the calendar of Iran.
    Persian(u8, u8),
    /// Days after Easter Sunday.
    Easter(i32),
    /// Days after the Orthodox Easter Sunday.
    OrthodoxEaster(i32),
    /// The last Sunday of May; the first of June where that is Whit Sunday.
    MothersDayOfFrance,
}

impl Rule {
    /// The dates of a year.
    pub(super) fn dates(self, year: i16) -> Vec<Date> {
        match self {
            Self::On(month, day) => vec![date(year, month, day)],
            Self::OnSince(since, before, (month, day)) => {
                let (month, day) = if year < since { before } else { (month, day) };
                vec![date(year, month, day)]
            }
            Self::Weekday(month, nth, weekday, after) => {
                nth_weekday(year, month, nth, weekday).map(|date| plus(date, after)).into_iter().collect()
            }
            Self::Lunar(moons, month, day) => within(year, 0, |year| lunar::date(moons, year, month, day)),
            Self::Qingming => vec![lunar::qingming(year)],
            Self::UmmAlQura(month, day) => within_hijri(year, month, day),
            Self::Hebrew(month, day) => within(year, 3760, |year| {
                Other::try_new_hebrew_v2(year, Month::new(month), day).ok().map(|date| date.to_rata_die())
            }),
            Self::Persian(month, day) => {
                within(year, -622, |year| Other::try_new_persian(year, month, day).ok().map(|date| date.to_rata_die()))
            }
            Self::Easter(after) => vec![plus(of(gregorian::easter(year.into())), after)],
            Self::OrthodoxEaster(after) => vec![plus(of(julian::easter(year.into())), after)],
            Self::MothersDayOfFrance => {
                let whit_sunday = plus(of(gregorian::easter(year.into())), 49);
                let last = nth_weekday(year, 5, -1, Weekday::Sunday).filter(|last| *last != whit_sunday);
                last.or(nth_weekday(year, 6, 1, Weekday::Sunday)).into_iter().collect()
            }
        }
    }
}

/// The dates of a year among those that a calendar says, whose years are so many ahead; the years overlap.
fn within(year: i16, ahead: i32, day: impl Fn(i32) -> Option<RataDie>) -> Vec<Date> {
    let about = i32::from(year).saturating_add(ahead);
    let years = about.saturating_sub(1)..=about.saturating_add(1);
    years.filter_map(day).map(of).filter(|date| date.year() == year).collect()
}

/// The same of a year that is eleven days shorter.
fn within_hijri(year: i16, month: u8, day: u8) -> Vec<Date> {
    let first = RataDie::new(i64::from(days(date(year, 1, 1))));
    let about = Other::from_rata_die(first, Hijri::new_umm_al_qura()).year().extended_year();
    let day = |year| Other::try_new_hijri_with_calendar(year, month, day, Hijri::new_umm_al_qura()).ok();
    let years = about..=about.saturating_add(2);
    years.filter_map(day).map(|date| of(date.to_rata_die())).filter(|date| date.year() == year).collect()
}

fn nth_weekday(year: i16, month: i8, nth: i8, weekday: Weekday) -> Option<Date> {
    date(year, month, 1).nth_weekday_of_month(nth, weekday).ok()
}

fn plus(date: Date, days: i32) -> Date {
    date.saturating_add(days.days())
}

/// The date of 1 January 1970, as days are counted in the libraries.
const EPOCH: i32 = 719_163;

/// A date of the libraries.
fn of(day: RataDie) -> Date {
    let days = day.to_i64_date().saturating_sub(i64::from(EPOCH));
    date(1970, 1, 1).saturating_add(days.days())
}

/// A date as the libraries count days.
fn days(date: Date) -> i32 {
    crate::kernel::time::day_number(date).saturating_add(EPOCH)
}
