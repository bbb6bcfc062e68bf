//! `cargo run -p bench --release`: what the product costs, measured on this machine in one go, and written to
//! `docs/performance.md`.
//!
//! The release bootstraps run on a minimal Lambda Runtime API, and reach the embedded DynamoDB through TLS. Instructions are
//! counted by callgrind, which repeats itself whatever else the machine does; time appears only as a ratio to a peer that took
//! its turns in between.

mod clock;
mod measure;
mod report;
mod runtime;
mod tables;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use clap::Parser;

/// Measures what the product costs, and writes docs/performance.md.
#[derive(Parser)]
struct Arguments {
    /// Where to write the document.
    #[arg(long, default_value = "docs/performance.md")]
    document: PathBuf,
    /// Do not build the bootstraps first.
    #[arg(long)]
    built: bool,
    /// How many entries the longest history has.
    #[arg(long, default_value_t = 10_000)]
    entries: usize,
}

/// The functions and peers that are measured.
const BINARIES: [&str; 3] = ["earn", "redeem", "hello"];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    if !arguments.built {
        let mut build = Command::new(env!("CARGO"));
        build.current_dir(&root).args(["build", "--release", "--locked"]);
        ensure!(
            build.args(BINARIES.iter().flat_map(|name| ["-p", name])).status()?.success(),
            "the bootstraps do not build"
        );
    }
    let own = std::env::current_exe()?;
    // Beside this program, whatever the profile it was built with.
    let target = own.parent().and_then(Path::parent).context("a target directory")?;
    let bootstraps = target.join("release");
    let results = measure::all(&root, &bootstraps, arguments.entries).await?;
    let document = root.join(&arguments.document);
    std::fs::write(&document, report::document(&results))?;
    eprintln!("{} is written", document.display());
    Ok(())
}
