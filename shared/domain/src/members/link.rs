//! A link by which a member is known without signing in: it says whose it is, how it came to them and when, and is signed
//! (rules: privacy 8).

use jiff::{SignedDuration, Timestamp};

use crate::kernel::id::MemberId;
use crate::programme::channel::Channel;

/// For how long a link does everything; after that it withdraws, and nothing else.
pub const FRESH: SignedDuration = SignedDuration::from_hours(180 * 24);

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The member's preferences, wherever the member has it from.
    Preferences,
    /// The same, sent by a channel: whoever follows it can be written to there.
    SentBy(Channel),
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Whose it is.
    pub member: MemberId,
    /// What it is for.
    pub purpose: Purpose,
    /// The number of the key that signs it.
    pub key: u32,
    /// When it was made, to the second.
    pub issued: Timestamp,
}

impl Link {
    /// What is signed, and stands in the address before its signature.
    #[must_use]
    pub fn signed(&self) -> String {
        let Self { member, purpose, key, issued } = self;
        let purpose = match purpose {
            Purpose::Preferences => "p".to_owned(),
            Purpose::SentBy(channel) => format!("p-{}", channel.name()),
        };
        format!("{purpose}.{key}.{}.{member}", issued.as_second())
    }

    /// What was signed, read back. None if it is none.
    #[must_use]
    pub fn read(signed: &str) -> Option<Self> {
        let mut parts = signed.splitn(4, '.');
        let (purpose, key, issued, member) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let purpose = match purpose.split_once('-') {
            None if purpose == "p" => Purpose::Preferences,
            Some(("p", channel)) => Purpose::SentBy(channel.parse().ok()?),
            _ => return None,
        };
        let issued = Timestamp::from_second(issued.parse().ok()?).ok()?;
        let link = Self { member: member.parse().ok()?, purpose, key: key.parse().ok()?, issued };
        (link.signed() == signed).then_some(link) // there is one way to write a link
    }

    /// Does it still do everything?
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.issued) <= FRESH
    }

    /// By which channel it came, if that is known.
    #[must_use]
    pub const fn sent_by(&self) -> Option<Channel> {
        match self.purpose {
            Purpose::Preferences => None,
            Purpose::SentBy(channel) => Some(channel),
        }
    }
}
