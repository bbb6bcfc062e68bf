//! The stream of the table `accounts` -> domain events -> the queues of those who want them.
//!
//! The stream is the outbox: an event is derived from committed entries alone, so none is lost between a write and a send and
//! none is made up. Its id follows from the entry, so that sending it again - after a failure, or because the stream repeats
//! itself - is harmless.
//!
//! A record that cannot be read or sent is reported, and with it everything after it in the batch: the stream brings them
//! again, in order. One that never can be read is isolated by bisection and noted in the on-failure queue.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::kernel::event::Event;
use domain::ledger::facts::events;
use domain::planted;
use lambda::{BootError, Settings, Trigger, read_stream, stream_answer};
use serde_json::{Value, json};
use tokio::time::Instant;

/// A queue that events are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    /// Facts that may change a member's tier or scores.
    Tier,
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Tier];

    /// Its name in the template.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tier => "TierQueue",
        }
    }
}

/// Which event types each queue wants. Of the events of one entry a queue wants at most one, so that nobody works twice.
pub const ROUTES: [(Queue, &[&str]); 1] = [(
    Queue::Tier,
    &[
        "perennial.earn.orderpaid.v1",
        "perennial.earn.orderrefunded.v1",
        "perennial.earn.activityrecorded.v1",
        "perennial.led.pointsheld.v1",
        "perennial.led.pointsredeemed.v1",
    ],
)];

/// The most messages of one request, and the largest request in bytes.
const BATCH: (usize, usize) = (10, 250_000);

/// Where events are sent.
#[derive(Debug)]
pub struct Router {
    sqs: aws_sdk_sqs::Client,
    tier: String,
}

impl Router {
    /// On any configuration.
    ///
    /// # Errors
    /// The URL of a queue is not set.
    pub fn new(aws: &aws_config::SdkConfig, settings: Settings) -> Result<Self, BootError> {
        let tier = settings.tier_queue.ok_or(BootError::Missing("TIER_QUEUE_URL"))?;
        Ok(Self { sqs: aws_sdk_sqs::Client::new(aws), tier })
    }

    fn url(&self, queue: Queue) -> &str {
        match queue {
            Queue::Tier => &self.tier,
        }
    }
}

/// A message, and the place of the record that it comes from.
struct Message {
    record: usize,
    body: String,
}

/// Sends the events of a batch of records.
///
/// # Errors
/// The trigger is not a stream.
pub async fn handle(router: &Router, trigger: Trigger) -> Result<Value, String> {
    let Trigger::Stream(records, deadline) = trigger else {
        return Err("`event-router` only reads the stream".to_owned());
    };
    let (committed, unreadable) = read_stream(&records);
    let told = committed.iter().enumerate().flat_map(|(place, committed)| {
        let events = committed.entries.iter().flat_map(|entry| events(committed.member(), entry, is_wanted));
        events.map(move |event| (place, event))
    });
    let events: Vec<(usize, Event)> = told.collect();
    let mut failed = unreadable;
    for (queue, wanted) in ROUTES {
        let wanted = events.iter().filter(|(_, event)| wanted.contains(&event.kind.as_str()));
        let messages: Vec<Message> =
            wanted.map(|(record, event)| Message { record: *record, body: json!(event).to_string() }).collect();
        let unsent = send(router, queue, &messages, deadline).await;
        failed = failed.into_iter().chain(unsent.filter(|_| !planted!("bug-unsent-event-skipped"))).min();
    }
    Ok(stream_answer(&records, failed))
}

/// Does a queue want events of a type?
fn is_wanted(kind: &str) -> bool {
    ROUTES.iter().any(|(_, wanted)| wanted.contains(&kind))
}

/// Sends messages in batches; returns the place of the first record of which one was not taken.
async fn send(router: &Router, queue: Queue, messages: &[Message], deadline: Instant) -> Option<usize> {
    let mut unsent: Option<usize> = None;
    for batch in batches(messages) {
        let first = batch.iter().map(|message| message.record).min();
        if Instant::now() >= deadline {
            return unsent.into_iter().chain(first).min();
        }
        let entries = batch.iter().enumerate().map(|(place, message)| {
            SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(&message.body).build()
        });
        let Ok(entries) = entries.collect::<Result<Vec<_>, _>>() else { return first };
        let sent = router.sqs.send_message_batch().queue_url(router.url(queue)).set_entries(Some(entries)).send().await;
        let refused = match sent {
            Ok(answer) => {
                let places = answer.failed().iter().filter_map(|failed| failed.id().parse::<usize>().ok());
                places.filter_map(|place| batch.get(place)).map(|message| message.record).min()
            }
            Err(error) => {
                tracing::warn!(queue = queue.name(), error = %error.into_service_error(), "events could not be sent");
                first
            }
        };
        unsent = unsent.into_iter().chain(refused).min();
    }
    unsent
}

/// Messages in batches that one request can carry.
fn batches(messages: &[Message]) -> Vec<&[Message]> {
    let (most, largest) = BATCH;
    let mut batches = Vec::new();
    let mut begin = 0;
    let mut bytes = 0;
    for (place, message) in messages.iter().enumerate() {
        if place > begin && (place - begin == most || bytes + message.body.len() > largest) {
            batches.push(&messages[begin..place]);
            (begin, bytes) = (place, 0);
        }
        bytes += message.body.len();
    }
    batches.extend((begin < messages.len()).then(|| &messages[begin..]));
    batches
}
