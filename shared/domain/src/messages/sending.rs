//! A message is taken up, and what the provider answers (rules: messages 1-4).

use jiff::Timestamp;

use super::message::{Message, State};
use super::recheck::{Found, Verdict, check};
use super::way::{Guarantee, Way};

/// For how long nobody else takes up what somebody has, in seconds.
const TAKEN_FOR: i64 = 60;
/// How often a message that the provider has no time for is tried.
const MOST_THROTTLED: u8 = 5;
/// How often a message is sent that its receiver knows again.
const MOST_CALLS: u8 = 3;

/// What becomes of a message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// Nothing: it has an outcome.
    Done,
    /// Somebody has it: it stays in the queue.
    Leave,
    /// It has an outcome now.
    Settled(Message),
    /// The provider is asked, after this is written.
    Call(Message),
}

/// What a provider answers, by what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It has the message.
    Accepted,
    /// It will never take it, for a reason.
    Refused(&'static str),
    /// It has no time; surely it has not taken it.
    Throttled,
    /// Nobody knows whether it has taken it.
    Ambiguous,
}

impl Message {
    /// It was received. `body` is the hash of what would be sent.
    #[must_use]
    pub fn received(&self, found: Found, body: [u8; 16], now: Timestamp) -> Receipt {
        let fresh = match self.state {
            State::Claimed => self.clone(),
            State::Returned => Self::claimed(self.way, self.purpose, self.latest_at),
            _ => return Receipt::Done,
        };
        if let Some(taken_at) = fresh.taken_at {
            if now.duration_since(taken_at).as_secs() < TAKEN_FOR {
                return Receipt::Leave;
            }
            if !fresh.may_repeat(body, now) {
                return Receipt::Settled(fresh.settled(State::Unknown, None));
            }
        }
        match check(&fresh, found, now) {
            // What may have been sent is not called unsent.
            Verdict::Skip(_) | Verdict::Return if fresh.taken_at.is_some() => {
                Receipt::Settled(fresh.settled(State::Unknown, None))
            }
            Verdict::Skip(reason) => Receipt::Settled(fresh.settled(State::Skipped, Some(reason))),
            Verdict::Return => Receipt::Settled(fresh.settled(State::Returned, None)),
            Verdict::Send => Receipt::Call(Self {
                taken_at: Some(now),
                first_call: fresh.first_call.or(Some(now)),
                calls: fresh.calls.saturating_add(1),
                body: fresh.body.or(Some(body)),
                ..fresh
            }),
        }
    }

    /// Somebody died over it: may it be sent again, so that the receiver knows it again?
    fn may_repeat(&self, body: [u8; 16], now: Timestamp) -> bool {
        let within = match self.way.guarantee() {
            Guarantee::AtMostOnce => false,
            Guarantee::AtLeastOnce(None) => true,
            Guarantee::AtLeastOnce(Some(seconds)) => {
                let since = self.first_call.map(|first| now.duration_since(first).as_secs());
                since.is_none_or(|since| since < seconds) && self.body.is_none_or(|first| first == body)
            }
        };
        within && self.calls < MOST_CALLS
    }

    /// The provider answered.
    #[must_use]
    pub fn answered(&self, answer: Answer) -> Self {
        let free = Self { taken_at: None, ..self.clone() };
        match answer {
            Answer::Accepted if self.way == Way::WecomCustomer => free.settled(State::HandedOver, None),
            Answer::Accepted => free.settled(State::Sent, None),
            Answer::Refused(reason) => free.settled(State::Failed, Some(reason)),
            Answer::Throttled => {
                let throttled = self.throttled.saturating_add(1);
                // Surely it was not sent: the call counts among no repeats.
                let calls = self.calls.saturating_sub(1);
                let waits = Self { throttled, calls, ..free };
                let first_call = if calls == 0 { None } else { waits.first_call };
                let waits = Self { first_call, ..waits };
                if throttled < MOST_THROTTLED {
                    waits
                } else {
                    waits.settled(State::Failed, Some("provider_unavailable"))
                }
            }
            Answer::Ambiguous if self.way.guarantee() == Guarantee::AtMostOnce || self.calls >= MOST_CALLS => {
                free.settled(State::Unknown, None)
            }
            Answer::Ambiguous => self.clone(),
        }
    }
}
