//! What the router is told of.

use super::earn::stories_of_facts;
use crate::contexts::handler::Story;

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    stories_of_facts("AccountsTable")
}
