//! `queue`: what waits in the queues of the running platform, and the way back from a dead-letter queue.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use aws_sdk_sqs::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{Message, QueueAttributeName},
};
use domain::programme::activity::ACTIVITY_REVERSED;
use sam::machine::{Ports, config, url};

use super::trial::Trial;
use crate::say;

/// The queue whose messages are facts, to earn from.
const FACTS: &str = "IngestQueue";

#[derive(clap::Subcommand)]
pub enum Queue {
    /// Name the queues, and count their messages.
    List,
    /// Show up to ten messages; those of the dead-letter queue of facts with what stands against facts to earn from now. To SQS looking is
    /// receiving: it counts towards the dead-letter queue.
    Peek {
        /// The queue.
        name: String,
    },
    /// Move the messages of a dead-letter queue back to where they came from.
    Redrive {
        /// The dead-letter queue.
        name: String,
    },
}

impl Queue {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let ports = Ports::of(data)?;
        let queues = Queues(Client::new(&config(["", &url(ports.sqs), "", "", ""])));
        match self {
            Self::List => queues.list().await,
            Self::Peek { name } => queues.peek(&name, &Trial::new(data, ports)?).await,
            Self::Redrive { name } => queues.redrive(&name).await,
        }
    }
}

struct Queues(Client);

impl Queues {
    async fn list(&self) -> anyhow::Result<()> {
        const COUNTS: [QueueAttributeName; 3] = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let urls = answer(self.0.list_queues().send().await)?.queue_urls.unwrap_or_default();
        say!("{:>9} {:>9} {:>9}  queue", "waiting", "in flight", "delayed")?;
        for url in urls {
            let request = self.0.get_queue_attributes().queue_url(&url);
            let request = request.set_attribute_names(Some(COUNTS.to_vec()));
            let attributes = answer(request.send().await)?.attributes.unwrap_or_default();
            let [waiting, in_flight, delayed] = COUNTS.map(|name| attributes.get(&name).map_or("?", String::as_str));
            say!("{waiting:>9} {in_flight:>9} {delayed:>9}  {}", name(&url))?;
        }
        Ok(())
    }

    async fn peek(&self, queue: &str, trial: &Trial) -> anyhow::Result<()> {
        let url = self.url(queue).await?;
        let sources = answer(self.0.list_dead_letter_source_queues().queue_url(&url).send().await)?.queue_urls;
        let facts = sources.iter().any(|source| name(source) == FACTS);
        for message in self.receive(&url, 0).await? {
            let body = message.body().unwrap_or_default();
            say!("{}  {body}", message.message_id().unwrap_or("?"))?;
            if facts && !body.contains(ACTIVITY_REVERSED) {
                say!("    {}", trial.of(body).await?)?;
            } else if !sources.is_empty() {
                say!("    the log of its consumer says why")?;
            }
        }
        Ok(())
    }

    async fn redrive(&self, queue: &str) -> anyhow::Result<()> {
        let dead = self.url(queue).await?;
        let sources = answer(self.0.list_dead_letter_source_queues().queue_url(&dead).send().await)?.queue_urls;
        let source = match sources.as_slice() {
            [source] => source,
            [] => bail!("{queue} is not the dead-letter queue of any queue"),
            _ => bail!("{queue} is the dead-letter queue of several queues, and a message does not tell which"),
        };
        let mut moved = 0;
        loop {
            let messages = self.receive(&dead, 60).await?;
            if messages.is_empty() {
                break;
            }
            for message in messages {
                // Sent before it is deleted: a message may come twice, but not get lost.
                let send = self.0.send_message().queue_url(source).message_body(message.body().unwrap_or_default());
                answer(send.set_message_attributes(message.message_attributes.clone()).send().await)?;
                let receipt = message.receipt_handle().context("a message came without its receipt")?;
                answer(self.0.delete_message().queue_url(&dead).receipt_handle(receipt).send().await)?;
                moved += 1;
            }
        }
        say!("{moved} messages moved from {queue} to {}", name(source))
    }

    async fn url(&self, queue: &str) -> anyhow::Result<String> {
        let found = answer(self.0.get_queue_url().queue_name(queue).send().await);
        found.with_context(|| format!("queue {queue}"))?.queue_url.context("the queue has no URL")
    }

    async fn receive(&self, url: &str, visibility_seconds: i32) -> anyhow::Result<Vec<Message>> {
        let receive = self.0.receive_message().queue_url(url).max_number_of_messages(10).wait_time_seconds(0);
        let receive = receive.visibility_timeout(visibility_seconds).message_attribute_names("All");
        Ok(answer(receive.send().await)?.messages.unwrap_or_default())
    }
}

/// A queue's name, from its URL.
fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// What the platform answered, or what is the matter in a sentence.
fn answer<T, E: ProvideErrorMetadata>(result: Result<T, SdkError<E>>) -> anyhow::Result<T> {
    result.map_err(|error| match error.as_service_error().and_then(ProvideErrorMetadata::message) {
        Some(message) => anyhow!("{message}"),
        None => anyhow!("the platform's queues do not answer; is it still running?"),
    })
}
