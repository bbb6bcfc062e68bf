//! `cargo run -p bench --release`: what the product costs, measured on this machine in one go, and written to
//! `docs/performance.md`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use bench::Places;
use clap::Parser;

/// Measures what the product costs, and writes docs/performance.md.
#[derive(Parser)]
struct Arguments {
    /// Where to write the document.
    #[arg(long, default_value = "docs/performance.md")]
    document: PathBuf,
    /// Measure what members cost alone, and write that part of the document anew.
    #[arg(long)]
    members: bool,
    /// Do not build the functions and peers first.
    #[arg(long)]
    built: bool,
    /// How many entries the longest history has.
    #[arg(long, default_value_t = 10_000)]
    entries: usize,
    /// Serve a local platform with its data there, to be measured.
    #[arg(long, hide = true, value_name = "DIR")]
    serve: Option<PathBuf>,
}

/// What is built as it is deployed.
const OURS: [&str; 8] =
    ["earn", "event-router", "import", "member", "reconciliation", "redeem", "tier-evaluation", "upkeep"];

/// Those that members are measured with.
const OF_MEMBERS: [&str; 3] = ["earn", "import", "member"];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    if let Some(data) = &arguments.serve {
        return bench::serve(&root, data).await;
    }
    let own = std::env::current_exe()?;
    // Beside this program, whatever the profile it was built with.
    let target = own.parent().and_then(Path::parent).context("a target directory")?.to_owned();
    let python = target.join("bench-python");
    let places = Places {
        bootstraps: target.join("release"),
        peers: target.join("peers/release"),
        python: python.join("bin/python"),
        root,
    };
    match (arguments.built, arguments.members) {
        (true, _) => {}
        (false, true) => build_ours(&places.root, &OF_MEMBERS, &[])?,
        (false, false) => build(&places.root, &target, &python)?,
    }
    let document = places.root.join(&arguments.document);
    if arguments.members {
        bench::run_members(&places, &document).await?;
    } else {
        bench::run(&places, &document, arguments.entries).await?;
    }
    eprintln!("{} is written", document.display());
    Ok(())
}

fn run(command: &mut Command, root: &Path) -> anyhow::Result<()> {
    ensure!(command.current_dir(root).status()?.success(), "{command:?} failed");
    Ok(())
}

fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--release", "--locked"]);
    command
}

/// Builds functions, and what else is built like them.
fn build_ours(root: &Path, functions: &[&str], more: &[&str]) -> anyhow::Result<()> {
    run(cargo().args(functions.iter().flat_map(|name| ["-p", name, "--bin", name])).args(more), root)
}

/// Builds functions and peers, and installs what the peer in Python needs.
fn build(root: &Path, target: &Path, python: &Path) -> anyhow::Result<()> {
    build_ours(root, &OURS, &["-p", "peers", "--bin", "hello", "--bin", "transactional"])?;
    let run = |command: &mut Command| run(command, root);
    // Packages that are built together share their features, so those with others are built by themselves; and as aws-lc comes.
    let apart = || {
        let mut command = cargo();
        command.arg("--target-dir").arg(target.join("peers")).env("AWS_LC_SYS_NO_JITTER_ENTROPY", "0");
        command
    };
    run(apart().args(["-p", "earn", "--bin", "earn"]))?;
    run(apart().args(["-p", "peers", "--features", "default-sdk", "--bin", "stock", "--bin", "sample"]))?;
    if !python.join("bin/pip").exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(python))?;
    }
    let mut install = Command::new(python.join("bin/pip"));
    install.args([
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
        "tests/bench/peers/requirements.txt",
    ]);
    run(&mut install)
}
