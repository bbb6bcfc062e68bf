//! The tables, and every key of every one of them, in one place.

use std::collections::BTreeMap;

use domain::kernel::canonical::Hash;
use domain::kernel::change::Key;
use domain::kernel::id::OperationId;
use jiff::civil::Date;

use crate::StoreError;
use crate::attribute::{Item, as_text, text};
use crate::error::Damage;

/// The names of the tables, from the environment.
#[derive(Debug, Clone)]
pub struct Tables {
    /// One item per member.
    pub accounts: String,
    /// Sealed history.
    pub pages: String,
    /// Programme versions.
    pub catalogue: String,
    /// What is left of rewards, and what was laid in.
    pub stock: String,
    /// Vouchers, and the secret of their codes.
    pub vouchers: String,
    /// Whose each fact is.
    pub facts: String,
    /// Checkpoints of the ledger by day, and what they were made of.
    pub checkpoints: String,
    /// Those of the other contexts, by [`Table::name`].
    pub contexts: BTreeMap<&'static str, String>,
}

impl Tables {
    /// What a table of a context is called where it is deployed.
    pub(crate) fn of(&self, table: &Table) -> Result<&str, StoreError> {
        let found = self.contexts.get(table.name).map(String::as_str);
        found.ok_or_else(|| StoreError::bug("a function uses a table that its environment does not name"))
    }
}

/// A table of a context: its name in the design, whose it is, and its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// As damage and effects name it.
    pub name: &'static str,
    /// The context that owns it: its events come from `/perennial/<context>`.
    pub context: &'static str,
    /// Its hash key.
    pub hash: &'static str,
    /// Its range key, if it has one.
    pub range: Option<&'static str>,
}

impl Table {
    /// A key as attributes.
    pub(crate) fn key(&self, key: &Key) -> Item {
        let range = self.range.zip(key.range.as_ref());
        let pairs = std::iter::once((self.hash, &key.hash)).chain(range);
        pairs.map(|(name, value)| (name.to_owned(), text(value))).collect()
    }

    /// The key of an item.
    pub(crate) fn key_of(&self, item: &Item) -> Result<Key, Damage> {
        let part = |name| as_text(item.get(name), name).map(str::to_owned).map_err(|damage| damage.of(self.name));
        Ok(Key { hash: part(self.hash)?, range: self.range.map(part).transpose()? })
    }
}

/// The table of accounts, as damage names it.
pub const ACCOUNTS: &str = "accounts";
/// The table of sealed history.
pub const PAGES: &str = "pages";
/// The table of programme versions.
pub const CATALOGUE: &str = "catalogue";
/// The table of what is left of rewards.
pub const STOCK: &str = "stock";
/// The table of vouchers.
pub const VOUCHERS: &str = "vouchers";
/// The table of facts and whose they are.
pub const FACTS: &str = "facts";
/// The table of days and what they were made of.
pub const CHECKPOINT: &str = "checkpoints";

/// Members, one item each.
pub const MEMBERS: Table = Table { name: "members", context: "members", hash: "member", range: None };
/// Whose an identifier is.
pub const CLAIMS: Table = Table { name: "claims", context: "members", hash: "claim", range: None };
/// What was written of members, and what they agreed to.
pub const MEMBER_LOG: Table = Table { name: "member-log", context: "members", hash: "member", range: Some("seq") };
/// The keys of members.
pub const MEMBER_KEYS: Table = Table { name: "member-keys", context: "members", hash: "member", range: None };
/// What a person decides of members, and what takes long.
pub const MEMBER_JOBS: Table = Table { name: "member-jobs", context: "members", hash: "job", range: None };
/// That members were erased, for ever: by their ids, and nothing else of them.
pub const ERASURES: Table = Table { name: "erasures", context: "members", hash: "member", range: None };
/// What members do that earns nothing.
pub const SIGNALS: Table = Table { name: "signals", context: "signals", hash: "member", range: Some("at") };
/// What is under way for members, and what was.
pub const CARE: Table = Table { name: "care", context: "care", hash: "member", range: Some(SORT) };
/// Messages, what became of each.
pub const MESSAGES: Table = Table { name: "messages", context: "messages", hash: "message", range: None };
/// Texts in the app, sealed.
pub const INBOX: Table = Table { name: "inbox", context: "messages", hash: "member", range: Some("at") };
/// Surveys, their answers, and suggestions.
pub const SURVEYS: Table = Table { name: "surveys", context: "voice", hash: "pk", range: None };
/// Tickets, one item each.
pub const TICKETS: Table = Table { name: "tickets", context: "desk", hash: "ticket", range: None };
/// What was said and done of tickets, row by row; words are sealed.
pub const TICKET_LOG: Table = Table { name: "ticket-log", context: "desk", hash: "ticket", range: Some("seq") };
/// Agents, whose own they are, and what budgets have been used.
pub const DESK: Table = Table { name: "desk", context: "desk", hash: "pk", range: None };
/// The index on `messages`, `tickets` and others of those of a member.
pub const MEMBER_INDEX: &str = "member";
/// Range key of `care`.
pub const SORT: &str = "sk";
/// The index on `member-jobs` of what is open.
pub const OPEN_INDEX: &str = "open";
/// Its hash key: the kind of job.
pub const OPEN_KIND: &str = "ok";
/// Its range key: since when, in seconds since 1970.
pub const OPEN_AT: &str = "oa";

/// Hash key of `accounts` and `pages`.
pub const MEMBER: &str = "member";
/// Range key of `pages`: the sequence of the page's first entry.
pub const FIRST: &str = "first";
/// Hash key of `facts`.
pub const FACT: &str = "k";
/// The index on `facts` of orders for which refunds wait.
pub const PARKED_INDEX: &str = "parked";
/// Its hash key: always 0.
pub const PARKED_SHARD: &str = "ps";
/// Its range key: when the first of the refunds lapses, in seconds since 1970.
pub const PARKED_AT: &str = "pa";
/// Hash key of `catalogue`, `stock` and `vouchers`.
pub const ID: &str = "id";
/// The index on `accounts` of those that time will do something to.
pub const DUE_INDEX: &str = "due";
/// Its hash key: one of [`DUE_SHARDS`].
pub const DUE_SHARD: &str = "ds";
/// Its range key: the instant, in seconds since 1970.
pub const DUE_AT: &str = "da";
/// Over how many shards due accounts are spread.
pub const DUE_SHARDS: u32 = 64;

/// Hash key of `checkpoints`: [`CHECKPOINTS`] or [`NOTES`].
pub const OF: &str = "of";
/// Range key of `checkpoints`: a checkpoint's day, or a note's day and name; and of `signals`: a signal's instant and name.
pub const AT: &str = "at";
/// The hash key of all checkpoints.
pub const CHECKPOINTS: &str = "checkpoints";
/// The hash key of all notes, the oldest first.
pub const NOTES: &str = "notes";

/// The list of programme versions.
pub const PROGRAMME: &str = "programme";
/// The secret under which voucher codes are derived.
pub const VOUCHER_SECRET: &str = "secret";
/// Of what does not stay: when its item goes, in seconds since 1970.
pub const TTL: &str = "ttl";

/// A document, by the hash of its canonical form.
#[must_use]
pub fn document(hash: Hash) -> String {
    format!("doc#{hash}")
}

/// The counter of a stock; by itself, how many pieces were laid in so far.
#[must_use]
pub fn stock(name: &str) -> String {
    format!("c#{name}")
}

/// What was laid in by an operation.
#[must_use]
pub fn restocked(operation: OperationId) -> String {
    format!("r#{operation}")
}

/// A shard of a counter.
#[must_use]
pub fn counter(name: &str, shard: u32) -> String {
    format!("{name}#{shard}")
}

/// A voucher, by the hash of its code.
#[must_use]
pub fn voucher(code: Hash) -> String {
    format!("v#{code}")
}

/// The range key of a day's note; without a name, what all of the day begin with.
#[must_use]
pub fn note(day: Date, name: &str) -> String {
    format!("{day}#{name}")
}
