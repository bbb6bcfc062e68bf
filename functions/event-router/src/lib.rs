//! The streams of tables -> domain events -> the queues of those who want them: entries of `accounts`, signals, and the news of every other table.
//!
//! The stream is the outbox: an event is derived from committed entries and signals alone, so none is lost between a write and a send and
//! none is made up. Its id follows from the entry or the signal, so that sending it again - after a failure, or because the stream repeats
//! itself - is harmless.
//!
//! A record that cannot be read or sent is reported, and with it everything after it in the batch: the stream brings them
//! again, in order. One that never can be read is isolated by bisection and noted in the on-failure queue.

mod counted;
mod given;
mod message;
mod routes;

use std::cell::LazyCell;
use std::collections::BTreeMap;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use counted::Counted;
use domain::kernel::event::Event;
use domain::ledger::telling::{events, rescore_wanted};
use domain::planted;
use domain::signals::signal::Reported;
use lambda::{Batch, BootError, Function, Reader, Settings, aws_config, call, stream_answer};
use message::Message;
use routes::{of_ledger, wanted_by};
use serde_json::{Value, json};
use store::table::{CARE, DESK, MEMBERS, MESSAGES, SURVEYS, TICKETS};
use store::{Damage, Table, reported, signalled, told};
use tokio::time::Instant;

pub use routes::{Queue, ROUTES};

/// The most messages of one request, and the largest request in bytes.
const BATCH: (usize, usize) = (10, 250_000);

/// The tables that have news.
const TELLING: [Table; 6] = [MEMBERS, CARE, MESSAGES, SURVEYS, TICKETS, DESK];

/// Where events are sent.
#[derive(Debug)]
pub struct Router {
    sqs: aws_sdk_sqs::Client,
    queues: BTreeMap<Queue, String>,
    /// Tables that have news, by their names where they are deployed.
    telling: BTreeMap<String, Table>,
}

impl Router {
    /// On any configuration.
    ///
    /// # Errors
    /// The URL of a queue is not set.
    pub fn new(aws: &aws_config::SdkConfig, settings: Settings) -> Result<Self, BootError> {
        Self::to(&Queue::ALL, aws, settings)
    }

    /// The same, where there is nobody else to tell than those who read some queues.
    ///
    /// # Errors
    /// As [`Router::new`].
    pub fn to(queues: &[Queue], aws: &aws_config::SdkConfig, settings: Settings) -> Result<Self, BootError> {
        let urls = [
            (Queue::Tier, settings.tier_queue, "TIER_QUEUE_URL"),
            (Queue::Members, settings.members_queue, "MEMBERS_QUEUE_URL"),
            (Queue::Care, settings.care_queue, "CARE_QUEUE_URL"),
            (Queue::Deliver, settings.deliver_queue, "DELIVER_QUEUE_URL"),
            (Queue::Grants, settings.grants_queue, "GRANTS_QUEUE_URL"),
            (Queue::Ingest, settings.ingest_queue, "INGEST_QUEUE_URL"),
            (Queue::Voice, settings.voice_queue, "VOICE_QUEUE_URL"),
            (Queue::Desk, settings.desk_queue, "DESK_QUEUE_URL"),
        ];
        let urls = urls.into_iter().filter(|(queue, ..)| queues.contains(queue));
        let urls = urls.map(|(queue, url, name)| Ok((queue, url.ok_or(BootError::Missing(name))?)));
        let told = TELLING.iter().filter_map(|table| Some((settings.tables.contexts.get(table.name)?.clone(), *table)));
        let telling = told.collect();
        Ok(Self { sqs: aws_sdk_sqs::Client::new(aws), queues: urls.collect::<Result<_, BootError>>()?, telling })
    }

    /// On Lambda: settings from the environment.
    ///
    /// # Errors
    /// A setting is missing.
    pub async fn boot() -> Result<Self, BootError> {
        let settings = Settings::from_env()?;
        Self::new(&aws_config(&settings), settings)
    }

    /// The table that records are of, if it is one that has news.
    fn telling(&self, records: &[Value]) -> Option<&Table> {
        let arn = records.first()?["eventSourceARN"].as_str()?;
        let name = arn.split_once(":table/")?.1.split('/').next()?;
        self.telling.get(name)
    }
}

/// The function.
pub const FUNCTION: Function<Router> = Function {
    name: "event-router",
    routes: &[],
    queues: &[],
    streams: &[
        Reader { table: "AccountsTable", work: call!(route, deadline) },
        Reader { table: "FactsTable", work: call!(route, deadline) },
        Reader { table: "SignalsTable", work: call!(route, deadline) },
        Reader { table: "MembersTable", work: call!(route, deadline) },
        Reader { table: "CareTable", work: call!(route, deadline) },
        Reader { table: "MessagesTable", work: call!(route, deadline) },
        Reader { table: "SurveysTable", work: call!(route, deadline) },
        Reader { table: "TicketsTable", work: call!(route, deadline) },
        Reader { table: "DeskTable", work: call!(route, deadline) },
    ],
    schedules: &[],
};

/// Sends the events of a batch of records, which are all of one table.
async fn route(router: &Router, records: Vec<Value>, deadline: Instant) -> Value {
    let (messages, mut failed) = match (router.telling(&records), Of::these(&records)) {
        (Some(table), _) => of_news(table, &records),
        (None, Of::Accounts) => of_accounts(&records),
        (None, Of::Signals) => of_signals(&records),
        (None, Of::Facts) => of_facts(&records),
    };
    for (queue, url) in &router.queues {
        let messages: Vec<&Message> =
            messages.iter().filter(|(to, _)| to == queue).map(|(_, message)| message).collect();
        let unsent = send(router, (*queue, url), &messages, deadline).await;
        failed = failed.into_iter().chain(unsent.filter(|_| !planted!("bug-unsent-event-skipped"))).min();
    }
    stream_answer(&records, failed)
}

/// Messages, each with its queue, and the place of the first record that cannot be read.
type Read = (Vec<(Queue, Message)>, Option<usize>);

/// Whose records they are: each table has keys of its own.
enum Of {
    Accounts,
    Signals,
    Facts,
}

impl Of {
    fn these(records: &[Value]) -> Self {
        let keys = |name: &str| records.iter().any(|record| !record["dynamodb"]["Keys"][name].is_null());
        match (keys("at"), keys("k")) {
            (true, _) => Self::Signals,
            (_, true) => Self::Facts,
            _ => Self::Accounts,
        }
    }
}

/// What the news of a table tell.
fn of_news(table: &Table, records: &[Value]) -> Read {
    let (mut messages, mut failed) = (Vec::new(), None);
    for (record, change) in records.iter().enumerate() {
        match told(table, change) {
            Ok(events) => messages.extend(events.iter().flat_map(|event| to_queues(record, event))),
            Err(damage) => {
                failed = Some(unreadable(record, change, &damage));
                break;
            }
        }
    }
    (messages, failed)
}

/// An event as a message to each queue that wants it; a fact for the ledger as the ledger reads one.
fn to_queues(record: usize, event: &Event) -> Vec<(Queue, Message)> {
    if !event.kind.starts_with("perennial.") {
        return vec![(of_ledger(&event.kind), Message { record, body: as_fact(event).to_string() })];
    }
    let queues = wanted_by(&event.kind).iter().filter(|queue| queue.takes(event));
    // Written once, however many want it.
    let whole = LazyCell::new(|| json!(event).to_string());
    let body = |queue| given::fact(queue, event).map_or_else(|| whole.clone(), |fact| fact.to_string());
    queues.map(|queue| (*queue, Message { record, body: body(*queue) })).collect()
}

/// A fact as the ledger reads one: what it earns by are its attributes, what a command needs stands by itself.
fn as_fact(event: &Event) -> Value {
    let command = ["activity.reversed", "reward.granted", "benefit.used"].contains(&event.kind.as_str());
    let data = if command { event.data.clone() } else { json!({"attributes": event.data}) };
    json!({
        "specversion": "1.0", "type": event.kind, "id": event.id, "source": event.source, "subject": event.member, "time": event.time,
        "data": data,
    })
}

/// What signals tell: journeys may begin and end by each; those that count as something that the member did are looked at by who scores.
fn of_signals(records: &[Value]) -> Read {
    let (mut messages, mut counted, mut failed) = (Vec::new(), Counted::default(), None);
    for (record, change) in records.iter().enumerate() {
        match signalled(change) {
            Ok(Some(signal)) => {
                let Reported { source, at, .. } = &signal.reported;
                counted.add(source, *at, signal.recorded_at);
                let body = json!(signal.event()).to_string();
                if signal.counts {
                    messages.push((Queue::Tier, Message { record, body: body.clone() }));
                }
                messages.push((Queue::Care, Message { record, body }));
            }
            Ok(None) => {}
            Err(damage) => {
                failed = Some(unreadable(record, change, &damage));
                break;
            }
        }
    }
    messages.extend(counted.message(records));
    (messages, failed)
}

/// What claims of facts tell: how many a source has reported.
fn of_facts(records: &[Value]) -> Read {
    let (mut counted, mut failed) = (Counted::default(), None);
    for (record, change) in records.iter().enumerate() {
        match reported(change) {
            Ok(Some((source, reported))) => counted.add(&source, reported.occurred_at, reported.recorded_at),
            Ok(None) => {}
            Err(damage) => {
                failed = Some(unreadable(record, change, &damage));
                break;
            }
        }
    }
    (counted.message(records).into_iter().collect(), failed)
}

fn unreadable(record: usize, change: &Value, damage: &Damage) -> usize {
    tracing::error!(event = %change["eventID"], error = %damage, "a stream record cannot be read");
    record
}

/// What entries tell.
fn of_accounts(records: &[Value]) -> Read {
    let Batch { committed, failed, damaged: _ } = Batch::read(records);
    let mut messages: Vec<(Queue, Message)> = Vec::new();
    for (record, committed) in committed {
        let wanted = |kind: &str| !wanted_by(kind).is_empty();
        let events = committed.entries.iter().flat_map(|entry| events(committed.member(), entry, wanted));
        let rescore = committed.rescore_after().map(|entry| rescore_wanted(committed.member(), entry));
        messages.extend(events.chain(rescore).flat_map(|event| to_queues(record, &event)));
    }
    (messages, failed)
}

/// Sends messages in batches; returns the place of the first record of which one was not taken.
async fn send(router: &Router, (queue, url): (Queue, &str), messages: &[&Message], deadline: Instant) -> Option<usize> {
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
        let sent = router.sqs.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await;
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
fn batches<'a, 'b>(messages: &'a [&'b Message]) -> Vec<&'a [&'b Message]> {
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
