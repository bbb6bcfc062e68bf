//! `[[draw]]`: a lottery whose result anybody can work out again.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::eligible::Eligible;
use crate::kernel::time::Zone;
use crate::programme::later::draw as written;
use crate::programme::later::draw::EntryPeriod;
use crate::programme::later::moment::Weekly;

/// `[[draw]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// A short name, unique.
    pub id: String,
    /// When it is held; nothing, if the programme does not say.
    pub held: Option<Held>,
    /// What an entry costs, in points.
    pub cost_points: i64,
    /// Entries that cost nothing.
    pub free: Option<Entries>,
    /// The most entries of a member.
    pub limit: Option<Entries>,
    /// What can be won, the highest first.
    pub prizes: Vec<Prize>,
    /// Who may enter.
    pub eligible: Eligible,
    /// How long entries are kept after it, in days.
    pub keep_days: i64,
}

/// When a draw is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Once.
    Once {
        /// From when on.
        opens_at: Timestamp,
        /// Until when, exclusive.
        closes_at: Timestamp,
    },
    /// Every week.
    Weekly {
        /// The day of the week and the time at which it opens.
        opens: Weekly,
        /// And at which it closes.
        closes: Weekly,
    },
}

/// So many entries of a member in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    /// How many.
    pub most: u32,
    /// Over which period.
    pub period: EntryPeriod,
}

/// A prize.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prize {
    /// A short name, unique in the draw.
    pub id: String,
    /// Of a prize of points: how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// Of a voucher: which reward's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<String>,
    /// What one is worth, in minor units.
    #[serde(default)]
    pub value_minor: i64,
    /// How many there are.
    pub stock: u32,
    /// The odds, in parts per million.
    pub odds_ppm: u32,
}

impl Entries {
    /// The first date of the period that a date lies in, and the first one after it, if it ends.
    #[must_use]
    pub fn around(&self, date: Date) -> (Date, Option<Date>) {
        let back = i64::from(date.weekday().to_monday_zero_offset());
        match self.period {
            EntryPeriod::CalendarDay => (date, Some(date.saturating_add(1.day()))),
            EntryPeriod::CalendarWeek => {
                let monday = date.saturating_sub(back.days());
                (monday, Some(monday.saturating_add(7.days())))
            }
            EntryPeriod::CalendarMonth => {
                (date.first_of_month(), Some(date.first_of_month().saturating_add(1.month())))
            }
            EntryPeriod::CalendarYear => (date.first_of_year(), Some(date.first_of_year().saturating_add(1.year()))),
            EntryPeriod::Ever => (Date::constant(1970, 1, 1), None),
        }
    }
}

impl Draw {
    pub(super) fn compile(draw: &written::Draw, zone: &Zone) -> Option<Self> {
        let entries = |entries: &written::FreeEntries| {
            Some(Entries { most: u32::try_from(entries.per_member).ok()?, period: entries.period })
        };
        let instants = draw.from.as_ref().zip(draw.until.as_ref());
        let instants = instants.and_then(|(from, until)| Some((from.instant(zone)?, until.instant(zone)?)));
        let held = match (instants, draw.opens.clone().zip(draw.closes.clone())) {
            (Some((opens_at, closes_at)), _) => Some(Held::Once { opens_at, closes_at }),
            (None, Some((opens, closes))) => Some(Held::Weekly { opens, closes }),
            (None, None) => None,
        };
        let eligible = draw.eligible.as_ref().map(|eligible| Eligible {
            min_tier: eligible.min_tier.clone(),
            segments: eligible.segments.clone(),
            tags_any: eligible.tags.clone(),
        });
        Some(Self {
            id: draw.id.clone(),
            held,
            cost_points: draw.cost_points,
            free: draw.free_entries.as_ref().and_then(entries),
            limit: draw.limit.as_ref().and_then(entries),
            prizes: draw.prizes.iter().map(Prize::compile).collect::<Option<_>>()?,
            eligible: eligible.unwrap_or_default(),
            keep_days: draw.keep_days.unwrap_or(731),
        })
    }
}

impl Prize {
    fn compile(prize: &written::Prize) -> Option<Self> {
        let voucher = prize.kind.as_deref() == Some("voucher");
        Some(Self {
            id: prize.id.clone(),
            points: prize.given_points(),
            reward: prize.reward.clone().filter(|_| voucher),
            value_minor: prize.value_minor.unwrap_or_default(),
            stock: u32::try_from(prize.stock).ok()?,
            odds_ppm: u32::try_from(prize.odds_ppm).ok()?,
        })
    }
}
