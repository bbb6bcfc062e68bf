//! What is wrong with a file, or with one of its cells.

use std::fmt;

/// Why a file as a whole is not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// It has more bytes than a file may have, packed or unpacked.
    TooLarge,
    /// It is in no encoding that is known here, or not in the one that it names.
    UnreadableEncoding,
    /// It is no workbook, a broken or an encrypted one.
    UnreadableFile,
    /// It has no sheet of the name that the mapping says.
    UnknownSheet,
    /// A quote never closes.
    UnclosedQuote {
        /// The row in which it opens.
        row: u32,
    },
    /// There is nothing in it.
    EmptyFile,
    /// It has more rows than a file may have.
    TooManyRows,
    /// It has more columns than a file may have.
    TooManyColumns,
    /// Two columns have one name, or hold one thing.
    DuplicateColumn {
        /// What the header says of the second.
        columns: Vec<String>,
    },
    /// What is needed, or named in the mapping, is not there.
    MissingColumn {
        /// Fields, or names of columns.
        columns: Vec<String>,
    },
    /// Nobody has said what a column holds: what is not declared is not taken in.
    UnmappedColumn {
        /// What the header says.
        columns: Vec<String>,
    },
}

impl FileFault {
    /// Its code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::UnreadableEncoding => "unreadable_encoding",
            Self::UnreadableFile => "unreadable_file",
            Self::UnknownSheet => "unknown_sheet",
            Self::UnclosedQuote { .. } => "unclosed_quote",
            Self::EmptyFile => "empty_file",
            Self::TooManyRows => "too_many_rows",
            Self::TooManyColumns => "too_many_columns",
            Self::DuplicateColumn { .. } => "duplicate_column",
            Self::MissingColumn { .. } => "missing_column",
            Self::UnmappedColumn { .. } => "unmapped_column",
        }
    }

    /// The columns that it is about.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        match self {
            Self::DuplicateColumn { columns } | Self::MissingColumn { columns } | Self::UnmappedColumn { columns } => {
                columns
            }
            _ => &[],
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::TooLarge => "the file is too large, packed or unpacked: 50 MB as it is",
            Self::UnreadableEncoding => "the text is neither UTF-8, UTF-16 with a byte order mark, nor GB18030",
            Self::UnreadableFile => "this is no workbook that can be read; save it anew, without a password",
            Self::UnknownSheet => "the workbook has no sheet of this name",
            Self::UnclosedQuote { row } => return write!(f, "a quote opens in row {row} and never closes"),
            Self::EmptyFile => "there is nothing in the file",
            Self::TooManyRows => "at most 200,000 rows",
            Self::TooManyColumns => "at most 200 columns",
            Self::DuplicateColumn { .. } => "two columns have one name, or hold one thing; `ignore` one of them",
            Self::MissingColumn { .. } => "a column that is needed is not there",
            Self::UnmappedColumn { .. } => "nobody has said what these columns hold; map them, or `ignore` them",
        };
        f.write_str(words)
    }
}

/// Why a cell is not what its column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CellFault {
    /// The spreadsheet could not work it out, or show it.
    ExcelError,
    /// A spreadsheet has rounded it: digits are gone.
    ScientificNotation,
    /// A number of 16 digits or more, of which a spreadsheet keeps 15.
    DigitsLost,
    /// A number with a fraction, or below zero.
    NotAnId,
    /// No whole number.
    NotAnInteger,
    /// No amount of money.
    NotAnAmount,
    /// Neither yes nor no.
    NotABoolean,
    /// No date.
    NotADate,
    /// More than one date.
    AmbiguousDate,
    /// No month.
    NotAMonth,
    /// No instant, nor a date with or without a time.
    NotAnInstant,
    /// The header has no name for it.
    TooManyCells,
}

impl CellFault {
    /// Its code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ExcelError => "excel_error",
            Self::ScientificNotation => "scientific_notation",
            Self::DigitsLost => "digits_lost",
            Self::NotAnId => "not_an_id",
            Self::NotAnInteger => "not_an_integer",
            Self::NotAnAmount => "not_an_amount",
            Self::NotABoolean => "not_a_boolean",
            Self::NotADate => "not_a_date",
            Self::AmbiguousDate => "ambiguous_date",
            Self::NotAMonth => "not_a_month",
            Self::NotAnInstant => "not_an_instant",
            Self::TooManyCells => "too_many_cells",
        }
    }

    /// In words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ExcelError => "the spreadsheet shows an error here",
            Self::ScientificNotation => {
                "a spreadsheet has rounded this number; digits are gone: format the column as text"
            }
            Self::DigitsLost => "a spreadsheet keeps 15 digits of a number; the last ones are gone: keep it as text",
            Self::NotAnId => "a number with a fraction, or below zero, names nobody",
            Self::NotAnInteger => "must be a whole number; thousands separators only where the mapping says so",
            Self::NotAnAmount => "must be an amount such as 12.50, with no more decimals than the currency has",
            Self::NotABoolean => "must be yes or no",
            Self::NotADate => "must be a date such as 2026-05-17",
            Self::AmbiguousDate => "this may be more than one date; write 2026-05-17, or say `date_format` or `dates`",
            Self::NotAMonth => "must be a month such as 2026-05",
            Self::NotAnInstant => "must be an instant such as 2026-05-17T10:00:00+08:00, or a date",
            Self::TooManyCells => "the header has no name for this cell",
        }
    }
}
