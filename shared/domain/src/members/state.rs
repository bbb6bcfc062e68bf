//! A member as the brand knows one (rules: members, privacy).

use jiff::Timestamp;
use jiff::civil::Date;

use crate::kernel::id::MemberId;
use crate::kernel::membership::MemberState;
use crate::kernel::refusal::refusals;
use crate::members::consent::Consents;
use crate::members::dormancy::Quiet;
use crate::members::identifier::{Identifier, Index, Kind};
use crate::members::profile::Profile;
use crate::members::tag::Tags;

refusals! {
    /// A member cannot have more.
    TooMany {
        /// Identifiers of a kind have a bound.
        Conflict TooManyIdentifiers ("too_many_identifiers") {
            /// Of which kind.
            kind: String,
            /// The most.
            most: usize,
        } = "a member has no more identifiers of this kind",
    }
}

/// Where a member stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// As usual.
    Active,
    /// Earns and spends nothing for now.
    Suspended,
    /// The member left, and may come back for some days.
    Closed {
        /// Since when.
        at: Timestamp,
        /// The member has died: nobody writes there any more.
        deceased: bool,
    },
    /// Another member stands for this one.
    Merged {
        /// Who.
        into: MemberId,
    },
}

impl State {
    /// As a word.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed { .. } => "closed",
            Self::Merged { .. } => "merged",
        }
    }

    /// As the member's account says it; who was merged has none that says anything.
    #[must_use]
    pub const fn of_account(&self) -> MemberState {
        match self {
            Self::Active | Self::Merged { .. } => MemberState::Active,
            Self::Suspended => MemberState::Suspended,
            Self::Closed { .. } => MemberState::Closed,
        }
    }
}

/// An identifier of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its number among all that the member ever had, from 1; given when it is linked.
    pub n: u32,
    /// What it is.
    pub identifier: Identifier,
    /// What stands for it.
    pub index: Index,
    /// Its newest verification.
    pub verified_at: Option<Timestamp>,
    /// The source that presented it first.
    pub source: String,
    /// When that was.
    pub at: Timestamp,
    /// It is somebody else's, and the member is written to there: nobody is found by it.
    pub contact: bool,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub id: MemberId,
    /// Where the member stands.
    pub state: State,
    /// When the member was enrolled.
    pub enrolled_at: Timestamp,
    /// Since which local date the person was a member elsewhere, if that is longer.
    pub joined_on: Option<Date>,
    /// By which source.
    pub source: String,
    /// The time zone of the member's days, an IANA name.
    pub zone: Option<String>,
    /// The language to write in, one of the programme's.
    pub locale: Option<String>,
    /// Where the member's festivals are, ISO 3166 alpha-2.
    pub countries: Vec<String>,
    /// By what the member is known, the first presented first.
    pub identifiers: Vec<Held>,
    /// How many identifiers the member ever had.
    pub numbered: u32,
    /// What is known of the member.
    pub profile: Profile,
    /// What the member agrees to.
    pub consents: Consents,
    /// The tags that the member was given by hand.
    pub tags: Tags,
    /// When the member did something last, as far as somebody has looked.
    pub quiet: Quiet,
    /// For whom the member stands, those who came with others before these; the newest last.
    pub absorbed: Vec<MemberId>,
}

/// The most identifiers of a kind.
#[must_use]
pub const fn most(kind: &Kind) -> usize {
    match kind {
        Kind::Phone | Kind::Email | Kind::Wecom | Kind::Device => 5,
        Kind::Card | Kind::External(_) => 10,
    }
}

impl Member {
    /// Is something known under the name of a field: of the profile, a kind of identifier that is the member's own, or where it is at home?
    #[must_use]
    pub fn knows(&self, field: &str) -> bool {
        match field {
            "zone" => self.zone.is_some(),
            "locale" => self.locale.is_some(),
            "countries" => !self.countries.is_empty(),
            "phone" | "email" | "card" | "wecom" => {
                self.identifiers.iter().any(|held| held.identifier.kind.to_string() == field && !held.contact)
            }
            name => self.profile.fields.get(name).is_some_and(|known| known.value.is_some()),
        }
    }

    /// One of whom nothing is known yet.
    #[must_use]
    pub fn enrolled(id: MemberId, source: String, at: Timestamp) -> Self {
        Self {
            id,
            state: State::Active,
            enrolled_at: at,
            joined_on: None,
            source,
            zone: None,
            locale: None,
            countries: Vec::new(),
            identifiers: Vec::new(),
            numbered: 0,
            profile: Profile::default(),
            consents: Consents::new(),
            tags: Tags::new(),
            quiet: Quiet::default(),
            absorbed: Vec::new(),
        }
    }

    /// The member, and those for whom it stands.
    pub fn everybody(&self) -> impl Iterator<Item = &MemberId> {
        std::iter::once(&self.id).chain(&self.absorbed)
    }

    /// An identifier that the member has.
    #[must_use]
    pub fn has(&self, index: Index) -> Option<&Held> {
        self.identifiers.iter().find(|held| held.index == index)
    }

    /// Gives the member an identifier; of one that is there already a newer verification counts, and that it is no mere contact any more.
    ///
    /// # Errors
    /// There are too many of its kind.
    pub fn link(&mut self, held: Held) -> Result<(), TooMany> {
        if let Some(known) = self.identifiers.iter_mut().find(|known| known.index == held.index) {
            known.verified_at = known.verified_at.max(held.verified_at);
            known.contact &= held.contact;
            return Ok(());
        }
        let kind = |kind: &Kind| match kind {
            Kind::External(_) => Kind::External(String::new()),
            other => other.clone(),
        };
        let own = kind(&held.identifier.kind);
        let most = most(&own);
        if self.identifiers.iter().filter(|known| kind(&known.identifier.kind) == own).count() >= most {
            return Err(TooMany::TooManyIdentifiers { kind: held.identifier.kind.to_string(), most });
        }
        self.numbered = self.numbered.saturating_add(1);
        self.identifiers.push(Held { n: self.numbered, ..held });
        Ok(())
    }

    /// An identifier is verified.
    pub fn verified(&mut self, index: Index, at: Timestamp) {
        if let Some(known) = self.identifiers.iter_mut().find(|known| known.index == index) {
            known.verified_at = known.verified_at.max(Some(at));
        }
    }

    /// Takes an identifier from the member.
    pub fn unlink(&mut self, index: Index) -> Option<Held> {
        let place = self.identifiers.iter().position(|held| held.index == index)?;
        Some(self.identifiers.remove(place))
    }
}
