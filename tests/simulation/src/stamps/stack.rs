//! Where the cards live: their tables, the SDK on a network, a programme.

use std::sync::OnceLock;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use domain::programme::compiled::{Programme, Programmes};
use sam::template::{Stack, Table};
use serde_json::{Value, json};

use crate::network::Network;

/// The programme: it dates events and decides nothing here.
pub(super) fn programmes() -> &'static Programmes {
    static PROGRAMMES: OnceLock<Programmes> = OnceLock::new();
    PROGRAMMES.get_or_init(|| {
        Programmes::only(Programme::compile(1, crate::world::programme().clone()).expect("the programme is right"))
    })
}

/// The tables that the cards are kept in.
pub(super) fn stack() -> Stack {
    let table = |name: &str, keys: &[&str], due: bool| {
        let kinds = ["HASH", "RANGE"];
        let schema = |keys: &[&str]| -> Vec<Value> {
            keys.iter().zip(kinds).map(|(key, kind)| json!({ "AttributeName": key, "KeyType": kind })).collect()
        };
        let attribute = |(key, kind): (&str, &str)| json!({ "AttributeName": key, "AttributeType": kind });
        let mut attributes: Vec<Value> = keys.iter().map(|key| attribute((key, "S"))).collect();
        let mut definition = json!({"TableName": name, "KeySchema": schema(keys), "BillingMode": "PAY_PER_REQUEST"});
        if due {
            attributes.extend([("ds", "N"), ("da", "N")].map(attribute));
            definition["GlobalSecondaryIndexes"] = json!([{
                "IndexName": "due", "KeySchema": schema(&["ds", "da"]), "Projection": { "ProjectionType": "KEYS_ONLY" },
            }]);
        }
        definition["AttributeDefinitions"] = json!(attributes);
        Table { name: name.to_owned(), definition }
    };
    Stack {
        functions: Vec::new(),
        routes: Vec::new(),
        tables: vec![
            table("cards", &["member"], true),
            table("card-log", &["member", "seq"], false),
            table("card-numbers", &["claim"], false),
            table("gifts", &["id"], false),
        ],
        queues: Vec::new(),
        event_sources: Vec::new(),
        schedules: Vec::new(),
        streams: Vec::new(),
        resources: std::collections::BTreeMap::new(),
    }
}

/// The SDK on a network.
pub(super) fn config(network: &Network) -> SdkConfig {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(2)).build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("k", "s", None, None, "cards")))
        .http_client(network.clone())
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts)
        .endpoint_url("http://dynamodb")
        .build()
}
