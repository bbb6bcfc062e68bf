//! A day that is over.

use super::earn::long_history;
use crate::contexts::handler::Story;
use crate::contexts::wish::{CLOSE_DAYS, fired};

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    let watched = |_: &_| fired(CLOSE_DAYS, "reconciliation");
    vec![Story { about: CLOSE_DAYS, before: long_history(), then: Vec::new(), hours: 24, watched }]
}
