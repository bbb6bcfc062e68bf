//! `replay`: an order history through the HTTP API, on a platform of its own.

use std::path::{Path, PathBuf};

use operator::replay::{Arguments, Until};
use operator::say;

#[derive(clap::Args)]
pub(super) struct Replay {
    #[command(flatten)]
    arguments: Arguments,
    /// Let the clock go on until then after the last event: to the end of a day, e.g. 2012-02-01, or to an instant.
    #[arg(long, value_name = "DATE")]
    until: Option<Until>,
    /// The template to run.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
}

impl Replay {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let data = data.join("replay");
        let own = local::replay::Own { template: self.template, data_dir: data.clone(), until: self.until };
        let played = own.replay(&self.arguments).await?;
        self.arguments.report(&played, &data)?;
        if !self.arguments.json {
            say!("The ledger is kept in {}; the same replay again changes nothing.", data.display())?;
        }
        Ok(())
    }
}
