//! What the router is told of.

use super::earn::{reported, stories_of_facts};
use crate::contexts::handler::Story;
use crate::contexts::reported::logged_in_after;

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    let mut stories = stories_of_facts("AccountsTable");
    let dormant = vec![reported("1", 10_000)];
    stories.push(Story {
        about: "SignalsTable",
        before: dormant,
        then: Vec::new(),
        hours: 24 * 100,
        watched: |_| logged_in_after("1", 100),
    });
    stories.extend(stories_of_facts("FactsTable"));
    stories
}
