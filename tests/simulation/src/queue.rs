//! SQS, modelled: at least once, in any order. Messages hide while they are in flight, come back, and end in the
//! dead-letter queue when they were received too often. Time is virtual, in milliseconds.

use std::collections::{BTreeMap, VecDeque};

use emulator::payload;
use fastrand::Rng;
use sam::template::{EventSource, Stack};
use serde_json::{Value, json};

use crate::tables::Reply;

/// How many deleted messages may be delivered once more.
const GHOSTS: usize = 4;

/// A message in a queue.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    /// How often it was received.
    pub(crate) receives: u32,
    visible_at: i64,
}

/// A queue and its dead-letter queue.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Who consumes it.
    pub(crate) source: EventSource,
    visibility: i64,
    most_receives: u32,
    delay: i64,
    messages: BTreeMap<String, Message>,
    dead: BTreeMap<String, Message>,
    ghosts: VecDeque<Message>,
}

/// The queues of a stack that have a consumer.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    queues: Vec<Queue>,
    sent: u64,
}

impl Queues {
    pub(crate) fn new(stack: &Stack) -> Self {
        let queue = |source: &EventSource| {
            let queue = stack.queues.iter().find(|queue| queue.name == source.queue)?;
            Some(Queue {
                source: source.clone(),
                visibility: i64::from(queue.visibility_seconds) * 1000,
                most_receives: queue.redrive.as_ref().map_or(u32::MAX, |redrive| redrive.max_receive_count),
                delay: i64::from(queue.delay_seconds) * 1000,
                messages: BTreeMap::new(),
                dead: BTreeMap::new(),
                ghosts: VecDeque::new(),
            })
        };
        Self { queues: stack.event_sources.iter().filter_map(queue).collect(), sent: 0 }
    }

    /// Carries out `SendMessage` or `SendMessageBatch`.
    pub(crate) fn call(&mut self, now: i64, operation: &str, body: &Value) -> Reply {
        let name = body["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        let Some(place) = self.queues.iter().position(|queue| queue.source.queue == name) else {
            let error = json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": format!("no queue {name}")});
            return (400, error.to_string());
        };
        let entries = if operation == "SendMessage" {
            vec![body.clone()]
        } else {
            body["Entries"].as_array().cloned().unwrap_or_default()
        };
        let mut sent = Vec::new();
        for entry in entries {
            self.sent += 1;
            let id = format!("q-{}", self.sent);
            let delay = entry["DelaySeconds"].as_i64().map_or(self.queues[place].delay, |seconds| seconds * 1000);
            let text = entry["MessageBody"].as_str().unwrap_or_default().to_owned();
            let message = Message { id: id.clone(), body: text, receives: 0, visible_at: now + delay };
            self.queues[place].messages.insert(id.clone(), message);
            sent.push(json!({"Id": entry["Id"], "MessageId": id}));
        }
        let reply =
            if operation == "SendMessage" { sent[0].clone() } else { json!({"Successful": sent, "Failed": []}) };
        (200, reply.to_string())
    }

    pub(crate) fn all(&mut self) -> &mut [Queue] {
        &mut self.queues
    }

    /// The queue of a name.
    pub(crate) fn named(&mut self, name: &str) -> Option<&mut Queue> {
        self.queues.iter_mut().find(|queue| queue.source.queue == name)
    }

    /// Is every message consumed, or dead?
    pub(crate) fn are_empty(&self) -> bool {
        self.queues.iter().all(|queue| queue.messages.is_empty())
    }

    /// The ids of all messages, dead letters included.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        let all = self.queues.iter().flat_map(|queue| queue.messages.keys().chain(queue.dead.keys()));
        all.map(String::as_str)
    }

    /// When the next hidden message can be received again.
    pub(crate) fn next_visible(&self, now: i64) -> Option<i64> {
        let hidden = self.queues.iter().flat_map(|queue| queue.messages.values()).map(|message| message.visible_at);
        hidden.filter(|at| *at > now).min()
    }
}

impl Queue {
    /// Receives a batch: messages in any order, sometimes one that is in flight or was deleted. Those that were received
    /// too often go to the dead-letter queue instead.
    pub(crate) fn receive(&mut self, rng: &mut Rng, now: i64, duplicates: bool) -> Vec<Message> {
        let worn = |message: &Message| message.visible_at <= now && message.receives >= self.most_receives;
        let worn: Vec<String> =
            self.messages.values().filter(|message| worn(message)).map(|message| message.id.clone()).collect();
        for id in worn {
            self.dead.extend(self.messages.remove_entry(&id));
        }
        let again = duplicates && rng.u32(0..8) == 0;
        let mut ids: Vec<String> = self
            .messages
            .values()
            .filter(|message| again || message.visible_at <= now)
            .map(|message| message.id.clone())
            .collect();
        rng.shuffle(&mut ids);
        ids.truncate(rng.usize(1..=self.source.batch_size));
        let mut batch = Vec::new();
        for id in ids {
            let Some(message) = self.messages.get_mut(&id) else { continue };
            message.receives += 1;
            message.visible_at = now + self.visibility;
            batch.push(message.clone());
        }
        if again && batch.len() < self.source.batch_size {
            batch.extend(self.ghosts.pop_front());
        }
        batch
    }

    /// Deletes a message that was consumed.
    pub(crate) fn delete(&mut self, id: &str) {
        if let Some(message) = self.messages.remove(id) {
            self.ghosts.push_back(message);
            self.ghosts.truncate(GHOSTS);
        }
    }

    /// Can anything be received?
    pub(crate) fn is_ready(&self, now: i64) -> bool {
        self.messages.values().any(|message| message.visible_at <= now)
    }

    /// The messages of the dead-letter queue.
    pub(crate) fn dead(&self) -> impl Iterator<Item = &Message> {
        self.dead.values()
    }

    /// The operator sends the dead letters back.
    pub(crate) fn redrive(&mut self, now: i64) -> usize {
        let dead = std::mem::take(&mut self.dead);
        let count = dead.len();
        self.messages
            .extend(dead.into_iter().map(|(id, message)| (id, Message { receives: 0, visible_at: now, ..message })));
        count
    }

    /// The event that a function is invoked with.
    pub(crate) fn event(&self, batch: &[Message]) -> Value {
        let records = batch
            .iter()
            .map(|message| payload::message(&self.source.queue, (&message.id, message.receives), &message.body));
        json!({ "Records": records.collect::<Vec<_>>() })
    }
}
