//! `status`: what the folder of a local platform holds.

use std::path::{Path, PathBuf};

use domain::programme::compiled::Programmes;
use jiff::Timestamp;
use sam::machine::{Clock, DATABASE, DataDir, FORMAT, Ports, format, url};

use super::tables::Tables;
use crate::say;

#[derive(clap::Args)]
pub struct Status {
    /// The template whose tables a local platform runs.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    pub(super) template: PathBuf,
}

impl Status {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        anyhow::ensure!(
            data.join(DATABASE).exists(),
            "no platform has ever run on {}: `cargo run` starts one",
            data.display()
        );
        say!("folder     {}, format {}", data.display(), format(data)?.unwrap_or(FORMAT))?;
        for file in DataDir::files(data)? {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            say!("           {:>13} bytes  {name}", std::fs::metadata(&file)?.len())?;
        }
        let ports = Ports::of(data).ok().filter(|_| DataDir::lock(data).is_ok_and(|lock| lock.is_none()));
        match ports.filter(|ports| ports.api != 0) {
            Some(ports) => say!("running    at {}", url(ports.api))?,
            None => say!("running    no")?,
        }
        if ports.is_none() {
            return say!("programme  is told by `cargo run -- status`, or while the platform runs");
        }
        let store = Tables::local().store(data, &self.template).await?;
        let programmes = store.programmes(&Programmes::default()).await?;
        let programme = programmes.at(Clock::System.now());
        say!("programme  {}, number {}", programme.version(), programme.number)?;
        let newest = programmes.at(Timestamp::MAX);
        if newest.number > programme.number {
            say!(
                "           {}, number {}, is published and about to come into force",
                newest.version(),
                newest.number
            )?;
        }
        Ok(())
    }
}
