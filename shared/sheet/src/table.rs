//! A file with its header and its rows (rules: import 9-11, 16).

use std::borrow::Cow;

use crate::date::Epoch;
use crate::encoding::decoded;
use crate::fault::{CellFault, FileFault};
use crate::header::{Column, Header};
use crate::mapping::Mapping;
use crate::raw::Raw;
use crate::records::{Records, delimiter_of};
use crate::workbook::{Take, Workbook};
use crate::{MOST_BYTES, MOST_COLUMNS, MOST_ROWS};

/// A file that can be read, as often as it takes.
#[derive(Debug, Clone)]
pub struct Table<'a> {
    source: Source<'a>,
    header: Header,
    first: u32,
}

#[derive(Debug, Clone)]
enum Source<'a> {
    Text { text: Cow<'a, str>, delimiter: u8 },
    Workbook(Workbook<'a>),
}

/// A row that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number, as a spreadsheet counts: the header is row 1, and blank rows count.
    pub number: u32,
    /// Its cells; those that are not there are empty.
    pub cells: Vec<Raw>,
}

impl Row {
    /// A cell, by its place.
    #[must_use]
    pub fn cell(&self, place: usize) -> &Raw {
        const NOTHING: &Raw = &Raw::Text(String::new());
        self.cells.get(place).unwrap_or(NOTHING)
    }

    /// Has it more to say than the header has names for?
    ///
    /// # Errors
    /// It has.
    pub fn fits(&self, header: &Header) -> Result<(), CellFault> {
        let unnamed = |place: usize| header.names.get(place).is_none_or(String::is_empty);
        let stray = (0..self.cells.len()).any(|place| unnamed(place) && !self.cells[place].is_blank());
        if stray { Err(CellFault::TooManyCells) } else { Ok(()) }
    }
}

/// The names of the sheets of a workbook that can be seen, in their order; none of a text file.
///
/// # Errors
/// [`FileFault::UnreadableFile`] or [`FileFault::TooLarge`].
pub fn sheets(bytes: &[u8]) -> Result<Vec<String>, FileFault> {
    if Workbook::is_one(bytes) { Workbook::sheets(bytes) } else { Ok(Vec::new()) }
}

impl<'a> Table<'a> {
    /// Opens a file whose columns are some of these.
    ///
    /// # Errors
    /// It cannot be read as a whole, or its header does not say what it should.
    pub fn open(bytes: &'a [u8], columns: &[Column], mapping: &Mapping) -> Result<Self, FileFault> {
        if bytes.len() > MOST_BYTES {
            return Err(FileFault::TooLarge);
        }
        let source = if Workbook::is_one(bytes) {
            Source::Workbook(Workbook::open(bytes, mapping.sheet.as_deref())?)
        } else {
            let text = decoded(bytes, mapping.named_encoding())?;
            let delimiter = mapping.delimiter.and_then(|mark| u8::try_from(mark).ok());
            let delimiter = delimiter.unwrap_or_else(|| delimiter_of(&text));
            Source::Text { text, delimiter }
        };
        let mut found = None;
        let all = source.each(&mut |row, cells| {
            if cells.iter().all(Raw::is_blank) {
                return Ok(());
            }
            found = Some((row, cells));
            Err(FileFault::EmptyFile) // no more than the first is read
        });
        let (first, cells) = match (found, all) {
            (Some(found), _) => found,
            (None, Err(fault)) => return Err(fault),
            (None, Ok(())) => return Err(FileFault::EmptyFile),
        };
        let names: Vec<String> = cells.into_iter().map(name).collect();
        Ok(Self { source, header: Header::find(&names, columns, mapping)?, first })
    }

    /// Which column holds what.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// From which day its numbers count.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        match &self.source {
            Source::Workbook(book) => book.epoch,
            Source::Text { .. } => Epoch::Y1900,
        }
    }

    /// Each row that is not blank, in order.
    ///
    /// # Errors
    /// The file cannot be read to its end, has too many rows, or whoever takes them refuses one.
    pub fn each(&self, mut take: impl FnMut(Row) -> Result<(), FileFault>) -> Result<(), FileFault> {
        let mut rows = 0_u32;
        self.source.each(&mut |number, cells| {
            if number <= self.first || cells.iter().all(Raw::is_blank) {
                return Ok(());
            }
            if cells.len() > MOST_COLUMNS {
                return Err(FileFault::TooManyColumns);
            }
            rows += 1;
            if rows > MOST_ROWS {
                return Err(FileFault::TooManyRows);
            }
            take(Row { number, cells })
        })
    }
}

fn name(cell: Raw) -> String {
    match cell {
        Raw::Text(text) => text,
        Raw::Number { n } => n,
        Raw::Serial { s } => s,
    }
}

impl Source<'_> {
    fn each(&self, take: &mut Take<'_>) -> Result<(), FileFault> {
        match self {
            Self::Workbook(book) => book.each(take),
            Self::Text { text, delimiter } => {
                let mut records = Records::new(text, *delimiter);
                while let Some((row, cells)) = records.next()? {
                    take(row, cells.into_iter().map(Raw::Text).collect())?;
                }
                Ok(())
            }
        }
    }
}
