use std::{path::Path, sync::LazyLock};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use sam::machine::VirtualClock;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::*;
use crate::{Handler, Surroundings};

const TEMPLATE: &str = r#"
Globals: { Function: { Timeout: 10, Environment: { Variables: { NOTES_TABLE: !Ref Notes } } } }
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        paths:
          "/notes/{id}":
            put:
              security: [{ AccessToken: ["activities:write"] }]
              x-amazon-apigateway-integration: { $ref: '#/components/x-amazon-apigateway-integrations/notebook' }
            get:
              x-amazon-apigateway-integration: { $ref: '#/components/x-amazon-apigateway-integrations/notebook' }
        components:
          securitySchemes:
            AccessToken: { type: oauth2, x-amazon-apigateway-authorizer: { type: jwt, jwtConfiguration: {} } }
          x-amazon-apigateway-integrations:
            notebook:
              type: aws_proxy
              httpMethod: POST
              payloadFormatVersion: "2.0"
              uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Notebook.Arn}/invocations"
  Notes:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
  Queue:
    Type: AWS::SQS::Queue
    Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5 } }
  Dead: { Type: AWS::SQS::Queue }
  NotebookRole: { Type: AWS::IAM::Role }
  NotebookGrants:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Ref NotebookRole
      PolicyDocument:
        Statement: [{ Effect: Allow, Action: ["dynamodb:GetItem", "dynamodb:PutItem"], Resource: !GetAtt Notes.Arn }]
  Notebook:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/notebook
      Role: !GetAtt NotebookRole.Arn
      Events:
        Messages:
          Type: SQS
          Properties: { Queue: !GetAtt Queue.Arn, FunctionResponseTypes: [ReportBatchItemFailures] }
        Changes:
          Type: DynamoDB
          Properties: { Stream: !GetAtt Notes.StreamArn, StartingPosition: TRIM_HORIZON, MaximumRetryAttempts: 3, FunctionResponseTypes: [ReportBatchItemFailures] }
        Daily:
          Type: ScheduleV2
          Properties: { ScheduleExpression: cron(0 9 * * ? *), ScheduleExpressionTimezone: Asia/Shanghai }
"#;

/// A function that keeps notes: by HTTP, from the queue, and one whenever its schedule fires. It is told of all of them.
fn notebook() -> BTreeMap<&'static str, Boot> {
    BTreeMap::from([("notebook", (|surroundings| Box::pin(async { Ok(start(surroundings)) })) as Boot)])
}

fn start(surroundings: Surroundings) -> Handler {
    let client = aws_sdk_dynamodb::Client::new(&surroundings.aws);
    let table = surroundings.environment["NOTES_TABLE"].clone();
    let clock = surroundings.clock;
    let put = move |id: String, text: String| {
        let item = client.put_item().table_name(&table).item("id", AttributeValue::S(id));
        item.item("text", AttributeValue::S(text)).send()
    };
    let client = aws_sdk_dynamodb::Client::new(&surroundings.aws);
    let table = surroundings.environment["NOTES_TABLE"].clone();
    Arc::new(move |event| {
        let (put, client, table, now) = (put.clone(), client.clone(), table.clone(), clock.now());
        Box::pin(async move {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            if event["Records"][0]["eventSource"] == "aws:dynamodb" {
                return Ok(Value::Null);
            }
            if let Some(records) = event["Records"].as_array() {
                for record in records {
                    put(text(&record["body"]), "queued".to_owned()).await.map_err(|error| format!("{error:?}"))?;
                }
                return Ok(Value::Null);
            }
            if event["source"] == "aws.scheduler" {
                let note = format!("for {} at {now}", text(&event["time"]));
                put("daily".to_owned(), note).await.map_err(|error| format!("{error:?}"))?;
                return Ok(Value::Null);
            }
            let id = text(&event["pathParameters"]["id"]);
            if event["requestContext"]["http"]["method"] == "PUT" {
                if id == "slow" {
                    SLOW.arrived.notify_one();
                    SLOW.go.notified().await;
                }
                put(id, text(&event["body"])).await.map_err(|error| format!("{error:?}"))?;
                return Ok(json!({ "statusCode": 204 }));
            }
            let item = client.get_item().table_name(table).key("id", AttributeValue::S(id)).send().await;
            let item = item.map_err(|error| format!("{error:?}"))?.item;
            let note = item.and_then(|item| item["text"].as_s().ok().cloned());
            let status = if note.is_some() { 200 } else { 404 };
            Ok(json!({ "statusCode": status, "body": note }))
        })
    })
}

/// Lets a test hold the note `slow` in the middle.
struct Slow {
    arrived: Notify,
    go: Notify,
}
static SLOW: LazyLock<Slow> = LazyLock::new(|| Slow { arrived: Notify::new(), go: Notify::new() });

struct World {
    directory: tempfile::TempDir,
    clock: VirtualClock,
    client: reqwest::Client,
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("template.yaml"), TEMPLATE).unwrap();
        let clock = VirtualClock::new("2026-03-01T00:00:00Z".parse().unwrap());
        Self { directory, clock, client: reqwest::Client::new() }
    }

    fn settings(&self, data: Option<&Path>) -> Settings {
        Settings {
            template: self.directory.path().join("template.yaml"),
            seed: None,
            data_dir: data.map(Path::to_owned),
            port: 0,
            clock: Clock::Virtual(self.clock.clone()),
            registry: notebook(),
        }
    }

    async fn start(&self) -> Platform {
        Platform::start(self.settings(None)).await.unwrap()
    }

    fn write(&self, platform: &Platform, id: &str) -> reqwest::RequestBuilder {
        let token = platform.token(Role::Partner, "shop");
        self.client.put(format!("{}/notes/{id}", platform.url())).bearer_auth(token).body("written")
    }

    async fn read(&self, platform: &Platform, id: &str) -> Option<String> {
        let response = self.client.get(format!("{}/notes/{id}", platform.url())).send().await.unwrap();
        let found = response.status() == 200;
        found.then_some(response.text().await.unwrap())
    }

    async fn send(&self, platform: &Platform, body: &str) {
        let client = aws_sdk_sqs::Client::new(platform.aws());
        let url = client.get_queue_url().queue_name("Queue").send().await.unwrap().queue_url.unwrap();
        client.send_message().queue_url(url).message_body(body).send().await.unwrap();
    }

    /// Reads until the note is there: a queue takes its time.
    async fn awaited(&self, platform: &Platform, id: &str) -> String {
        loop {
            if let Some(note) = self.read(platform, id).await {
                return note;
            }
        }
    }

    #[track_caller]
    fn refused(&self, settings: Settings, expected: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        let expected = expected.to_owned();
        async move {
            let error = Platform::start(settings).await.err().expect("the platform does not start");
            let error = format!("{error:#}");
            assert!(error.contains(&expected), "{caller}: {error}");
        }
    }
}

#[tokio::test]
async fn everything_the_template_names_runs() {
    let world = World::new();
    let platform = world.start().await;
    assert_eq!(world.read(&platform, "a").await, None);
    assert_eq!(world.write(&platform, "a").send().await.unwrap().status(), 204);
    assert_eq!(world.read(&platform, "a").await.as_deref(), Some("written"));
    world.send(&platform, "message").await;
    assert_eq!(world.awaited(&platform, "message").await, "queued");

    platform.advance(world.clock.now() + SignedDuration::from_hours(50)).await.unwrap();
    let note = world.read(&platform, "daily").await;
    assert_eq!(note.as_deref(), Some("for 2026-03-03T01:00:00Z at 2026-03-03T02:00:00Z"));
    platform.fire("NotebookDaily").await.unwrap();
    let note = world.read(&platform, "daily").await;
    assert_eq!(note.as_deref(), Some("for 2026-03-03T02:00:00Z at 2026-03-03T02:00:00Z"));
    assert!(platform.advance(Timestamp::UNIX_EPOCH).await.is_err(), "time does not go back");
    platform.stop().await.unwrap();
}

#[tokio::test]
async fn what_no_policy_grants_a_function_it_may_not_do() {
    let world = World::new();
    let reads = TEMPLATE.replace(r#"["dynamodb:GetItem", "dynamodb:PutItem"]"#, "dynamodb:GetItem");
    std::fs::write(world.directory.path().join("template.yaml"), reads).unwrap();
    let platform = world.start().await;
    assert_eq!(world.read(&platform, "a").await, None);
    let refused = world.write(&platform, "a").send().await.unwrap();
    assert_eq!(refused.status(), 500, "{refused:?}");
    assert_eq!(world.read(&platform, "a").await, None, "nothing is written");
    platform.stop().await.unwrap();
}

#[tokio::test]
async fn a_stream_is_looked_at_when_something_was_written() {
    let world = World::new();
    let platform = world.start().await;
    world.write(&platform, "a").send().await.unwrap();
    platform.rest().await.unwrap();
    let [reader] = platform.readers.as_slice() else { panic!("the table has one reader") };
    assert_eq!(reader.handled().await, 1);
    let looked = reader.looked_in_vain();
    for _ in 0..20 {
        world.read(&platform, "a").await;
    }
    assert_eq!(reader.looked_in_vain(), looked, "nothing was written");
    // Nobody asks it to.
    world.write(&platform, "b").send().await.unwrap();
    while reader.looked_in_vain() == looked {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(reader.handled().await, 2);
}

#[tokio::test]
async fn platforms_in_memory_share_nothing() {
    let world = World::new();
    let (one, other) = (world.start().await, world.start().await);
    world.write(&one, "a").send().await.unwrap();
    assert_eq!(world.read(&other, "a").await, None);
    let token = one.token(Role::Partner, "shop");
    let foreign = world.client.put(format!("{}/notes/b", other.url())).bearer_auth(token);
    assert_eq!(foreign.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_restart_finds_everything_again() {
    let world = World::new();
    let data = world.directory.path().join("data");
    let first = Platform::start(world.settings(Some(&data))).await.unwrap();
    world.write(&first, "a").send().await.unwrap();
    assert_eq!(Ports::of(&data).unwrap().api.to_string(), first.url().rsplit(':').next().unwrap());
    world.refused(world.settings(Some(&data)), "another local platform is running on").await;
    // Killed.
    drop(first);
    let second = Platform::start(world.settings(Some(&data))).await.unwrap();
    assert_eq!(world.read(&second, "a").await.as_deref(), Some("written"));
    world.send(&second, "message").await;
    second.stop().await.unwrap();
    assert!(Ports::of(&data).is_err(), "nothing runs there now");
    let third = Platform::start(world.settings(Some(&data))).await.unwrap();
    assert_eq!(world.awaited(&third, "message").await, "queued");
}

#[tokio::test]
async fn a_request_in_hand_is_answered_before_the_stop() {
    let world = World::new();
    let platform = world.start().await;
    let (url, slow) = (platform.url().to_owned(), world.write(&platform, "slow"));
    let slow = tokio::spawn(slow.send());
    SLOW.arrived.notified().await;
    let stop = tokio::spawn(platform.stop());
    // The port closes first.
    while tokio::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).await.is_ok() {}
    assert!(!stop.is_finished());
    SLOW.go.notify_one();
    assert_eq!(slow.await.unwrap().unwrap().status(), 204);
    stop.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let world = World::new();
    let platform = world.start().await;
    let port = platform.url().rsplit(':').next().unwrap().parse().unwrap();
    world.refused(Settings { port, ..world.settings(None) }, &format!("port {port} is taken")).await;

    let missing = world.directory.path().join("nothing.yaml");
    world
        .refused(
            Settings { template: missing, ..world.settings(None) },
            "nothing.yaml: this is not the folder of the project",
        )
        .await;

    let registry = BTreeMap::new();
    world
        .refused(Settings { registry, ..world.settings(None) }, "function Notebook: there is no binary notebook")
        .await;

    for (from, to, expected) in [
        ("activities:write", "activities:rite", "grants the scope activities:rite to no role"),
        ("Type: SQS", "Type: Kinesis", "does not support events of type Kinesis"),
        ("KeyType: HASH", "KeyType: HSH", "Resources.Notes.Properties"),
    ] {
        let template = world.directory.path().join("wrong.yaml");
        std::fs::write(&template, TEMPLATE.replace(from, to)).unwrap();
        world.refused(Settings { template, ..world.settings(None) }, expected).await;
    }
}
