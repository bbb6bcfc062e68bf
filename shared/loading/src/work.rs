//! With what rows are done.

use std::collections::BTreeMap;
use std::sync::Mutex;

use domain::kernel::id::OperationId;
use domain::members::identifier::Reading;
use domain::members::import::{Import, Outcome};
use domain::members::proving::Proof;
use domain::members::telling::Rules;
use domain::programme::compiled::Programmes;
use domain::programme::members::Members;
use domain::programme::setting::Setting;
use domain::programme::source::Source;
use futures_util::future::{BoxFuture, join_all};
use intake::{Came, EXTERNAL_ID, Fault, Naming};
use jiff::Timestamp;
use sheet::{Cells, Epoch, Header, Mapping};
use store::{Keys, Patience, Store, StoreError};

/// How many rows are done at once.
pub(crate) const AT_ONCE: usize = 16;

/// With what rows are done, and how.
pub(crate) struct Work<'a> {
    /// Where they are written.
    pub(crate) store: &'a Store,
    /// Under which keys.
    pub(crate) keys: &'a Keys,
    /// Of which import.
    pub(crate) import: &'a Import,
    /// They are written, and not only looked at.
    pub(crate) writes: bool,
    /// The part was begun before: some of it may be written.
    pub(crate) again: bool,
    /// The programmes.
    pub(crate) programmes: &'a Programmes,
    /// The rules of the one that counts, when the import began.
    pub(crate) rules: Rules<'a>,
    /// Who says so.
    pub(crate) source: &'a Source,
    /// How the file is read.
    pub(crate) mapping: &'a Mapping,
    /// Which column holds what, and from which day numbers count.
    pub(crate) header: (&'a Header, Epoch),
    /// The time of all of them.
    pub(crate) now: Timestamp,
    /// How long each may be tried.
    pub(crate) patience: &'a (dyn Fn() -> Patience + Sync),
    /// What the file says, beside what is in the ledger for it.
    pub(crate) proof: Mutex<Proof>,
}

/// What becomes of a row, or what is wrong with it.
pub(crate) type Judged<'a> = BoxFuture<'a, Result<Result<Outcome, Fault>, StoreError>>;

/// Whom rows are about who is no member.
pub(crate) fn nobody() -> Fault {
    Fault::new(EXTERNAL_ID, "unknown_member", "nobody is called so: import members first")
}

/// What rows came to.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// Each of them.
    pub(crate) came: Came,
    /// The points of those that changed something, less what is owed.
    pub(crate) points: i64,
    /// Rows whose points are good for longer than they say.
    pub(crate) lengthened: u32,
}

impl Loaded {
    pub(crate) fn of(came: Came) -> Self {
        Self { came, points: 0, lengthened: 0 }
    }
}

/// How identifiers are read by a programme.
///
/// # Errors
/// A programme is published by which they cannot be: a bug.
pub(crate) fn reading(members: &Members) -> Result<Reading, StoreError> {
    Reading::of(members)
        .map_err(|_checked_when_published| StoreError::bug("a programme is published that cannot read identifiers"))
}

impl Work<'_> {
    pub(crate) fn setting(&self) -> Setting<'_> {
        Setting { programmes: self.programmes, now: self.now }
    }

    /// Does rows member by member, several members at once; those of one follow each other.
    pub(crate) async fn by_member<T>(
        &self,
        members: BTreeMap<String, Vec<(u32, T)>>,
        one: for<'b> fn(&'b Work<'b>, u32, &'b T) -> Judged<'b>,
    ) -> Result<Came, StoreError> {
        let member = async |rows: &[(u32, T)]| {
            let mut came = Came::new();
            for (number, row) in rows {
                let judged = match one(self, *number, row).await? {
                    Ok(outcome) => (outcome, Vec::new()),
                    Err(fault) => (Outcome::Refused, vec![fault]),
                };
                came.insert(*number, judged);
            }
            Ok::<_, StoreError>(came)
        };
        let (mut came, members) = (Came::new(), members.into_values().collect::<Vec<_>>());
        for some in members.chunks(AT_ONCE) {
            for done in join_all(some.iter().map(|rows| member(rows))).await {
                came.extend(done?);
            }
        }
        Ok(came)
    }

    /// How identifiers are read.
    pub(crate) fn identifiers(&self) -> Result<Reading, StoreError> {
        reading(self.rules.members)
    }

    /// Who rows are about.
    pub(crate) fn naming<'b>(&'b self, identifiers: &'b Reading) -> Naming<'b> {
        let (header, epoch) = self.header;
        Naming { header, cells: Cells::new(self.mapping, epoch), identifiers, source: &self.source.id }
    }

    /// The operation of a row.
    pub(crate) fn operation(&self, number: u32) -> OperationId {
        OperationId::of_fact("import", &self.import.id, &number.to_string())
    }

    /// Who writes: whoever asked for the import, by it.
    pub(crate) fn file(&self) -> String {
        format!("{} import:{}", self.import.by, self.import.id)
    }

    /// The same, of a row that changes something.
    pub(crate) fn mark(&self, number: u32) -> String {
        format!("{} import:{}#{number}", self.import.by, self.import.id)
    }
}
