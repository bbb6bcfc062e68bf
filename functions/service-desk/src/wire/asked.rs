//! What is asked of tickets.

use domain::desk::{CODES, State};
use domain::kernel::id::MemberId;
use domain::programme::compiled::Programme;
use lambda::wire::{member, short};
use lambda::{NamesMember, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most characters of a message.
const MOST: usize = 8_000;

/// Words of some length, in characters.
fn words(field: &str, text: &str, range: std::ops::RangeInclusive<usize>) -> Result<(), Problem> {
    let (least, most) = (*range.start(), *range.end());
    let fits = range.contains(&text.chars().count()) && text.trim().chars().count() >= least;
    let wrong = || Problem::invalid(field, format!("must have {least} to {most} characters"));
    if fits { Ok(()) } else { Err(wrong()) }
}

fn reason(text: &str) -> Result<(), Problem> {
    words("/reason", text, 1..=500)
}

/// A concern.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenRequest {
    /// Whose it is.
    pub(crate) member: String,
    /// One of the programme's topics.
    pub(crate) topic: String,
    /// By which channel it came: `app`, `web`, `phone`, `email`, ...
    pub(crate) channel: String,
    /// In which language: one of the programme's.
    pub(crate) locale: String,
    /// What it is about, 1 to 200 characters.
    pub(crate) subject: String,
    /// What is said, 1 to 8,000 characters.
    pub(crate) text: String,
    /// The order that it is about.
    #[serde(default)]
    pub(crate) order: Option<String>,
    /// Does somebody speak with the member at this moment? Only staff says so.
    #[serde(default)]
    pub(crate) live: bool,
}

impl NamesMember for OpenRequest {
    fn member(&self) -> Result<MemberId, Problem> {
        member("/member", &self.member)
    }
}

impl OpenRequest {
    pub(crate) fn check(&self, programme: &Programme) -> Result<(), Problem> {
        let document = programme.document();
        let known = |field: &str, text: &String, all: &[String]| {
            let wrong = || Problem::invalid(field, format!("`{text}` is none of {}", all.join(", ")));
            if all.contains(text) { Ok(()) } else { Err(wrong()) }
        };
        Problem::unless([
            known("/topic", &self.topic, &document.desk.topics),
            short("/channel", &self.channel),
            known("/locale", &self.locale, &document.members.locales),
            words("/subject", &self.subject, 1..=200),
            words("/text", &self.text, 1..=MOST),
            self.order.as_deref().map_or(Ok(()), |order| short("/order", order)),
        ])
    }

    /// What is sealed in the log: what it is about, and what is said.
    pub(crate) fn words(&self) -> String {
        format!("{}\n{}", self.subject, self.text)
    }
}

/// Something is said.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageRequest {
    /// 1 to 8,000 characters.
    pub(crate) text: String,
    /// Of an agent: does it ask whether this settles it? Without an answer in 3 local dates it does.
    #[serde(default)]
    pub(crate) offer_close: bool,
}

/// Something is written down.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteRequest {
    /// 1 to 8,000 characters.
    pub(crate) text: String,
}

/// Whom it waits for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateRequest {
    /// The version that was seen.
    pub(crate) version: u64,
    /// `open`, `pending_customer` or `pending_third_party`.
    state: String,
}

/// Who has it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignmentRequest {
    /// The version that was seen.
    pub(crate) version: u64,
    /// The agent, or `me`; absent: its queue.
    #[serde(default)]
    pub(crate) agent: Option<String>,
}

/// Which department answers for it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteRequest {
    /// The version that was seen.
    pub(crate) version: u64,
    /// The department.
    pub(crate) queue: String,
}

/// Until when it is answered.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriorityRequest {
    /// The version that was seen.
    pub(crate) version: u64,
    /// The service level.
    pub(crate) policy: String,
    /// Why, 1 to 500 characters.
    pub(crate) reason: String,
}

/// How it is resolved.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolutionRequest {
    /// The version that was seen.
    pub(crate) version: u64,
    /// `fixed`, `explained`, `goodwill`, `no_fault`, `duplicate`, `no_answer` or `spam`.
    pub(crate) code: String,
    /// An answer that comes with it, 1 to 8,000 characters.
    #[serde(default)]
    pub(crate) text: Option<String>,
    /// Why nobody is answered, if that is to be: 1 to 500 characters.
    #[serde(default)]
    pub(crate) silent: Option<String>,
}

/// Why it is opened again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReopeningRequest {
    /// The version that was seen.
    pub(crate) version: u64,
    /// 1 to 500 characters.
    pub(crate) reason: String,
}

/// What it becomes part of.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeRequest {
    /// The version that was seen.
    pub(crate) version: u64,
    /// The other ticket.
    pub(crate) into: String,
}

/// What is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantRequest {
    /// An item of the emergency pack.
    pub(crate) item: String,
    /// Why, 10 to 500 characters.
    pub(crate) reason: String,
}

/// What a second person says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionRequest {
    /// Why, 1 to 500 characters.
    pub(crate) reason: String,
}

impl MessageRequest {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        words("/text", &self.text, 1..=MOST)
    }
}

impl NoteRequest {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        words("/text", &self.text, 1..=MOST)
    }
}

impl StateRequest {
    pub(crate) fn state(&self) -> Result<State, Problem> {
        let states = [State::Open, State::PendingCustomer, State::PendingThirdParty];
        let found = states.into_iter().find(|state| state.name() == self.state);
        found.ok_or_else(|| Problem::invalid("/state", "is one of open, pending_customer, pending_third_party"))
    }
}

impl PriorityRequest {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        reason(&self.reason)
    }
}

impl ResolutionRequest {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let coded = CODES.contains(&self.code.as_str());
        let unknown = || Problem::invalid("/code", format!("is one of {}", CODES.join(", ")));
        Problem::unless([
            if coded { Ok(()) } else { Err(unknown()) },
            self.text.as_deref().map_or(Ok(()), |text| words("/text", text, 1..=MOST)),
            self.silent.as_deref().map_or(Ok(()), |reason| words("/silent", reason, 1..=500)),
        ])
    }
}

impl ReopeningRequest {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        reason(&self.reason)
    }
}

impl GrantRequest {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        words("/reason", &self.reason, 10..=500)
    }
}

impl DecisionRequest {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        reason(&self.reason)
    }
}
