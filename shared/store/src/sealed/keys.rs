//! Where keys come from: the master key opens branch keys, a branch key opens members' keys.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use domain::kernel::id::MemberId;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::attribute::{Item, as_instant, as_number, bytes, instant, number, text};
use crate::error::{Damage, Source, contradicts, damaged};
use crate::sealed::draw::Draw;
use crate::sealed::secret::{MemberKey, Secret};
use crate::table::MEMBER_KEYS;
use crate::write::{Next, Written};
use crate::{Store, StoreError, table};

/// For how long a process keeps branch keys.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// How long a branch is the newest.
const BRANCH: SignedDuration = SignedDuration::from_hours(365 * 24);

/// In the place of a key: since when it is no more.
const DESTROYED: &str = "e";

/// Which branch is the newest.
const BRANCHES: &str = "branches";

/// The first key under which identifiers are looked up; its item says which others there are.
pub(crate) const INDEX: &str = "index#1";

/// The key under which codes are worked out.
pub(crate) const CODES: &str = "code#1";

/// The key under which links are signed.
pub(crate) const LINKS: &str = "link#1";

/// The key under which links to surveys are signed.
pub(crate) const SURVEY_LINKS: &str = "survey#1";

/// The master key of a stack, which stays where it is.
pub trait Master: Debug + Send + Sync {
    /// Makes a key of this name: the key, and the same wrapped.
    fn make<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(Secret, Vec<u8>), Source>>;

    /// Unwraps a key that was made under this name.
    fn unwrap<'a>(&'a self, name: &'a str, wrapped: &'a [u8]) -> BoxFuture<'a, Result<Secret, Source>>;
}

/// The keys under which personal data is sealed and looked up, for a process that may read them.
#[derive(Debug, Clone)]
pub struct Keys {
    master: Arc<dyn Master>,
    draw: Draw,
    known: Arc<Mutex<Known>>,
}

/// What a process keeps for a while.
#[derive(Debug, Default)]
struct Known {
    named: BTreeMap<String, Secret>,
    rotated: Option<(u32, Timestamp)>,
    newest: Option<(u32, Timestamp)>,
    branches: BTreeMap<u32, (Secret, Timestamp)>,
}

impl Keys {
    /// Under a master key.
    #[must_use]
    pub fn new(master: Arc<dyn Master>, draw: Draw) -> Self {
        Self { master, draw, known: Arc::default() }
    }

    /// Where what is random comes from.
    pub(crate) fn draw(&self) -> &Draw {
        &self.draw
    }

    fn known<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store {
    /// What stands for a text where it must not: its keyed hash under every key that there is, the first first, and which of them new identifiers are written under at an instant, by its place.
    pub(crate) async fn blinded_by_all(
        &self,
        keys: &Keys,
        text: &str,
        now: Timestamp,
    ) -> Result<(Vec<[u8; 32]>, usize), StoreError> {
        let mut all = vec![self.mac(keys, INDEX, text).await?];
        let Some((newest, since)) = keys.known(|known| known.rotated) else { return Ok((all, 0)) };
        for number in 2..=newest {
            all.push(self.mac(keys, &format!("index#{number}"), text).await?);
        }
        // Before that instant there may be processes that know nothing of the newest.
        let written = all.len().saturating_sub(if now < since { 2 } else { 1 });
        Ok((all, written))
    }

    /// Has identifiers indexed under another key from an instant on; the keys before are read as long as something lies under them. A process that
    /// runs knows of it when it is started anew. The number of the key.
    ///
    /// # Errors
    /// Nothing is indexed yet, another rotation has just begun, or what DynamoDB says.
    pub async fn rotate_index(&self, now: Timestamp, from: Timestamp) -> Result<Option<u32>, StoreError> {
        let Some(item) = self.key_item(INDEX).await? else { return Ok(None) };
        let rotated = rotated_of(&item).map_err(of_keys)?;
        if rotated.is_some_and(|(_, since)| now < since) {
            return Ok(None);
        }
        let next = rotated.map_or(1, |(newest, _)| newest).saturating_add(1);
        let update = self.dynamodb.update_item().table_name(self.tables.of(&MEMBER_KEYS)?);
        let update = update.key(MEMBER_KEYS.hash, text(INDEX)).update_expression("SET n = :n, a = :a");
        let update = match rotated {
            Some((newest, _)) => {
                update.condition_expression("n = :read").expression_attribute_values(":read", number(newest))
            }
            None => update.condition_expression("attribute_not_exists(n)"),
        };
        let update = update.expression_attribute_values(":n", number(next));
        update.expression_attribute_values(":a", instant(from)).send().await?;
        Ok(Some(next))
    }

    /// A keyed hash of a text, under a key that a process keeps.
    pub(crate) async fn mac(&self, keys: &Keys, name: &str, text: &str) -> Result<[u8; 32], StoreError> {
        Ok(self.kept_key(keys, name).await?.mac(text))
    }

    /// A key that a process keeps.
    pub(crate) async fn kept_key(&self, keys: &Keys, name: &str) -> Result<Secret, StoreError> {
        if let Some(key) = keys.known(|known| known.named.get(name).cloned()) {
            return Ok(key);
        }
        let key = self.named_key(keys, name).await?;
        keys.known(|known| known.named.insert(name.to_owned(), key.clone()));
        Ok(key)
    }

    /// The keys of members; whose is not there, is not there.
    pub(crate) async fn member_keys(
        &self,
        keys: &Keys,
        members: &[MemberId],
        now: Timestamp,
    ) -> Result<BTreeMap<MemberId, MemberKey>, StoreError> {
        let ids: Vec<String> = members.iter().map(|member| member.as_str().to_owned()).collect();
        let mut found = BTreeMap::new();
        for (id, item) in self.items_of(self.tables.of(&MEMBER_KEYS)?, MEMBER_KEYS.hash, &ids, true).await? {
            let Some(member) = members.iter().find(|member| member.as_str() == id) else { continue };
            if item.contains_key(DESTROYED) {
                continue;
            }
            let (branch, wrapped) = wrapped_member_key(&item).map_err(of_keys)?;
            let secret = self.branch(keys, branch, now).await?.open(&place(member, branch), &wrapped);
            let secret = secret.and_then(|secret| Some(Secret::from(<[u8; 32]>::try_from(secret).ok()?)));
            let secret = secret.ok_or_else(|| of_keys(contradicts("w")))?;
            found.insert(member.clone(), MemberKey { member: member.clone(), secret, branch, draw: keys.draw.clone() });
        }
        Ok(found)
    }

    /// A key for a new member, and the write that keeps it, if the member has none.
    pub(crate) async fn new_member_key(
        &self,
        keys: &Keys,
        member: &MemberId,
        now: Timestamp,
    ) -> Result<(MemberKey, TransactWriteItem), StoreError> {
        let branch = self.newest_branch(keys, now).await?;
        let secret = Secret::from(keys.draw.bytes::<32>()?);
        let key = MemberKey { member: member.clone(), secret, branch, draw: keys.draw.clone() };
        let put = self.keeping(keys, &key, now).await?.condition_expression("attribute_not_exists(#key)");
        let put = put.expression_attribute_names("#key", MEMBER_KEYS.hash).build()?;
        Ok((key, TransactWriteItem::builder().put(put).build()))
    }

    /// The write that moves a member's key under the newest branch; none if it is there. The key stays what it is, and so does
    /// everything that it seals.
    pub(crate) async fn moved_member_key(
        &self,
        keys: &Keys,
        key: &MemberKey,
        now: Timestamp,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let branch = self.newest_branch(keys, now).await?;
        if key.branch == branch {
            return Ok(None);
        }
        let put = self.keeping(keys, &MemberKey { branch, ..key.clone() }, now).await?;
        let put =
            put.condition_expression("n = :read").expression_attribute_values(":read", number(key.branch)).build()?;
        Ok(Some(TransactWriteItem::builder().put(put).build()))
    }

    /// The write that destroys a member's key, for ever: that it was stays, so that nobody makes another.
    pub(crate) fn without_key(&self, member: &MemberId, at: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.tables.of(&MEMBER_KEYS)?);
        let put = put.item(MEMBER_KEYS.hash, text(member.as_str())).item(DESTROYED, instant(at)).build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A member's key, sealed under its branch.
    async fn keeping(&self, keys: &Keys, key: &MemberKey, now: Timestamp) -> Result<PutBuilder, StoreError> {
        let MemberKey { member, secret, branch, draw } = key;
        let wrapped = self.branch(keys, *branch, now).await?.seal(&place(member, *branch), secret.bytes(), draw)?;
        let put =
            Put::builder().table_name(self.tables.of(&MEMBER_KEYS)?).item(MEMBER_KEYS.hash, text(member.as_str()));
        Ok(put.item("n", number(*branch)).item("w", bytes(&wrapped)))
    }

    async fn branch(&self, keys: &Keys, branch: u32, now: Timestamp) -> Result<Secret, StoreError> {
        let fresh = |at: Timestamp| now.duration_since(at).abs() < FRESH;
        let known =
            keys.known(|known| known.branches.get(&branch).filter(|(_, at)| fresh(*at)).map(|(key, _)| key.clone()));
        if let Some(key) = known {
            return Ok(key);
        }
        let key = self.named_key(keys, &format!("branch#{branch}")).await?;
        keys.known(|known| known.branches.insert(branch, (key.clone(), now)));
        Ok(key)
    }

    /// The branch of members that are new or written anew; another one every year.
    async fn newest_branch(&self, keys: &Keys, now: Timestamp) -> Result<u32, StoreError> {
        let young = |(_, since): &(u32, Timestamp)| now.duration_since(*since) < BRANCH;
        if let Some((branch, _)) = keys.known(|known| known.newest.filter(young)) {
            return Ok(branch);
        }
        let newest = self.key_item(BRANCHES).await?.map(|item| newest_of(&item)).transpose().map_err(of_keys)?;
        let newest = match newest.filter(young) {
            Some(newest) => newest,
            None => {
                let next = (newest.map_or(1, |(branch, _)| branch + 1), now);
                let kept = self.keep_key_item(BRANCHES, newest.map(|(branch, _)| branch), next).await?;
                kept.map(|item| newest_of(&item)).transpose().map_err(of_keys)?.unwrap_or(next)
            }
        };
        keys.known(|known| known.newest = Some(newest));
        Ok(newest.0)
    }

    /// A key that the master key wraps. It is made when it is first needed, and whoever comes second takes what is there.
    async fn named_key(&self, keys: &Keys, name: &str) -> Result<Secret, StoreError> {
        let found = match self.key_item(name).await? {
            Some(item) => item,
            None => {
                let (key, wrapped) = keys.master.make(name).await.map_err(StoreError::Unavailable)?;
                let item = Item::from([(MEMBER_KEYS.hash.to_owned(), text(name)), ("w".to_owned(), bytes(&wrapped))]);
                let next = Next { table: self.tables.of(&MEMBER_KEYS)?, key: MEMBER_KEYS.hash, item, read: 0 };
                match self.write(next, Vec::new()).await? {
                    Written::Done => return Ok(key),
                    Written::Lost(there) | Written::Beside(_, there) => there.ok_or(StoreError::Busy)?,
                }
            }
        };
        if name == INDEX {
            let rotated = rotated_of(&found).map_err(of_keys)?;
            keys.known(|known| known.rotated = rotated);
        }
        let wrapped = wrapped(&found).map_err(of_keys)?;
        keys.master.unwrap(name, &wrapped).await.map_err(StoreError::Unavailable)
    }

    async fn key_item(&self, name: &str) -> Result<Option<Item>, StoreError> {
        let get = self.dynamodb.get_item().table_name(self.tables.of(&MEMBER_KEYS)?).key(MEMBER_KEYS.hash, text(name));
        Ok(get.consistent_read(true).send().await?.item)
    }

    /// Says which branch is the newest, if it is still the one that was read; what somebody else said instead.
    async fn keep_key_item(
        &self,
        name: &str,
        read: Option<u32>,
        (branch, since): (u32, Timestamp),
    ) -> Result<Option<Item>, StoreError> {
        let put = self.dynamodb.put_item().table_name(self.tables.of(&MEMBER_KEYS)?).item(MEMBER_KEYS.hash, text(name));
        let put = put.item("n", number(branch)).item("a", instant(since));
        let put = match read {
            Some(read) => put.condition_expression("n = :read").expression_attribute_values(":read", number(read)),
            None => put
                .condition_expression("attribute_not_exists(#key)")
                .expression_attribute_names("#key", MEMBER_KEYS.hash),
        };
        match put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld).send().await {
            Ok(_) => Ok(None),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => Ok(failed.item.clone()),
                _ => Err(error.into()),
            },
        }
    }
}

/// What a member's key is bound to.
fn place(member: &MemberId, branch: u32) -> String {
    format!("mk|{member}|{branch}")
}

fn wrapped(item: &Item) -> Result<Vec<u8>, Damage> {
    let wrapped = item.get("w").and_then(|value: &AttributeValue| value.as_b().ok());
    wrapped.map(|blob| blob.as_ref().to_vec()).ok_or_else(|| damaged("w"))
}

fn wrapped_member_key(item: &Item) -> Result<(u32, Vec<u8>), Damage> {
    Ok((as_number(item.get("n"), "n")?, wrapped(item)?))
}

/// The newest key of identifiers, and since when it is the one that is written; none while there is one alone.
fn rotated_of(item: &Item) -> Result<Option<(u32, Timestamp)>, Damage> {
    item.contains_key("n").then(|| newest_of(item)).transpose()
}

fn newest_of(item: &Item) -> Result<(u32, Timestamp), Damage> {
    Ok((as_number(item.get("n"), "n")?, as_instant(item.get("a"), "a")?))
}

fn of_keys(damage: Damage) -> StoreError {
    StoreError::Damaged(damage.of(table::MEMBER_KEYS.name))
}
