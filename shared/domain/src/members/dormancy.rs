//! A member who does nothing for long is told, and erased (rules: privacy 28, 29).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use crate::kernel::time::Zone;
use crate::programme::privacy::Dormancy;

/// What is known of when a member did something last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quiet {
    /// The local date of the newest activity that was found when somebody looked.
    pub since: Option<Date>,
    /// The local date on which the member was told.
    pub noticed_on: Option<Date>,
}

/// What a local date makes of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Nothing.
    Nothing,
    /// The member is dormant, and nothing else happens.
    Dormant,
    /// The member is told that it is erased on a date.
    Notice {
        /// On which.
        purge_on: Date,
    },
    /// It would be erased, and a hold keeps it.
    Waits,
    /// The member is erased.
    Erase,
}

/// What a local date makes of somebody who did something last on another one.
#[must_use]
pub fn does(
    dormancy: Dormancy,
    active_on: Date,
    noticed_on: Option<Date>,
    held_until: Option<Date>,
    today: Date,
) -> Does {
    // Who did something after being told was not told of what comes now.
    let noticed_on = noticed_on.filter(|noticed_on| active_on < *noticed_on);
    match noticed_on.map(|noticed_on| purge_on(dormancy, active_on, noticed_on)) {
        Some(purge_on) if today >= purge_on => {
            if held_until.is_some_and(|last| today <= last) {
                Does::Waits
            } else {
                Does::Erase
            }
        }
        None if today >= notice_on(dormancy, active_on) => {
            Does::Notice { purge_on: purge_on(dormancy, active_on, today) }
        }
        _ if today >= active_on.saturating_add(dormancy.dormant_after_days.days()) => Does::Dormant,
        _ => Does::Nothing,
    }
}

/// On which local date somebody who does nothing any more is told.
fn notice_on(dormancy: Dormancy, active_on: Date) -> Date {
    active_on.saturating_add(dormancy.purge_after_days.saturating_sub(dormancy.purge_notice_days).days())
}

/// On which local date somebody who was told is erased: a notice that comes late moves it.
fn purge_on(dormancy: Dormancy, active_on: Date, noticed_on: Date) -> Date {
    let silent = active_on.saturating_add(dormancy.purge_after_days.saturating_add(1).days());
    silent.max(noticed_on.saturating_add(dormancy.purge_notice_days.days()))
}

impl Quiet {
    /// When somebody looks next, whose newest activity is known to be on a date at the latest.
    #[must_use]
    pub fn due(self, dormancy: Dormancy, known: Date, zone: &Zone) -> Timestamp {
        let since = self.since.map_or(known, |since| since.max(known));
        let noticed_on = self.noticed_on.filter(|noticed_on| since < *noticed_on);
        zone.start_of(noticed_on.map_or_else(|| notice_on(dormancy, since), |told| purge_on(dormancy, since, told)))
    }
}
