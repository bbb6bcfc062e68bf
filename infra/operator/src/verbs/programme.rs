//! `programme`: the versions that were published, what they say, and how they differ; and the way back.

use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use domain::programme::difference::difference;
use domain::programme::publication::Edition;
use sam::machine::Clock;

use super::publish::{At, Publish, said};
use crate::programme;

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
    #[expect(clippy::print_stdout, reason = "versions are what the command is to say")]
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        match self {
            Self::Publish(publish) => publish.perform(data).await?,
            Self::List(of) => {
                for Edition { version, programme } in of.store(data).await?.editions().await? {
                    let (number, from, hash) = (version.number, version.from, version.hash);
                    println!("{number:>4}  {from}  {hash}  {}  {}  {}", version.by, version.at, programme.version());
                }
            }
            Self::Show { number, of } => {
                let editions = of.store(data).await?.editions().await?;
                print!("{}", toml::to_string(numbered(&editions, number)?.programme.document())?);
            }
            Self::Diff { from, to, of } => {
                let editions = of.store(data).await?.editions().await?;
                let [was, is] = [numbered(&editions, from)?, numbered(&editions, to)?];
                let changes = difference(was.programme.document(), is.programme.document());
                if changes.is_empty() {
                    println!("Versions {from} and {to} say the same.");
                }
                for change in changes {
                    println!("{change}");
                }
            }
            Self::Rollback { number, of } => {
                let by = of.at.by.clone();
                let store = of.store(data).await?;
                let editions = store.editions().await?;
                let document = numbered(&editions, number)?.programme.document();
                let published = programme::publish(&store, document, None, (&by, Clock::System.now())).await?;
                println!("{}", said(&published, &document.programme.rules_version));
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

fn numbered(editions: &[Edition], number: u32) -> anyhow::Result<&Edition> {
    let found = editions.iter().find(|edition| edition.version.number == number);
    found.with_context(|| format!("there is no version {number}; the newest is {}", editions.len()))
}
