//! `[channel.*]`, `[fulfilment]`, `[links]`, `[media]`, `[webhooks]`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::place::Place;
use super::section::Section;

/// `[channel.NAME]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Who sends.
    pub from: Option<String>,
    /// The sending agent of a chat.
    pub agent: Option<String>,
    /// The most messages in a second.
    pub per_second: Option<i64>,
    /// The most that a month costs, in minor units.
    pub monthly_limit_minor: Option<i64>,
    /// What one costs by country, in minor units; `default` for the others.
    #[serde(default)]
    pub unit_cost_minor: BTreeMap<String, i64>,
}

impl Section for Channel {
    fn check(&self, place: &mut Place<'_>) {
        place.range(1..=10_000, [("per_second", self.per_second)]);
        place.range(0..=1_000_000_000_000, [("monthly_limit_minor", self.monthly_limit_minor)]);
        for (country, cost) in &self.unit_cost_minor {
            place.range(0..=1_000_000, [(&*format!("unit_cost_minor.{country}"), Some(*cost))]);
        }
    }
}

/// `[fulfilment]`: where what is to be sent is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fulfilment {
    /// The address; none: a warehouse asks.
    pub url: String,
}

impl Section for Fulfilment {
    fn check(&self, place: &mut Place<'_>) {
        let secure = self.url.is_empty() || self.url.starts_with("https://");
        place.unless(secure, "url", "must begin with https://");
    }
}

/// `[links]` and `[media]`: hosts that may be linked to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// Names of hosts.
    pub hosts: Vec<String>,
}

impl Section for Links {
    fn check(&self, place: &mut Place<'_>) {
        let host = |host: &String| !host.is_empty() && !host.contains(['/', ':', ' ']);
        place.unless(self.hosts.iter().all(host), "hosts", "a host is a name such as example.com, without https://");
    }
}

/// `[webhooks]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// How many there may be.
    pub max_subscriptions: Option<i64>,
    /// After how many days of failures one is switched off.
    pub disable_after_days: Option<i64>,
}

impl Section for Webhooks {
    fn check(&self, place: &mut Place<'_>) {
        place.range(0..=1_000, [("max_subscriptions", self.max_subscriptions)]);
        place.range(1..=90, [("disable_after_days", self.disable_after_days)]);
    }
}
