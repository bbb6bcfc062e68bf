//! The programme file: read, checked, published.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use aws_config::SdkConfig;
use domain::programme::compiled::Programme;
use domain::programme::document::Document;
use domain::programme::publication::Published;
use jiff::Timestamp;
use lambda::BoxFuture;
use sam::machine::Clock;
use sam::template::Stack;
use store::Store;

use crate::tables;

/// Reads and checks a programme.
///
/// # Errors
/// It cannot be read, or everything that is wrong with it.
pub fn read(path: &Path) -> anyhow::Result<Document> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let document: Document = toml::from_str(&text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
    check(&document).with_context(|| format!("{} cannot be published", path.display()))?;
    Ok(document)
}

/// Checks a programme.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check(document: &Document) -> anyhow::Result<()> {
    match Programme::compile(1, document.clone()) {
        Ok(_) => Ok(()),
        Err(problems) => {
            let lines: Vec<String> =
                problems.iter().map(|problem| format!("{}: {}", problem.at, problem.message)).collect();
            Err(anyhow!("{}", lines.join("\n")))
        }
    }
}

/// Publishes a checked programme, in force from an instant on.
///
/// # Errors
/// What the store says.
pub async fn publish(store: &Store, document: &Document, from: Timestamp) -> anyhow::Result<Published> {
    let mut secret = [0; 32];
    aws_lc_rs::rand::fill(&mut secret).map_err(|_unspecified| anyhow!("the operating system gives no randomness"))?;
    Ok(store.publish(document, from, secret).await?)
}

/// What puts a programme in force on a platform that starts, by its clock.
pub fn seed(
    document: Document,
    clock: Clock,
) -> impl FnOnce(&SdkConfig, &Stack) -> BoxFuture<'static, anyhow::Result<()>> + Send {
    move |aws, stack| {
        let client = aws_sdk_dynamodb::Client::new(aws);
        let tables = tables(stack).context("the template has no function with tables");
        Box::pin(async move {
            publish(&Store::new(client, tables?), &document, clock.now()).await?;
            Ok(())
        })
    }
}
