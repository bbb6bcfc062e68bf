//! The result of a poll: anybody can count again.

use std::fmt::Write as _;

use super::ballot::{Ballot, Gate, Receipt, Tally};
use crate::kernel::canonical::Hash;
use crate::programme::engagement::poll::Poll;

/// The result of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollResult {
    /// How many ballots.
    pub ballots: i64,
    /// By option, in the order of the poll.
    pub options: Vec<(String, Tally)>,
    /// Every option with the highest weight; none without ballots.
    pub winners: Vec<String>,
    /// The SHA-256 of the list of ballots.
    pub list_sha256: Hash,
}

impl PollResult {
    /// Are there several winners?
    #[must_use]
    pub fn is_tie(&self) -> bool {
        self.winners.len() > 1
    }

    /// Of all ballots and all gates; nothing, if they do not agree.
    #[must_use]
    pub fn of(poll: &Poll, secret: &[u8], ballots: &[Ballot], gates: &[Gate]) -> Option<Self> {
        let (counted, gates) = (Gate::of(poll, ballots), Gate::together(poll, gates));
        let agreed = counted.ballots == gates.ballots && counted.options == gates.options;
        agreed.then(|| Self::counted(poll, &counted, Hash::of(&csv(poll, secret, ballots))))
    }

    fn counted(poll: &Poll, counted: &Gate, list_sha256: Hash) -> Self {
        let options: Vec<(String, Tally)> = poll.options.iter().cloned().zip(counted.options.iter().copied()).collect();
        let highest = options.iter().map(|(_, tally)| tally.weight).max().filter(|weight| *weight > 0);
        let winners = options.iter().filter(|(_, tally)| Some(tally.weight) == highest);
        let winners = winners.map(|(option, _)| option.clone()).collect();
        Self { ballots: counted.ballots, options, winners, list_sha256 }
    }
}

/// The list of ballots: `receipt,option+option,weight`, sorted, a line feed after each.
#[must_use]
pub fn csv(poll: &Poll, secret: &[u8], ballots: &[Ballot]) -> String {
    let mut lines: Vec<String> = ballots.iter().map(|ballot| line(poll, secret, ballot)).collect();
    lines.sort_unstable();
    lines.concat()
}

fn line(poll: &Poll, secret: &[u8], ballot: &Ballot) -> String {
    let mut line = Receipt::of(secret, &poll.id, &ballot.member).to_string();
    let names = ballot.options.iter().filter_map(|place| poll.options.get(usize::from(*place)));
    for (name, before) in names.zip([","].into_iter().chain(std::iter::repeat("+"))) {
        line.push_str(before);
        line.push_str(name);
    }
    writeln!(line, ",{}", ballot.weight).expect("text can be written to a string");
    line
}
