//! What is read of a member when something is decided; never kept.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::programme::channel::Channel;

/// What is read of a member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// Where the member stands.
    pub standing: Standing,
    /// The time zone of the member's days.
    pub zone: Option<String>,
    /// The country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The language.
    pub locale: Option<String>,
    /// The tier.
    pub tier: Option<String>,
    /// The segment.
    pub segment: Option<String>,
    /// The tags.
    pub tags: Vec<String>,
    /// By which ways the member can be reached; `true`: letters come back from there.
    pub addresses: BTreeMap<Channel, bool>,
    /// By which ways marketing was agreed to.
    pub agreed: BTreeSet<Channel>,
    /// By which ways messages about what was bought were refused.
    pub refused: BTreeSet<Channel>,
    /// The birthday.
    pub birthday: Option<Date>,
    /// The local date of its newest edit by hand; a first setting counts.
    pub birthday_edited_on: Option<Date>,
}

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// As usual.
    #[default]
    Active,
    /// Marketing waits.
    Suspended,
    /// The member left.
    Closed,
    /// The member died.
    Deceased,
    /// Nobody is known by this id any more.
    Erased,
}
