//! What is told of messages: never an address, never a text.

use super::of_step::OfStep;
use crate::kernel::event::facts;

fn message() -> String {
    "5d41402abc4b2a76b9719d911017c592".into()
}

facts! { MessageFact:
    /// A message was handed to its provider.
    MessageSent = "perennial.care.messagesent.v1" {
        /// Which.
        message: String = message(),
        /// By which step.
        #[serde(flatten)]
        of: OfStep = OfStep::example(),
    }
    /// A message was handed to a person, who sends it.
    MessageHandedOver = "perennial.care.messagehandedover.v1" {
        /// Which.
        message: String = message(),
        /// By which step.
        #[serde(flatten)]
        of: OfStep = OfStep::example(),
    }
    /// A message has reached its receiver.
    MessageDelivered = "perennial.care.messagedelivered.v1" {
        /// Which.
        message: String = message(),
        /// By which step.
        #[serde(flatten)]
        of: OfStep = OfStep::example(),
    }
    /// A message was not sent: something stood against it at the last moment.
    MessageSkipped = "perennial.care.messageskipped.v1" {
        /// Which.
        message: String = message(),
        /// By which step.
        #[serde(flatten)]
        of: OfStep = OfStep::example(),
        /// What.
        reason: String = "no_consent".into(),
    }
    /// A message could not be sent.
    MessageFailed = "perennial.care.messagefailed.v1" {
        /// Which.
        message: String = message(),
        /// By which step.
        #[serde(flatten)]
        of: OfStep = OfStep::example(),
        /// Why.
        reason: String = "invalid_address".into(),
    }
    /// Nobody knows whether a message was sent.
    MessageUnknown = "perennial.care.messageunknown.v1" {
        /// Which.
        message: String = message(),
        /// By which step.
        #[serde(flatten)]
        of: OfStep = OfStep::example(),
    }
    /// A message cannot be sent yet: its step is decided anew.
    MessageReturned = "perennial.care.messagereturned.v1" {
        /// Which.
        message: String = message(),
        /// By which step.
        #[serde(flatten)]
        of: OfStep = OfStep::example(),
    }
    /// A message came back.
    MessageBounced = "perennial.care.messagebounced.v1" {
        /// Which.
        message: String = message(),
        /// By which step.
        #[serde(flatten)]
        of: OfStep = OfStep::example(),
    }
    /// The receiver of a message complained.
    MessageComplained = "perennial.care.complained.v1" {
        /// Which.
        message: String = message(),
        /// By which step.
        #[serde(flatten)]
        of: OfStep = OfStep::example(),
    }
    /// A member did what can be done in a message.
    ActionTaken = "perennial.care.actiontaken.v1" {
        /// Which message.
        message: String = message(),
        /// By which step.
        #[serde(flatten)]
        of: OfStep = OfStep::example(),
        /// What: `extend`.
        action: String = "extend".into(),
        /// Of what: the first value of the key.
        object: String = "bill-77".into(),
    }
}
