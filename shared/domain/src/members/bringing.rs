//! What a file says of a member beside what any source does: since when there was one elsewhere, tags, and where the member stands
//! (rules: import 18, 27b).

use std::str::FromStr;

use jiff::civil::Date;

use crate::kernel::membership::MemberState;
use crate::kernel::time::Zone;
use crate::members::facts::{DECEASED, LEFT, MemberFact};
use crate::members::state::{Member, State};
use crate::members::tag::Tags;
use crate::members::telling::Rules;

/// What a row of a file brings beside fields and identifiers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brought {
    /// Since which local date the person was a member elsewhere.
    pub joined_on: Option<Date>,
    /// Tags by hand, each with its last local day.
    pub tags: Tags,
}

impl Brought {
    /// Takes it to a member: of two days of joining the earlier counts, of two last days of a tag the later. The tags that are given by it.
    pub(crate) fn apply(&self, member: &mut Member, zone: &Zone) -> Tags {
        if let Some(joined_on) = self.joined_on.filter(|date| *date < member.joined_on(zone)) {
            member.joined_on = Some(joined_on);
        }
        let mut given = Tags::new();
        for (tag, until) in &self.tags {
            if member.tags.get(tag).is_none_or(|held| held < until) {
                member.tags.insert(tag.clone(), *until);
                given.insert(tag.clone(), *until);
            }
        }
        given
    }
}

impl Member {
    /// Since which local date the person is a member, here or where it was before.
    #[must_use]
    pub fn joined_on(&self, zone: &Zone) -> Date {
        let enrolled = zone.date(self.enrolled_at);
        self.joined_on.map_or(enrolled, |joined_on| joined_on.min(enrolled))
    }

    /// Where the member stands, in the words of files.
    #[must_use]
    pub const fn stands(&self) -> &'static str {
        if self.is_deceased() { DECEASED } else { self.state.name() }
    }

    /// Has the member died, as far as somebody has said so? Nobody writes there any more.
    #[must_use]
    pub const fn is_deceased(&self) -> bool {
        matches!(self.state, State::Closed { deceased: true, .. })
    }
}

/// Where a file says that a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// As usual.
    Active,
    /// Earns and spends nothing for now.
    Suspended,
    /// Has left.
    Closed,
    /// Has died.
    Deceased,
}

impl Stands {
    /// All of them, as files say it.
    pub const ALL: [(&'static str, Self); 4] = [
        ("active", Self::Active),
        ("suspended", Self::Suspended),
        ("closed", Self::Closed),
        ("deceased", Self::Deceased),
    ];

    /// As files say it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, stands)| *stands == self).map_or("", |(name, _)| name)
    }

    /// Is the account closed?
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Closed | Self::Deceased)
    }
}

impl FromStr for Stands {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word.trim()));
        known.map(|(_, stands)| stands).ok_or_else(|| "must be active, suspended, closed or deceased".to_owned())
    }
}

/// What comes of it that a file says where a member stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stood {
    /// There already.
    Same,
    /// Elsewhere, and stays there: a file lifts no suspension and opens no account again.
    Stays,
    /// There from now on: what the account is told, if anything, and what others are.
    There(Option<MemberState>, MemberFact),
}

/// Takes a member to where a file says that it stands: a file suspends and closes, and lifts nothing.
pub fn brings(member: &mut Member, stands: Stands, rules: Rules<'_>) -> Stood {
    let closed = |deceased| State::Closed { at: rules.now, deceased };
    let died = || MemberFact::MemberClosed { because: DECEASED.to_owned() };
    let left = || MemberFact::MemberClosed { because: LEFT.to_owned() };
    let (after, account, fact) = match (&member.state, stands) {
        (State::Active, Stands::Active)
        | (State::Suspended, Stands::Suspended)
        | (State::Closed { .. }, Stands::Closed)
        | (State::Closed { deceased: true, .. }, Stands::Deceased) => return Stood::Same,
        (State::Active, Stands::Suspended) => {
            (State::Suspended, Some(MemberState::Suspended), MemberFact::MemberSuspended {})
        }
        (State::Active | State::Suspended, Stands::Closed) => (closed(false), Some(MemberState::Closed), left()),
        (State::Active | State::Suspended, Stands::Deceased) => (closed(true), Some(MemberState::Closed), died()),
        (State::Closed { at, .. }, Stands::Deceased) => (State::Closed { at: *at, deceased: true }, None, died()),
        (State::Suspended | State::Closed { .. }, _) | (State::Merged { .. }, _) => return Stood::Stays,
    };
    member.state = after;
    Stood::There(account, fact)
}
