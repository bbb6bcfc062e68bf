//! The undoing of an import as it is kept, and what became of rows (rules: import 27).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoState {
    /// It is found out what would come of it.
    Looking,
    /// That is found out.
    Looked,
    /// What it wrote is taken back.
    Undoing,
    /// It is.
    Undone,
}

impl UndoState {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Looking => "looking",
            Self::Looked => "looked",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }
}

/// What became of a row that had changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// Everything is as it was before.
    Restored,
    /// It had enrolled somebody, who is erased.
    Erased,
    /// What was brought over is withdrawn.
    Withdrawn,
    /// Something of it stays.
    Left,
}

/// What became of a row, and what of it stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowBack {
    /// In a word.
    pub back: Back,
    /// Why something stays: a code, and of what.
    pub left: Vec<(String, String)>,
}

impl Back {
    const ALL: [Self; 4] = [Self::Restored, Self::Erased, Self::Withdrawn, Self::Left];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::Erased => "erased",
            Self::Withdrawn => "withdrawn",
            Self::Left => "left",
        }
    }
}

impl RowBack {
    /// Nothing of it stays.
    #[must_use]
    pub const fn whole(back: Back) -> Self {
        Self { back, left: Vec::new() }
    }

    /// It stays.
    #[must_use]
    pub fn left(code: &str, field: &str) -> Self {
        Self { back: Back::Left, left: vec![(code.to_owned(), field.to_owned())] }
    }

    /// Somebody has said something else since, of these.
    #[must_use]
    pub fn changed(names: &[String]) -> Self {
        let left = names.iter().map(|name| ("changed_since".to_owned(), name.clone()));
        Self { back: Back::Left, left: left.collect() }
    }

    /// As the log says it.
    #[must_use]
    pub fn said(&self, row: u32) -> String {
        let left: String = self.left.iter().map(|(code, field)| format!(" {code}={field}")).collect();
        format!("{row} {}{left}", self.back.name())
    }

    /// The same back, with its row; nothing if it is none.
    #[must_use]
    pub fn read(said: &str) -> Option<(u32, Self)> {
        let mut words = said.split(' ');
        let row = words.next()?.parse().ok()?;
        let name = words.next()?;
        let back = Back::ALL.into_iter().find(|back| back.name() == name)?;
        let left = words.map(|word| word.split_once('=').map(|(code, field)| (code.to_owned(), field.to_owned())));
        Some((row, Self { back, left: left.collect::<Option<_>>()? }))
    }
}

/// Counts of rows that had changed something: rows = restored + erased + withdrawn + left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackCounts {
    /// All of them.
    pub rows: u32,
    /// As before.
    pub restored: u32,
    /// Enrolled, and erased.
    pub erased: u32,
    /// Brought over, and withdrawn.
    pub withdrawn: u32,
    /// Of which something stays.
    pub left: u32,
    /// Why, by code.
    pub codes: BTreeMap<String, u32>,
}

impl BackCounts {
    /// Counts a row.
    pub fn count(&mut self, RowBack { back, left }: &RowBack) {
        self.rows = self.rows.saturating_add(1);
        let of = match back {
            Back::Restored => &mut self.restored,
            Back::Erased => &mut self.erased,
            Back::Withdrawn => &mut self.withdrawn,
            Back::Left => &mut self.left,
        };
        *of = of.saturating_add(1);
        for (code, _) in left {
            let of = self.codes.entry(code.clone()).or_default();
            *of = of.saturating_add(1);
        }
    }

    /// Adds the counts of another part.
    pub fn add(&mut self, other: &Self) {
        self.rows = self.rows.saturating_add(other.rows);
        self.restored = self.restored.saturating_add(other.restored);
        self.erased = self.erased.saturating_add(other.erased);
        self.withdrawn = self.withdrawn.saturating_add(other.withdrawn);
        self.left = self.left.saturating_add(other.left);
        for (code, count) in &other.codes {
            let of = self.codes.entry(code.clone()).or_default();
            *of = of.saturating_add(*count);
        }
    }
}

/// The undoing of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Who asked for it.
    pub by: String,
    /// When.
    pub asked_at: Timestamp,
    /// How far it is.
    pub state: UndoState,
    /// How many parts of this state are done.
    pub done: u32,
    /// What came of the rows.
    pub counts: BackCounts,
    /// The parts of which something stays.
    pub listed: Vec<u32>,
}

impl Undo {
    /// One that begins.
    #[must_use]
    pub fn asked(by: &str, state: UndoState, now: Timestamp) -> Self {
        let (by, counts) = (by.to_owned(), BackCounts::default());
        Self { by, asked_at: now, state, done: 0, counts, listed: Vec::new() }
    }

    /// Is something to be done?
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        matches!(self.state, UndoState::Looking | UndoState::Undoing)
    }
}
