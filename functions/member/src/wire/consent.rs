//! Consents as they are given and shown.

use domain::members::consent::{Said, Statement, is_allowed};
use domain::members::state::Member;
use domain::members::telling::Rules;
use domain::programme::channel::Channel;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a member says of a purpose.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenConsent {
    /// For what; `*` on a withdrawal is everything that can be withdrawn.
    purpose: String,
    /// By which channel: `email`, `sms`, `push`, `wecom`, `phone` or `post`. On a withdrawal absent is every channel.
    #[serde(default)]
    channel: Option<SaidChannel>,
    /// Given or withdrawn.
    said: SaidWord,
    /// The text that was agreed to; that of the purpose if absent.
    #[serde(default)]
    text: Option<String>,
    /// Its version: to agree, one names the one that was shown.
    #[serde(default)]
    version: Option<u32>,
    /// When it was said; now if absent.
    #[serde(default)]
    at: Option<Timestamp>,
    /// Of a child: how a guardian agreed.
    #[serde(default)]
    guardian_evidence: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SaidWord {
    Given,
    Withdrawn,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SaidChannel {
    Email,
    Sms,
    Push,
    Wecom,
    Phone,
    Post,
}

impl From<SaidChannel> for Channel {
    fn from(channel: SaidChannel) -> Self {
        match channel {
            SaidChannel::Email => Self::Email,
            SaidChannel::Sms => Self::Sms,
            SaidChannel::Push => Self::Push,
            SaidChannel::Wecom => Self::Wecom,
            SaidChannel::Phone => Self::Phone,
            SaidChannel::Post => Self::Post,
        }
    }
}

impl GivenConsent {
    /// As the domain has it.
    pub(crate) fn statement(&self, now: Timestamp) -> Statement {
        let text = self.text.clone().unwrap_or_else(|| self.purpose.clone());
        Statement {
            purpose: self.purpose.clone(),
            channel: self.channel.map(Channel::from),
            said: match self.said {
                SaidWord::Given => Said::Given,
                SaidWord::Withdrawn => Said::Withdrawn,
            },
            text: self.version.map(|version| (text, version)),
            at: self.at.unwrap_or(now),
            guardian: self.guardian_evidence.as_ref().is_some_and(|evidence| !evidence.trim().is_empty()),
        }
    }
}

/// Consents to record.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentsRequest {
    /// The source that says so; a member speaks for itself.
    #[serde(default)]
    pub(crate) source: Option<String>,
    /// What is said, in order.
    pub(crate) consents: Vec<GivenConsent>,
}

/// What a member agrees to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ConsentsReply {
    /// Whose.
    member: String,
    /// The page of the member's preferences, if it is asked for: whoever has the address can use it. Systems are not told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    /// Per purpose and channel of the programme.
    consents: Vec<ShownConsent>,
}

/// What holds of a purpose and a channel.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ShownConsent {
    /// For what.
    purpose: String,
    /// By which channel, if the purpose has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    /// `given`, `withdrawn`, `pending` or `none`.
    said: &'static str,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    /// Under which version of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    /// Is it allowed now?
    allowed: bool,
}

impl ConsentsReply {
    pub(crate) fn new(member: &Member, rules: Rules<'_>, page: Option<String>) -> Self {
        let shown = rules.terms.subjects().map(|subject| {
            let held = member.consents.get(&subject);
            let said = held.map_or("none", |consent| consent.said.name());
            let allowed = is_allowed(rules.terms, &member.consents, &subject, rules.today);
            let (at, version) = (held.map(|consent| consent.at), held.and_then(|consent| consent.version));
            let (purpose, channel) = subject;
            ShownConsent { purpose, channel: channel.map(Channel::name), said, at, version, allowed }
        });
        Self { member: member.id.to_string(), page, consents: shown.collect() }
    }
}
