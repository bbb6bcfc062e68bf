//! Contests: content that is voted on.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::id::MemberId;
use crate::programme::engagement::community::Contest;

/// Where content stands in a contest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placing {
    /// Its rank: equal weight, equal rank; the next counts all before it.
    pub rank: u32,
    /// The prize of the rank.
    pub prize: Option<String>,
}

/// May a member hand in one more?
#[must_use]
pub fn enters(contest: &Contest, earlier: usize, now: Timestamp) -> bool {
    (contest.opens_at..contest.until).contains(&now) && earlier < contest.per_member
}

/// May a member vote for content? Not for their own.
#[must_use]
pub fn may_choose(voter: &MemberId, author: &MemberId) -> bool {
    voter != author
}

/// The ranks of what is still shown, by the weight of the votes for it.
#[must_use]
pub fn ranks(contest: &Contest, weights: &BTreeMap<String, i64>) -> BTreeMap<String, Placing> {
    let rank = |own: i64| {
        let before = weights.values().filter(|weight| **weight > own).count();
        u32::try_from(before.saturating_add(1)).unwrap_or(u32::MAX)
    };
    let standing = |weight: i64| {
        let rank = rank(weight);
        Placing { rank, prize: contest.prizes.get(&rank).cloned() }
    };
    weights.iter().map(|(ugc, weight)| (ugc.clone(), standing(*weight))).collect()
}
