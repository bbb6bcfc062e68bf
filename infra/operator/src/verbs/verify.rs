//! `verify`: an export, proved offline.

use std::path::PathBuf;

use anyhow::ensure;
use domain::kernel::canonical::Hash;

use crate::export;

#[derive(clap::Args)]
pub struct Verify {
    /// The directory of the export; files named `*.json` or `*.json.gz` in it and below are read.
    directory: PathBuf,
    /// A checkpoint's root that was kept elsewhere: it must be among those of the export.
    #[arg(long, value_name = "HASH")]
    root: Option<Hash>,
}

impl Verify {
    #[expect(clippy::print_stdout, reason = "the verdict is what the command is to say")]
    pub(super) fn perform(self) -> anyhow::Result<()> {
        let report = export::verify(&self.directory, self.root)?;
        println!("accounts     {:>14}", report.accounts);
        println!("entries      {:>14}", report.entries);
        println!("active       {:>14} points", report.active);
        println!("pending      {:>14} points", report.pending);
        println!("held         {:>14} points", report.held);
        println!("debt         {:>14} points", report.debt);
        println!("checkpoints  {:>14}", report.checkpoints);
        match report.newest {
            Some((day, root)) => println!("newest       {day}, root {root}"),
            None => println!("newest       none: no day was closed yet"),
        }
        println!("not yet in a checkpoint: {} entries", report.uncovered);
        for difference in &report.differences {
            println!("DIFFERENT  {difference}");
        }
        ensure!(
            report.differences.is_empty(),
            "the export does not prove itself: {} differences",
            report.differences.len()
        );
        println!("Every account follows from its entries, and every checkpoint from what it names.");
        Ok(())
    }
}
