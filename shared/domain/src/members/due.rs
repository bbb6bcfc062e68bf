//! What time alone does to a member (rules: members 26, 27, privacy 29).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use crate::kernel::time::Zone;
use crate::members::consent::Said;
use crate::members::facts::MemberFact;
use crate::members::identifier::Kind;
use crate::members::state::{Member, State};
use crate::members::telling::Rules;
use crate::programme::channel::Channel;
use crate::programme::members::Members;

/// The purpose for which members are written to about what they asked for.
const SERVICE: &str = "service";

impl Member {
    /// The next instant at which time alone changes the member: a tag by hand ends when its last local day has, who has closed the account is
    /// erased after the days of coming back, and who does nothing for long is looked at.
    #[must_use]
    pub fn due(&self, rules: Rules<'_>) -> Option<Timestamp> {
        let zone = rules.terms.zone;
        let tags = self.tags.values().min().map(|last| zone.start_of(last.saturating_add(1.day())));
        tags.into_iter().chain(self.gone_at(zone, rules.members)).chain(self.quiet_at(rules)).min()
    }

    /// The local date of the newest activity that the member's own item knows of: the enrolment, a consent, or what somebody has found.
    #[must_use]
    pub fn active_on(&self, zone: &Zone) -> Date {
        let agreed = self.consents.values().map(|consent| consent.at);
        let known = agreed.chain([self.enrolled_at]).max().map(|at| zone.date(at));
        known.into_iter().chain(self.quiet.since).max().unwrap_or(Date::MIN)
    }

    /// When somebody looks whether the member has done anything for long.
    fn quiet_at(&self, rules: Rules<'_>) -> Option<Timestamp> {
        let zone = rules.terms.zone;
        let looked_at = matches!(self.state, State::Active | State::Suspended);
        looked_at.then(|| self.quiet.due(rules.dormancy, self.active_on(zone), zone))
    }

    /// Is it time to look?
    #[must_use]
    pub fn is_quiet(&self, rules: Rules<'_>) -> bool {
        self.quiet_at(rules).is_some_and(|at| rules.now >= at)
    }

    /// Can the member be written to about what was asked for: has it anything to be written to at, and not forbidden all of it?
    #[must_use]
    pub fn is_reachable(&self, rules: Rules<'_>) -> bool {
        if self.is_deceased() {
            return false;
        }
        let by = |kind: &Kind| match kind {
            Kind::Phone => Some(Channel::Sms),
            Kind::Email => Some(Channel::Email),
            Kind::Wecom => Some(Channel::Wecom),
            Kind::Card | Kind::Device | Kind::External(_) => None,
        };
        let channels = self.identifiers.iter().filter_map(|held| by(&held.identifier.kind));
        let forbidden = |channel| {
            let said = self.consents.get(&(SERVICE.to_owned(), Some(channel)));
            said.is_some_and(|consent| consent.said == Said::Withdrawn)
        };
        let served = |channel: &Channel| {
            rules.terms.purposes.iter().any(|purpose| purpose.id == SERVICE && purpose.channels.contains(channel))
        };
        channels.filter(served).any(|channel| !forbidden(channel))
    }

    /// Since when a member who has closed the account cannot come back.
    fn gone_at(&self, zone: &Zone, members: &Members) -> Option<Timestamp> {
        match self.state {
            State::Closed { at, .. } => Some(zone.start_of_day_after(at, members.closed_days.saturating_add(1))),
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
