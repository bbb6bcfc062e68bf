//! What the product costs, measured on this machine in one go.
//!
//! The release bootstraps run on a minimal Lambda Runtime API, and reach the embedded DynamoDB through TLS. Instructions are
//! counted by callgrind, which repeats itself whatever else the machine does; time appears only beside that of peers that took
//! their turns in between.

mod clock;
mod figures;
mod growth;
mod harness;
mod hot;
mod members;
mod nights;
mod operations;
mod peers;
mod platform;
mod plots;
mod prices;
mod report;
mod results;
mod runtime;
mod sweeps;
pub mod tables;
mod units;

use std::path::Path;

use anyhow::Context as _;

pub use harness::{Places, fired, order, queued};
pub use nights::is_read_whole;
pub use platform::serve;

/// Measures everything, and writes the document and its figures beside it.
///
/// # Errors
/// Something does not run, or answers what it should not.
pub async fn run(places: &Places, document: &Path, entries: usize) -> anyhow::Result<()> {
    let prices = prices::Prices::read(&places.root)?;
    eprintln!("the local platform, fresh and after 100,000 writes ...");
    let platform = platform::all(places).await.context("the local platform")?;
    eprintln!("calls and units, two years of shopping ...");
    let operations = operations::all(places).await.context("operations")?;
    eprintln!("many writers of one member ...");
    let hot = hot::all(places).await.context("many writers")?;
    eprintln!("sweeps among up to 100,000 members ...");
    let sweeps = sweeps::all(places).await.context("sweeps")?;
    eprintln!("nights after up to 1,000 entries ...");
    let nights = nights::all(places).await.context("nights")?;
    let idle = sweeps::idle(places).await.context("an idle month")?;
    eprintln!("growth by rules ...");
    let rules = growth::by_rules(places).await.context("rules")?;
    eprintln!("growth to {entries} entries ...");
    let growth = growth::by_history(places, entries).await.context("growth")?;
    eprintln!("side by side ...");
    let peers = peers::all(places).await.context("peers")?;
    eprintln!("members ...");
    let members = members::all(places).await.context("members")?;
    let at = clock::now();
    let machine = machine();
    let results = results::Results {
        machine,
        at,
        operations,
        peers,
        growth,
        rules,
        sweeps,
        nights,
        hot,
        idle,
        platform,
        members,
        prices,
    };
    report::figures(&results, document.parent().context("a directory")?)?;
    std::fs::write(document, report::document(&results)?)?;
    Ok(())
}

/// Measures what members cost, and writes that part of the document anew.
///
/// # Errors
/// As [`run`], or the document does not end with what is missed.
pub async fn run_members(places: &Places, document: &Path) -> anyhow::Result<()> {
    let prices = prices::Prices::read(&places.root)?;
    let section = members::section(&members::all(places).await.context("members")?, &prices)?;
    let text = std::fs::read_to_string(document)?;
    let end = text.find(report::MISSED).context("the document does not say what is missed")?;
    let begin = text.find(members::HEADING).unwrap_or(end);
    std::fs::write(document, format!("{}{section}{}", &text[..begin], &text[end..]))?;
    Ok(())
}

/// The processor, and the versions of what is measured with.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, Into::<usize>::into);
    let version = |program: &str| {
        let output = std::process::Command::new(program).arg("--version").output().map(|output| output.stdout);
        String::from_utf8_lossy(&output.unwrap_or_default()).lines().next().unwrap_or_default().to_owned()
    };
    format!(
        "{}, {cores} cores; {}; {}; {}",
        model.trim_start_matches(['\t', ':', ' ']),
        version("rustc"),
        version("valgrind"),
        version("python3"),
    )
}
