//! How a replay is asked for, and what it says at its end.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, anyhow, bail};
use domain::programme::document::Document;
use domain::programme::reading;
use jiff::Timestamp;
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;

use super::history::History;
use super::left_out::{self, Cause, LeftOut};
use super::row::{Dates, Reading};
use super::script::Script;
use super::summary::Played;
use super::table::Table;
use super::{columns, kept};
use crate::{programme, say};

/// A history, and what is made of it.
#[derive(clap::Args)]
pub struct Arguments {
    /// The history: CSV, or CSV that gzip has packed, with InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice, CustomerID.
    pub file: PathBuf,
    /// A column that has another name in the file, e.g. Price=UnitPrice. May be given several times.
    #[arg(long, value_name = "COLUMN=NAME", value_parser = columns::map)]
    pub map: Vec<(String, String)>,
    /// What comes first in dates such as 1/12/2010.
    #[arg(long)]
    pub dates: Option<Dates>,
    /// The currency of the amounts, if not the programme's.
    #[arg(long)]
    pub currency: Option<String>,
    /// Where rows that were left out are written, with their reasons. Default: left-out.csv beside the data.
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
    /// Print the totals as JSON.
    #[arg(long)]
    pub json: bool,
    /// The programme: its time zone, and its currency.
    #[arg(long, value_name = "FILE", default_value = "programme.toml")]
    pub programme: PathBuf,
}

/// Until when time goes on after the last event: an instant, or to the end of a day in the programme's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// An instant.
    Instant(Timestamp),
    /// A whole day.
    Day(Date),
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |_| "must be a date or an instant, such as 2012-02-01 or 2012-02-01T00:00:00Z".to_owned();
        text.parse().map(Self::Instant).or_else(|_| text.parse().map(Self::Day)).map_err(wrong)
    }
}

impl Until {
    fn instant(self, zone: &TimeZone) -> anyhow::Result<Timestamp> {
        match self {
            Self::Instant(at) => Ok(at),
            Self::Day(day) => Ok(day.to_datetime(time(23, 59, 59, 0)).to_zoned(zone.clone())?.timestamp()),
        }
    }
}

impl Arguments {
    /// The programme and the script, in which time goes on until `until`, or the last event. If nothing can be made of the file, what
    /// was left out is written to a file nevertheless.
    ///
    /// # Errors
    /// What is wrong with either file, or with the currency.
    pub fn read(&self, until: Option<Until>, data: &Path) -> anyhow::Result<(Document, Script)> {
        let bytes = Table::bytes(&self.file)?;
        let table = Table::read(&bytes, &self.map);
        let table = match table.with_context(|| format!("{} is not an order history", self.file.display())) {
            Ok(table) => table,
            Err(error) => {
                let (cause, reason) = (Cause::Unreadable, format!("{error:#}"));
                let (invoice, member) = Default::default();
                self.leave(data, &[LeftOut { line: 1, invoice, member, value_minor: 0, cause, reason }])?;
                return Err(error);
            }
        };
        let document = self.document()?;
        let zone = TimeZone::get(&document.programme.timezone).context("the programme's time zone")?;
        let reading = Reading { zone: &zone, dates: self.dates, decimal_comma: table.has_decimal_comma() };
        let history = History::read(&table, &reading);
        let (Some(first), Some(last)) = (history.events.first(), history.events.last()) else {
            let errors = self.leave(data, &history.left_out)?;
            let (file, rows, told) = (self.file.display(), history.left_out.len(), left_out::told(&history.left_out));
            let first = history.left_out.iter().min_by_key(|row| row.line);
            let first = first.map_or_else(String::new, |row| format!("The first, line {}: {}\n", row.line, row.reason));
            bail!(
                "{file} has no order in it; {rows} rows were left out, with reasons in {}:\n{told}{first}",
                errors.display()
            )
        };
        let (from, ends) = (first.at, last.at);
        let until = match until {
            Some(asked) => asked.instant(&zone)?,
            None => ends,
        };
        if until < ends {
            bail!("--until: the history goes on until {}", ends.to_zoned(zone).datetime())
        }
        let file = self.file.file_name().unwrap_or_default().display().to_string();
        let (sha256, currency) = (kept::hash(&bytes), document.programme.currency.clone());
        Ok((document, Script { history, file, sha256, currency, zone, from, until }))
    }

    /// The programme, with the currency that was asked for.
    fn document(&self) -> anyhow::Result<Document> {
        let mut document = programme::read(&self.programme)?;
        if let Some(currency) = &self.currency {
            document.programme.currency = currency.to_uppercase();
            let sound = reading::read_json(serde_json::to_value(&document)?);
            document = sound.map_err(|findings| anyhow!("--currency {currency}\n{}", programme::lines(&findings)))?;
        }
        Ok(document)
    }

    /// Writes what was left out to the file that was asked for, or to one in `data`; says which.
    fn leave(&self, data: &Path, left_out: &[LeftOut]) -> anyhow::Result<PathBuf> {
        let errors = self.errors.clone().unwrap_or_else(|| data.join("left-out.csv"));
        left_out::write(&errors, left_out)?;
        Ok(errors)
    }

    /// Says what came of it, and writes what was left out, and what each member has, to files in `data`.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn report(&self, played: &Played, data: &Path) -> anyhow::Result<()> {
        let errors = self.leave(data, &played.left_out)?;
        let members = data.join("members.csv");
        played.write_members(&members)?;
        if self.json {
            say!("{}", serde_json::to_string(&played.summary)?)?;
            return Ok(());
        }
        say!("\n{}", played.summary)?;
        if !played.left_out.is_empty() {
            say!("Left out:\n{}", left_out::told(&played.left_out))?;
            say!("All {} of them with reasons: {}", played.left_out.len(), errors.display())?;
        }
        say!("Each member's points: {}", members.display())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_until_an_instant_or_to_the_end_of_a_day() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let until = |text: &str| text.parse::<Until>().map(|until| until.instant(&zone).unwrap().to_string());
        assert_eq!(until("2012-02-01").as_deref(), Ok("2012-02-01T15:59:59Z"));
        assert_eq!(until("2012-02-01T00:00:00Z").as_deref(), Ok("2012-02-01T00:00:00Z"));
        assert!(until("soon").unwrap_err().contains("2012-02-01"));
    }
}
