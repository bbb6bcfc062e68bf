//! `replay`: an order history through the HTTP API, on a platform of its own.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use local::replay::{Replay as Run, Summary, history::History};

#[derive(clap::Args)]
pub(super) struct Replay {
    /// The history: CSV with InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
    file: PathBuf,
    /// The currency of the amounts, if not the programme's.
    #[arg(long)]
    currency: Option<String>,
    /// Let the clock go on until then after the last event, e.g. 2012-02-01T00:00:00Z.
    #[arg(long)]
    until: Option<Timestamp>,
    /// Where rows that were left out are written, with their reasons. Default: beside the data.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Print the totals as JSON.
    #[arg(long)]
    json: bool,
    /// The template to run.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
    /// The programme to publish.
    #[arg(long, value_name = "FILE", default_value = "programme.toml")]
    programme: PathBuf,
}

impl Replay {
    #[expect(clippy::print_stdout, reason = "the totals are what the command is to say")]
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let data = data.join("replay");
        let errors = self.errors.unwrap_or_else(|| data.join("left-out.csv"));
        let run = Run {
            file: self.file,
            template: self.template,
            programme: self.programme,
            data_dir: Some(data.clone()),
            currency: self.currency,
            until: self.until,
            progress: !self.json,
        };
        let (summary, history) = run.run().await?;
        write_errors(&errors, &history)?;
        if self.json {
            println!("{}", serde_json::to_string(&summary)?);
        } else {
            print!("{}", report(&summary, &history, &errors, &data));
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

fn report(summary: &Summary, history: &History, errors: &Path, data: &Path) -> String {
    let mut report = format!("\n{summary}");
    for row in history.unmatched.iter().take(20) {
        report.push_str(&format!("  line {}: {}\n", row.line, row.reason));
    }
    let left_out = history.rejected.len() + history.unmatched.len();
    if left_out > 0 {
        report.push_str(&format!("\n{left_out} rows were left out; all of them with reasons: {}\n", errors.display()));
    }
    report.push_str(&format!("The ledger is kept in {}; the same replay again changes nothing.\n", data.display()));
    report
}
