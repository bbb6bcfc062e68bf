//! What a member is told of a year.

use std::collections::BTreeMap;

use super::gift::{Gift, GiftState, Source};
use crate::kernel::quantity::Minor;

/// What was given to a project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// Orders that count.
    pub orders: u32,
    /// What the company gave for them.
    pub amount: Minor,
    /// What points were worth that the member gave.
    pub points: Minor,
    /// What stayed although its order came back.
    pub kept: Minor,
}

/// By project, what was given for a member's orders and points that were booked in a year.
#[must_use]
pub fn report(gifts: &[Gift], year: i16) -> BTreeMap<String, Given> {
    let mut given: BTreeMap<String, Given> = BTreeMap::new();
    let counts = |gift: &&Gift| gift.booked_on.year() == year && gift.state != GiftState::Reversed;
    for gift in gifts.iter().filter(counts) {
        let project = given.entry(gift.project.clone()).or_default();
        match gift.source {
            Source::Order(_) => {
                project.orders = project.orders.saturating_add(1);
                project.amount += gift.amount;
            }
            Source::Redemption(_) => project.points += gift.amount,
        }
        if gift.state == GiftState::Kept {
            project.kept += gift.amount;
        }
    }
    given
}
