//! The embedded SQS, behind a front that keeps a journal: what was acknowledged is delivered, even after a kill.
//! What is older than its queue's retention is dropped when the platform starts.

mod front;
mod journal;

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use rustack_sqs_core::{
    config::SqsConfig,
    handler::RustackSqsHandler,
    provider::RustackSqs,
    queue::{extract_queue_name, queue_url},
};
use rustack_sqs_model::{
    error::SqsError,
    input::{
        ChangeMessageVisibilityInput, CreateQueueInput, DeleteMessageInput, GetQueueAttributesInput,
        ReceiveMessageInput, SendMessageBatchInput, SendMessageInput,
    },
    output::{ReceiveMessageOutput, SendMessageBatchOutput, SendMessageOutput},
};

pub(crate) use front::router;
pub(crate) use rustack_sqs_model::types::Message;

use sam::machine::{ACCOUNT, Clock, REGION, arn};
use sam::template::Queue;

use journal::{Fact, Journal, Owed, Sent};

const HOST: &str = "127.0.0.1";

/// The queues of a platform.
pub(crate) struct Queues {
    sqs: Arc<RustackSqs>,
    handler: RustackSqsHandler,
    /// `None` keeps the queues in memory alone.
    journal: Option<Journal>,
    queues: BTreeMap<String, Settings>,
    /// What was received and not deleted, by receipt handle.
    in_flight: Mutex<HashMap<String, InFlight>>,
    clock: Clock,
    port: u16,
}

struct Settings {
    visibility_seconds: u32,
    delay_seconds: u32,
}

struct InFlight {
    message: String,
    queue_url: String,
    visible_at: Timestamp,
}

impl Queues {
    /// Creates the queues of the template, as they are reached at `port`, and sends again what the journal owes.
    pub(crate) async fn open(
        queues: &[Queue],
        port: u16,
        journal: Option<&Path>,
        clock: Clock,
    ) -> anyhow::Result<Arc<Self>> {
        let config = SqsConfig {
            skip_signature_validation: true,
            default_region: REGION.to_owned(),
            account_id: ACCOUNT.to_owned(),
            host: HOST.to_owned(),
            port,
        };
        let sqs = Arc::new(RustackSqs::new(config));
        let mut settings = BTreeMap::new();
        for queue in queues {
            let input = CreateQueueInput {
                queue_name: queue.name.clone(),
                attributes: attributes(queue),
                tags: HashMap::new(),
            };
            sqs.create_queue(input).await.with_context(|| format!("queue {}", queue.name))?;
            let Queue { visibility_seconds, delay_seconds, .. } = *queue;
            settings.insert(queue.name.clone(), Settings { visibility_seconds, delay_seconds });
        }
        let handler = RustackSqsHandler::new(Arc::clone(&sqs));
        let in_flight = Mutex::default();
        let mut this = Self { sqs, handler, journal: None, queues: settings, in_flight, clock, port };
        if let Some(path) = journal {
            let owed = journal::read(path)?;
            let messages = this.resend(queues, owed).await?;
            this.journal = Some(Journal::replace(path, messages)?);
        }
        Ok(Arc::new(this))
    }

    /// Sends what is owed, and returns it with the ids it has now. The count of receives begins anew, except for
    /// what was received too often: that is in the dead-letter queue, or was about to go there.
    async fn resend(&self, queues: &[Queue], owed: Vec<Owed>) -> anyhow::Result<Vec<Sent>> {
        let now = self.clock.now();
        let mut messages = Vec::new();
        for Owed { mut message, receives } in owed {
            let settings = |name: &str| queues.iter().find(|queue| queue.name == name);
            let redrive = settings(&message.queue).and_then(|queue| queue.redrive.as_ref());
            if let Some(redrive) = redrive.filter(|redrive| receives >= redrive.max_receive_count) {
                message.queue.clone_from(&redrive.dead_letter_queue);
                message.visible_at = now;
            }
            let Some(queue) = settings(&message.queue) else {
                // Kept, in case the queue comes back with another version of the template.
                tracing::warn!(queue = message.queue, "a message waits for a queue that is not in the template");
                messages.push(message);
                continue;
            };
            if message.sent_at + SignedDuration::from_secs(queue.retention_seconds.into()) <= now {
                continue;
            }
            let input = SendMessageInput {
                queue_url: self.url(&message.queue),
                message_body: message.body.clone(),
                message_attributes: message.attributes.clone(),
                delay_seconds: i32::try_from(message.visible_at.duration_since(now).as_secs().max(0)).ok(),
                ..SendMessageInput::default()
            };
            message.id = self.sqs.send_message(input).await?.message_id.unwrap_or_default();
            messages.push(message);
        }
        Ok(messages)
    }

    /// Can nothing be received?
    pub(crate) async fn is_empty(&self, name: &str) -> anyhow::Result<bool> {
        const VISIBLE: &str = "ApproximateNumberOfMessages";
        let input = GetQueueAttributesInput { queue_url: self.url(name), attribute_names: vec![VISIBLE.to_owned()] };
        let counts = self.sqs.get_queue_attributes(input).await?.attributes;
        Ok(counts.get(VISIBLE).is_some_and(|count| count == "0"))
    }

    /// The URL of a queue.
    pub(crate) fn url(&self, name: &str) -> String {
        queue_url(HOST, self.port, ACCOUNT, name)
    }

    pub(crate) async fn send(&self, input: SendMessageInput) -> Result<SendMessageOutput, SqsError> {
        let sent = self.sent(&input);
        let output = self.sqs.send_message(input).await?;
        let id = output.message_id.clone().unwrap_or_default();
        self.append(sent.map(|sent| Sent { id, ..sent }).into_iter().collect()).await?;
        Ok(output)
    }

    async fn send_batch(&self, input: SendMessageBatchInput) -> Result<SendMessageBatchOutput, SqsError> {
        let mut drafts: HashMap<String, Sent> = HashMap::new();
        for entry in &input.entries {
            let single = SendMessageInput {
                queue_url: input.queue_url.clone(),
                message_body: entry.message_body.clone(),
                message_attributes: entry.message_attributes.clone(),
                delay_seconds: entry.delay_seconds,
                ..SendMessageInput::default()
            };
            drafts.extend(self.sent(&single).map(|sent| (entry.id.clone(), sent)));
        }
        let output = self.sqs.send_message_batch(input).await?;
        let accepted = output.successful.iter();
        let sent = accepted
            .filter_map(|entry| Some(Sent { id: entry.message_id.clone(), ..drafts.remove(&entry.id)? }))
            .collect();
        self.append(sent).await?;
        Ok(output)
    }

    /// What the journal is to say about a message, but for its id; nothing without a journal.
    fn sent(&self, input: &SendMessageInput) -> Option<Sent> {
        self.journal.as_ref()?;
        let queue = extract_queue_name(&input.queue_url)?;
        let delay = input.delay_seconds.map_or(i64::from(self.queues.get(queue)?.delay_seconds), i64::from);
        let sent_at = self.clock.now();
        Some(Sent {
            id: String::new(),
            queue: queue.to_owned(),
            body: input.message_body.clone(),
            attributes: input.message_attributes.clone(),
            sent_at,
            visible_at: sent_at + SignedDuration::from_secs(delay),
        })
    }

    async fn append(&self, sent: Vec<Sent>) -> Result<(), SqsError> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let facts: Vec<Fact> = sent.into_iter().map(Fact::Sent).collect();
        journal.append(&facts).await.map_err(|error| SqsError::internal_error(format!("{error:#}")))
    }

    fn note(&self, fact: impl FnOnce() -> Fact) {
        if let Some(journal) = &self.journal {
            journal.note(&fact());
        }
    }

    pub(crate) async fn receive(&self, input: ReceiveMessageInput) -> Result<ReceiveMessageOutput, SqsError> {
        let queue_url = input.queue_url.clone();
        let settings = extract_queue_name(&queue_url).and_then(|name| self.queues.get(name));
        let default = settings.map_or(0, |settings| i64::from(settings.visibility_seconds));
        let visibility = input.visibility_timeout.map_or(default, i64::from);
        let output = self.sqs.receive_message(input).await?;
        let visible_at = self.clock.now() + SignedDuration::from_secs(visibility);
        for message in &output.messages {
            let (Some(id), Some(receipt)) = (&message.message_id, &message.receipt_handle) else {
                continue;
            };
            self.note(|| Fact::Received(id.clone()));
            let mut in_flight = self.in_flight();
            // An earlier receipt of the same message is worth nothing any more.
            in_flight.retain(|_, earlier| earlier.message != *id);
            let entry = InFlight { message: id.clone(), queue_url: queue_url.clone(), visible_at };
            in_flight.insert(receipt.clone(), entry);
        }
        Ok(output)
    }

    pub(crate) async fn delete(&self, queue_url: &str, receipt: &str) -> Result<(), SqsError> {
        let input = DeleteMessageInput { queue_url: queue_url.to_owned(), receipt_handle: receipt.to_owned() };
        self.sqs.delete_message(input).await?;
        if let Some(entry) = self.in_flight().remove(receipt) {
            self.note(|| Fact::Consumed(entry.message));
        }
        Ok(())
    }

    async fn change_visibility(&self, queue_url: &str, receipt: &str, seconds: i32) -> Result<(), SqsError> {
        let input = ChangeMessageVisibilityInput {
            queue_url: queue_url.to_owned(),
            receipt_handle: receipt.to_owned(),
            visibility_timeout: seconds,
        };
        self.sqs.change_message_visibility(input).await?;
        if let Some(entry) = self.in_flight().get_mut(receipt) {
            entry.visible_at = self.clock.now() + SignedDuration::from_secs(seconds.into());
        }
        Ok(())
    }

    /// Makes visible again what the platform's clock says is due: the embedded SQS counts in real time, which a
    /// virtual clock outruns.
    pub(crate) async fn pass_visibility_timeouts(&self) {
        let now = self.clock.now();
        let due: Vec<(String, InFlight)> = self.in_flight().extract_if(|_, entry| entry.visible_at <= now).collect();
        for (receipt, entry) in due {
            if let Err(error) = self.change_visibility(&entry.queue_url, &receipt, 0).await {
                tracing::debug!(%error, message = entry.message, "visible already");
            }
        }
    }

    /// Ends the polls that wait for messages, and returns when the journal is on the disk.
    pub(crate) async fn close(&self) -> anyhow::Result<()> {
        self.sqs.shutdown_all().await;
        match &self.journal {
            Some(journal) => journal.append(&[]).await,
            None => Ok(()),
        }
    }

    /// How many messages are received and not deleted.
    #[cfg(test)]
    pub(crate) fn received(&self) -> usize {
        self.in_flight().len()
    }

    fn in_flight(&self) -> MutexGuard<'_, HashMap<String, InFlight>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A queue's attributes, as SQS takes them.
fn attributes(queue: &Queue) -> HashMap<String, String> {
    let mut attributes = HashMap::from([
        ("VisibilityTimeout".to_owned(), queue.visibility_seconds.to_string()),
        ("MessageRetentionPeriod".to_owned(), queue.retention_seconds.to_string()),
        ("DelaySeconds".to_owned(), queue.delay_seconds.to_string()),
    ]);
    if let Some(redrive) = &queue.redrive {
        let policy = serde_json::json!({
            "deadLetterTargetArn": arn("sqs", &redrive.dead_letter_queue),
            "maxReceiveCount": redrive.max_receive_count,
        });
        attributes.insert("RedrivePolicy".to_owned(), policy.to_string());
    }
    attributes
}

#[cfg(test)]
mod tests;
