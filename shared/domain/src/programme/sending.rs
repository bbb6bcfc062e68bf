//! `[channel.NAME]` and `[links]`: by what members are written to, and where links lead.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::programme::channel::Channel;
use crate::programme::finding::Findings;

/// `[channel.NAME]`. A channel without a section reaches nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// Who sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The sending agent of a chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The most messages in a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_second: Option<i64>,
    /// The most that a month costs, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_limit_minor: Option<i64>,
    /// What one costs by country, in minor units; `default` for the others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unit_cost_minor: BTreeMap<String, i64>,
}

/// Channels, by name.
pub type Senders = BTreeMap<String, Sender>;

/// `[links]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// Where the platform's own pages are, `https://care.example.com`; without it texts have no links to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Hosts that texts may link to beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

impl Links {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Is anybody reached by a channel? Calls and letters are no matter of this platform.
#[must_use]
pub fn reaches(senders: &Senders, channel: Channel) -> bool {
    matches!(channel, Channel::Phone | Channel::Post) || senders.contains_key(channel.name())
}

/// Checks the sections.
pub(super) fn check(senders: &Senders, links: &Links, findings: &mut Findings) {
    for (name, sender) in senders {
        let at = |field: &str| format!("channel.{name}.{field}");
        let within =
            |value: Option<i64>, range: std::ops::RangeInclusive<i64>| value.is_none_or(|value| range.contains(&value));
        findings.unless(within(sender.per_second, 1..=10_000), at("per_second"), "must be in 1..=10000");
        let limit = within(sender.monthly_limit_minor, 0..=1_000_000_000_000);
        findings.unless(limit, at("monthly_limit_minor"), "must be in 0..=1000000000000");
        for (country, cost) in &sender.unit_cost_minor {
            let fits = (0..=1_000_000).contains(cost);
            findings.unless(fits, at(&format!("unit_cost_minor.{country}")), "must be in 0..=1000000");
        }
        let mail = name != "email" || sender.from.as_ref().is_some_and(|from| from.contains('@'));
        findings.unless(mail, at("from"), "must be the address that mail comes from");
    }
    let base = links.base.as_ref().is_none_or(|base| base.starts_with("https://") && !base.ends_with('/'));
    findings.unless(base, "links.base", "must begin with https:// and not end with a slash");
    let host = |host: &String| !host.is_empty() && !host.contains(['/', ':', ' ']);
    let words = "a host is a name such as example.com, without https://";
    findings.unless(links.hosts.iter().all(host), "links.hosts", words);
}
