//! `[fulfilment]`, `[media]`, `[webhooks]`.

use serde::Deserialize;

use super::place::Place;
use super::section::Section;

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

/// `[media]`: hosts that may be linked to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    /// Names of hosts.
    pub hosts: Vec<String>,
}

impl Section for Media {
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
