//! Sources: what they are for, what they send, how well.

use std::collections::BTreeMap;

use domain::programme::source::{Sends, Source};
use domain::quality::score::{Dimension, Share};
use domain::quality::traffic::Traffic;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use schemars::JsonSchema;
use serde::Serialize;
use store::SourceDays;

/// The systems that report.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SourcesReply {
    /// As the programme declares them.
    pub(crate) sources: Vec<SourceView>,
}

/// A system that reports.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SourceView {
    /// What the programme calls it.
    source: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    /// Under which names its events come.
    r#match: Vec<String>,
    /// What it sends: `members`, `activities`, `signals`, `consents`, `tags`.
    sends: Vec<&'static str>,
    /// Whose word counts where two differ; the higher.
    rank: u8,
    /// Fields that are expected of every member that it writes.
    fields: Vec<String>,
    /// Its newest fact of the last 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_fact: Option<LastFact>,
    /// How many facts and signals it sent: today, and today with the 6 and the 29 days before.
    facts: FactsOfDays,
    /// Of the last 30 days: how many seconds half of them took at most, to within a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    lag_median_s: Option<i64>,
    /// And how many seconds 95 of a hundred took at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    lag_95_s: Option<i64>,
    /// What was refused in the last 30 days, by code.
    refused: BTreeMap<String, u64>,
    /// There were so many that some of these numbers are estimates.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sampled: bool,
    /// How well it kept to what is expected of it, the day before today.
    quality: BTreeMap<&'static str, ScoreView>,
}

/// The newest fact of a source.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct LastFact {
    /// When it happened.
    occurred_at: Timestamp,
    /// When it was recorded.
    recorded_at: Timestamp,
}

/// How many facts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct FactsOfDays {
    /// Of one day.
    days_1: u64,
    /// Of seven.
    days_7: u64,
    /// Of thirty.
    days_30: u64,
}

/// How well a source keeps to something.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ScoreView {
    /// In basis points; null where there are too few to judge.
    score_bp: Option<i64>,
    /// What is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold_bp: Option<i64>,
    /// What was so.
    numerator: u64,
    /// Of how many.
    denominator: u64,
    /// `not enough data`, where it is null.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'static str>,
}

/// What a source keeps to, by what that is.
fn scores(source: &Source, days: &SourceDays, date: Date) -> BTreeMap<&'static str, ScoreView> {
    let Some(quality) = &source.quality else { return BTreeMap::new() };
    let shares = days.shares(date);
    let score = |dimension: Dimension| {
        let Share { numerator, denominator } = shares.of(dimension);
        let score_bp = shares.of(dimension).score_bp(quality.min_volume);
        let because = score_bp.is_none().then_some("not enough data");
        let threshold_bp = dimension.threshold(quality);
        (dimension.name(), ScoreView { score_bp, threshold_bp, numerator, denominator, because })
    };
    Dimension::ALL.into_iter().map(score).collect()
}

const fn sends(sends: Sends) -> &'static str {
    match sends {
        Sends::Members => "members",
        Sends::Activities => "activities",
        Sends::Signals => "signals",
        Sends::Consents => "consents",
        Sends::Tags => "tags",
    }
}

impl SourceView {
    pub(crate) fn new(source: &Source, days: &SourceDays, today: Date) -> Self {
        let since = |before: i32| {
            let first = today.saturating_sub(before.days());
            let of = days.traffic.iter().filter(|(date, _)| **date >= first);
            of.fold(Traffic::default(), |all, (_, traffic)| all.with(traffic))
        };
        let all = since(29);
        let mut refused: BTreeMap<String, u64> = BTreeMap::new();
        for (code, count) in days.refused.values().flat_map(|refusals| &refusals.codes) {
            *refused.entry(code.clone()).or_default() += count;
        }
        let last = |last: domain::quality::traffic::Reported| LastFact {
            occurred_at: last.occurred_at,
            recorded_at: last.recorded_at,
        };
        Self {
            source: source.id.clone(),
            name: source.name.clone(),
            owner: source.owner.clone(),
            purpose: source.purpose.clone(),
            r#match: source.r#match.clone(),
            sends: source.sends.iter().copied().map(sends).collect(),
            rank: source.rank,
            fields: source.quality.as_ref().map(|quality| quality.complete.clone()).unwrap_or_default(),
            last_fact: all.last.map(last),
            facts: FactsOfDays { days_1: since(0).facts, days_7: since(6).facts, days_30: all.facts },
            lag_median_s: all.lag_of(50),
            lag_95_s: all.lag_of(95),
            refused,
            sampled: days.refused.values().any(|refusals| refusals.sampled),
            quality: scores(source, days, today.saturating_sub(1.days())),
        }
    }
}

/// How well a source keeps to what is expected of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct QualityReply {
    /// What the programme calls it.
    source: String,
    /// By local day, the oldest first.
    days: Vec<QualityDay>,
}

/// A local day of a source.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct QualityDay {
    /// Which.
    #[schemars(with = "String")]
    date: Date,
    /// `completeness`, `validity` and `timeliness`, where the programme expects anything.
    scores: BTreeMap<&'static str, ScoreView>,
    /// Facts and signals that were accepted.
    accepted: u64,
    /// What was refused, by code.
    refused: BTreeMap<String, u64>,
    /// There were so many that some of these numbers are estimates.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sampled: bool,
}

impl QualityReply {
    pub(crate) fn new(source: &Source, days: &SourceDays, dates: &[Date]) -> Self {
        let day = |date: &Date| {
            let refusals = days.refused.get(date).cloned().unwrap_or_default();
            QualityDay {
                date: *date,
                scores: scores(source, days, *date),
                accepted: days.traffic.get(date).map_or(0, |traffic| traffic.facts),
                refused: refusals.codes,
                sampled: refusals.sampled,
            }
        };
        Self { source: source.id.clone(), days: dates.iter().map(day).collect() }
    }
}
