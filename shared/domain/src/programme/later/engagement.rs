//! `[[challenge]]`, `[[task]]`, `[[poll]]`, `[[badge]]`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::moment::Moment;
use super::place::Place;
use super::section::Section;

/// `[[challenge]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// A short name, unique.
    pub id: String,
    /// For people, by language.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
    /// What is to be reached.
    pub goal: Goal,
    /// What is given for it.
    pub reward: Option<String>,
    /// How many there are.
    pub stock: Option<i64>,
    /// When one is taken; `reserve_at_completion` or `reserve_at_join`.
    pub stock_policy: Option<String>,
    /// Points for those who come too late.
    pub fallback_points: Option<i64>,
    /// The badge of those who reach it.
    pub badge: Option<String>,
    /// The lowest tier that may join.
    pub min_tier: Option<String>,
    /// First moment.
    pub from: Option<Moment>,
    /// The first moment after it.
    pub until: Option<Moment>,
    /// How many make a team.
    pub team: Option<Team>,
    /// How one joins: by asking, or by the first fact (`auto`).
    pub join: Option<String>,
    /// May it be done again?
    #[serde(default)]
    pub repeat: bool,
}

/// `team`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// At least.
    pub min: i64,
    /// At most.
    pub max: i64,
}

/// `goal`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// What is counted: `distinct_days`, `count` or `sum`.
    pub kind: String,
    /// How many days.
    pub days: Option<i64>,
    /// Within how many days after joining.
    pub within_days: Option<i64>,
    /// Which activity.
    pub activity: Option<String>,
    /// How often.
    pub n: Option<i64>,
    /// Up to which sum.
    pub total: Option<i64>,
    /// Of which attribute.
    pub attribute: Option<String>,
}

impl Section for Challenge {
    fn check(&self, place: &mut Place<'_>) {
        place.range(0..=1_000_000_000, [("stock", self.stock)]);
        place.range(0..=1_000_000_000_000, [("fallback_points", self.fallback_points)]);
        place.one_of("stock_policy", self.stock_policy.as_deref(), &["reserve_at_completion"]);
        place.one_of("join", self.join.as_deref(), &["ask", "auto"]);
        let one = self.goal.within_days.is_none() || self.from.is_none() && self.until.is_none();
        place.unless(one, "from", "a window is `goal.within_days` after joining, or `from` and `until`; not both");
        place.unless(self.from.is_some() == self.until.is_some(), "until", "`from` and `until` go together");
        place.named("min_tier", &self.min_tier, &["tier"]);
        place.named_if_any("badge", &self.badge, &["badge"]);
        if let (Some(from), Some(until)) = (&self.from, &self.until) {
            place.unless(from.is_before(until), "until", "must be after `from`");
        }
        if let Some(points) = self.fallback_points {
            let paid = place.points_on("challenge.fallback");
            let words =
                format!("the rule on challenge.fallback must pay the same; it pays {}", paid.unwrap_or_default());
            place.unless(paid == Some(points), "fallback_points", words);
        }
        if let Some(team) = &self.team {
            place.unless((1..=team.max).contains(&team.min) && team.max <= 10, "team", "1 <= min <= max <= 10");
        }
        let goal = &self.goal;
        let mut place = place.within("goal");
        place.one_of("kind", Some(&goal.kind), &["distinct_days", "count", "sum"]);
        place.range(1..=366, [("days", goal.days), ("within_days", goal.within_days)]);
        place.range(1..=500, [("n", goal.n)]);
        place.range(1..=1_000_000_000_000, [("total", goal.total)]);
        let days = goal.days.zip(goal.within_days).is_none_or(|(days, within)| days <= within);
        place.unless(days, "days", "there are fewer days than that in `within_days`");
        let needed = match goal.kind.as_str() {
            "distinct_days" => goal.days.is_some(),
            "count" => goal.n.is_some(),
            "sum" => goal.total.is_some() && goal.attribute.is_some(),
            _ => true,
        };
        if goal.kind == "sum" {
            let attribute = goal.attribute.as_deref().zip(goal.activity.as_deref());
            let kind = attribute.and_then(|(attribute, activity)| place.attribute(activity, attribute));
            place.unless(kind.is_none_or(|kind| kind == "integer"), "attribute", "a sum is of a whole number");
        }
        place.unless(needed, "kind", "distinct_days needs `days`, count `n`, sum `total` and `attribute`");
    }
}

/// `[[task]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// A short name, unique.
    pub id: String,
    /// For people, by language.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
    /// How long it takes at least, in seconds.
    pub min_seconds: Option<i64>,
    /// May it be done without being offered?
    #[serde(default)]
    pub open: bool,
    /// How often, where it is open.
    pub per_member: Option<i64>,
}

impl Section for Task {
    fn check(&self, place: &mut Place<'_>) {
        place.range(0..=86_400, [("min_seconds", self.min_seconds)]);
        place.range(1..=1_000_000, [("per_member", self.per_member)]);
    }
}

/// `[[poll]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// A short name, unique.
    pub id: String,
    /// For people, by language.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
    /// What can be chosen.
    pub options: Vec<String>,
    /// From when on.
    pub opens_at: Moment,
    /// Until when.
    pub closes_at: Moment,
    /// How many a ballot may choose.
    pub choices: Option<i64>,
    /// The lowest tier that may vote.
    pub min_tier: Option<String>,
    /// Segments that may.
    #[serde(default)]
    pub segments: Vec<String>,
    /// Tags that may.
    #[serde(default)]
    pub tags_any: Vec<String>,
    /// How much a ballot counts, by tier.
    #[serde(default)]
    pub weights: BTreeMap<String, i64>,
    /// When results are told: `after_close` or `live`.
    pub results: Option<String>,
}

impl Section for Poll {
    fn check(&self, place: &mut Place<'_>) {
        let options: BTreeSet<_> = self.options.iter().collect();
        let fits = (2..=50).contains(&self.options.len()) && options.len() == self.options.len();
        place.unless(fits, "options", "2 to 50 options, each once");
        let most = i64::try_from(self.options.len()).unwrap_or(i64::MAX);
        place.range(1..=most, [("choices", self.choices)]);
        place.unless(self.opens_at.is_before(&self.closes_at), "closes_at", "must be after `opens_at`");
        place.named("min_tier", &self.min_tier, &["tier"]);
        place.one_of("results", self.results.as_deref(), &["after_close", "live"]);
        place.named("segments", &self.segments, &["rfmls.segments"]);
        place.named("tags_any", &self.tags_any, &["tag"]);
        place.named("weights", self.weights.keys(), &["tier"]);
        for (tier, weight) in &self.weights {
            place.unless((1..=100).contains(weight), &format!("weights.{tier}"), "must be in 1..=100");
        }
    }
}

/// `[[badge]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Badge {
    /// A short name, unique.
    pub id: String,
    /// For people, by language.
    #[serde(default)]
    pub title: BTreeMap<String, String>,
    /// What it shows.
    pub image: Option<String>,
    /// The fact that earns it.
    pub on: Option<String>,
    /// How many of them; one.
    pub count: Option<i64>,
}

impl Section for Badge {
    fn check(&self, place: &mut Place<'_>) {
        place.range(1..=10_000, [("count", self.count)]);
        place.unless(self.count.is_none() || self.on.is_some(), "count", "so many of what? `on` is missing");
        place.named("on", &self.on, &["activity"]);
    }
}
