//! What members bring over, added up: as a file says it, and as it is in the ledger (rules: import 27f).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::kernel::quantity::Points;
use crate::kernel::time::{Month, Zone, add_months};
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::opening::Opening;
use crate::ledger::opening_rows::NEVER;
use crate::ledger::pockets::Movement;

/// For how many months from now sums are kept one by one; what expires later is one sum.
const MONTHS: i32 = 120;

/// Points of a member, by what is added up and a word, such as `expiry_month 2026-12`.
pub type Sums = BTreeMap<String, i64>;

/// The months of an import.
#[derive(Debug, Clone, Copy)]
pub struct Months<'a> {
    /// In which zone.
    pub zone: &'a Zone,
    /// As of when.
    pub as_of: Timestamp,
}

impl Months<'_> {
    /// The month of the last day of points.
    fn name(&self, expires_at: Timestamp) -> String {
        let last = expires_at.saturating_sub(SignedDuration::from_millis(1)).unwrap_or(expires_at);
        let (last, today) = (self.zone.date(last), self.zone.date(self.as_of));
        let month = Month::of(last);
        let later = month > Month::of(add_months(today, MONTHS));
        let word = if later { "later".to_owned() } else { month.to_string() };
        format!("expiry_month {}", if last >= NEVER { "never" } else { word.as_str() })
    }

    /// What the rows of a member say.
    #[must_use]
    pub fn said(&self, opening: &Opening) -> Sums {
        match opening {
            Opening::Lots(lots) => {
                let mut sums = Sums::new();
                for ((_, expires_at), points) in lots {
                    let sum = sums.entry(self.name(*expires_at)).or_default();
                    *sum = sum.saturating_add(points.0);
                }
                sums
            }
            Opening::Debt(points) => [("debt owed".to_owned(), points.0)].into(),
            Opening::Tier { tier, .. } => [(format!("tier {tier}"), 0)].into(),
            Opening::Status(status) => of_months(status),
        }
    }

    /// What is in the ledger for it: what the entry moved that has brought it over, and the tier that the member has.
    #[must_use]
    pub fn there(&self, entry: &Entry, tier: &str) -> Sums {
        let Detail::Opening { tier: opened, status, .. } = &entry.detail else { return Sums::new() };
        let mut sums = of_months(status);
        let movements = entry.brought();
        let is_debt = movements.iter().any(|movement| movement.points() < Points::ZERO);
        for movement in movements {
            let (name, points) = match *movement {
                _ if is_debt => ("debt owed".to_owned(), -movement.points()),
                Movement::Active { expires_at, points } | Movement::Pending { expires_at, points, .. } => {
                    (self.name(expires_at), points)
                }
                Movement::Debt { points } => ("debt repaid".to_owned(), points),
                Movement::Held { .. } => continue,
            };
            let sum = sums.entry(name).or_default();
            *sum = sum.saturating_add(points.0);
        }
        sums.extend(opened.as_ref().map(|_| (format!("tier {tier}"), 0)));
        sums
    }
}

fn of_months(status: &BTreeMap<Month, Points>) -> Sums {
    status.iter().map(|(month, points)| (format!("status_month {month}"), points.0)).collect()
}
