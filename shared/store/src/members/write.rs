//! What is written of members at once: items under the versions that were read, claims as they were seen, and what is beside them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::kernel::id::{MemberId, OperationId};
use domain::members::conflict::Conflict;
use domain::members::consent::Record;
use domain::members::facts::{DECEASED, MemberFact};
use domain::members::receipt::Receipt;
use domain::members::state::Member;
use domain::members::telling::Rules;
use domain::members::undo::Image;
use domain::planted;
use domain::programme::setting::Setting;
use serde_json::{Map, Value};

use crate::attribute::{Item, bytes, from_json, instant, number, size_of};
use crate::due;
use crate::members::member_item::{Stored, encode, encode_erased};
use crate::members::{conflict_item, log};
use crate::outbox::{NEWS, Origin, news};
use crate::sealed::keys::Keys;
use crate::sealed::secret::MemberKey;
use crate::table::{DUE_AT, DUE_SHARD, MEMBER_JOBS, MEMBER_LOG, MEMBERS, Table};
use crate::write::Next;
use crate::{Store, StoreError};

/// The largest an item of `members` may be, in bytes.
const LARGEST: usize = 16 * 1024;

/// Under which name a row of the log keeps what a write made of a member.
pub(crate) const IMAGE: &str = "u";

/// The most items of a transaction.
const MOST: usize = 100;

/// Who asks for a write, and by which rules it is decided.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The keys under which what is written is sealed.
    pub keys: &'a Keys,
    /// Who.
    pub by: &'a str,
    /// The operation.
    pub operation: OperationId,
    /// The rules.
    pub rules: Rules<'a>,
    /// When, and by which programmes.
    pub setting: Setting<'a>,
}

/// A write that is being put together.
pub(crate) struct Writing<'a> {
    pub(crate) store: &'a Store,
    pub(crate) asking: Asking<'a>,
    pub(crate) keys: &'a BTreeMap<MemberId, MemberKey>,
    pub(crate) writes: Vec<TransactWriteItem>,
    /// Who was there before and is written.
    known: Vec<MemberId>,
}

/// What is written of a member, and told.
#[derive(Debug, Default)]
pub(crate) struct News<'a> {
    pub(crate) facts: &'a [MemberFact],
    pub(crate) records: Vec<&'a Record>,
    /// What the row says beside them: names and kinds, never values.
    pub(crate) notes: Vec<(&'static str, Value)>,
    /// Why, in somebody's words: sealed, for nobody knows what they say.
    pub(crate) reason: Option<&'a str>,
    /// What the member was before, of a write that can be taken back.
    pub(crate) before: Option<&'a Member>,
}

impl<'a> Writing<'a> {
    /// Nothing yet but what is given.
    pub(crate) fn new(
        store: &'a Store,
        asking: Asking<'a>,
        keys: &'a BTreeMap<MemberId, MemberKey>,
        writes: Vec<TransactWriteItem>,
    ) -> Self {
        Self { store, asking, keys, writes, known: Vec::new() }
    }

    /// A member in its next version, and the row that says what was new.
    pub(crate) fn member(&mut self, member: &Member, read: u64, new: News<'_>) -> Result<(), StoreError> {
        let key = self.keys.get(&member.id).ok_or_else(|| StoreError::bug("a member is written without its key"))?;
        let stored = Stored { member: member.clone(), version: read + 1 };
        let mut item = encode(&stored, key, self.asking.setting.now)?;
        item.extend(news(&self.origin(&member.id), new.facts).map(|news| (NEWS.to_owned(), news)));
        if let Some(due) = member.due(self.asking.rules) {
            let shard = number(due::shard(member.id.as_str()));
            item.extend([(DUE_SHARD.to_owned(), shard), (DUE_AT.to_owned(), instant(due))]);
        }
        if size_of(&item) > LARGEST {
            return Err(StoreError::bug("a member is larger than one may be"));
        }
        self.put(&MEMBERS, item, read)?;
        self.known.extend((read > 0).then(|| member.id.clone()));
        let mut says = row(&says(&new));
        if let Some(reason) = new.reason {
            let place = format!("reason {}", log::place(stored.version));
            says.insert("y".to_owned(), bytes(&key.seal(MEMBER_LOG.name, &place, reason.as_bytes())?));
        }
        if let Some(before) = new.before {
            let image = Image::of(before, member);
            let part = |part: Member| Ok::<_, StoreError>(AttributeValue::M(self.sealed(part, key)?));
            let parts = [("b".to_owned(), part(image.before)?), ("a".to_owned(), part(image.after)?)];
            says.insert(IMAGE.to_owned(), AttributeValue::M(parts.into()));
        }
        let (at, table) = ((self.asking.setting.now, self.asking.by), self.store.tables.of(&MEMBER_LOG)?);
        self.writes.push(log::put(table, (&member.id, stored.version), at, says)?);
        Ok(())
    }

    /// Part of a member, as an item.
    fn sealed(&self, member: Member, key: &MemberKey) -> Result<Item, StoreError> {
        encode(&Stored { member, version: 0 }, key, self.asking.setting.now)
    }

    /// In a member's place that there was one who was erased, and the row that says so; its key goes in the same write.
    pub(crate) fn erased(
        &mut self,
        (member, read): (&MemberId, u64),
        receipt: &Receipt,
        new: &News<'_>,
    ) -> Result<(), StoreError> {
        let now = self.asking.setting.now;
        let mut item = encode_erased((member, read + 1), receipt, now);
        item.extend(news(&self.origin(member), new.facts).map(|news| (NEWS.to_owned(), news)));
        self.put(&MEMBERS, item, read)?;
        let table = self.store.tables.of(&MEMBER_LOG)?;
        self.writes.push(log::put(table, (member, read + 1), (now, self.asking.by), row(&says(new)))?);
        if !planted!("bug-erased-key-kept") {
            self.writes.push(self.store.without_key(member, receipt.erased_at)?);
        }
        Ok(())
    }

    fn origin<'m>(&self, member: &'m MemberId) -> Origin<'m> {
        let setting = self.asking.setting;
        let programme = setting.programmes.at(setting.now).number;
        Origin { operation: self.asking.operation, occurred_at: setting.now, programme, member: Some(member) }
    }

    /// A conflict in its next version.
    pub(crate) fn conflict(&mut self, conflict: &Conflict, read: u64) -> Result<(), StoreError> {
        self.put(&MEMBER_JOBS, conflict_item::encode(conflict, read + 1, self.asking.setting.now), read)
    }

    /// A write beside them.
    pub(crate) fn beside(&mut self, write: TransactWriteItem) {
        self.writes.push(write);
    }

    /// All that is written at once. Keys of those who are written move to the newest branch.
    pub(crate) async fn all(mut self) -> Result<Vec<TransactWriteItem>, StoreError> {
        for member in std::mem::take(&mut self.known) {
            let key = self.keys.get(&member).ok_or_else(|| StoreError::bug("a member is written without its key"))?;
            self.writes.extend(self.store.moved_member_key(self.asking.keys, key, self.asking.setting.now).await?);
        }
        if self.writes.len() > MOST {
            return Err(StoreError::bug("more is written at once than can be"));
        }
        Ok(self.writes)
    }

    /// An item in its next version.
    pub(crate) fn put(&mut self, table: &Table, item: Item, read: u64) -> Result<(), StoreError> {
        let next = Next { table: self.store.tables.of(table)?, key: table.hash, item, read };
        self.writes.push(next.in_transaction()?);
        Ok(())
    }
}

/// What a row says of a write: names and kinds, and what was agreed to.
fn says(new: &News<'_>) -> Map<String, Value> {
    let mut says: Map<String, Value> = Map::new();
    let mut add = |name: &str, value: Value| match says.get_mut(name).and_then(Value::as_array_mut) {
        Some(list) => list.push(value),
        None => drop(says.insert(name.to_owned(), Value::Array(vec![value]))),
    };
    for fact in new.facts {
        match fact {
            MemberFact::MemberEnrolled { source } => add("enrolled", source.as_str().into()),
            MemberFact::IdentifierLinked { kind, .. } => add("linked", kind.as_str().into()),
            MemberFact::IdentifierUnlinked { kind, .. } => add("unlinked", kind.as_str().into()),
            MemberFact::ProfileUpdated { fields, .. } => {
                fields.iter().for_each(|field| add("fields", field.as_str().into()))
            }
            MemberFact::IdentityConflictDetected { conflict } => add("conflicts", conflict.as_str().into()),
            MemberFact::MembersMerged { absorbed, .. } => add("merged", absorbed.as_str().into()),
            MemberFact::MembersUnmerged { absorbed, .. } => add("unmerged", absorbed.as_str().into()),
            MemberFact::MemberSuspended {} => add("states", "suspended".into()),
            MemberFact::MemberReactivated {} => add("states", "active".into()),
            MemberFact::MemberClosed { because } => {
                add("states", if because == DECEASED { DECEASED } else { "closed" }.into());
            }
            MemberFact::ErasureRequested { due } => add("erasure", due.as_str().into()),
            MemberFact::DormantPurgeNotified { purge_on, .. } => add("purge", purge_on.as_str().into()),
            MemberFact::MemberErased { .. } => add("states", "erased".into()),
            MemberFact::TagAdded { tag, .. } => add("tagged", tag.as_str().into()),
            MemberFact::TagRemoved { tag, .. } => add("untagged", tag.as_str().into()),
            MemberFact::AuditRecorded { .. } | MemberFact::DataExported { .. } => {}
            MemberFact::VerificationWanted { identifier, .. } => add("codes", (*identifier).into()),
            MemberFact::ConsentGiven { .. }
            | MemberFact::ConsentPending { .. }
            | MemberFact::ConsentWithdrawn { .. } => {}
        }
    }
    for record in &new.records {
        add("consents", log::of_consent(record));
    }
    for (name, value) in &new.notes {
        add(name, value.clone());
    }
    says
}

/// As attributes.
fn row(says: &Map<String, Value>) -> Item {
    says.iter().map(|(name, value)| (name.clone(), from_json(value))).collect()
}
