//! Queues, and `ingest` among them: at least once, in any order, and poison among good messages.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, QueueAttributeName, SendMessageBatchRequestEntry};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::publication::{FIRST, SECOND};
use crate::tables;
use crate::world::{World, fact, order};

/// A programme that knows one more activity.
const MOON: (&str, &str) = (
    "[activity.\"ugc.approved\"]",
    "[activity.\"moon.landing\"]\n[[earning_rule]]\nid = \"moon\"\non = \"moon.landing\"\npoints = 7\n\n[activity.\"ugc.approved\"]",
);

/// How long something asynchronous may take: a guard against waiting for ever.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long to wait between two looks at a queue.
const PAUSE: Duration = Duration::from_millis(5);

/// A queue, and where those messages go that cannot be taken in.
pub(crate) struct Queue {
    world: World,
    client: Client,
    queue: String,
    dead: String,
}

impl Queue {
    /// The one of a name in the template.
    pub(crate) async fn of(world: &World, name: &str) -> Self {
        let client = Client::new(world.platform.aws());
        let url = async |name: &str| client.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap();
        let queue = world.platform.stack().queues.iter().find(|queue| queue.name == name).unwrap();
        let redrive = queue.redrive.as_ref().unwrap();
        assert_eq!(redrive.max_receive_count, 5);
        let (queue, dead) = (url(&queue.name).await, url(&redrive.dead_letter_queue).await);
        Self { world: world.clone(), client, queue, dead }
    }

    /// Sends up to ten messages at once.
    pub(crate) async fn send(&self, bodies: &[String]) {
        let entries = bodies.iter().enumerate().map(|(place, body)| {
            SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(body).build().unwrap()
        });
        let batch = self.client.send_message_batch().queue_url(&self.queue).set_entries(Some(entries.collect()));
        assert!(batch.send().await.unwrap().failed.is_empty());
    }

    /// How many messages of a queue wait, and how many are in flight.
    async fn counts(&self, queue: &str) -> (usize, usize) {
        use QueueAttributeName::{ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible};
        let names = [ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible];
        let get = self.client.get_queue_attributes().queue_url(queue).set_attribute_names(Some(names.to_vec()));
        let attributes = get.send().await.unwrap().attributes.unwrap();
        let count = |name: &QueueAttributeName| attributes[name].parse().unwrap();
        (count(&names[0]), count(&names[1]))
    }

    /// Waits until no message waits, and some number is in flight.
    ///
    /// A message that found its account busy too often comes back when its visibility timeout ends: when nothing has changed for
    /// a while, time passes.
    pub(crate) async fn settles(&self, in_flight: usize) {
        let all = async {
            let (mut known, mut looks) = ((0, 0), 0);
            loop {
                let counts = self.counts(&self.queue).await;
                if counts == (0, in_flight) {
                    break;
                }
                looks = if counts == known { looks + 1 } else { 0 };
                known = counts;
                if looks == 400 {
                    self.visibility_ends().await;
                    looks = 0;
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, all).await.expect("the messages are consumed");
    }

    /// The visibility timeout passes.
    async fn visibility_ends(&self) {
        self.world.time_passes(SignedDuration::from_secs(61)).await;
    }

    /// How many messages are dead.
    pub(crate) async fn dead(&self) -> usize {
        self.counts(&self.dead).await.0
    }

    /// Receives what is dead.
    async fn dead_letters(&self) -> Vec<Message> {
        let receive = self.client.receive_message().queue_url(&self.dead).max_number_of_messages(10);
        receive.send().await.unwrap().messages.unwrap_or_default()
    }

    /// Delivers until so many messages are dead; tells how many deliveries that took at most.
    pub(crate) async fn until_dead(&self, count: usize) -> usize {
        let deliveries = async {
            let mut deliveries = 1;
            while self.counts(&self.dead).await.0 < count {
                self.visibility_ends().await;
                while self.counts(&self.queue).await.0 > 0 {
                    tokio::time::sleep(PAUSE).await;
                }
                deliveries += 1;
            }
            deliveries
        };
        tokio::time::timeout(PATIENCE, deliveries).await.expect("the messages end in the dead-letter queue")
    }
}

// rule: ledger 2.1, 2.4
#[tokio::test]
async fn a_fact_is_credited_once_however_often_it_is_delivered() {
    let world = World::new().await;
    let ingest = Queue::of(&world, "IngestQueue").await;
    let member = |number: usize| format!("m-{}", number % 3);
    let facts: Vec<Value> =
        (0..30).map(|number| fact("ugc.featured", &number.to_string(), &member(number), world.now())).collect();
    let bodies: Vec<String> = facts.iter().map(Value::to_string).collect();
    for ten in bodies.chunks(10).chain(bodies.rchunks(10)) {
        ingest.send(ten).await;
    }
    ingest.settles(0).await;
    let answer = world.shop().post("/v1/activities", &facts[7]).await.again();
    assert_eq!(answer["points"], 100, "by queue or by HTTP, it is the same fact");
    for member in ["m-0", "m-1", "m-2"] {
        assert_eq!(world.pockets(member).await, [1_000, 0, 0, 0]);
        assert_eq!(world.ledger(member).await.len(), 10);
    }
    assert_eq!(ingest.counts(&ingest.dead).await, (0, 0));
}

#[tokio::test]
async fn a_poison_message_fails_alone_and_ends_in_the_dead_letter_queue() {
    let world = World::new().await;
    let ingest = Queue::of(&world, "IngestQueue").await;
    let mut bodies: Vec<String> =
        (0..6).map(|number| fact("ugc.featured", &number.to_string(), "m-1", world.now()).to_string()).collect();
    let mut dollars = order("1001", "m-1", 10_000, world.now());
    dollars["data"]["currency"] = json!("USD");
    let poison = [
        "no JSON at all".to_owned(),
        "[".repeat(5_000),
        json!(["an", "array"]).to_string(),
        dollars.to_string(), // a refused fact
    ];
    bodies.splice(2..2, poison.iter().cloned());
    ingest.send(&bodies).await;
    ingest.settles(poison.len()).await;
    assert_eq!(world.pockets("m-1").await, [600, 0, 0, 0], "the others are done at once");
    let before = tables::ledger(&world.platform).await;

    assert!(ingest.until_dead(poison.len()).await > 5, "only what failed five times is dead");
    assert_eq!(ingest.counts(&ingest.queue).await, (0, 0));
    let mut dead: Vec<String> = ingest.dead_letters().await.into_iter().map(|message| message.body.unwrap()).collect();
    dead.sort_unstable();
    let mut expected = poison.to_vec();
    expected.sort_unstable();
    assert_eq!(dead, expected);
    assert_eq!(tables::ledger(&world.platform).await, before, "what was done is not done again");
}

#[tokio::test]
async fn a_dead_letter_is_credited_when_its_cause_is_mended() {
    let world = World::new().await;
    let ingest = Queue::of(&world, "IngestQueue").await;
    let mut landing = fact("moon.landing", "apollo", "m-1", world.now());
    ingest.send(&[landing.to_string()]).await;
    ingest.settles(1).await;
    ingest.until_dead(1).await;
    assert_eq!(tables::version(&world.platform, "m-1").await, 0);

    // The programme learns of the activity, and the message is sent again; a fact of before is decided by the version of then.
    world.publishes(&[MOON, (FIRST, SECOND)]).await;
    landing["time"] = json!(world.now());
    for message in ingest.dead_letters().await {
        ingest.send(&[landing.to_string()]).await;
        let delete = ingest.client.delete_message().queue_url(&ingest.dead);
        delete.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
    }
    ingest.settles(0).await;
    assert_eq!(world.pockets("m-1").await, [7, 0, 0, 0]);
    assert_eq!(ingest.counts(&ingest.dead).await, (0, 0));
    assert_eq!(world.shop().post("/v1/activities", &landing).await.again()["points"], 7);
}
