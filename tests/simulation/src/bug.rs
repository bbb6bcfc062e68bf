//! A mistake that can be planted (`domain::planted`): what the simulator must find, each of them, to be believed when it finds
//! nothing. Each is a feature of the crate in which the mistake is made, and of this crate, which makes those that show at the seam of
//! the SDK.

/// A mistake that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bug {
    /// Its name: the feature that compiles it in.
    pub name: &'static str,
    /// The crate in which it is made.
    pub krate: &'static str,
    /// What is wrong, and what it would cost.
    pub what: &'static str,
    /// Where it was found, the last time that somebody searched: a search begins there, and goes everywhere if it is no longer true.
    pub seen: Seen,
    /// It is compiled in.
    pub compiled: bool,
}

/// Where a mistake was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// In the run of a seed.
    Seed(u64),
    /// In the years of members that follow from a seed: rules of periods and scores show there.
    Years(u64),
    /// In a story, of those about something.
    Story(&'static str),
    /// In the lives of a few people that follow from a seed.
    Life(u64),
}

/// A list of bugs: by crate and name, where each was seen, and what it is.
macro_rules! bugs {
    ($($krate:literal $name:literal $kind:ident($place:literal) $what:literal;)*) => {
        pub(crate) const BUGS: &[$crate::bug::Bug] = &[$($crate::bug::Bug {
            name: $name,
            krate: $krate,
            what: $what,
            seen: $crate::bug::Seen::$kind($place),
            compiled: cfg!(feature = $name),
        }),*];
    };
}
pub(crate) use bugs;
