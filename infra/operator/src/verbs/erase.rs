//! `erase --replay`: after a table was restored, whoever was erased is erased again.

use std::path::Path;
use std::time::Duration;

use domain::members::telling::Rules;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use sam::machine::Clock;
use store::{Jitter, Patience, Replayed};
use tokio::time::Instant;

use super::tables::Everything;
use crate::say;

/// How long one member may take.
const LONGEST: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
pub struct Erase {
    /// Everybody whom the register names, the newest first. A second time finds nothing.
    #[arg(long, required = true)]
    replay: bool,
    #[command(flatten)]
    pub(super) tables: Everything,
}

impl Erase {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        anyhow::ensure!(self.replay, "say `--replay`: nothing else is erased by hand");
        let store = self.tables.store(data).await?;
        let programmes = store.programmes(&Programmes::default()).await?;
        let now = Clock::System.now();
        let (setting, rules) = (Setting { programmes: &programmes, now }, Rules::of(programmes.at(now), now));
        let patience = || Patience::until(Instant::now() + LONGEST, Jitter::random());
        let Replayed { rows, erased_again } = store.replay_erasures(rules, setting, patience).await?;
        say!("{rows} members were erased, {erased_again} of them again now")
    }
}
