//! A table as shops save it: CSV with commas, semicolons or tabs, compressed or not, in UTF-8, UTF-16 or GBK.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use encoding_rs::{Encoding, GB18030, UTF_8, WINDOWS_1252};
use flate2::read::MultiGzDecoder;

use super::columns::Columns;

/// The most bytes that a file may have when it is unpacked.
const LARGEST: u64 = 1 << 30;

/// A table whose columns are known.
pub struct Table {
    text: String,
    delimiter: u8,
    columns: Columns,
}

/// One row, as it is written.
pub struct Record<'a> {
    /// The line of the file it begins in, as an editor counts; the header is in line 1.
    pub line: u64,
    /// Its fields, or why they cannot be told apart.
    pub fields: Result<Fields<'a>, String>,
}

/// The fields of a row.
pub struct Fields<'a> {
    record: csv::StringRecord,
    columns: &'a Columns,
}

impl Fields<'_> {
    /// The field of a column, without white space around it; empty if there is no such column.
    pub fn get(&self, column: &str) -> &str {
        self.columns.place(column).and_then(|place| self.record.get(place)).unwrap_or_default().trim()
    }
}

impl Table {
    /// The bytes of a file, as it is.
    ///
    /// # Errors
    /// It cannot be read, or is too large.
    pub fn bytes(file: &Path) -> anyhow::Result<Vec<u8>> {
        let name = file.display();
        let opened = File::open(file).with_context(|| format!("{name} cannot be read"))?;
        limited(opened).with_context(|| format!("{name} cannot be read"))
    }

    /// Unpacks and decodes a file and finds its columns, some of which have other names (`maps`: theirs, ours).
    ///
    /// # Errors
    /// It is no table, or lacks columns.
    pub fn read(bytes: &[u8], maps: &[(String, String)]) -> anyhow::Result<Self> {
        ensure!(!bytes.starts_with(b"PK\x03\x04"), "it is a workbook or an archive: save its sheet as CSV");
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let plain = limited(MultiGzDecoder::new(bytes)).context("it cannot be unpacked")?;
            return Self::parse(decoded(&plain).into_owned(), maps);
        }
        Self::parse(decoded(bytes).into_owned(), maps)
    }

    /// Finds the columns of a text.
    ///
    /// # Errors
    /// It is empty or lacks columns.
    pub fn parse(text: String, maps: &[(String, String)]) -> anyhow::Result<Self> {
        let start = text.trim_start_matches(['\r', '\n']);
        if start.trim().is_empty() {
            bail!("it is empty");
        }
        let header = start.split(['\r', '\n']).next().unwrap_or_default();
        let count = |mark: char| header.matches(mark).count();
        let delimiter = [',', ';', '\t'].into_iter().max_by_key(|&mark| (count(mark), mark == ','));
        let delimiter = delimiter.and_then(|mark| u8::try_from(mark).ok()).unwrap_or(b',');
        let mut reader = reader(&text, delimiter);
        let columns = Columns::find(reader.headers()?, maps)?;
        Ok(Self { text, delimiter, columns })
    }

    /// Whether numbers may have a decimal comma: where fields are not separated by commas.
    pub fn has_decimal_comma(&self) -> bool {
        self.delimiter != b','
    }

    /// Its rows.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut lines = Lines { text: self.text.as_bytes(), at: 0, line: 1 };
        let width = self.columns.width();
        reader(&self.text, self.delimiter).into_records().map(move |record| match record {
            Ok(record) => {
                let line = lines.of(record.position().map_or(0, csv::Position::byte));
                let fields = match record.len() {
                    found if found == width => Ok(Fields { record, columns: &self.columns }),
                    found => Err(format!("the row has {found} fields, the header {width}")),
                };
                Record { line, fields }
            }
            Err(error) => Record { line: lines.line, fields: Err(error.to_string()) },
        })
    }
}

/// All bytes of it, if it has no end beyond the limit.
fn limited(from: impl Read) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    ensure!(u64::try_from(bytes.len())? <= LARGEST, "it has more than {LARGEST} bytes");
    Ok(bytes)
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes())
}

/// The text of bytes: what a byte order mark says, else UTF-8, else GBK as spreadsheets in China save it, else Windows-1252.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
    }
    let strict = |encoding: &'static Encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let text = strict(UTF_8).or_else(|| strict(GB18030));
    text.unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(bytes).0)
}

/// Counts lines as an editor does: each of CRLF, LF and CR ends one, also within quotes.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the record that begins at a byte, or after the ends of lines that are there.
    fn of(&mut self, byte: u64) -> u64 {
        let begin = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(&letter) = self.text.get(self.at) {
            if self.at >= begin && !matches!(letter, b'\r' | b'\n') {
                break;
            }
            self.at += 1;
            let ended = letter == b'\n' || (letter == b'\r' && self.text.get(self.at) != Some(&b'\n'));
            self.line += u64::from(ended);
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        for end in ["\n", "\r\n", "\r"] {
            let rows = ["1,a,\"two\nlines\",1,d,1,7,CN", "", "2,b,,1,d,1,7,CN", "3,c,,1,d,1,7,CN", ""];
            let text = format!("{HEADER}{end}{}", rows.join(end));
            let table = Table::parse(text, &[]).unwrap();
            let lines: Vec<u64> = table.records().map(|record| record.line).collect();
            assert_eq!(lines, [2, 5, 6], "{end:?}");
        }
    }

    #[test]
    fn texts_are_read_in_the_encodings_that_spreadsheets_write() {
        let text = "发票号,Café £";
        assert_eq!(decoded(text.as_bytes()), text);
        assert_eq!(decoded(&[b"\xef\xbb\xbf", text.as_bytes()].concat()), text);
        let wide: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&wide), text);
        assert_eq!(decoded(&encoding_rs::GBK.encode("发票号").0), "发票号");
        assert_eq!(decoded(b"Voucher \xa340.00"), "Voucher £40.00");
    }

    #[test]
    fn a_row_of_another_width_is_told_with_its_line() {
        let table = Table::parse(format!("{HEADER}\n1,a,b,c\n"), &[]).unwrap();
        let record = table.records().next().unwrap();
        assert_eq!((record.line, record.fields.err().as_deref()), (2, Some("the row has 4 fields, the header 8")));
    }
}
