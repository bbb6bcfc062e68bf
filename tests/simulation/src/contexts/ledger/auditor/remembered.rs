//! What an account remembers for later decisions, besides its points: counters, streaks, boosts, scores,
//! standings.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::attribute::{Flat, Read, lacking, list, number, plain, text};
use super::brought::cutovers;
use super::calendar::first_of;
use super::entry::Scores;
use super::standings::Standings;

/// Days are counted since 1970, instants are in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Remembered {
    /// How often, by what, the letter of the period, and its first day.
    pub(super) counters: BTreeMap<(String, char, i64), i64>,
    /// By rule: first and last day of each run.
    pub(super) streaks: BTreeMap<String, Vec<(i64, i64)>>,
    /// Multipliers that wait.
    pub(super) boosts: Vec<Boost>,
    /// Scores, segment and tags.
    pub(super) score: Option<(Scores, String, BTreeSet<String>)>,
    /// Tiers held and lost.
    pub(super) standings: Standings,
    /// What was brought over from elsewhere, by source and part, and by which entry.
    pub(super) openings: BTreeMap<String, u64>,
    /// When the cutover was.
    pub(super) cutovers: BTreeMap<String, Timestamp>,
}

/// A multiplier that waits for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Boost {
    pub(super) rule: String,
    pub(super) multiplier: String,
    pub(super) cap: i64,
    pub(super) from: i64,
    pub(super) until: i64,
}

/// The attributes of a map; what is left out is empty.
fn map<'a>(item: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    item[name]["M"].as_object().into_iter().flatten()
}

/// The day of a date written as a number of eight digits.
fn day(date: i64) -> i64 {
    first_of(date / 10_000 * 12 + date / 100 % 100 - 1) + date % 100 - 1
}

impl Remembered {
    /// Reads it from an account.
    pub(super) fn read(item: &Value) -> Read<Self> {
        let (score, standings, cutovers) = (score(item)?, Standings::read(item)?, cutovers(&item["i"])?);
        let mut read = Self { score, standings, cutovers, ..Self::default() };
        for (name, series) in map(item, "c") {
            let (what, period) = name.rsplit_once('@').ok_or_else(|| lacking("c"))?;
            let period: char = period.parse().map_err(|_no_letter| lacking("c"))?;
            for (start, count) in Flat::of(series, "c")?.all(|flat| Ok((flat.number()?, flat.number()?)))? {
                read.counters.insert((what.to_owned(), period, day(start)), count);
            }
        }
        for (rule, runs) in map(item, "k") {
            let run = |run| Flat::of(run, "k").and_then(|mut run| Ok((run.number()?, run.number()?)));
            read.streaks.insert(rule.clone(), list(runs, "k")?.iter().map(run).collect::<Read<_>>()?);
        }
        for (part, entry) in map(item, "r") {
            read.openings.insert(part.clone(), number(entry, "r")?);
        }
        for boost in list(&item["b"], "b")? {
            read.boosts.push(Boost::read(&plain(boost)?)?);
        }
        Ok(read)
    }

    /// What an account says otherwise than it should.
    pub(super) fn differs(&self, expected: &Self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut compare = |same: bool, what: &str, stored: &dyn std::fmt::Debug, given: &dyn std::fmt::Debug| {
            wrong.extend((!same).then(|| format!("the account has {what} {stored:?}, its entries give {given:?}")));
        };
        compare(self.counters == expected.counters, "counters", &self.counters, &expected.counters);
        compare(self.streaks == expected.streaks, "streaks", &self.streaks, &expected.streaks);
        compare(self.boosts == expected.boosts, "boosts", &self.boosts, &expected.boosts);
        compare(self.score == expected.score, "scores", &self.score, &expected.score);
        compare(self.openings == expected.openings, "openings", &self.openings, &expected.openings);
        compare(self.cutovers == expected.cutovers, "cutovers", &self.cutovers, &expected.cutovers);
        compare(self.standings == expected.standings, "standings", &self.standings, &expected.standings);
        wrong
    }
}

impl Boost {
    fn read(said: &Value) -> Read<Self> {
        let text = |name: &str| said[name].as_str().map(str::to_owned).ok_or_else(|| lacking("b"));
        let instant = |name: &str| text(name)?.parse::<Timestamp>().map_err(|_no_instant| lacking("b"));
        let cap = said["cap"].as_i64().ok_or_else(|| lacking("b"))?;
        let (from, until) = (instant("from")?.as_millisecond(), instant("until")?.as_millisecond());
        Ok(Self { rule: text("rule")?, multiplier: text("multiplier")?, cap, from, until })
    }
}

/// Five digits, the segment, what may change it, and tags.
fn score(item: &Value) -> Read<Option<(Scores, String, BTreeSet<String>)>> {
    let [digits, segment, _, _, _, _, _, _, _, tags @ ..] = list(&item["f"], "f")? else { return Ok(None) };
    let digits: u32 = number(digits, "f")?;
    let digit = |place: u32| u8::try_from(digits / 10_u32.pow(place) % 10).unwrap_or_default();
    let scores = Scores { r: digit(4), f: digit(3), m: digit(2), l: digit(1), s: digit(0) };
    let tags = tags.iter().map(|tag| text(tag, "f")).collect::<Read<_>>()?;
    Ok(Some((scores, text(segment, "f")?, tags)))
}
