//! What is deployed, and the programme that it runs: read once, the same for every world.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use domain::programme::document::Document;
use lambda::Settings;
use sam::template::Stack;
use store::Tables;

/// The start of the world's time.
pub(crate) const EPOCH: &str = "2026-01-10T08:00:00Z";
/// How far a clock of a function may be off, in milliseconds: two differ by up to five minutes.
pub(crate) const MOST_SKEW: i64 = 150_000;

/// The deployed stack.
pub(crate) fn stack() -> &'static Stack {
    static STACK: OnceLock<Stack> = OnceLock::new();
    STACK.get_or_init(|| Stack::read(&root().join("template.yaml"), "http://sqs").expect("the template is right"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The default programme.
pub(crate) fn programme() -> Document {
    static PROGRAMME: OnceLock<Document> = OnceLock::new();
    let read = || operator::programme::read(&root().join("programme.toml")).expect("the programme is right");
    PROGRAMME.get_or_init(read).clone()
}

/// The binary of a function of the template.
pub(crate) fn binary(function: &str) -> Option<&'static str> {
    stack().functions.iter().find(|known| known.name == function).map(|known| known.binary.as_str())
}

/// What its functions are told.
pub(crate) fn settings(tables: Tables) -> Settings {
    Settings {
        tables,
        tier_queue: Some("http://sqs/TierQueue".to_owned()),
        members_queue: Some("http://sqs/MembersQueue".to_owned()),
        care_queue: Some("http://sqs/CareQueue".to_owned()),
        deliver_queue: Some("http://sqs/DeliverQueue".to_owned()),
        grants_queue: Some("http://sqs/GrantsQueue".to_owned()),
        ingest_queue: Some("http://sqs/IngestQueue".to_owned()),
        voice_queue: Some("http://sqs/VoiceQueue".to_owned()),
        desk_queue: Some("http://sqs/DeskQueue".to_owned()),
        member_key: None,
        sms_number: Some("none".to_owned()),
        private_bucket: Some("private".to_owned()),
        imports_queue: Some("http://sqs/ImportsQueue".to_owned()),
        region: None,
        endpoint: None,
        roots: None,
    }
}
