//! What a member can be known by, in the one spelling in which it is compared (rules: members 1-5).
//!
//! Two identifiers are the same if kind and normalised value are. Nothing else ever says that two people are one: no name,
//! no birthday, no address, no device.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::Region;

use crate::kernel::id::MemberId;
use crate::members::card::Cards;
use crate::members::email::email;
use crate::members::phone::{phone, region_of};
use crate::members::text::{cleaned, cleaned_as_given};
use crate::members::unreadable::Unreadable;
use crate::programme::members::{Matched, Members};

/// What kind of identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A phone number, in E.164.
    Phone,
    /// An e-mail address, folded.
    Email,
    /// The number of a card of the programme.
    Card,
    /// An external user's id in WeCom.
    Wecom,
    /// A device; never unique, never matched.
    Device,
    /// What a source calls the member.
    External(String),
}

impl Kind {
    /// What it is called, whatever the source.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Card => "card",
            Self::Wecom => "wecom",
            Self::Device => "device",
            Self::External(_) => "external",
        }
    }

    /// Does it belong to one live member at most?
    #[must_use]
    pub const fn is_unique(&self) -> bool {
        !matches!(self, Self::Device)
    }
}

impl From<Matched> for Kind {
    fn from(matched: Matched) -> Self {
        match matched {
            Matched::Card => Self::Card,
            Matched::Wecom => Self::Wecom,
            Matched::Phone => Self::Phone,
            Matched::Email => Self::Email,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::External(source) => write!(f, "{}:{source}", self.name()),
            other => f.write_str(other.name()),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "phone" => Self::Phone,
            "email" => Self::Email,
            "card" => Self::Card,
            "wecom" => Self::Wecom,
            "device" => Self::Device,
            _ => match text.strip_prefix("external:").filter(|source| !source.is_empty()) {
                Some(source) => Self::External(source.to_owned()),
                None => return Err("a kind is phone, email, card, wecom, device or external:SOURCE".to_owned()),
            },
        })
    }
}

impl Kind {
    /// Is it kept from coming back when its member is erased? What systems send every night, and what is given to new people: others are
    /// set free.
    #[must_use]
    pub const fn stays_away(&self) -> bool {
        matches!(self, Self::Phone | Self::Email | Self::External(_))
    }
}

/// What stands for an identifier where its value must not: a keyed hash of kind and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index(pub [u8; 32]);

/// An identifier in the one spelling in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    /// Of which kind.
    pub kind: Kind,
    /// Normalised.
    pub value: String,
}

/// How identifiers are read here: the programme's region and cards.
#[derive(Debug)]
pub struct Reading {
    /// Where a phone number without a country code belongs.
    region: Region,
    cards: Cards,
}

impl Reading {
    /// Of a region (ISO 3166 alpha-2) and of what a card number looks like, as a whole.
    ///
    /// # Errors
    /// Says which of the two is not known here, and why.
    pub fn new(region: &str, card: &str, luhn: bool) -> Result<Self, String> {
        let region = region_of(region).ok_or_else(|| format!("`{region}` is no region that has phone numbers"))?;
        Ok(Self { region, cards: Cards::new(card, luhn)? })
    }

    /// As a programme has it.
    ///
    /// # Errors
    /// As [`Reading::new`]; never of a programme that was checked.
    pub fn of(members: &Members) -> Result<Self, String> {
        Self::new(&members.region, &members.card.pattern, members.card.luhn)
    }

    /// Reads what somebody wrote as an identifier. `country` is the region of this phone number.
    ///
    /// # Errors
    /// The text is no identifier of the kind.
    pub fn identifier(&self, kind: Kind, text: &str, country: Option<&str>) -> Result<Identifier, Unreadable> {
        let value = match &kind {
            Kind::Phone => phone(&cleaned(text), country.map_or(Some(self.region), region_of))?,
            Kind::Email => email(&cleaned(text)).ok_or(Unreadable::NotAnEmail)?,
            Kind::Card => self.cards.read(&cleaned(text))?,
            Kind::Wecom => wecom(cleaned(text)).ok_or(Unreadable::NotAWecomId)?,
            Kind::Device => device(cleaned(text)).ok_or(Unreadable::NotADevice)?,
            Kind::External(_) => external(cleaned_as_given(text)).ok_or(Unreadable::BadExternalId)?,
        };
        Ok(Identifier { kind, value })
    }
}

/// A member id that somebody chose.
///
/// # Errors
/// Without its dashes it is 7 to 15 digits: somebody's phone number, and personal data in a name that is no secret.
pub fn chosen(member: &MemberId) -> Result<(), Unreadable> {
    let plain: Vec<u8> = member.as_str().bytes().filter(|byte| !matches!(byte, b'-' | b'_')).collect();
    if (7..=15).contains(&plain.len()) && plain.iter().all(u8::is_ascii_digit) {
        return Err(Unreadable::LooksLikeAPhone);
    }
    Ok(())
}

fn wecom(text: String) -> Option<String> {
    let rest = text.strip_prefix("wm").or_else(|| text.strip_prefix("wo"))?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    ((4..=62).contains(&rest.len()) && rest.bytes().all(fits)).then(|| text.clone())
}

fn device(text: String) -> Option<String> {
    ((8..=128).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))).then_some(text)
}

fn external(text: String) -> Option<String> {
    ((1..=128).contains(&text.chars().count()) && !text.chars().any(char::is_control)).then_some(text)
}
