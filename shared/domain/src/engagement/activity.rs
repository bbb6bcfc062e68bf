//! What the ledger is told, as facts of its own kind: each by one name, so that it counts once however often it comes.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::facts::EngagementFact;
use crate::kernel::id::MemberId;
use crate::programme::compiled::Programme;
use crate::programme::reward::RewardKind;

/// Where they come from.
pub const SOURCE: &str = "/perennial/engagement";

/// A fact for the ledger; an earning rule decides whether it brings points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its kind, as rules name it.
    pub kind: &'static str,
    /// What it is called.
    pub id: String,
    /// Of whom.
    pub member: MemberId,
    /// When it happened.
    pub at: Timestamp,
    /// What it says beside.
    pub data: Map<String, Value>,
}

impl Activity {
    pub(super) fn new(kind: &'static str, id: String, member: &MemberId, at: Timestamp) -> Self {
        Self { kind, id, member: member.clone(), at, data: Map::new() }
    }

    pub(super) fn saying(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.data.insert(field.to_owned(), value.into());
        self
    }

    /// A reward that is given, on some ground.
    #[must_use]
    pub fn granting(reward: &str, ground: &str, member: &MemberId, at: Timestamp) -> Self {
        let granted = Self::new("reward.granted", ground.to_owned(), member, at);
        granted.saying("reward", reward).saying("cause", ground)
    }

    /// That another is taken back.
    #[must_use]
    pub fn reversing(id: &str, member: &MemberId, at: Timestamp) -> Self {
        let reversed = Self::new("activity.reversed", format!("{id}|reversed"), member, at);
        reversed.saying("source", SOURCE).saying("id", json!(id))
    }
}

/// What the ledger is told of what happened to a member.
#[must_use]
pub fn activities(fact: &EngagementFact, member: &MemberId, at: Timestamp, programme: &Programme) -> Vec<Activity> {
    let one = |kind, id, (field, value): (&str, &str)| Activity::new(kind, id, member, at).saying(field, value);
    match fact {
        EngagementFact::ChallengeCompleted { challenge, window, reward, .. } => {
            let id = format!("challenge|{challenge}|{window}|{member}");
            let granted = granted(reward.as_ref(), &id, programme);
            let granted = granted.map(|(reward, ground)| Activity::granting(reward, &ground, member, at));
            let told = one("challenge.completed", id, ("challenge", challenge));
            std::iter::once(told).chain(granted).collect()
        }
        EngagementFact::ChallengeServed { challenge, window, reward } => {
            let id = format!("challenge|{challenge}|{window}|{member}");
            let granted = granted(reward.as_ref(), &id, programme);
            granted.map(|(reward, ground)| Activity::granting(reward, &ground, member, at)).into_iter().collect()
        }
        EngagementFact::ChallengeFallback { challenge, window } => {
            let id = format!("challenge|{challenge}|{window}|{member}|fallback");
            vec![one("challenge.fallback", id, ("challenge", challenge))]
        }
        EngagementFact::TaskCompleted { task, cause } => {
            vec![one("task.completed", format!("task|{task}|{member}|{cause}"), ("task", task))]
        }
        EngagementFact::BallotCast { poll } => {
            vec![one("poll.voted", format!("poll|{poll}|{member}"), ("poll", poll))]
        }
        _ => Vec::new(),
    }
}

/// The reward of a challenge that the ledger gives, and on what ground: what is sent is no matter of the ledger.
fn granted<'a>(reward: Option<&'a String>, id: &str, programme: &Programme) -> Option<(&'a str, String)> {
    let reward = reward?;
    let of_ledger = programme.reward(reward).is_some_and(|reward| reward.kind != RewardKind::Material);
    of_ledger.then(|| (reward.as_str(), format!("{id}|reward")))
}
