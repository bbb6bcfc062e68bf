//! What time alone does to a member (rules: members 26, 27).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use crate::kernel::time::Zone;
use crate::members::facts::MemberFact;
use crate::members::state::{Member, State};
use crate::members::telling::Rules;
use crate::programme::members::Members;

impl Member {
    /// The next instant at which time alone changes the member: a tag by hand ends when its last local day has, and who has closed the
    /// account is erased after the days of coming back.
    #[must_use]
    pub fn due(&self, zone: &Zone, members: &Members) -> Option<Timestamp> {
        let tags = self.tags.values().min().map(|last| zone.start_of(last.saturating_add(1.day())));
        tags.into_iter().chain(self.gone_at(zone, members)).min()
    }

    /// Since when a member who has closed the account cannot come back.
    fn gone_at(&self, zone: &Zone, members: &Members) -> Option<Timestamp> {
        match self.state {
            State::Closed { at } => Some(zone.start_of_day_after(at, members.closed_days.saturating_add(1))),
            State::Active | State::Suspended | State::Merged { .. } => None,
        }
    }

    /// Can a member who has closed the account not come back any more?
    #[must_use]
    pub fn is_gone(&self, rules: Rules<'_>) -> bool {
        self.gone_at(rules.terms.zone, rules.members).is_some_and(|at| rules.now >= at)
    }

    /// Does what time has done by a local date, and says what is told of it.
    pub fn settle(&mut self, today: Date) -> Vec<MemberFact> {
        let ended: Vec<String> =
            self.tags.iter().filter(|(_, until)| **until < today).map(|(tag, _)| tag.clone()).collect();
        self.tags.retain(|_, until| *until >= today);
        ended.into_iter().map(|tag| MemberFact::TagRemoved { tag, kind: "manual".to_owned() }).collect()
    }
}
