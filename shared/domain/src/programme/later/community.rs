//! `[[community]]`, `[digest]`, `[ugc]`, `[[contest]]`, `[[cohort]]`, `[[event]]`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::moment::{Clock, DAYS, Moment, Term};
use super::place::Place;
use super::section::Section;

/// `[[community]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Community {
    /// A short name, unique.
    pub id: String,
    /// For people, by language.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
    /// How one joins: `tag`, `open` or `invite`.
    pub join: Option<String>,
    /// Tags that may.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Its group elsewhere.
    #[serde(default)]
    pub wecom: BTreeMap<String, String>,
}

impl Section for Community {
    fn check(&self, place: &mut Place<'_>) {
        place.one_of("join", self.join.as_deref(), &["tag", "open", "invite"]);
        let by_tag = self.join.as_deref() != Some("tag") || !self.tags.is_empty();
        place.unless(by_tag, "tags", "who joins by a tag needs one");
        place.named("tags", &self.tags, &["tag"]);
    }
}

/// `[digest]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// On which day of the week.
    pub day: String,
    /// When.
    pub at: Clock,
}

impl Section for Digest {
    fn check(&self, place: &mut Place<'_>) {
        place.one_of("day", Some(&self.day), &DAYS);
    }
}

/// `[ugc]`: what members show.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ugc {
    /// Why it may be turned down.
    #[serde(default)]
    pub reject_reasons: Vec<String>,
    /// How long points for it can be taken back, in days.
    pub clawback_days: Option<i64>,
}

impl Section for Ugc {
    fn check(&self, place: &mut Place<'_>) {
        place.range(0..=366, [("clawback_days", self.clawback_days)]);
        place.unique("reject_reasons", &self.reject_reasons);
    }
}

/// `[[contest]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contest {
    /// A short name, unique.
    pub id: String,
    /// First date of entries.
    pub from: Date,
    /// Last date of entries.
    pub until: Date,
    /// When is voted.
    pub vote: Option<Vote>,
    /// How many a member may hand in.
    pub per_member: Option<i64>,
    /// Rewards by place.
    #[serde(default)]
    pub prizes: BTreeMap<String, String>,
}

/// `vote`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// First date.
    pub from: Date,
    /// Last date.
    pub until: Date,
    /// How many a member has.
    pub votes: i64,
}

impl Section for Contest {
    fn check(&self, place: &mut Place<'_>) {
        place.unless(self.from < self.until, "until", "must be after `from`");
        place.range(1..=100, [("per_member", self.per_member)]);
        for key in self.prizes.keys() {
            let number = key.parse::<u32>().is_ok_and(|number| number > 0);
            place.unless(number, &format!("prizes.{key}"), "a prize stands under its place: 1, 2, 3");
        }
        let Some(vote) = &self.vote else { return };
        let mut place = place.within("vote");
        place.unless(self.until <= vote.from && vote.from < vote.until, "from", "is voted after the last entry");
        place.range(1..=100, [("votes", Some(vote.votes))]);
    }
}

/// `[[cohort]]`: members with a task.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// A short name, unique.
    pub id: String,
    /// How many there are.
    pub seats: i64,
    /// For how long.
    pub term: Term,
    /// May members ask for a seat?
    #[serde(default)]
    pub apply: bool,
    /// The lowest tier.
    pub min_tier: Option<String>,
    /// One of these segments.
    #[serde(default)]
    pub segments: Vec<String>,
    /// One of these tags.
    #[serde(default)]
    pub tags_any: Vec<String>,
    /// What they get at the end.
    pub thanks: Option<String>,
    /// What they do.
    #[serde(default)]
    pub tasks: Vec<Duty>,
    /// Their badge.
    pub badge: Option<String>,
}

/// A task of a cohort.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// A short name, unique in the cohort.
    pub id: String,
    /// Which fact shows that it is done.
    pub fact: String,
    /// Until when, in days.
    pub due_days: i64,
}

impl Section for Cohort {
    fn check(&self, place: &mut Place<'_>) {
        place.range(1..=100_000, [("seats", Some(self.seats))]);
        place.named("min_tier", &self.min_tier, &["tier"]);
        place.named("segments", &self.segments, &["rfmls.segments"]);
        place.named("tags_any", &self.tags_any, &["tag"]);
        place.named_if_any("badge", &self.badge, &["badge"]);
        place.unique("tasks", self.tasks.iter().map(|task| &task.id));
        for task in &self.tasks {
            let mut place = place.within(&format!("tasks.{}", task.id));
            place.named("fact", [&task.fact], &["activity"]);
            place.range(1..=366, [("due_days", Some(task.due_days))]);
        }
    }
}

/// `[[event]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// A short name, unique.
    pub id: String,
    /// For people, by language.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
    /// `online`, `offline` or `workshop`.
    pub kind: String,
    /// From when on one can come to the list.
    pub opens_at: Moment,
    /// When it begins.
    pub starts_at: Moment,
    /// When it ends.
    pub ends_at: Moment,
    /// How many can come.
    pub capacity: Option<i64>,
    /// May one come without being on the list?
    #[serde(default)]
    pub walk_ins: bool,
    /// The lowest tier.
    pub min_tier: Option<String>,
}

impl Section for Event {
    fn check(&self, place: &mut Place<'_>) {
        place.one_of("kind", Some(&self.kind), &["online", "offline", "workshop"]);
        place.range(0..=1_000_000, [("capacity", self.capacity)]);
        place.named("min_tier", &self.min_tier, &["tier"]);
        place.unless(self.opens_at.is_before(&self.starts_at), "starts_at", "must be after `opens_at`");
        place.unless(self.starts_at.is_before(&self.ends_at), "ends_at", "must be after `starts_at`");
    }
}
