//! What is due.

use super::earn::long_history;
use crate::contexts::handler::Story;
use crate::contexts::wish::fired;

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    let watched = |_: &_| fired("UpkeepFunctionSettleDueAccounts", "upkeep");
    let about = "UpkeepFunctionSettleDueAccounts";
    vec![
        Story { about, before: Vec::new(), then: Vec::new(), hours: 0, watched },
        Story { about, before: long_history(), then: Vec::new(), hours: 24 * 20, watched },
    ]
}
