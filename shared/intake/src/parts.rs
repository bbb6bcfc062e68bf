//! A file in parts, as lines of JSON: how it is read, then its rows. Rows of one member stay together, in their order, so that a part is
//! judged by itself (rule: import 5).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use domain::members::import::PART;
use serde::Deserialize;
use serde_json::json;
use sheet::{Epoch, FileFault, Header, Raw, Row, Table};

use crate::naming::Naming;

/// How the rows of a part are read.
#[derive(Debug, Clone, Deserialize)]
pub struct Head {
    /// Which column holds what.
    pub header: Header,
    /// From which day its numbers count.
    pub epoch: Epoch,
}

fn hashed(named: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    named.hash(&mut hasher);
    hasher.finish()
}

/// Cuts a file: how many rows it has, and its parts. A member's rows are in the part of its first.
///
/// # Errors
/// The file cannot be read to its end.
pub fn cut(table: &Table<'_>, naming: &Naming<'_>) -> Result<(u32, Vec<Vec<u8>>), FileFault> {
    let (mut homes, mut parts) = (HashMap::new(), Vec::<Vec<u8>>::new());
    let (mut rows, mut newest) = (0_u32, PART);
    let head = json!({ "header": table.header(), "epoch": table.epoch() });
    table.each(|row| {
        rows += 1;
        let named = naming.named(&row).ok().map(|named| hashed(&named.value));
        let home = named.and_then(|named| homes.get(&named).copied()).unwrap_or_else(|| {
            if newest >= PART {
                newest = 0;
                parts.push(format!("{head}\n").into_bytes());
            }
            newest += 1;
            parts.len() - 1
        });
        homes.extend(named.map(|named| (named, home)));
        if let Some(part) = parts.get_mut(home) {
            part.extend(json!([row.number, row.cells]).to_string().into_bytes());
            part.push(b'\n');
        }
        Ok(())
    })?;
    Ok((rows, parts))
}

/// A part back.
///
/// # Errors
/// It is none.
pub fn part(bytes: &[u8]) -> Result<(Head, Vec<Row>), serde_json::Error> {
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let head = serde_json::from_slice(lines.next().unwrap_or_default())?;
    let row = |line: &[u8]| -> Result<Row, serde_json::Error> {
        let (number, cells): (u32, Vec<Raw>) = serde_json::from_slice(line)?;
        Ok(Row { number, cells })
    };
    Ok((head, lines.map(row).collect::<Result<_, _>>()?))
}
