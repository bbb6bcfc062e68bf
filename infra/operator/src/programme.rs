//! The programme file: read, checked, published.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use aws_config::SdkConfig;
use domain::kernel::refusal::Refusal as _;
use domain::programme::document::Document;
use domain::programme::finding::Finding;
use domain::programme::publication::{Published, Publishing, Request};
use domain::programme::reading;
use jiff::Timestamp;
use lambda::BoxFuture;
use sam::machine::Clock;
use sam::template::Stack;
use store::{Store, StoreError};

use crate::tables;

/// Reads and checks a programme.
///
/// # Errors
/// All that is wrong with it.
pub fn read(path: &Path) -> anyhow::Result<Document> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let found = |found: &str| anyhow!("{} cannot be published\n{found}", path.display());
    let document = reading::read(&text).map_err(|findings| found(&lines(&findings)))?;
    unsaid(&document).map_or(Ok(document), |words| Err(found(&words)))
}

/// What cannot be said of what messages say, one a line; none if all of it can.
fn unsaid(document: &Document) -> Option<String> {
    Some(templates::check(document).join("\n")).filter(|words| !words.is_empty())
}

/// Findings, one a line.
pub(crate) fn lines(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Publishes a programme, in force from an instant on, or as soon as may be.
///
/// # Errors
/// What is wrong with it, or why it is refused; then nothing is written.
pub async fn publish(
    store: &Store,
    document: &Document,
    from: Option<Timestamp>,
    (by, now): (&str, Timestamp),
) -> anyhow::Result<Published> {
    let sound = reading::read_json(serde_json::to_value(document)?);
    let document = &sound.map_err(|findings| anyhow!("the programme cannot be published\n{}", lines(&findings)))?;
    if let Some(words) = unsaid(document) {
        return Err(anyhow!("the programme cannot be published\n{words}"));
    }
    let published = store.publish(Request { document, from, by, now }).await?;
    published.map_err(|refused| anyhow!("{}", said(&refused)))
}

/// A refusal in words, with what it is about.
fn said(refused: &Publishing) -> String {
    let mut said = format!("{} ({})", refused.words(), refused.code());
    for (name, value) in refused.data() {
        match value {
            serde_json::Value::Array(items) => {
                for item in items {
                    _ = write!(said, "\n  {name}: {item}");
                }
            }
            value => _ = write!(said, "\n  {name}: {value}"),
        }
    }
    said
}

/// What puts a programme in force on a platform that starts, by its clock: where nothing has been published. What has been stays, and
/// another file is told of.
pub fn seed(
    document: Document,
    clock: Clock,
) -> impl FnOnce(&SdkConfig, &Stack) -> BoxFuture<'static, anyhow::Result<()>> + Send {
    move |aws, stack| {
        let client = aws_sdk_dynamodb::Client::new(aws);
        let tables = tables(stack).context("the template has no function with tables");
        Box::pin(async move {
            let store = Store::new(client, tables?);
            let editions = match store.editions().await {
                Ok(editions) => editions,
                // The functions say so to whoever asks; what is not the programme's goes on.
                Err(StoreError::ProgrammeDamaged(damage)) => {
                    eprintln!(
                        "The published programme is damaged ({damage}): nothing is decided until that is mended."
                    );
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            let Some(newest) = editions.last() else {
                publish(&store, &document, None, ("start", clock.now())).await?;
                return Ok(());
            };
            if newest.version.hash != document.canonical().1 {
                let (number, name) = (newest.version.number, newest.programme.version());
                eprintln!(
                    "The programme file (version {}) is not what was published last (number {number}, version {name}), which \
                     stays; `publish` puts another in force.",
                    document.programme.rules_version
                );
            }
            Ok(())
        })
    }
}
