//! Members as they are, opened.

use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use domain::kernel::membership::HOPS;
use domain::members::finding::Finding;
use domain::members::identifier::{Identifier, Index};
use domain::members::state::State;
use jiff::Timestamp;

use crate::attribute::{Item, as_number, text};
use crate::members::claims::{self, Claim, Claimed};
use crate::members::member_item::{Stored, decode, is_erased};
use crate::outbox::VERSION;
use crate::sealed::keys::Keys;
use crate::sealed::secret::MemberKey;
use crate::table::{CLAIMS, MEMBER_JOBS, MEMBERS, Table};
use crate::{Store, StoreError};

/// Members that were read, and their keys.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    pub(crate) members: BTreeMap<MemberId, Stored>,
    pub(crate) keys: BTreeMap<MemberId, MemberKey>,
    /// Those who were erased, with the versions of what stands in their place.
    pub(crate) erased: BTreeMap<MemberId, u64>,
}

impl Opened {
    /// Who stands for a member, as it is.
    pub(crate) fn of(&self, member: &MemberId) -> Option<&Stored> {
        self.members.get(self.live(member)?)
    }

    /// Why nobody stands for a member.
    pub(crate) fn finding(&self, member: &MemberId) -> Finding {
        if self.erased.contains_key(member) { Finding::MemberErased } else { Finding::UnknownMember }
    }

    /// Who stands for a member: itself, or whoever absorbed it. None if nobody does.
    pub(crate) fn live(&self, member: &MemberId) -> Option<&MemberId> {
        let mut member = &self.members.get(member)?.member;
        for _ in 0..HOPS {
            match &member.state {
                State::Merged { into } => member = &self.members.get(into)?.member,
                _ => return Some(&member.id),
            }
        }
        None
    }
}

impl Store {
    /// A member, by any id that it ever had; or that there is none, or none any more.
    ///
    /// # Errors
    /// What DynamoDB or the master key says, or the member's item is not what was written.
    pub async fn member(
        &self,
        keys: &Keys,
        member: &MemberId,
        now: Timestamp,
    ) -> Result<Result<Stored, Finding>, StoreError> {
        let mut opened = self.open(keys, vec![member.clone()], now).await?;
        let live = opened.live(member).cloned();
        let stored = live.and_then(|live| opened.members.remove(&live));
        Ok(stored.ok_or_else(|| opened.finding(member)))
    }

    /// Whose an identifier is: the member who stands for it now, and by which id it was claimed. None if it is nobody's.
    ///
    /// # Errors
    /// As [`Store::member`].
    pub async fn holder(
        &self,
        keys: &Keys,
        identifier: &Identifier,
        now: Timestamp,
    ) -> Result<Option<(Stored, MemberId)>, StoreError> {
        let index = self.index_of(keys, identifier, now).await?;
        let key = claims::key(&identifier.kind, index);
        let Some(claimed) = self.claimed(std::slice::from_ref(&key)).await?.remove(&key) else { return Ok(None) };
        let found = self.member(keys, &claimed.member, now).await?.ok();
        // Of an identifier whose member does not have it any more the claim is what a crash has left.
        let has =
            |index: Index, stored: &Stored| claimed.member != stored.member.id || stored.member.has(index).is_some();
        Ok(found.filter(|stored| has(index, stored)).map(|stored| (stored, claimed.member)))
    }

    /// Members, and who stands for them, opened; those that are not there are left out.
    pub(crate) async fn open(
        &self,
        keys: &Keys,
        mut wanted: Vec<MemberId>,
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        let mut opened = Opened::default();
        for _ in 0..HOPS {
            wanted.sort();
            wanted.dedup();
            wanted.retain(|member| !opened.members.contains_key(member));
            if wanted.is_empty() {
                break;
            }
            let ids: Vec<String> = wanted.iter().map(|member| member.as_str().to_owned()).collect();
            let found = self.items_of(self.tables.of(&MEMBERS)?, MEMBERS.hash, &ids, true);
            let (items, secrets) = futures_util::future::join(found, self.member_keys(keys, &wanted, now)).await;
            let (items, secrets) = (items?, secrets?);
            opened.keys.extend(secrets);
            wanted.clear();
            for (id, item) in &items {
                if is_erased(item) {
                    let version = as_number(item.get(VERSION), VERSION).map_err(|damage| damage.of(MEMBERS.name))?;
                    opened.erased.extend(id.parse().ok().map(|member: MemberId| (member, version)));
                    continue;
                }
                let Some((member, stored)) = opened.read(id, item)? else { continue };
                if let State::Merged { into } = &stored.member.state {
                    wanted.push(into.clone());
                }
                opened.members.insert(member, stored);
            }
        }
        Ok(opened)
    }

    /// An item of a table that has one for each member, as it is now.
    pub(crate) async fn item_at(&self, table: &Table, member: &MemberId) -> Result<Option<Item>, StoreError> {
        let get = self.dynamodb.get_item().table_name(self.tables.of(table)?).key(table.hash, text(member.as_str()));
        Ok(get.consistent_read(true).send().await?.item)
    }

    /// An item of `member-jobs`, if there is one.
    pub(crate) async fn job(&self, key: String) -> Result<Option<Item>, StoreError> {
        let found = self.items_of(self.tables.of(&MEMBER_JOBS)?, MEMBER_JOBS.hash, &[key], true).await?;
        Ok(found.into_iter().next().map(|(_, item)| item))
    }

    /// Claims, by their keys: whose something is.
    pub(crate) async fn claimed(&self, wanted: &[String]) -> Result<BTreeMap<String, Claimed>, StoreError> {
        Ok(self.claims(wanted).await?.0)
    }

    /// The same, and what belonged to people who were erased, with when that was.
    pub(crate) async fn claims(
        &self,
        wanted: &[String],
    ) -> Result<(BTreeMap<String, Claimed>, BTreeMap<String, Timestamp>), StoreError> {
        let mut found = (BTreeMap::new(), BTreeMap::new());
        for (key, item) in self.items_of(self.tables.of(&CLAIMS)?, CLAIMS.hash, wanted, true).await? {
            match claims::decode(&item)? {
                Claim::Live(claimed) => drop(found.0.insert(key, claimed)),
                Claim::Erased(at) => drop(found.1.insert(key, at)),
            }
        }
        Ok(found)
    }
}

impl Opened {
    /// An item opened with its key; nothing if its key is gone, and with it the member.
    fn read(&self, id: &str, item: &Item) -> Result<Option<(MemberId, Stored)>, StoreError> {
        let Some((member, key)) = self.keys.iter().find(|(member, _)| member.as_str() == id) else { return Ok(None) };
        let stored =
            decode(item, key).map_err(|damage| StoreError::SealedDamaged { member: member.clone(), damage })?;
        Ok(Some((member.clone(), stored)))
    }
}
