//! What time alone does to a member (rules: members 27).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use crate::kernel::time::Zone;
use crate::members::facts::MemberFact;
use crate::members::state::Member;

impl Member {
    /// The next instant at which time alone changes the member: a tag by hand ends when its last local day has.
    #[must_use]
    pub fn due(&self, zone: &Zone) -> Option<Timestamp> {
        let last = self.tags.values().min()?;
        Some(zone.start_of(last.saturating_add(1.day())))
    }

    /// Does what time has done by a local date, and says what is told of it.
    pub fn settle(&mut self, today: Date) -> Vec<MemberFact> {
        let ended: Vec<String> =
            self.tags.iter().filter(|(_, until)| **until < today).map(|(tag, _)| tag.clone()).collect();
        self.tags.retain(|_, until| *until >= today);
        ended.into_iter().map(|tag| MemberFact::TagRemoved { tag, kind: "manual".to_owned() }).collect()
    }
}
