//! A ballot, and the gate that counts it in the same transaction.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::EngagementFact;
use super::mac::mac;
use super::poll::{PollRefusal, Polling};
use super::scene::{Scene, Standing};
use crate::kernel::canonical::{first, hexadecimal};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::InvalidField;
use crate::programme::engagement::poll::Poll;

hexadecimal!(
    /// What a voter finds the own line by; nobody else can tell whose it is.
    Receipt,
    16
);

impl Receipt {
    /// Of a member's ballot, under the secret of the poll.
    #[must_use]
    pub fn of(secret: &[u8], poll: &str, member: &MemberId) -> Self {
        Self(first(mac(secret, &format!("{poll}|{member}"))))
    }
}

/// A ballot: the last one of a member counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// Whose.
    pub member: MemberId,
    /// What it chooses, by place in the poll.
    pub options: BTreeSet<u8>,
    /// How much it counts.
    pub weight: u32,
    /// When it was cast.
    pub at: Timestamp,
}

/// What went through a gate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// How many members.
    pub ballots: i64,
    /// By option: ballots and weight.
    pub options: Vec<Tally>,
    /// Nothing goes through any more.
    pub sealed: bool,
}

/// Ballots and weight of an option; of a difference below zero, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Ballots.
    pub ballots: i64,
    /// Their weight.
    pub weight: i64,
}

/// A ballot that is cast: written with the difference at its gate, in one transaction, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// The ballot afterwards.
    pub ballot: Ballot,
    /// Members more at the gate: one, or none where the ballot was changed.
    pub ballots: i64,
    /// By option, what changes at the gate.
    pub difference: Vec<Tally>,
    /// What is told: of the first ballot alone.
    pub facts: Vec<EngagementFact>,
}

impl Ballot {
    /// Casts a ballot in place of the one before.
    ///
    /// # Errors
    /// It is not time, not for this member, or not a choice that can be made.
    pub fn cast(
        polling: &Polling,
        member: &MemberId,
        (before, options): (Option<&Self>, &[String]),
        standing: &Standing,
        scene: Scene<'_>,
    ) -> Result<Cast, PollRefusal> {
        let poll = &polling.poll;
        polling.takes_ballots(scene.now)?;
        standing.meets(&poll.eligible, scene.programme)?;
        let options = chosen(poll, options)?;
        let tier = scene.programme.tier_or_base(standing.tier.as_deref());
        let weight = poll.weights.get(tier).copied().unwrap_or(1);
        let ballot = Self { member: member.clone(), options, weight, at: scene.now };
        let mut difference = vec![Tally::default(); poll.options.len()];
        before.iter().for_each(|before| before.count(&mut difference, -1));
        ballot.count(&mut difference, 1);
        let told = EngagementFact::BallotCast { poll: poll.id.clone() };
        let facts = if before.is_none() { vec![told] } else { Vec::new() };
        Ok(Cast { ballot, ballots: i64::from(before.is_none()), difference, facts })
    }

    /// Of two members who become one while the poll is open: the ballot of the one who goes is taken off. Both stay after.
    #[must_use]
    pub fn withdrawn(&self, polling: &Polling, now: Timestamp) -> Option<Vec<Tally>> {
        polling.takes_ballots(now).ok()?;
        let mut difference = vec![Tally::default(); polling.poll.options.len()];
        self.count(&mut difference, -1);
        Some(difference)
    }

    /// Adds itself to a count, or takes itself off.
    fn count(&self, tallies: &mut [Tally], by: i64) {
        for option in &self.options {
            let Some(tally) = tallies.get_mut(usize::from(*option)) else { continue };
            tally.ballots = tally.ballots.saturating_add(by);
            tally.weight = tally.weight.saturating_add(by.saturating_mul(i64::from(self.weight)));
        }
    }
}

/// The places of what is chosen, if it can be.
fn chosen(poll: &Poll, options: &[String]) -> Result<BTreeSet<u8>, InvalidField> {
    let wrong = |message: String| InvalidField::new("options", message);
    let mut chosen = BTreeSet::new();
    for option in options {
        let place = poll.options.iter().position(|known| known == option);
        let place = place.and_then(|place| u8::try_from(place).ok());
        let place = place.ok_or_else(|| wrong(format!("`{option}` is none of {}", poll.options.join(", "))))?;
        if !chosen.insert(place) {
            return Err(wrong(format!("`{option}` is chosen twice")));
        }
    }
    if (1..=poll.choices).contains(&chosen.len()) {
        Ok(chosen)
    } else {
        Err(wrong(format!("a ballot chooses 1 to {} options", poll.choices)))
    }
}

impl Gate {
    /// With what a ballot changes; nothing, if it is sealed.
    #[must_use]
    pub fn with(&self, cast: &Cast) -> Option<Self> {
        let mut gate = self.clone();
        gate.options.resize(cast.difference.len().max(gate.options.len()), Tally::default());
        gate.ballots = gate.ballots.saturating_add(cast.ballots);
        gate.add(&cast.difference);
        (!self.sealed).then_some(gate)
    }

    /// Without a ballot that was taken off; nothing, if it is sealed.
    #[must_use]
    pub fn without(&self, difference: &[Tally]) -> Option<Self> {
        let mut gate = Self { ballots: self.ballots.saturating_sub(1), ..self.clone() };
        gate.add(difference);
        (!self.sealed).then_some(gate)
    }

    fn add(&mut self, tallies: &[Tally]) {
        self.options.resize(tallies.len().max(self.options.len()), Tally::default());
        for (own, tally) in self.options.iter_mut().zip(tallies) {
            own.ballots = own.ballots.saturating_add(tally.ballots);
            own.weight = own.weight.saturating_add(tally.weight);
        }
    }

    /// All of some ballots, counted anew.
    #[must_use]
    pub fn of(poll: &Poll, ballots: &[Ballot]) -> Self {
        let mut gate = Self { options: vec![Tally::default(); poll.options.len()], ..Self::default() };
        for ballot in ballots {
            gate.ballots = gate.ballots.saturating_add(1);
            ballot.count(&mut gate.options, 1);
        }
        gate
    }

    /// Of several gates, together.
    #[must_use]
    pub fn together(poll: &Poll, gates: &[Self]) -> Self {
        let mut all = Self { options: vec![Tally::default(); poll.options.len()], ..Self::default() };
        for gate in gates {
            all.ballots = all.ballots.saturating_add(gate.ballots);
            all.add(&gate.options);
        }
        all
    }
}
