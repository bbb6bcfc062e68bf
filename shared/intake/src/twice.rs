//! The same member twice in a file (rule: import 20).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::columns::EXTERNAL_ID;
use crate::fault::Fault;
use crate::said::MemberRow;

/// The rows that have been: by what the source calls the member, the first, and what it said.
#[derive(Debug, Default)]
pub struct Seen(HashMap<String, First>);

#[derive(Debug)]
struct First {
    row: u32,
    /// What it said; nothing if it was refused.
    said: Option<u64>,
}

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Twice {
    /// The first of its member.
    First,
    /// The same as the first, of this number, which was not refused.
    Same(u32),
    /// Another than the first: it is refused.
    Other(Fault),
}

/// Why a row is refused that is of the same member as a row before it, and says otherwise or repeats what was refused.
#[must_use]
pub fn repeated(first: u32) -> Fault {
    let words = format!("row {first} is of the same member; the first counts");
    Fault::new(EXTERNAL_ID, "duplicate_in_file", words)
}

fn said(row: &MemberRow) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{row:?}").hash(&mut hasher);
    hasher.finish()
}

impl Seen {
    /// Looks at a row that could be read.
    pub fn read(&mut self, number: u32, row: &MemberRow) -> Twice {
        let said = said(row);
        match self.0.get(&row.named.value) {
            None => {
                self.0.insert(row.named.value.clone(), First { row: number, said: Some(said) });
                Twice::First
            }
            Some(first) if first.said == Some(said) => Twice::Same(first.row),
            Some(first) => Twice::Other(repeated(first.row)),
        }
    }

    /// A row is refused: what comes of its member is no repeat of it. What it calls the member is said if that could be read.
    pub fn refused(&mut self, number: u32, named: &str) {
        let first = self.0.entry(named.to_owned()).or_insert(First { row: number, said: None });
        if first.row == number {
            first.said = None;
        }
    }
}
