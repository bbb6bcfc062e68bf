//! `[[draw]]`: lotteries.

use serde::Deserialize;

use super::moment::{Moment, Weekly};
use super::place::Place;
use super::section::Section;

/// Certainty, in parts per million.
const CERTAIN: i64 = 1_000_000;

/// The most that a prize may be worth, in minor units of the yuan: the law of the country has it so.
const DEAREST: i64 = 5_000_000;

/// `[[draw]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// A short name, unique.
    pub id: String,
    /// How often it is held again; `week`, `month` or `day`. Without it: `from` and `until`.
    pub every: Option<String>,
    /// When each opens.
    pub opens: Option<Weekly>,
    /// When each closes.
    pub closes: Option<Weekly>,
    /// When the only one opens.
    pub from: Option<Moment>,
    /// When it closes.
    pub until: Option<Moment>,
    /// What an entry costs, in points; 0 is free.
    pub cost_points: i64,
    /// Entries that cost nothing.
    pub free_entries: Option<FreeEntries>,
    /// How many entries a member may have.
    pub limit: Option<FreeEntries>,
    /// What can be won.
    pub prizes: Vec<Prize>,
    /// How the result is proved; `commit_reveal_hmac_sha256` is the only way.
    pub fairness: String,
    /// Who answers for it.
    pub organiser: Option<Organiser>,
    /// How long entries are kept after it, in days.
    pub keep_days: Option<i64>,
    /// Who may enter.
    pub eligible: Option<Eligible>,
}

/// So many in a period.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeEntries {
    /// How many.
    pub per_member: i64,
    /// Over which period.
    pub period: EntryPeriod,
}

/// A period of draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryPeriod {
    /// A local date.
    CalendarDay,
    /// A local week, from Monday.
    CalendarWeek,
    /// A local month.
    CalendarMonth,
    /// A local year.
    CalendarYear,
    /// Always.
    Ever,
}

/// Who answers for a draw.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organiser {
    /// The name.
    pub name: String,
    /// How to reach them.
    pub contact: String,
}

/// Who may enter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eligible {
    /// Members of this tier or a higher one.
    pub min_tier: Option<String>,
    /// Members of one of these segments.
    #[serde(default)]
    pub segments: Vec<String>,
    /// Members with one of these tags.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// A prize.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prize {
    /// A short name, unique in the draw.
    pub id: String,
    /// What it is: `material`, `voucher` or `points`.
    pub kind: Option<String>,
    /// How many points.
    pub points: Option<i64>,
    /// Which reward's voucher.
    pub reward: Option<String>,
    /// What one is worth, in minor units.
    pub value_minor: Option<i64>,
    /// How many there are.
    pub stock: i64,
    /// The odds of an entry, in parts per million.
    pub odds_ppm: i64,
}

impl Section for Draw {
    fn check(&self, place: &mut Place<'_>) {
        let amounts = 0..=1_000_000_000_000;
        place.range(amounts, [("cost_points", Some(self.cost_points))]);
        place.range(1..=3_650, [("keep_days", self.keep_days)]);
        place.one_of("every", self.every.as_deref(), &["day", "week", "month"]);
        place.one_of("fairness", Some(&self.fairness), &["commit_reveal_hmac_sha256"]);
        if let (Some(from), Some(until)) = (&self.from, &self.until) {
            place.unless(from.is_before(until), "until", "must be after `from`");
        }
        for (name, entries, least) in [("limit", &self.limit, 1), ("free_entries", &self.free_entries, 0)] {
            let count = entries.as_ref().map(|entries| entries.per_member);
            place.within(name).range(least..=1_000_000, [("per_member", count)]);
        }
        if let Some(eligible) = &self.eligible {
            let mut place = place.within("eligible");
            place.named("min_tier", &eligible.min_tier, &["tier"]);
            place.named("segments", &eligible.segments, &["rfmls.segments"]);
            place.named("tags", &eligible.tags, &["tag"]);
        }
        place.unless(!self.prizes.is_empty(), "prizes", "a draw has a prize");
        place.unique("prizes", self.prizes.iter().map(|prize| &prize.id));
        let odds: i64 = self.prizes.iter().fold(0, |sum, prize| sum.saturating_add(prize.odds_ppm));
        let words = format!("the odds of all prizes are at most {CERTAIN} parts per million; they are {odds}");
        place.unless(odds <= CERTAIN, "prizes", words);
        let dearest = self.prizes.iter().filter_map(|prize| prize.value_minor).max();
        let lawful = place.currency() != Some("CNY") || dearest.is_none_or(|value| value <= DEAREST);
        place.unless(lawful, "prizes", format!("no prize may be worth more than {DEAREST} minor units"));
        let free = self.free_entries.as_ref().is_some_and(|entries| entries.per_member >= 1);
        let words = "points come from purchases alone: an entry must be had without one, so at least one is free";
        place.unless(free || !place.earns_by_purchase_alone(), "free_entries", words);
        place.unless(self.opens.is_some() == self.closes.is_some(), "closes", "`opens` and `closes` go together");
        for prize in &self.prizes {
            prize.check(&mut place.within(&format!("prizes.{}", prize.id)));
        }
    }
}

impl Prize {
    /// A prize whose id tells a number of points is one of points, of that number.
    fn told(&self) -> Option<i64> {
        self.id.strip_prefix("points-").and_then(|number| number.parse().ok())
    }

    /// How many points it gives, if it gives points.
    #[must_use]
    pub fn given_points(&self) -> Option<i64> {
        self.points.or(self.told())
    }

    fn check(&self, place: &mut Place<'_>) {
        place.range(1..=CERTAIN, [("odds_ppm", Some(self.odds_ppm))]);
        place.range(1..=1_000_000_000, [("stock", Some(self.stock))]);
        place.range(1..=1_000_000_000_000, [("points", self.points), ("value_minor", self.value_minor)]);
        let kind = self.kind.as_deref();
        place.one_of("kind", kind, &["material", "voucher", "points"]);
        let told = self.told();
        if let Some(told) = told {
            place.unless(told > 0, "points", "a prize of points gives at least one point");
            let same = self.points.is_none_or(|points| points == told);
            place.unless(same, "points", format!("the id says {told} points"));
            place.unless(kind.is_none_or(|kind| kind == "points"), "kind", "the id says that it is points");
        }
        let given = self.points.or(told).is_some();
        place.unless(kind != Some("points") || given, "points", "a prize of points says how many");
        place.unless(
            self.points.is_none() || kind.is_none_or(|kind| kind == "points"),
            "points",
            "only prizes of points have them",
        );
        place.unless(
            kind != Some("voucher") || self.reward.is_some(),
            "reward",
            "a prize that is a voucher names its reward",
        );
    }
}
