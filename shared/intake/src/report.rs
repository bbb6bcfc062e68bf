//! What an import came to (rule: import 7).

use std::borrow::Cow;

use domain::members::import::{Counts, Whole};
use sheet::{BOM, Epoch, FileFault, Header, Row, as_it_was, write_record};

use crate::fault::{Fault, Severity};
use crate::plan::Came;

/// The file of errors: each row as it was, and what is wrong with it; repaired, it can be read as it is.
#[derive(Debug, Clone, Default)]
pub struct ErrorFile {
    lines: String,
}

impl ErrorFile {
    /// How the file begins.
    #[must_use]
    pub fn head(header: &Header) -> String {
        let mut text = BOM.to_owned();
        let names = header.names.iter().map(String::as_str).chain(sheet::ERROR_COLUMNS);
        write_record(&mut text, names.map(Cow::Borrowed));
        text
    }

    /// Adds what is wrong with a row, a line each.
    pub fn add(&mut self, header: &Header, epoch: Epoch, row: &Row, faults: &[Fault]) {
        for fault in faults {
            let cells = (0..header.names.len()).map(|place| {
                let field = header.fields.get(place).and_then(Option::as_ref).map_or("", |(field, _)| field.as_str());
                as_it_was(row.cell(place), is_dated(field), epoch)
            });
            let column = header.place(&fault.field).map_or("", |place| header.names[place].as_str());
            let told = [
                Cow::Owned(row.number.to_string()),
                Cow::Borrowed(column),
                Cow::Borrowed(fault.field.as_str()),
                Cow::Borrowed(&*fault.code),
                Cow::Borrowed(&*fault.words),
            ];
            write_record(&mut self.lines, cells.chain(told));
        }
    }

    /// Its lines, without how it begins.
    #[must_use]
    pub fn lines(&self) -> &str {
        &self.lines
    }
}

/// Why a file as a whole is not taken in.
#[must_use]
pub fn whole(fault: &FileFault) -> Whole {
    Whole { code: fault.code().to_owned(), words: fault.to_string(), columns: fault.columns().to_vec(), total: None }
}

/// What came of the rows of a part: their counts, and its lines of the file of errors.
#[must_use]
pub fn tell((header, epoch): (&Header, Epoch), rows: &[Row], came: &Came) -> (Counts, String) {
    let (mut counts, mut errors) = (Counts::default(), ErrorFile::default());
    for row in rows {
        let Some((outcome, faults)) = came.get(&row.number) else { continue };
        let codes = faults.iter().map(|fault| (&*fault.code, fault.severity == Severity::Warning));
        counts.count(*outcome, codes);
        errors.add(header, epoch, row, faults);
    }
    (counts, errors.lines)
}

/// Are numbers of a workbook dates in this column?
fn is_dated(field: &str) -> bool {
    matches!(field, "birthday" | "at" | "since" | "until" | "last_activity" | "period_from")
        || field.ends_with("_on")
        || field.ends_with("_at")
}

/// How the list begins of what stays when an import is undone.
#[must_use]
pub fn left_head() -> String {
    let mut text = BOM.to_owned();
    write_record(&mut text, ["row", "member", "field", "code", "message"].map(Cow::Borrowed));
    text
}

/// Adds a line to it: of which row and member what stays, and why.
pub fn left_line(text: &mut String, (row, member): (u32, &str), (field, code): (&str, &str)) {
    let words = match code {
        "changed_since" => "somebody has said something else since",
        "in_use" => "the import had enrolled the member, who has done something since",
        "merged" => "another member stands for this one by now",
        "member_erased" => "the member is erased",
        "erasure_held" => "somebody keeps the erasure waiting",
        "state_stays" => "a person says where the member stands from now on",
        "opening_spent" => "some of it is spent",
        "past_in_use" => "something of it came back or was paid for with points since",
        _ => "it cannot be taken back",
    };
    let row = row.to_string();
    write_record(text, [row.as_str(), member, field, code, words].map(Cow::Borrowed));
}
