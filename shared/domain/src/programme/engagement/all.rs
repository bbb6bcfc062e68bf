//! All of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::badge::Badge;
use super::challenge::Challenge;
use super::community::{Cohort, Community, Contest, Digest, Event, Ugc};
use super::draw::Draw;
use super::giving::Giving;
use super::poll::Poll;
use super::referral::Referral;
use super::task::Task;
use super::written::{items, one};
use crate::kernel::time::Zone;
use crate::programme::later::{community, draw, engagement as written, giving, referral};

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
    /// Communities.
    pub communities: Vec<Community>,
    /// When their digest is sent.
    pub digest: Option<Digest>,
    /// What holds for content of members.
    pub ugc: Option<Ugc>,
    /// Contests.
    pub contests: Vec<Contest>,
    /// Cohorts.
    pub cohorts: Vec<Cohort>,
    /// Events.
    pub events: Vec<Event>,
}

impl Engagement {
    /// Of the sections of a document.
    pub(in crate::programme) fn compile(later: &BTreeMap<String, Value>, zone: &Zone) -> Self {
        let challenges = items::<written::Challenge>(later, "challenge");
        let polls = items::<written::Poll>(later, "poll");
        let contests = items::<community::Contest>(later, "contest");
        let events = items::<community::Event>(later, "event");
        Self {
            challenges: challenges.iter().filter_map(|challenge| Challenge::compile(challenge, zone)).collect(),
            tasks: items::<written::Task>(later, "task").iter().map(Task::compile).collect(),
            polls: polls.iter().filter_map(|poll| Poll::compile(poll, zone)).collect(),
            badges: items::<written::Badge>(later, "badge").iter().map(Badge::compile).collect(),
            draws: items::<draw::Draw>(later, "draw").iter().filter_map(|draw| Draw::compile(draw, zone)).collect(),
            giving: one::<giving::Charity>(later, "charity").and_then(|charity| Giving::compile(&charity)),
            referral: one::<referral::Referral>(later, "referral").and_then(|referral| Referral::compile(&referral)),
            communities: items::<community::Community>(later, "community").iter().map(Community::compile).collect(),
            digest: one::<community::Digest>(later, "digest").and_then(|digest| Digest::compile(&digest)),
            ugc: Some(Ugc::compile(one::<community::Ugc>(later, "ugc").as_ref(), hosts(later))),
            contests: contests.iter().map(|contest| Contest::compile(contest, zone)).collect(),
            cohorts: items::<community::Cohort>(later, "cohort").iter().filter_map(Cohort::compile).collect(),
            events: events.iter().filter_map(|event| Event::compile(event, zone)).collect(),
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

    /// A cohort.
    #[must_use]
    pub fn cohort(&self, id: &str) -> Option<&Cohort> {
        self.cohorts.iter().find(|cohort| cohort.id == id)
    }

    /// An event.
    #[must_use]
    pub fn event(&self, id: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.id == id)
    }
}

/// Where images may lie.
fn hosts(later: &BTreeMap<String, Value>) -> Vec<String> {
    let hosts = later.get("media").and_then(|media| media["hosts"].as_array());
    hosts.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
