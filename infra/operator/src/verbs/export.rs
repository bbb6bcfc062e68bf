//! `export`: the tables of the ledger as files, as DynamoDB's export to S3 writes them.

use std::path::{Path, PathBuf};

use super::tables::Tables;
use crate::say;

#[derive(clap::Args)]
pub struct Export {
    /// The directory to write to: `accounts.json`, `pages.json`, `checkpoints.json`.
    directory: PathBuf,
    #[command(flatten)]
    tables: Tables,
    /// The template whose tables a local platform runs.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
}

impl Export {
    /// The template, if it is about a local platform.
    pub(super) fn local(&self) -> Option<&Path> {
        self.tables.are_local().then_some(&self.template)
    }

    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let store = self.tables.store(data, &self.template).await?;
        for (path, count) in crate::export::write(&store, &self.directory).await? {
            say!("{count:>9} items  {}", path.display())?;
        }
        Ok(())
    }
}
