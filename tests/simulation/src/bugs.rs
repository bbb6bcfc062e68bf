//! Every mistake that can be planted: those of the contexts, and those of what carries all of them.

pub use crate::bug::{Bug, Seen};
use crate::contexts::CONTEXTS;
use crate::mistakes;

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Bug> {
    mistakes::BUGS.iter().chain(CONTEXTS.iter().flat_map(|context| context.bugs))
}

/// The bug of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Bug> {
    all().find(|bug| bug.name == name)
}

/// The one that is compiled in, if it is the only one: it is planted without being asked for.
#[must_use]
pub fn only() -> Option<&'static Bug> {
    let mut compiled = all().filter(|bug| bug.compiled);
    compiled.next().filter(|_| compiled.next().is_none())
}
