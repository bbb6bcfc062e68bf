//! Who refers, and by what people are known to be one.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::code::ReferralCode;
use crate::kernel::canonical::hexadecimal;
use crate::kernel::id::MemberId;

hexadecimal!(
    /// A keyed hash of something that a person has.
    IdentityHash,
    16
);

/// What a hash is of. The first five tell that two are one; of one house are many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A device.
    Device,
    /// A means of payment.
    Pay,
    /// A recipient with the address.
    Door,
    /// An address alone.
    House,
}

impl Kind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Device => "device",
            Self::Pay => "pay",
            Self::Door => "door",
            Self::House => "house",
        }
    }
}

/// Something that a person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// What it is.
    pub kind: Kind,
    /// Its keyed hash.
    pub hash: IdentityHash,
}

/// Who refers, as far as a claim has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advocate {
    /// Who.
    pub member: MemberId,
    /// The code.
    pub code: ReferralCode,
    /// Is the member active, and of the tier?
    pub active: bool,
    /// What the member has.
    pub identities: BTreeSet<Identity>,
    /// From where the member came last: a keyed hash.
    pub last_ip: Option<IdentityHash>,
    /// Who brought the member, and who brought them, eight steps up.
    pub above: Vec<MemberId>,
    /// When friends qualified, the newest.
    pub rewarded: Vec<Timestamp>,
}

impl Advocate {
    /// By what a friend is the advocate: the first that both have.
    #[must_use]
    pub fn is_also(&self, friend: &BTreeSet<Identity>) -> Option<Kind> {
        let common = self.identities.intersection(friend).map(|identity| identity.kind);
        common.filter(|kind| *kind != Kind::House).min()
    }

    /// Do they live in one house?
    #[must_use]
    pub fn lives_with(&self, friend: &BTreeSet<Identity>) -> bool {
        self.identities.intersection(friend).any(|identity| identity.kind == Kind::House)
    }
}
