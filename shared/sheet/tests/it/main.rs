//! Files as people and hostile people save them.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod cells;
mod dates;
mod headers;
mod hostile;
mod properties;
mod records;
mod texts;
mod workbooks;
mod writing;

use sheet::{Column, FileFault, Mapping, Raw, Row, Table};

/// Columns that no file has to have.
fn columns(fields: &[&str]) -> Vec<Column> {
    fields.iter().map(|field| Column { field: (*field).to_owned(), required: false }).collect()
}

/// Whatever the header says is a field.
fn open<'a>(bytes: &'a [u8], fields: &[&str], mapping: &Mapping) -> Result<Table<'a>, FileFault> {
    Table::open(bytes, &columns(fields), mapping)
}

fn mapping(text: &str) -> Mapping {
    Mapping::from_toml(text).unwrap()
}

fn text(text: &str) -> Raw {
    Raw::Text(text.to_owned())
}

fn rows(table: &Table<'_>) -> Result<Vec<Row>, FileFault> {
    let mut rows = Vec::new();
    table.each(|row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// The rows of a file of the columns `a`, `b` and `c`, as numbers and texts.
fn read(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, FileFault> {
    let table = open(bytes, &["a", "b", "c"], &Mapping::default())?;
    let texts = |row: Row| {
        let texts = row.cells.into_iter().map(|cell| match cell {
            Raw::Text(text) => text,
            Raw::Number { n } => format!("n{n}"),
            Raw::Serial { s } => format!("s{s}"),
        });
        (row.number, texts.collect())
    };
    rows(&table).map(|rows| rows.into_iter().map(texts).collect())
}
