//! A decision on care: read, look for a repeat, decide, write under the version that was read.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::care::{Care, Decided, Filed, Ignored, KeyId, Person, Scene};
use domain::kernel::change::Key;
use domain::kernel::id::{MemberId, OperationId};
use domain::programme::compiled::Programmes;
use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::HEAD;
use super::head_item::{decode, decode_key, encode, encode_key, place};
use crate::attribute::{Item, as_bytes, as_instant, as_list, as_number, bytes, instant, number, size_of};
use crate::due::{armed, shard};
use crate::error::Damage;
use crate::outbox::{NEWS, Origin, VERSION, WRITTEN, news};
use crate::race::Patience;
use crate::table::{CARE, DUE_AT, DUE_SHARD};
use crate::write::{Next, Written};
use crate::{Store, StoreError};

/// The attribute that holds the newest events that were taken in.
const OPERATIONS: &str = "op";

/// So many of them are known.
const MOST_OPERATIONS: usize = 8;

/// The largest an item may be, in bytes. A larger one is a mistake of ours.
const LARGEST: usize = 24 * 1024;

/// What decisions on care rest on beside the state, whoever it is about.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The programmes.
    pub programmes: &'a Programmes,
    /// Journeys that stand still.
    pub paused: &'a BTreeSet<String>,
    /// Now.
    pub now: Timestamp,
}

/// What is decided.
#[derive(Debug, Clone)]
pub struct CareAsked<'a> {
    /// Of whom.
    pub member: &'a MemberId,
    /// What is read of them.
    pub person: &'a Person,
    /// What it rests on.
    pub sight: Sight<'a>,
    /// The keys that it is about, as far as they have ended.
    pub keys: BTreeSet<KeyId>,
    /// The event that it comes of, if it is one, so that it is taken in once; and the operation that made it.
    pub event: Option<(OperationId, OperationId)>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CareDone {
    /// The state afterwards.
    pub care: Care,
    /// What was not done, and why.
    pub ignored: Vec<Ignored>,
    /// Something was written.
    pub written: bool,
}

/// Care as it is stored.
struct Kept {
    /// 0: never written.
    version: u64,
    written_at: Option<Timestamp>,
    taken: Vec<[u8; 16]>,
    due: Option<Timestamp>,
    care: Care,
}

impl Store {
    /// Decides something of a member's care. `decide` may be called several times. What changes nothing is not written, but that a place in the
    /// index of what is due has fired.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races; what DynamoDB says; or what is there is damaged.
    pub async fn care_for(
        &self,
        asked: &CareAsked<'_>,
        patience: &mut Patience,
        decide: impl Fn(&Care, Scene<'_>) -> Decided,
    ) -> Result<CareDone, StoreError> {
        let CareAsked { member, person, sight, keys, event } = asked;
        loop {
            let kept = self.kept_care(member, keys, sight.now).await?;
            if event.is_some_and(|(event, _)| kept.taken.contains(&event.0)) {
                return Ok(CareDone { care: kept.care, ignored: Vec::new(), written: false });
            }
            let now = kept.written_at.map_or(sight.now, |at| at.max(sight.now));
            let scene = Scene { programmes: sight.programmes, person, paused: sight.paused, now };
            let Decided { change, ignored } = decide(&kept.care, scene);
            let due = armed(kept.due.filter(|due| *due > now), change.state.due(&scene));
            let done = |written| CareDone { care: change.state.clone(), ignored: ignored.clone(), written };
            if change.state == kept.care && change.facts.is_empty() && due == kept.due {
                return Ok(done(false));
            }
            let mut taken = kept.taken.clone();
            taken.extend(event.map(|(event, _)| event.0));
            taken.drain(..taken.len().saturating_sub(MOST_OPERATIONS));
            let next =
                Kept { version: kept.version + 1, written_at: Some(now), taken, due, care: change.state.clone() };
            let mut item = next.encode();
            let origin = Origin {
                operation: event.map_or_else(|| untold(&next), |(_, operation)| operation),
                occurred_at: now,
                programme: sight.programmes.at(now).number,
                member: Some(member),
            };
            item.extend(news(&origin, &change.facts).map(|news| (NEWS.to_owned(), news)));
            if size_of(&item) > LARGEST {
                return Err(StoreError::bug("care of a member is larger than it may be"));
            }
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            let beside = self.put_away(&kept.care.filed, &next)?;
            let next = Next { table: self.tables.of(&CARE)?, key: CARE.hash, item, read: kept.version };
            match self.write(next, beside).await? {
                Written::Done => return Ok(done(true)),
                Written::Lost(_) if patience.again().await => {}
                Written::Lost(_) => return Err(StoreError::Busy),
                Written::Beside(..) => return Err(StoreError::bug("what is put away is under no condition")),
            }
        }
    }

    /// Care of a member, with a key as far as it has ended.
    ///
    /// # Errors
    /// What DynamoDB says, or what is there is damaged.
    pub async fn care_about(&self, member: &MemberId, key: KeyId, now: Timestamp) -> Result<Care, StoreError> {
        Ok(self.kept_care(member, &BTreeSet::from([key]), now).await?.care)
    }

    /// Care of a member, with everything that has ended and is still known.
    ///
    /// # Errors
    /// What DynamoDB says, or what is there is damaged.
    pub async fn whole_care(&self, member: &MemberId, now: Timestamp) -> Result<Care, StoreError> {
        let items = self.care_items(member).await?;
        let head = items.iter().find(|item| CARE.key_of(item).is_ok_and(|key| key.range.as_deref() == Some(HEAD)));
        let mut care = head.map_or_else(|| Ok(Care::new(member.clone())), |item| decode(member, item))?;
        for item in &items {
            care.filed.extend(decode_key(item, now)?);
        }
        Ok(care)
    }

    /// Members of one shard of whose care something is due by an instant.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn due_care(&self, shard: u32, until: Timestamp) -> Result<Vec<MemberId>, StoreError> {
        let items = self.due_items(self.tables.of(&CARE)?, shard, until).await?;
        let member = |item: &Item| {
            let key = CARE.key_of(item)?;
            key.hash.parse().map_err(|_not_an_id: String| crate::error::damaged("member").of(CARE.name))
        };
        Ok(items.iter().map(member).collect::<Result<_, Damage>>()?)
    }

    /// The head first, then the keys: what is put away is at least as new as the head that was read.
    async fn kept_care(&self, member: &MemberId, keys: &BTreeSet<KeyId>, now: Timestamp) -> Result<Kept, StoreError> {
        let head = self.care_item(member, HEAD.to_owned()).await?;
        let mut kept = head.map_or_else(|| Ok(Kept::new(member)), |item| Kept::decode(member, &item))?;
        let found = try_join_all(keys.iter().map(|key| self.care_item(member, place(*key)))).await?;
        for item in found.into_iter().flatten() {
            kept.care.filed.extend(decode_key(&item, now)?);
        }
        Ok(kept)
    }

    async fn care_item(&self, member: &MemberId, place: String) -> Result<Option<Item>, StoreError> {
        let key = CARE.key(&Key::pair(member.as_str(), place));
        let get = self.dynamodb.get_item().table_name(self.tables.of(&CARE)?).set_key(Some(key));
        Ok(get.consistent_read(true).send().await?.item)
    }

    /// Writes the keys that have ended and are not as they were.
    fn put_away(&self, before: &BTreeMap<KeyId, Filed>, next: &Kept) -> Result<Vec<TransactWriteItem>, StoreError> {
        let (table, member) = (self.tables.of(&CARE)?, &next.care.member);
        let changed = next.care.filed.iter().filter(|(key, filed)| before.get(*key) != Some(*filed));
        let now = next.written_at.unwrap_or_default();
        let put = |(key, filed): (&KeyId, &Filed)| {
            let put = Put::builder().table_name(table).set_item(Some(encode_key(member, *key, filed, now)));
            Ok(TransactWriteItem::builder().put(put.build()?).build())
        };
        changed.map(put).collect()
    }
}

/// What stands for the operation where nobody asked.
fn untold(next: &Kept) -> OperationId {
    OperationId::of_fact(CARE.name, next.care.member.as_str(), &format!("wake {}", next.version))
}

impl Kept {
    fn new(member: &MemberId) -> Self {
        Self { version: 0, written_at: None, taken: Vec::new(), due: None, care: Care::new(member.clone()) }
    }

    fn encode(&self) -> Item {
        let mut item = encode(&self.care);
        item.insert(VERSION.to_owned(), number(self.version));
        item.extend(self.written_at.map(|at| (WRITTEN.to_owned(), instant(at))));
        if !self.taken.is_empty() {
            let taken = self.taken.iter().map(|operation| bytes(operation)).collect();
            item.insert(OPERATIONS.to_owned(), AttributeValue::L(taken));
        }
        if let Some(due) = self.due {
            item.insert(DUE_SHARD.to_owned(), number(shard(self.care.member.as_str())));
            item.insert(DUE_AT.to_owned(), instant(due));
        }
        item
    }

    fn decode(member: &MemberId, item: &Item) -> Result<Self, Damage> {
        let taken = as_list(item.get(OPERATIONS), OPERATIONS)?.iter();
        let kept = || {
            Ok(Self {
                version: as_number(item.get(VERSION), VERSION)?,
                written_at: Some(as_instant(item.get(WRITTEN), WRITTEN)?),
                taken: taken.map(|operation| as_bytes(Some(operation), OPERATIONS)).collect::<Result<_, _>>()?,
                due: item.get(DUE_AT).map(|value| as_instant(Some(value), DUE_AT)).transpose()?,
                care: decode(member, item)?,
            })
        };
        kept().map_err(|damage: Damage| damage.of(CARE.name))
    }
}
