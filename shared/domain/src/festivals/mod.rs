//! Festivals: on which dates they fall, in which country (rules: care 22).
//!
//! Only what can be worked out beforehand stands here. What a government proclaims when it comes to it, a programme says by date.

mod festival;
mod lunar;
mod rule;
mod table;

pub use self::festival::{Festival, YEARS};

/// All of them.
#[must_use]
pub fn all() -> &'static [Festival] {
    table::FESTIVALS
}

/// One by its name.
#[must_use]
pub fn named(id: &str) -> Option<&'static Festival> {
    all().iter().find(|festival| festival.id == id)
}
