//! A festival of a country.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::rule::Rule;

/// The years that festivals are worked out for.
pub const YEARS: RangeInclusive<i16> = 2020..=2050;

/// A festival of a country.
#[derive(Debug, Clone, Copy)]
pub struct Festival {
    /// A short name, unique.
    pub id: &'static str,
    /// Where it is kept, ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// Where alone within the country it is kept, ISO 3166-2.
    pub region: Option<&'static str>,
    /// The festival that it stands for there.
    pub replaces: Option<&'static str>,
    pub(super) rule: Rule,
}

impl Festival {
    /// On which dates of a year it begins: on one, but those of calendars without the sun on none or two in some years.
    #[must_use]
    pub fn dates(&self, year: i16) -> Vec<Date> {
        if YEARS.contains(&year) { self.rule.dates(year) } else { Vec::new() }
    }
}
