//! Files that spreadsheets open without harm, and that are read back equal (rule: import 17).

use std::borrow::Cow;

use domain::members::text::cleaned;

use crate::cell::{is_a_word, is_scientific, without_zeros};
use crate::date::Epoch;
use crate::raw::Raw;

/// With it a spreadsheet knows UTF-8.
pub const BOM: &str = "\u{feff}";

/// Writes one record: commas, quotes where they are needed, CRLF.
pub fn write_record<'a>(out: &mut String, cells: impl IntoIterator<Item = Cow<'a, str>>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        let plain = !cell.contains([',', '"', '\r', '\n']) && cell.trim() == cell;
        if plain {
            out.push_str(&cell);
        } else {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        }
    }
    out.push_str("\r\n");
}

/// Would a spreadsheet work it out? Some look behind white space, and at full width.
fn is_a_formula(text: &str) -> bool {
    let text = cleaned(text);
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match text.chars().next() {
        Some('=' | '+' | '@') => true,
        Some('-') => text.len() > 1 && !text.strip_prefix('-').is_some_and(number),
        _ => false,
    }
}

/// A text that is to be read back as it is: after a `'` nothing is read into it.
#[must_use]
pub fn as_text(text: &str) -> Cow<'_, str> {
    let marked = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\''])
        || is_a_word(text)
        || is_scientific(text)
        || without_zeros(text) != text;
    if marked { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// A cell as it was in a file: what would be worked out is marked, and dates of a workbook are written as such, for a text file has no serials.
#[must_use]
pub fn as_it_was(cell: &Raw, dated: bool, epoch: Epoch) -> Cow<'_, str> {
    match cell {
        Raw::Text(text) if is_a_formula(text) => Cow::Owned(format!("'{text}")),
        Raw::Text(text) => Cow::Borrowed(text),
        Raw::Number { n: digits } if !dated => Cow::Borrowed(digits),
        Raw::Number { n: digits } | Raw::Serial { s: digits } => {
            epoch.dated(digits).map_or(Cow::Borrowed(digits), |dated| match dated.time {
                Some(time) => Cow::Owned(format!("{} {time}", dated.date)),
                None => Cow::Owned(dated.date.to_string()),
            })
        }
    }
}
