//! How a replay is asked for, and what it says at its end.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::programme::document::Document;
use jiff::Timestamp;

use super::{Script, Summary, history::History};
use crate::{programme, say, terminal};

/// A history, and what is made of it.
#[derive(clap::Args)]
pub struct Arguments {
    /// The history: CSV with InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
    pub file: PathBuf,
    /// The currency of the amounts, if not the programme's.
    #[arg(long)]
    pub currency: Option<String>,
    /// Where rows that were left out are written, with their reasons. Default: beside the data.
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
    /// Print the totals as JSON.
    #[arg(long)]
    pub json: bool,
    /// The programme: its time zone, and its currency.
    #[arg(long, value_name = "FILE", default_value = "programme.toml")]
    pub programme: PathBuf,
}

impl Arguments {
    /// The programme and the script, in which time goes on until `until`, or the last event.
    ///
    /// # Errors
    /// What is wrong with either file.
    pub fn read(&self, until: Option<Timestamp>) -> anyhow::Result<(Document, Script)> {
        let mut document = programme::read(&self.programme)?;
        if let Some(currency) = &self.currency {
            document.programme.currency.clone_from(currency);
        }
        let script = Script::read(&self.file, &document, until)?;
        Ok((document, script))
    }

    /// Says what came of it, and writes what was left out to a file: the one that was asked for, or one in `data`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn report(&self, summary: &Summary, history: &History, data: &Path) -> anyhow::Result<()> {
        let errors = self.errors.clone().unwrap_or_else(|| data.join("left-out.csv"));
        if let Some(folder) = errors.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        write_errors(&errors, history)?;
        if self.json {
            say!("{}", serde_json::to_string(summary)?)?;
        } else {
            terminal::say(format_args!("{}", report(summary, history, &errors)))?;
        }
        Ok(())
    }
}

fn write_errors(path: &Path, history: &History) -> anyhow::Result<()> {
    let mut file = std::fs::File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    writeln!(file, "line,reason")?;
    for row in history.rejected.iter().chain(&history.unmatched) {
        writeln!(file, "{},\"{}\"", row.line, row.reason.replace('"', "\"\""))?;
    }
    Ok(())
}

fn report(summary: &Summary, history: &History, errors: &Path) -> String {
    let mut report = format!("\n{summary}");
    for row in history.unmatched.iter().take(20) {
        report.push_str(&format!("  line {}: {}\n", row.line, row.reason));
    }
    let left_out = history.rejected.len() + history.unmatched.len();
    if left_out > 0 {
        report.push_str(&format!("\n{left_out} rows were left out; all of them with reasons: {}\n", errors.display()));
    }
    report
}
