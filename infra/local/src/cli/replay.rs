//! `replay`: an order history through the HTTP API, on a platform of its own.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use operator::replay::Arguments;
use operator::say;

#[derive(clap::Args)]
pub(super) struct Replay {
    #[command(flatten)]
    arguments: Arguments,
    /// Let the clock go on until then after the last event, e.g. 2012-02-01T00:00:00Z.
    #[arg(long)]
    until: Option<Timestamp>,
    /// The template to run.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
}

impl Replay {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let data = data.join("replay");
        let own = local::replay::Own { template: self.template, data_dir: Some(data.clone()), until: self.until };
        let (summary, script) = own.replay(&self.arguments).await?;
        self.arguments.report(&summary, &script.history, &data)?;
        if !self.arguments.json {
            say!("The ledger is kept in {}; the same replay again changes nothing.", data.display())?;
        }
        Ok(())
    }
}
