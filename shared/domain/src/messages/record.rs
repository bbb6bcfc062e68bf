//! A message with all that is kept of it: whose it is, by which step, in which language; never where it goes, or what it says.

use jiff::Timestamp;
use serde::Deserialize;

use super::facts::MessageFact;
use super::message::{Message, State};
use super::of_step::OfStep;
use super::way::Way;
use crate::kernel::id::MemberId;
use crate::programme::condition::Scalar;
use crate::programme::journey::Purpose;

/// A message with all that is kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which.
    pub id: String,
    /// Whose.
    pub member: MemberId,
    /// By which step.
    pub of: OfStep,
    /// When it was taken up first.
    pub made_at: Timestamp,
    /// In which language it was written.
    pub locale: Option<String>,
    /// For which values something else was said.
    pub fallbacks: Vec<String>,
    /// What the provider calls it.
    pub provider: Option<String>,
    /// What can be done in it.
    pub action: Option<String>,
    /// When the member did that.
    pub acted_at: Option<Timestamp>,
    /// Where it stands.
    pub message: Message,
}

/// A message that is to be sent, as who claims it says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Intended {
    /// The message.
    pub message: String,
    /// Of which enrolment.
    pub enrolment: String,
    /// The journey.
    pub journey: String,
    /// The values that tell the enrolment from others of the journey.
    pub key: Vec<Scalar>,
    /// By which step.
    pub step: String,
    /// What for.
    pub purpose: Purpose,
    /// By which channel.
    pub channel: Way,
    /// With which text.
    pub template: String,
    /// What can be done in it.
    #[serde(default)]
    pub action: Option<String>,
    /// The first instant at which it is of no use any more.
    pub latest_at: Timestamp,
}

impl Intended {
    /// The message as it is taken up first.
    #[must_use]
    pub fn record(&self, member: &MemberId, now: Timestamp) -> Record {
        Record {
            id: self.message.clone(),
            member: member.clone(),
            of: OfStep {
                enrolment: self.enrolment.clone(),
                journey: self.journey.clone(),
                key: self.key.clone(),
                step: self.step.clone(),
                channel: self.channel.name().to_owned(),
                template: self.template.clone(),
            },
            made_at: now,
            locale: None,
            fallbacks: Vec::new(),
            provider: None,
            action: self.action.clone(),
            acted_at: None,
            message: Message::claimed(self.channel, self.purpose, self.latest_at),
        }
    }
}

/// Why messages are not sent, in words of ours.
const REASONS: [&str; 14] = [
    "erased",
    "exited",
    "late",
    "suspended",
    "no_consent",
    "no_address",
    "suppressed",
    "provider_unavailable",
    "invalid_address",
    "content",
    "account",
    "template",
    "budget",
    "undeliverable",
];

/// One of the reasons why messages are not sent, by its name.
#[must_use]
pub fn reason(name: &str) -> Option<&'static str> {
    REASONS.into_iter().find(|reason| *reason == name)
}

impl Record {
    /// The member does what can be done in it, now: what is kept then, and what others are told; none if it was done before, or nothing can.
    #[must_use]
    pub fn act(&self, now: Timestamp) -> Option<(Self, MessageFact)> {
        let action = self.action.clone().filter(|_| self.acted_at.is_none())?;
        let object = match self.of.key.first() {
            Some(Scalar::Text(text)) => text.clone(),
            other => serde_json::json!(other).to_string(),
        };
        let fact = MessageFact::ActionTaken { message: self.id.clone(), of: self.of.clone(), action, object };
        Some((Self { acted_at: Some(now), ..self.clone() }, fact))
    }

    /// What others are told once it stands where it stands; of one that is to be sent nothing.
    #[must_use]
    pub fn told(&self) -> Option<MessageFact> {
        let (message, of) = (self.id.clone(), self.of.clone());
        let reason = self.message.reason.unwrap_or("undeliverable").to_owned();
        Some(match self.message.state {
            State::Claimed => return None,
            State::Unknown => MessageFact::MessageUnknown { message, of },
            State::Sent => MessageFact::MessageSent { message, of },
            State::Delivered => MessageFact::MessageDelivered { message, of },
            State::Bounced => MessageFact::MessageBounced { message, of },
            State::Complained => MessageFact::MessageComplained { message, of },
            State::Failed => MessageFact::MessageFailed { message, of, reason },
            State::Skipped => MessageFact::MessageSkipped { message, of, reason },
            State::HandedOver => MessageFact::MessageHandedOver { message, of },
            State::Returned => MessageFact::MessageReturned { message, of },
        })
    }
}
