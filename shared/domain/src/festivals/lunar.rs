//! The lunisolar calendar of East Asia. One calendar, by the clocks of three places: a moon that is new shortly before midnight in one
//! is new on the next date in another.

use calendrical_calculations::chinese_based::{
    ChineseBased, YearBounds, days_until_month, get_leap_month_from_new_year,
};
use calendrical_calculations::gregorian::fixed_from_gregorian;
use calendrical_calculations::rata_die::RataDie;
use icu_calendar::Date as Other;
use icu_calendar::types::Month;
use jiff::ToSpan;
use jiff::civil::{Date, date as day};

/// By whose midnight a moon is new.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moons {
    /// UTC+8.
    China,
    /// UTC+9.
    Korea,
    /// UTC+7.
    Vietnam,
}

/// The day of a month that is no leap month.
pub(super) fn date(moons: Moons, year: i32, month: u8, day: u8) -> Option<RataDie> {
    match moons {
        Moons::China => {
            Other::try_new_chinese_traditional(year, Month::new(month), day).ok().map(|date| date.to_rata_die())
        }
        Moons::Korea => {
            Other::try_new_korean_traditional(year, Month::new(month), day).ok().map(|date| date.to_rata_die())
        }
        Moons::Vietnam => Some(vietnamese(year, month, day)),
    }
}

/// Vietnam's calendar, which the library has no name for.
struct Vietnam;

/// How far its clocks are ahead, in days.
const AHEAD: f64 = 7.0 / 24.0;

impl ChineseBased for Vietnam {
    fn utc_offset(_: RataDie) -> f64 {
        AHEAD
    }

    const EPOCH: RataDie = fixed_from_gregorian(-2636, 2, 15);
    const DEBUG_NAME: &'static str = "vietnamese";
}

fn vietnamese(year: i32, month: u8, day: u8) -> RataDie {
    let bounds = YearBounds::compute::<Vietnam>(fixed_from_gregorian(year, 7, 1));
    let leap = if bounds.is_leap() { get_leap_month_from_new_year::<Vietnam>(bounds.new_year) } else { 14 };
    // Which month of the year it is: a leap month comes before those that follow it.
    let nth = if month < leap { month } else { month.saturating_add(1) };
    let first = i64::from(days_until_month::<Vietnam>(bounds.new_year, nth));
    RataDie::new(bounds.new_year.to_i64_date().saturating_add(first).saturating_add(i64::from(day)).saturating_sub(1))
}

/// The date on which the sun comes to stand at 15 degrees of its way from the equinox, in China: as almanacs work it out for this
/// century, from the length of the year and the moment of the year 2000.
pub(super) fn qingming(year: i16) -> Date {
    let since = i32::from(year).saturating_sub(2000);
    let moved = since.saturating_mul(2_422).saturating_add(48_100).div_euclid(10_000);
    day(year, 3, 31).saturating_add(moved.saturating_sub(since.div_euclid(4)).days())
}
