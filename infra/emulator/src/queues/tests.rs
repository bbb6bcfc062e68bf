use std::path::PathBuf;

use aws_sdk_sqs::types::{MessageSystemAttributeName, SendMessageBatchRequestEntry};

use sam::machine::{VirtualClock, config, url};
use sam::template::Redrive;

use super::*;
use crate::server::{Server, listen};

/// Queues on a journal, and a client of AWS to talk to them.
struct World {
    queues: Arc<Queues>,
    client: aws_sdk_sqs::Client,
    _server: Server,
}

struct Disk {
    directory: tempfile::TempDir,
    clock: VirtualClock,
}

impl Disk {
    fn new() -> Self {
        let clock = VirtualClock::new("2026-03-01T00:00:00Z".parse().unwrap());
        Self { directory: tempfile::tempdir().unwrap(), clock }
    }

    fn journal(&self) -> PathBuf {
        self.directory.path().join("queues.journal")
    }

    async fn open(&self) -> World {
        let queue = |name: &str, retention_seconds, redrive| Queue {
            name: name.to_owned(),
            visibility_seconds: 60,
            retention_seconds,
            delay_seconds: 0,
            redrive,
        };
        let redrive = Redrive { dead_letter_queue: "dead".to_owned(), max_receive_count: 2 };
        self.open_with(&[queue("dead", 7200, None), queue("ingest", 3600, Some(redrive))]).await
    }

    async fn open_with(&self, queues: &[Queue]) -> World {
        let (listener, port) = listen(0).await.unwrap();
        let clock = Clock::Virtual(self.clock.clone());
        let queues = Queues::open(queues, port, Some(&self.journal()), clock).await.unwrap();
        let server = Server::serve(listener, router(Arc::clone(&queues)));
        let client = aws_sdk_sqs::Client::new(&config(["", &url(port), "", "", ""]));
        World { queues, client, _server: server }
    }

    async fn pass(&self, world: &World, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
        world.queues.pass_visibility_timeouts().await;
    }
}

impl World {
    async fn send(&self, body: &str) {
        let send = self.client.send_message().queue_url(self.queues.url("ingest")).message_body(body);
        send.send().await.unwrap();
    }

    /// What a receive finds: bodies, in order.
    async fn bodies(&self, queue: &str) -> Vec<String> {
        let mut bodies: Vec<String> =
            self.receive(queue).await.into_iter().map(|message| message.body.unwrap()).collect();
        bodies.sort();
        bodies
    }

    async fn receive(&self, queue: &str) -> Vec<aws_sdk_sqs::types::Message> {
        let receive = self.client.receive_message().queue_url(self.queues.url(queue)).max_number_of_messages(10);
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All).wait_time_seconds(0);
        receive.send().await.unwrap().messages.unwrap_or_default()
    }
}

#[tokio::test]
async fn what_was_acknowledged_and_not_consumed_survives_a_kill() {
    let disk = Disk::new();
    let world = disk.open().await;
    world.send("a").await;
    let entry = |id: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(id).build().unwrap();
    let batch = world.client.send_message_batch().queue_url(world.queues.url("ingest"));
    let sent = batch.entries(entry("b")).entries(entry("c")).send().await.unwrap();
    assert_eq!(sent.successful().len(), 2);
    let messages = world.receive("ingest").await;
    let a = messages.iter().find(|message| message.body() == Some("a")).unwrap();
    let delete = world.client.delete_message().queue_url(world.queues.url("ingest"));
    delete.receipt_handle(a.receipt_handle().unwrap()).send().await.unwrap();
    world.send("d").await;
    drop(world);

    for _ in 0..2 {
        let world = disk.open().await;
        assert_eq!(std::fs::read_to_string(disk.journal()).unwrap().lines().count(), 3, "the journal is compact");
        assert_eq!(world.bodies("ingest").await, ["b", "c", "d"]);
        assert_eq!(world.bodies("dead").await, [""; 0]);
        world.queues.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_dead_letter_is_in_the_dead_letter_queue_after_a_kill() {
    let disk = Disk::new();
    let world = disk.open().await;
    world.send("moved").await;
    for _ in 0..2 {
        assert_eq!(world.bodies("ingest").await, ["moved"]);
        disk.pass(&world, 60).await;
    }
    // The third receive moves it; another message is received as often as it may be, and not moved yet.
    world.send("about to move").await;
    for _ in 0..2 {
        assert_eq!(world.bodies("ingest").await, ["about to move"]);
        disk.pass(&world, 60).await;
    }
    assert_eq!(world.bodies("dead").await, ["moved"]);
    world.send("healthy").await;
    world.queues.close().await.unwrap();
    drop(world);

    for _ in 0..2 {
        let world = disk.open().await;
        assert_eq!(world.bodies("dead").await, ["about to move", "moved"]);
        assert_eq!(world.bodies("ingest").await, ["healthy"]);
        world.queues.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_message_is_kept_for_its_retention_and_no_longer() {
    let disk = Disk::new();
    let world = disk.open().await;
    world.send("old").await;
    disk.pass(&world, 1).await;
    world.send("young").await;
    let delayed = world.client.send_message().queue_url(world.queues.url("ingest")).message_body("delayed");
    delayed.delay_seconds(900).send().await.unwrap();
    drop(world);

    disk.clock.advance(SignedDuration::from_secs(800));
    let world = disk.open().await;
    assert_eq!(world.bodies("ingest").await, ["old", "young"], "the delay is not over");
    world.queues.close().await.unwrap();
    drop(world);

    disk.clock.advance(SignedDuration::from_secs(2799));
    assert_eq!(disk.open().await.bodies("ingest").await, ["delayed", "young"]);
}

#[tokio::test]
async fn a_message_waits_for_a_queue_that_left_the_template() {
    let disk = Disk::new();
    let world = disk.open().await;
    world.send("kept").await;
    drop(world);
    disk.open_with(&[]).await.queues.close().await.unwrap();
    assert_eq!(disk.open().await.bodies("ingest").await, ["kept"]);
}

#[tokio::test]
async fn the_queues_belong_to_the_template() {
    let disk = Disk::new();
    let world = disk.open().await;
    let urls = world.client.list_queues().send().await.unwrap().queue_urls.unwrap();
    assert_eq!(urls, [world.queues.url("dead"), world.queues.url("ingest")]);
    let error = world.client.purge_queue().queue_url(world.queues.url("ingest")).send().await.unwrap_err();
    assert!(format!("{error:?}").contains("UnsupportedOperation"), "{error:?}");
    let missing = world.client.send_message().queue_url(world.queues.url("missing")).message_body("x");
    assert!(missing.send().await.unwrap_err().into_service_error().is_queue_does_not_exist());
}
