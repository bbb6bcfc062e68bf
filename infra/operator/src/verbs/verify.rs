//! `verify`: an export, proved offline.

use std::path::PathBuf;

use anyhow::ensure;
use domain::kernel::canonical::Hash;

use crate::export::{self, Report};
use crate::say;

#[derive(clap::Args)]
pub struct Verify {
    /// The directory of the export; files named `*.json` or `*.json.gz` in it and below are read.
    directory: PathBuf,
    /// A checkpoint's root that was kept elsewhere: it must be among those of the export.
    #[arg(long, value_name = "HASH")]
    root: Option<Hash>,
}

impl Verify {
    pub(super) fn perform(self) -> anyhow::Result<()> {
        let report = export::verify(&self.directory, self.root)?;
        // Also when nobody reads all of it, what is wrong is an error.
        let said = say_all(&report);
        ensure!(
            report.differences.is_empty(),
            "the export does not prove itself: {} differences",
            report.differences.len()
        );
        said?;
        say!("Every account follows from its entries, and every checkpoint from what it names.")
    }
}

fn say_all(report: &Report) -> anyhow::Result<()> {
    say!("accounts     {:>14}", report.accounts)?;
    say!("entries      {:>14}", report.entries)?;
    say!("active       {:>14} points", report.active)?;
    say!("pending      {:>14} points", report.pending)?;
    say!("held         {:>14} points", report.held)?;
    say!("debt         {:>14} points", report.debt)?;
    say!("checkpoints  {:>14}", report.checkpoints)?;
    match report.newest {
        Some((day, root)) => say!("newest       {day}, root {root}")?,
        None => say!("newest       none: no day was closed yet")?,
    }
    say!("not yet in a checkpoint: {} entries", report.uncovered)?;
    for difference in &report.differences {
        say!("DIFFERENT  {difference}")?;
    }
    Ok(())
}
