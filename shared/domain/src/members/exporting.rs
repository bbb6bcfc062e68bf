//! An export: what is known of all members, as a file, gathered member by member (rule: import 17).

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::time::add_days;
use crate::members::facts::MemberFact;

/// For so many days its file is kept.
pub const DAYS: i32 = 7;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Members: by what they are known, and what is known of them. It can be imported.
    Members,
    /// Points by their last days, and what is owed. It can be imported.
    Lots,
    /// Entries of the ledger.
    Entries,
    /// What members agree to.
    Consents,
    /// Identifiers of which a person decides whose they are.
    Conflicts,
}

impl Content {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Lots => "lots",
            Self::Entries => "entries",
            Self::Consents => "consents",
            Self::Conflicts => "conflicts",
        }
    }
}

/// Members who are gathered one list after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// When they were looked for: by this the lists are named, so that nobody else's are taken for them.
    pub at: Timestamp,
    /// How many lists there are.
    pub lists: u32,
    /// Those that are gathered.
    pub done: u32,
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Its id.
    pub id: String,
    /// What is written.
    pub kind: Content,
    /// By which source's names members are called; what a member was called first if none is said.
    pub source: Option<String>,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub created_at: Timestamp,
    /// The shard of members that is gathered.
    pub shard: u32,
    /// Who else is in the shard, if all of it was too much for a part.
    #[serde(default)]
    pub listed: Option<Listed>,
    /// How many parts are written.
    pub parts: u32,
    /// How many rows they have.
    pub rows: u32,
    /// Its file is there.
    pub done: bool,
}

impl Export {
    /// One that has gathered nothing yet.
    #[must_use]
    pub fn new(id: String, (kind, source): (Content, Option<String>), by: String, now: Timestamp) -> Self {
        let (shard, listed, parts, rows, done) = (0, None, 0, 0, false);
        Self { id, kind, source, by, created_at: now, shard, listed, parts, rows, done }
    }

    /// Until when its file is kept.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        add_days(self.created_at, DAYS)
    }

    /// All members of the shard are gathered.
    pub const fn passed(&mut self) {
        self.shard = self.shard.saturating_add(1);
    }

    /// The members of the shard are listed.
    pub const fn lists(&mut self, at: Timestamp, lists: u32) {
        self.listed = Some(Listed { at, lists, done: 0 });
    }

    /// Those of a list are gathered.
    pub fn took_list(&mut self) {
        let Some(listed) = &mut self.listed else { return };
        listed.done = listed.done.saturating_add(1);
        if listed.done >= listed.lists {
            self.listed = None;
            self.passed();
        }
    }

    /// A part is written.
    pub fn kept(&mut self, rows: u32) {
        (self.parts, self.rows) = (self.parts.saturating_add(1), self.rows.saturating_add(rows));
    }

    /// What those who look after it are told when it is asked for.
    #[must_use]
    pub fn asked(&self) -> MemberFact {
        let (actor, what) = (self.by.clone(), "export".to_owned());
        MemberFact::AuditRecorded { actor, what, of: vec![self.kind.name().to_owned()] }
    }
}
