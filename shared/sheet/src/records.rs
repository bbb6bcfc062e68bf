//! Records of a text, by RFC 4180 as spreadsheets write it (rules: import 9, 11). A library is not used here: those read on to the end
//! of the file when a quote never closes, and do not count blank lines.

use crate::fault::FileFault;

/// What stands between cells: the most frequent in the first record outside quotes, of equal ones the first of these.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A text, record by record.
#[derive(Debug, Clone)]
pub(crate) struct Records<'a> {
    text: &'a str,
    at: usize,
    row: u32,
    delimiter: u8,
}

impl<'a> Records<'a> {
    pub(crate) const fn new(text: &'a str, delimiter: u8) -> Self {
        Self { text, at: 0, row: 0, delimiter }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next record with its number: the first is 1, blank ones count, line breaks in quotes do not.
    pub(crate) fn next(&mut self) -> Result<Option<(u32, Vec<String>)>, FileFault> {
        if self.at >= self.text.len() {
            return Ok(None);
        }
        self.row = self.row.checked_add(1).ok_or(FileFault::TooManyRows)?;
        let mut cells = Vec::new();
        loop {
            cells.push(self.cell()?);
            match self.peek() {
                Some(byte) if byte == self.delimiter => self.at += 1,
                Some(b'\r') => {
                    self.at += 1;
                    self.at += usize::from(self.peek() == Some(b'\n'));
                    break;
                }
                Some(_) => {
                    self.at += 1; // a line feed: a cell ends at nothing else
                    break;
                }
                None => break,
            }
        }
        Ok(Some((self.row, cells)))
    }

    fn cell(&mut self) -> Result<String, FileFault> {
        let mut cell = String::new();
        if self.peek() == Some(b'"') {
            loop {
                self.at += 1;
                let rest = self.text.get(self.at..).unwrap_or_default();
                let closes = rest.find('"').ok_or(FileFault::UnclosedQuote { row: self.row })?;
                cell.push_str(rest.get(..closes).unwrap_or_default());
                self.at += closes + 1;
                if self.peek() != Some(b'"') {
                    break;
                }
                cell.push('"');
            }
        }
        // A quote that does not begin a cell is itself; so is what stands behind one that closed.
        let rest = self.text.get(self.at..).unwrap_or_default();
        let ends = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\r' | b'\n');
        let length = rest.bytes().position(|byte| ends(&byte)).unwrap_or(rest.len());
        cell.push_str(rest.get(..length).unwrap_or_default());
        self.at += length;
        Ok(cell)
    }
}

/// What stands between the cells of a text.
pub(crate) fn delimiter_of(text: &str) -> u8 {
    let mut counts = [0_usize; 4];
    let mut quoted = false;
    let mut begun = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => {
                if begun {
                    break;
                }
            }
            _ if quoted => {}
            _ => {
                begun |= !byte.is_ascii_whitespace();
                if let Some(place) = DELIMITERS.iter().position(|delimiter| *delimiter == byte) {
                    counts[place] += 1;
                }
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    let first = counts.iter().position(|count| *count == most).unwrap_or_default();
    DELIMITERS[first]
}
