//! What is answered of messages over HTTP.

pub(crate) mod page;

use domain::kernel::id::MemberId;
use domain::messages::Record;
use domain::programme::condition::Scalar;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::InboxPage;

/// What became of a message.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct MessageReply {
    /// The message.
    message: String,
    /// Whose it is.
    member: String,
    /// The journey.
    journey: String,
    /// The enrolment, as events name it.
    enrolment: String,
    /// The values that tell the enrolment from others of the journey.
    key: Vec<Scalar>,
    /// The step.
    step: String,
    /// `service` or `marketing`.
    purpose: &'static str,
    /// By what it goes.
    channel: &'static str,
    /// The text.
    template: String,
    /// `claimed`, `unknown`, `sent`, `delivered`, `bounced`, `complained`, `failed`, `skipped`, `handed_over` or `returned`.
    state: &'static str,
    /// Why it was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// When it was taken up first.
    made_at: Timestamp,
    /// When the provider was first asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    called_at: Option<Timestamp>,
    /// How often.
    calls: u8,
    /// The first instant at which it is of no use any more.
    latest_at: Timestamp,
    /// In which language it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    /// Values that were missing, for which something else was said.
    fallbacks: Vec<String>,
    /// When the member did what can be done in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    acted_at: Option<Timestamp>,
}

impl MessageReply {
    pub(crate) fn new(record: &Record) -> Self {
        let Record { id, member, of, made_at, locale, fallbacks, message, acted_at, provider: _, action: _ } = record;
        Self {
            message: id.clone(),
            member: member.to_string(),
            journey: of.journey.clone(),
            enrolment: of.enrolment.clone(),
            key: of.key.clone(),
            step: of.step.clone(),
            purpose: message.purpose.name(),
            channel: message.way.name(),
            template: of.template.clone(),
            state: message.state.name(),
            reason: message.reason,
            made_at: *made_at,
            called_at: message.first_call,
            calls: message.calls,
            latest_at: message.latest_at,
            locale: locale.clone(),
            fallbacks: fallbacks.clone(),
            acted_at: *acted_at,
        }
    }
}

/// What a member was told in the app.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct InboxReply {
    /// The member.
    member: String,
    /// Texts, the newest first.
    texts: Vec<TextView>,
    /// Give it as `after` to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A text in the app.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct TextView {
    /// Its name.
    id: String,
    /// When it came.
    at: Timestamp,
    /// What it says.
    text: String,
    /// In which language.
    locale: String,
    /// When it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<Timestamp>,
}

impl InboxReply {
    pub(crate) fn new(member: &MemberId, page: &InboxPage) -> Self {
        let texts = page.texts.iter().map(|text| TextView {
            id: text.place.clone(),
            at: text.at,
            text: text.text.clone(),
            locale: text.locale.clone(),
            read_at: text.read_at,
        });
        let next = page.texts.last().filter(|_| page.more).map(|last| last.place.clone());
        Self { member: member.to_string(), texts: texts.collect(), next }
    }
}

/// A text was read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ReadReply {
    /// Which.
    pub(crate) text: String,
    /// Always true.
    pub(crate) read: bool,
}
