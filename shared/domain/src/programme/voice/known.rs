//! What forms and surveys may name.

use std::collections::BTreeSet;

/// What forms and surveys may name.
pub(in crate::programme) struct Known<'a> {
    /// The language that every text is written in.
    pub(in crate::programme) locale: Option<&'a str>,
    /// The fields of a profile.
    pub(in crate::programme) fields: BTreeSet<&'a str>,
    /// What members are written to for.
    pub(in crate::programme) purposes: BTreeSet<&'a str>,
    /// Queues of the service desk.
    pub(in crate::programme) queues: BTreeSet<&'a str>,
    /// Service levels.
    pub(in crate::programme) policies: BTreeSet<&'a str>,
}
