//! What a section to come is, so that the table of them can read any.

use serde::de::DeserializeOwned;

use super::place::Place;

/// A section, or an item of one, that says what must hold.
pub(super) trait Section: DeserializeOwned {
    /// Notes what does not.
    fn check(&self, place: &mut Place<'_>);
}
