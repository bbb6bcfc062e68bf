//! The local dates of a member who travels: no date is gained or lost by flying.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::kernel::time::Zone;

/// The zone that a member is in, and the one before it.
#[derive(Debug, Clone)]
pub struct MemberZone {
    zone: Zone,
    before: Option<(Zone, Date)>,
}

impl MemberZone {
    /// Of a member who has not moved.
    #[must_use]
    pub const fn new(zone: Zone) -> Self {
        Self { zone, before: None }
    }

    /// In another zone from now on. The newest date that was claimed stays what it is, and all before it; the zone before the last is
    /// forgotten.
    #[must_use]
    pub fn moved(&self, zone: Zone, newest: Option<Date>) -> Self {
        Self { zone, before: newest.map(|newest| (self.zone.clone(), newest)) }
    }

    /// The date of an instant: of the zone in force after the newest date that was claimed when it changed; before, of the old zone, and
    /// not later than that date.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> Date {
        let date = self.zone.date(at);
        match &self.before {
            Some((before, newest)) if date <= *newest => before.date(at).min(*newest),
            _ => date,
        }
    }
}
