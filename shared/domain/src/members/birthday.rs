//! A birthday is worth something, so it is not moved at will (rules: members 15).

use jiff::ToSpan;
use jiff::civil::Date;

use crate::kernel::refusal::refusals;

refusals! {
    /// A birthday stays as it is for now.
    BirthdayLocked {
        /// A member changes it once in 365 days.
        Conflict Locked ("birthday_locked" at "birthday") {
            /// The first date on which the member may change it.
            until: Date,
        } = "a birthday is changed once in 365 days",
    }
}

/// What is remembered of a birthday beside its date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Edits {
    /// The local date of the newest change, whoever made it; setting it first is none.
    pub edited_on: Option<Date>,
    /// The local date of the member's own newest change.
    pub changed_on: Option<Date>,
    /// The year of the newest gift.
    pub gift_in: Option<i16>,
}

impl Edits {
    /// After a change on this local date: another date instead of the one that is known, or none. Who clears it does not change it,
    /// but gets no gift for having set it again.
    ///
    /// # Errors
    /// The member changes it, and has less than 365 days ago.
    pub fn edited(self, to_a_date: bool, by_the_member: bool, today: Date) -> Result<Self, BirthdayLocked> {
        let edited = Self { edited_on: Some(today), ..self };
        if !(to_a_date && by_the_member) {
            return Ok(edited);
        }
        match self.changed_on.map(|date| after(date, 365)) {
            Some(until) if today < until => Err(BirthdayLocked::Locked { until }),
            _ => Ok(Self { changed_on: Some(today), ..edited }),
        }
    }

    /// Is there a gift on this local date, which is the birthday? None within 30 days of a change, and one a calendar year.
    #[must_use]
    pub fn gift(self, today: Date) -> bool {
        let settled = self.edited_on.is_none_or(|date| today >= after(date, 30));
        settled && self.gift_in.is_none_or(|year| year < today.year())
    }
}

/// The date on which a birthday falls in a year: of 29 February, 28 February in common years (rules 7).
#[must_use]
pub fn falls_on(birthday: Date, year: i16) -> Date {
    let month = jiff::civil::date(year, birthday.month(), 1);
    month.with().day(birthday.day().min(month.days_in_month())).build().unwrap_or(month)
}

fn after(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

/// The date on which somebody turns an age: who was born on 29 February does on 1 March in common years.
#[must_use]
pub fn turns(born: Date, age: u8) -> Date {
    let year = born.year().saturating_add(i16::from(age));
    let day = born.with().year(year).build();
    day.unwrap_or_else(|_no_such_day| jiff::civil::date(year, 3, 1))
}
