//! `programme`: the versions that were published, what they say, and how they differ; and the way back.

use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use domain::programme::difference::difference;
use domain::programme::document::Document;
use domain::programme::publication::Edition;
use sam::machine::Clock;
use serde_json::Value;

use super::publish::{At, Publish, said};
use crate::{programme, say};

#[derive(Subcommand)]
pub enum Programme {
    /// The versions: number, from when, hash, who, when, name.
    List(Of),
    /// What a version says.
    Show {
        /// Its number.
        number: u32,
        #[command(flatten)]
        of: Of,
    },
    /// What a version says otherwise than another.
    Diff {
        /// The one.
        from: u32,
        /// The other.
        to: u32,
        #[command(flatten)]
        of: Of,
    },
    /// Publish an earlier version's document again, under the next number. Decisions made stay.
    Rollback {
        /// Whose document.
        number: u32,
        #[command(flatten)]
        of: Of,
    },
    /// Check a programme and put it in force: the same as `publish`.
    Publish(Publish),
}

#[derive(clap::Args)]
pub struct Of {
    #[command(flatten)]
    at: At,
}

impl Programme {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        match self {
            Self::Publish(publish) => publish.perform(data).await?,
            Self::List(of) => {
                for Edition { version, programme } in of.store(data).await?.editions().await? {
                    let (number, from, hash) = (version.number, version.from, version.hash);
                    say!("{number:>4}  {from}  {hash}  {}  {}  {}", version.by, version.at, programme.version())?;
                }
            }
            Self::Show { number, of } => {
                let editions = of.store(data).await?.editions().await?;
                say!("{}", written(numbered(&editions, number)?.programme.document())?.trim_end())?;
            }
            Self::Diff { from, to, of } => {
                let editions = of.store(data).await?.editions().await?;
                let [was, is] = [numbered(&editions, from)?, numbered(&editions, to)?];
                let changes = difference(was.programme.document(), is.programme.document());
                if changes.is_empty() {
                    say!("Versions {from} and {to} say the same.")?;
                }
                for change in changes {
                    say!("{change}")?;
                }
            }
            Self::Rollback { number, of } => {
                let by = of.at.by.clone();
                let store = of.store(data).await?;
                let editions = store.editions().await?;
                let document = numbered(&editions, number)?.programme.document();
                let published = programme::publish(&store, document, None, (&by, Clock::System.now())).await?;
                say!("{}", said(&published, &document.programme.rules_version))?;
            }
        }
        Ok(())
    }
}

impl Of {
    async fn store(self, data: &Path) -> anyhow::Result<store::Store> {
        let At { tables, template, .. } = self.at;
        tables.store(data, &template).await
    }
}

/// A document as a file that can be published again. TOML has no null: what a document does not say is left out.
fn written(document: &Document) -> anyhow::Result<String> {
    let mut value = serde_json::to_value(document)?;
    leave_out_nulls(&mut value);
    Ok(toml::to_string(&value)?)
}

fn leave_out_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}

fn numbered(editions: &[Edition], number: u32) -> anyhow::Result<&Edition> {
    let found = editions.iter().find(|edition| edition.version.number == number);
    found.with_context(|| format!("there is no version {number}; the newest is {}", editions.len()))
}
