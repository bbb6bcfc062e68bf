//! `[care]`: what holds for all journeys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::time::Zone;
use crate::programme::channel::Channel;
use crate::programme::finding::Findings;
use crate::programme::later::moment::Clock;

/// `[care]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Care {
    /// When a message of a date is sent, unless its step says so.
    #[serde(default = "Care::ten", skip_serializing_if = "Care::is_ten")]
    pub default_send_time: Clock,
    /// When nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// How much is sent at most.
    #[serde(default, skip_serializing_if = "Caps::is_default")]
    pub caps: Caps,
    /// Members whom no marketing journey reaches, to compare with, in basis points.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub holdout_bp: u16,
    /// What the draw of those members is mixed with: another word, other members.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub holdout_salt: String,
    /// Time zones by country.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub zones: BTreeMap<String, String>,
    /// Languages by country.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locales: BTreeMap<String, String>,
    /// Events that need no journey.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub none: Vec<String>,
}

/// Quiet hours of a local day; they may go over midnight. From a time to the same is never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// From.
    pub from: Clock,
    /// To, exclusive.
    pub to: Clock,
    /// Of which channels.
    pub channels: Vec<String>,
}

/// `caps`: how many marketing messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// By all channels.
    #[serde(default, skip_serializing_if = "Cap::is_none")]
    pub marketing: Cap,
    /// By mail.
    #[serde(default, skip_serializing_if = "Cap::is_none")]
    pub email: Cap,
    /// By text message.
    #[serde(default, skip_serializing_if = "Cap::is_none")]
    pub sms: Cap,
    /// By the app.
    #[serde(default, skip_serializing_if = "Cap::is_none")]
    pub push: Cap,
    /// By WeCom.
    #[serde(default, skip_serializing_if = "Cap::is_none")]
    pub wecom: Cap,
}

/// How many messages at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// On a local date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u8>,
    /// On seven of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_7d: Option<u8>,
}

impl Cap {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Caps {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Of a channel.
    #[must_use]
    pub fn of(&self, channel: Channel) -> Cap {
        match channel {
            Channel::Email => self.email,
            Channel::Sms => self.sms,
            Channel::Push => self.push,
            Channel::Wecom => self.wecom,
            Channel::Phone | Channel::Post => Cap::default(),
        }
    }
}

impl Care {
    /// The quiet hours, unless they are from a time to the same, which is never.
    #[must_use]
    pub fn quiet(&self) -> Option<&Quiet> {
        self.quiet.as_ref().filter(|quiet| quiet.from != quiet.to)
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    const fn ten() -> Clock {
        Clock(600)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    fn is_ten(time: &Clock) -> bool {
        *time == Self::ten()
    }
}

impl Default for Care {
    fn default() -> Self {
        Self {
            default_send_time: Self::ten(),
            quiet: None,
            caps: Caps::default(),
            holdout_bp: 0,
            holdout_salt: String::new(),
            zones: BTreeMap::new(),
            locales: BTreeMap::new(),
            none: Vec::new(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
pub(super) fn is_zero(number: &u16) -> bool {
    *number == 0
}

/// The channels that may be quiet: those that reach somebody who does not look.
const QUIET: [&str; 5] = ["email", "sms", "push", "wecom", "in_app"];

/// Checks the section.
pub(super) fn check(care: &Care, locales: &[String], findings: &mut Findings) {
    for channel in care.quiet.iter().flat_map(|quiet| &quiet.channels) {
        let known = QUIET.contains(&channel.as_str());
        let words = format!("`{channel}` is not known; known: {}", QUIET.join(", "));
        findings.unless(known, "care.quiet.channels", words);
    }
    findings.unless(care.holdout_bp <= 10_000, "care.holdout_bp", "must be in 0..=10000");
    for (country, zone) in &care.zones {
        let known = Zone::named(zone).is_some();
        findings.unless(known, format!("care.zones.{country}"), format!("`{zone}` is not an IANA time zone"));
    }
    for (country, locale) in &care.locales {
        let message = format!("`{locale}` is none of the locales of members: {}", locales.join(", "));
        findings.unless(locales.contains(locale), format!("care.locales.{country}"), message);
    }
    let caps = &care.caps;
    let caps = [
        ("marketing", caps.marketing),
        ("email", caps.email),
        ("sms", caps.sms),
        ("push", caps.push),
        ("wecom", caps.wecom),
    ];
    for (name, Cap { per_day, per_7d }) in caps {
        let at = |field: &str| format!("care.caps.{name}.{field}");
        // The newest 24 messages are remembered: more could not be counted.
        findings.unless(per_7d.is_none_or(|most| most <= 24), at("per_7d"), "must be in 0..=24");
        findings.unless(per_day.is_none_or(|most| most <= 24), at("per_day"), "must be in 0..=24");
        let fits = per_day.zip(per_7d).is_none_or(|(day, week)| day <= week);
        findings.unless(fits, at("per_day"), "a day cannot have more than seven");
    }
}
