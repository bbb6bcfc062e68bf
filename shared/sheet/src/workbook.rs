//! Rows of a workbook (rule: import 16). What is packed is measured before it is unpacked into memory.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{CellErrorType, DataRef, Reader, SheetVisible, Xlsx};
use zip::ZipArchive;

use crate::MOST_COLUMNS;
use crate::date::Epoch;
use crate::fault::FileFault;
use crate::raw::Raw;

/// The most bytes of all parts, unpacked; a sheet of 200,000 rows and 30 columns has a third of it.
const MOST_UNPACKED: u64 = 512 * 1024 * 1024;

/// The most bytes of the texts, unpacked: those are kept while a sheet is read.
const MOST_TEXTS: u64 = 96 * 1024 * 1024;

/// The most digits of the number of texts that a workbook says it has: room is made for as many.
const MOST_DIGITS: usize = 7;

/// A workbook and the sheet of it that is read.
#[derive(Debug, Clone)]
pub(crate) struct Workbook<'a> {
    bytes: &'a [u8],
    sheet: String,
    pub(crate) epoch: Epoch,
}

/// A workbook of bytes that may be unpacked.
fn opened(bytes: &[u8]) -> Result<Xlsx<Cursor<&[u8]>>, FileFault> {
    measured(bytes)?;
    unharmed(|| Xlsx::new(Cursor::new(bytes)).map_err(|_broken| FileFault::UnreadableFile))
}

/// Who takes the rows.
pub(crate) type Take<'t> = dyn FnMut(u32, Vec<Raw>) -> Result<(), FileFault> + 't;

impl<'a> Workbook<'a> {
    /// Does it begin as a workbook does, a packed or an encrypted one?
    pub(crate) fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0])
    }

    /// The names of the sheets that can be seen, in their order.
    pub(crate) fn sheets(bytes: &[u8]) -> Result<Vec<String>, FileFault> {
        let book = opened(bytes)?;
        let seen = book.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
        Ok(seen.map(|sheet| sheet.name.clone()).collect())
    }

    pub(crate) fn open(bytes: &'a [u8], sheet: Option<&str>) -> Result<Self, FileFault> {
        let book = opened(bytes)?;
        let sheets = book.sheets_metadata();
        let found = match sheet {
            Some(name) => sheets.iter().find(|sheet| sheet.name == name).ok_or(FileFault::UnknownSheet)?,
            None => sheets.iter().find(|sheet| sheet.visible == SheetVisible::Visible).ok_or(FileFault::EmptyFile)?,
        };
        let epoch = if book.has_1904_epoch() { Epoch::Y1904 } else { Epoch::Y1900 };
        Ok(Self { bytes, sheet: found.name.clone(), epoch })
    }

    /// Each row that has a cell, with its number.
    pub(crate) fn each(&self, take: &mut Take<'_>) -> Result<(), FileFault> {
        unharmed(|| {
            let mut book = Xlsx::new(Cursor::new(self.bytes)).map_err(|_broken| FileFault::UnreadableFile)?;
            let sheet = book.worksheet_cells_reader(&self.sheet);
            let mut sheet = sheet.map_err(|_broken| FileFault::UnreadableFile)?;
            let (mut at, mut row) = (0, Vec::new());
            while let Some(cell) = sheet.next_cell().map_err(|_broken| FileFault::UnreadableFile)? {
                let (line, column) = cell.get_position();
                if line != at {
                    if !row.is_empty() {
                        take(at + 1, std::mem::take(&mut row))?;
                    }
                    at = line;
                }
                let Some(raw) = raw(cell.get_value()) else { continue };
                let column = usize::try_from(column).map_err(|_never| FileFault::TooManyColumns)?;
                if column >= MOST_COLUMNS {
                    return Err(FileFault::TooManyColumns);
                }
                if row.len() <= column {
                    row.resize(column + 1, Raw::Text(String::new()));
                }
                row[column] = raw;
            }
            if row.is_empty() { Ok(()) } else { take(at + 1, row) }
        })
    }
}

/// A cell; nothing of an empty one.
fn raw(value: &DataRef<'_>) -> Option<Raw> {
    match value {
        DataRef::Empty => None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Some(Raw::Text(text.clone()))
        }
        DataRef::SharedString(text) => Some(Raw::Text((*text).to_owned())),
        DataRef::Bool(value) => Some(Raw::Text(if *value { "TRUE" } else { "FALSE" }.to_owned())),
        DataRef::Int(value) => Some(Raw::Number { n: value.to_string() }),
        DataRef::Float(value) => Raw::number(*value, false),
        DataRef::DateTime(value) => Raw::number(value.as_f64(), value.is_datetime()),
        DataRef::Error(CellErrorType::NA) => Some(Raw::Text("#N/A".to_owned())),
        DataRef::Error(_) => Some(Raw::Text("#VALUE!".to_owned())),
    }
}

/// What reads files of strangers and fails on one has not read it.
fn unharmed<T>(read: impl FnOnce() -> Result<T, FileFault>) -> Result<T, FileFault> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(FileFault::UnreadableFile))
}

/// Refuses what would unpack to more than memory holds, whatever it says of itself.
fn measured(bytes: &[u8]) -> Result<(), FileFault> {
    let broken = FileFault::UnreadableFile;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_no_archive| broken.clone())?;
    let mut left = MOST_UNPACKED;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|_broken| broken.clone())?;
        let texts = part.name().map_err(|_no_name| broken.clone())?.to_ascii_lowercase().ends_with("sharedstrings.xml");
        let most = if texts { left.min(MOST_TEXTS) } else { left };
        let mut part = part.take(most + 1);
        let (mut chunk, mut found, mut counting) = (vec![0; 64 * 1024], 0_u64, Counting::default());
        loop {
            let read = part.read(&mut chunk).map_err(|_broken| broken.clone())?;
            if read == 0 {
                break;
            }
            found += u64::try_from(read).map_err(|_never| broken.clone())?;
            if texts && counting.overflows(chunk.get(..read).unwrap_or_default()) {
                return Err(broken);
            }
        }
        if found > most {
            return Err(FileFault::TooLarge);
        }
        left -= found;
    }
    Ok(())
}

/// Looks for a number of texts that no workbook has, for room would be made for as many.
#[derive(Default)]
struct Counting {
    matched: usize,
    digits: usize,
}

impl Counting {
    fn overflows(&mut self, bytes: &[u8]) -> bool {
        const NAME: &[u8] = b"uniqueCount";
        for byte in bytes.iter().copied().filter(|byte| *byte != 0) {
            if self.matched == NAME.len() {
                match byte {
                    b'0'..=b'9' => self.digits += 1,
                    b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\'' if self.digits == 0 => {}
                    _ => *self = Self::default(),
                }
                if self.digits > MOST_DIGITS {
                    return true;
                }
            }
            if self.matched < NAME.len() {
                self.matched = match byte {
                    _ if byte == NAME[self.matched] => self.matched + 1,
                    _ => usize::from(byte == NAME[0]),
                };
            }
        }
        false
    }
}
