//! `check`: what is wrong with which row of a spreadsheet of members, before any of it goes anywhere. It asks a programme, and neither tables
//! nor the network.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use domain::kernel::refusal::Refusal as _;
use domain::members::identifier::Reading;
use domain::members::speaking::Speaker;
use domain::members::telling::Rules;
use domain::programme::compiled::Programme;
use domain::programme::source::Sends;
use intake::{Asked, Counts, ErrorFile, Outcome, Reader, Seen, Severity, Verdict, columns};
use jiff::Timestamp;
use sam::machine::Clock;
use sheet::{FileFault, Mapping, Table};

use crate::{programme, say};

#[derive(clap::Args)]
pub struct Check {
    /// A spreadsheet of members: XLSX, or CSV in UTF-8, UTF-16 or GB18030, with a header in Chinese, English or Japanese.
    file: PathBuf,
    /// The system that says so: a source of the programme that sends members.
    #[arg(long, value_name = "SOURCE")]
    source: String,
    /// How the file is read, in TOML: `[columns]`, `ignore`, `date_format` and others.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The programme that says what may be known of members.
    #[arg(long, value_name = "FILE", default_value = "programme.toml")]
    programme: PathBuf,
    /// Where the rows with faults are written to; beside the file if absent.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
}

/// What was found: the counts, and the file of errors if there are any.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    counts: Counts,
    errors: Option<String>,
}

impl Check {
    pub(super) fn perform(self) -> anyhow::Result<()> {
        let bytes = std::fs::read(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let mapping = match &self.mapping {
            Some(file) => {
                let text = std::fs::read_to_string(file);
                let text = text.with_context(|| format!("{} cannot be read", file.display()))?;
                Mapping::from_toml(&text).map_err(|wrong| anyhow!("{}: {wrong}", file.display()))?
            }
            None => Mapping::default(),
        };
        let document = programme::read(&self.programme)?;
        let programme = Programme::compile(1, document).map_err(|findings| anyhow!(programme::lines(&findings)))?;
        let Found { counts, errors } = look(&bytes, &mapping, (&programme, &self.source), Clock::System.now())?;
        say!(
            "{} rows: {} can be taken in, {} say what a row before them says, {} are refused",
            counts.rows,
            counts.accepted,
            counts.unchanged,
            counts.refused
        )?;
        for (code, count) in &counts.codes {
            say!("  {count} {code}")?;
        }
        if let Some(errors) = errors {
            let file = self.errors.unwrap_or_else(|| beside(&self.file));
            std::fs::write(&file, errors).with_context(|| format!("{} cannot be written", file.display()))?;
            say!("What is wrong with which row stands in {}; repaired, it can be read as it is.", file.display())?;
        }
        Ok(())
    }
}

/// `members.xlsx` has its errors in `members.errors.csv`.
fn beside(file: &Path) -> PathBuf {
    file.with_extension("errors.csv")
}

fn in_words(fault: &FileFault) -> anyhow::Error {
    let columns = if fault.columns().is_empty() { String::new() } else { format!(": {}", fault.columns().join(", ")) };
    anyhow!("the file is not taken in, {}: {fault}{columns}", fault.code())
}

/// Reads every row as a source would be heard now.
fn look(
    bytes: &[u8],
    mapping: &Mapping,
    (programme, source): (&Programme, &str),
    now: Timestamp,
) -> anyhow::Result<Found> {
    let rules = Rules::of(programme, now);
    let speaker = match Speaker::source(&programme.document().source, source, Sends::Members) {
        Ok(speaker) => speaker,
        Err(refusal) => bail!("--source {source}: {}", refusal.words()),
    };
    let table = Table::open(bytes, &columns(programme), mapping).map_err(|fault| in_words(&fault))?;
    let identifiers = Reading::of(rules.members).map_err(|wrong| anyhow!(wrong))?;
    let dictionary = programme.document().tag.as_slice();
    let asked = Asked { mapping, identifiers: &identifiers, rules, dictionary, speaker, started: now };
    let reader = Reader::new(asked, table.header(), table.epoch());
    let (mut seen, mut counts, mut errors) = (Seen::default(), Counts::default(), ErrorFile::default());
    let all = table.each(|row| {
        let (outcome, faults) = match reader.judge(&row, &mut seen) {
            Verdict::Apply(_, warnings) => (Outcome::Accepted, warnings),
            Verdict::Same { .. } => (Outcome::Unchanged, Vec::new()),
            Verdict::Refused(faults) => (Outcome::Refused, faults),
        };
        let codes = faults.iter().map(|fault| (&*fault.code, fault.severity == Severity::Warning));
        counts.count(outcome, codes);
        errors.add(table.header(), table.epoch(), &row, &faults);
        Ok(())
    });
    all.map_err(|fault| in_words(&fault))?;
    let errors = Some(errors.lines()).filter(|lines| !lines.is_empty());
    let errors = errors.map(|lines| ErrorFile::head(table.header()) + lines);
    Ok(Found { counts, errors })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(source: &str, file: &str) -> anyhow::Result<Found> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programme.toml");
        let programme = Programme::compile(1, programme::read(&path).unwrap()).unwrap();
        let now = "2026-06-15T02:00:00Z".parse().unwrap();
        look(file.as_bytes(), &Mapping::default(), (&programme, source), now)
    }

    // rule: import 7, 19
    #[test]
    fn what_is_wrong_with_which_row_is_told_before_anything_is_written() {
        let file = "客户编号;姓名;手机号\nC-1;王芳;138 0013 8000\nC-2;李雷;12345\nC-1;王芳;13800138000\n";
        let Found { counts, errors } = looked("crm", file).unwrap();
        let counted = (counts.rows, counts.accepted, counts.unchanged, counts.refused, counts.codes["not_a_phone"]);
        assert_eq!(counted, (3, 1, 1, 1, 1));
        let expected = "\u{feff}客户编号,姓名,手机号,row,column,field,code,message\r\n\
            C-2,李雷,12345,3,手机号,phone,not_a_phone,this is no phone number of its country's plan\r\n";
        assert_eq!(errors.as_deref(), Some(expected));
        let repaired = expected.replace("12345", "13900139000");
        let Found { counts, errors } = looked("crm", &repaired).unwrap();
        assert_eq!((counts.accepted, errors), (1, None));
    }

    #[test]
    fn a_file_or_a_source_that_is_none_is_refused_in_words() {
        let wrong = |source: &str, file: &str| looked(source, file).unwrap_err().to_string();
        let unmapped = wrong("crm", "external_id,religion\nC-1,x\n");
        assert!(unmapped.contains("unmapped_column") && unmapped.ends_with(": religion"), "{unmapped}");
        assert!(wrong("crm", "").contains("empty_file"));
        assert!(wrong("fax", "external_id\n").contains("--source fax"));
        assert_eq!(beside(Path::new("a/members.xlsx")), Path::new("a/members.errors.csv"));
    }
}
