//! `[[campaign]]`, `[[exchange]]`, `[[product_set]]`, `[[catalogue]]`: rules to come of the ledger.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::moment::Moment;
use super::place::Place;
use super::section::Section;

/// `[[campaign]]`: rules with dates, a budget, and a share of members in common.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// A short name, unique.
    pub id: String,
    /// From when on.
    pub from: Moment,
    /// Until when.
    pub until: Moment,
    /// The most points that it gives.
    pub budget_points: Option<i64>,
    /// The share of members, in basis points.
    pub members_bp: Option<i64>,
    /// Its rules.
    #[serde(default)]
    pub rules: Vec<String>,
}

impl Section for Campaign {
    fn check(&self, place: &mut Place<'_>) {
        place.unless(!self.until.is_before(&self.from), "until", "must not be before `from`");
        place.range(1..=1_000_000_000_000, [("budget_points", self.budget_points)]);
        place.range(1..=10_000, [("members_bp", self.members_bp)]);
        place.named("rules", &self.rules, &["earning_rule"]);
    }
}

/// `[[exchange]]`: from one wallet to another.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// A short name, unique.
    pub id: Option<String>,
    /// The wallet that gives.
    pub from: String,
    /// The wallet that gets.
    pub to: String,
    /// So many ...
    pub give: i64,
    /// ... become so many.
    pub get: i64,
    /// In steps of.
    pub step: Option<i64>,
    /// How many at most.
    pub limit: Option<Map<String, Value>>,
    /// The lowest tier.
    pub min_tier: Option<String>,
}

impl Section for Exchange {
    fn check(&self, place: &mut Place<'_>) {
        place.named("from", [&self.from], &["wallet"]);
        place.named("to", [&self.to], &["wallet"]);
        place.unless(self.from != self.to, "to", "must be another wallet");
        place.range(1..=1_000_000_000, [("give", Some(self.give)), ("get", Some(self.get)), ("step", self.step)]);
        place.named("min_tier", &self.min_tier, &["tier"]);
    }
}

/// `[[product_set]]`: goods that conditions name together.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductSet {
    /// A short name, unique.
    pub id: String,
    /// The file of their numbers.
    pub file: String,
}

impl Section for ProductSet {
    fn check(&self, place: &mut Place<'_>) {
        place.unless(!self.file.is_empty(), "file", "must name a file");
    }
}

/// `[[catalogue]]`: what is known of goods where a line does not say it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goods {
    /// The file.
    pub file: String,
    /// Which declared attributes of lines it gives.
    #[serde(default)]
    pub attributes: Vec<String>,
}

impl Section for Goods {
    fn check(&self, place: &mut Place<'_>) {
        place.unless(!self.file.is_empty(), "file", "must name a file");
        place.unique("attributes", &self.attributes);
    }
}
