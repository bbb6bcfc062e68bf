//! The queues of a running platform, as an operator looks after them.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeMap;
use std::path::Path;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use clap::Parser;
use emulator::{Platform, Settings};
use operator::Verb;
use sam::machine::Clock;

const TEMPLATE: &str = r#"
Resources:
  Ingest:
    Type: AWS::SQS::Queue
    Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5 } }
  Dead: { Type: AWS::SQS::Queue }
"#;

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    verb: Verb,
}

async fn queue(line: &str, data: &Path) -> Result<(), String> {
    let line = Line::parse_from(format!("perennial queue {line}").split(' '));
    line.verb.perform(data).await.map_err(|error| format!("{error:#}"))
}

/// What can be received from a queue: bodies, and the attribute of each.
async fn receive(client: &Client, queue: &str) -> Vec<(String, MessageAttributeValue)> {
    let received = client.receive_message().queue_url(queue).max_number_of_messages(10).wait_time_seconds(0);
    let received = received.message_attribute_names("All").send().await.unwrap();
    let mut messages: Vec<_> = received
        .messages
        .unwrap_or_default()
        .into_iter()
        .map(|message| (message.body.unwrap(), message.message_attributes.unwrap()["traced"].clone()))
        .collect();
    messages.sort_by(|one, other| one.0.cmp(&other.0));
    messages
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_moves_dead_letters_back() {
    let directory = tempfile::tempdir().unwrap();
    let template = directory.path().join("template.yaml");
    std::fs::write(&template, TEMPLATE).unwrap();
    let data = directory.path().join("data");
    let error = queue("redrive Dead", &data).await.unwrap_err();
    assert!(error.starts_with("no local platform is running on"), "{error}");

    let settings = Settings {
        template,
        seed: None,
        data_dir: Some(data.clone()),
        port: 0,
        clock: Clock::System,
        registry: BTreeMap::new(),
    };
    let platform = Platform::start(settings).await.unwrap();
    let client = Client::new(platform.aws());
    let url = async |name: &str| client.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap();
    let (ingest, dead) = (url("Ingest").await, url("Dead").await);
    let attribute = MessageAttributeValue::builder().data_type("String").string_value("yes").build().unwrap();
    for body in ["a", "b"] {
        let send = client.send_message().queue_url(&dead).message_body(body);
        send.message_attributes("traced", attribute.clone()).send().await.unwrap();
    }
    queue("peek Dead", &data).await.unwrap();
    queue("list", &data).await.unwrap();
    queue("redrive Dead", &data).await.unwrap();
    let moved = receive(&client, &ingest).await;
    assert_eq!(moved, [("a".to_owned(), attribute.clone()), ("b".to_owned(), attribute)]);
    assert!(receive(&client, &dead).await.is_empty());

    assert_eq!(queue("redrive Ingest", &data).await.unwrap_err(), "Ingest is not the dead-letter queue of any queue");
    let error = queue("redrive Lost", &data).await.unwrap_err();
    assert!(error.starts_with("queue Lost: The specified queue does not exist"), "{error}");
    platform.stop().await.unwrap();
}
