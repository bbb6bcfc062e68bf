//! All of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::badge::Badge;
use super::challenge::Challenge;
use super::draw::Draw;
use super::giving::Giving;
use super::poll::Poll;
use super::referral::Referral;
use super::task::Task;
use super::written::{items, one};
use crate::kernel::time::Zone;
use crate::programme::later::{draw, engagement as written, giving, referral};

/// What a programme says of it.
#[derive(Debug, Clone, Default)]
pub struct Engagement {
    /// Challenges.
    pub challenges: Vec<Challenge>,
    /// Tasks.
    pub tasks: Vec<Task>,
    /// Polls.
    pub polls: Vec<Poll>,
    /// Badges.
    pub badges: Vec<Badge>,
    /// Draws.
    pub draws: Vec<Draw>,
    /// What is given for orders.
    pub giving: Option<Giving>,
    /// How members bring friends.
    pub referral: Option<Referral>,
}

impl Engagement {
    /// Of the sections of a document.
    pub(in crate::programme) fn compile(later: &BTreeMap<String, Value>, zone: &Zone) -> Self {
        let challenges = items::<written::Challenge>(later, "challenge");
        let polls = items::<written::Poll>(later, "poll");
        Self {
            challenges: challenges.iter().filter_map(|challenge| Challenge::compile(challenge, zone)).collect(),
            tasks: items::<written::Task>(later, "task").iter().map(Task::compile).collect(),
            polls: polls.iter().filter_map(|poll| Poll::compile(poll, zone)).collect(),
            badges: items::<written::Badge>(later, "badge").iter().map(Badge::compile).collect(),
            draws: items::<draw::Draw>(later, "draw").iter().filter_map(|draw| Draw::compile(draw, zone)).collect(),
            giving: one::<giving::Charity>(later, "charity").and_then(|charity| Giving::compile(&charity)),
            referral: one::<referral::Referral>(later, "referral").and_then(|referral| Referral::compile(&referral)),
        }
    }

    /// A challenge.
    #[must_use]
    pub fn challenge(&self, id: &str) -> Option<&Challenge> {
        self.challenges.iter().find(|challenge| challenge.id == id)
    }

    /// A task.
    #[must_use]
    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id)
    }

    /// A poll.
    #[must_use]
    pub fn poll(&self, id: &str) -> Option<&Poll> {
        self.polls.iter().find(|poll| poll.id == id)
    }

    /// A draw.
    #[must_use]
    pub fn draw(&self, id: &str) -> Option<&Draw> {
        self.draws.iter().find(|draw| draw.id == id)
    }
}
