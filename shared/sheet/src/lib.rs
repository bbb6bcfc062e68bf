//! Spreadsheets as people save them: bytes in, rows and values out (rules: import 9-17). Knows no programme and no AWS.
//!
//! | module | |
//! |---|---|
//! | `encoding` `records` | text from bytes, and its records (RFC 4180) |
//! | `workbook` | the same from XLSX |
//! | `mapping` | what a person says of a file |
//! | `header` | which column holds what |
//! | `table` | all of it: a file with its rows, as often as they are asked for |
//! | `cell` `date` | what a cell says, by what its column holds |
//! | `writing` | files that are read back equal |
//! | `packing` | files in one archive, each with its hash |

mod cell;
mod date;
mod encoding;
mod fault;
mod header;
mod mapping;
mod packing;
mod raw;
mod records;
mod table;
mod workbook;
mod writing;

pub use cell::{Cells, Stated};
pub use date::{Epoch, Moment, Month};
pub use fault::{CellFault, FileFault};
pub use header::{Column, ERROR_COLUMNS, Header};
pub use mapping::{DateOrder, Destination, Mapping, OnError};
pub use packing::{PackedFile, Packing, PackingFile};
pub use raw::Raw;
pub use table::{Row, Table, sheets};
pub use writing::{BOM, as_it_was, as_text, write_record};

/// The most bytes of a file.
pub const MOST_BYTES: usize = 50 * 1024 * 1024;

/// The most rows, without the header.
pub const MOST_ROWS: u32 = 200_000;

/// The most columns.
pub const MOST_COLUMNS: usize = 200;
