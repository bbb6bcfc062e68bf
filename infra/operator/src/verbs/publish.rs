//! `publish`: checks a programme and puts it in force.

use std::path::{Path, PathBuf};

use domain::programme::publication::Published;
use jiff::Timestamp;
use sam::machine::Clock;

use super::tables::Tables;
use crate::{programme, say};

#[derive(clap::Args)]
pub struct Publish {
    /// The programme.
    #[arg(default_value = "programme.toml")]
    file: PathBuf,
    /// From when on it is in force; now if absent. Facts from before are decided by the version before.
    #[arg(long)]
    from: Option<Timestamp>,
    /// Only check it.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    tables: Tables,
    /// The template whose tables a local platform runs.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
}

impl Publish {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let document = programme::read(&self.file)?;
        if self.check {
            say!("{} is sound.", self.file.display())?;
            return Ok(());
        }
        let store = self.tables.store(data, &self.template).await?;
        let from = self.from.unwrap_or_else(|| Clock::System.now());
        let version = &document.programme.rules_version;
        match programme::publish(&store, &document, from).await? {
            Published::New { number } => {
                say!("Version {version} is published as number {number}, in force from {from}.")
            }
            Published::Unchanged { number } => {
                say!("Version {version} is what was published last, as number {number}.")
            }
        }
    }
}
