//! Members as they are, opened.

use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use domain::kernel::membership::HOPS;
use domain::members::identifier::{Identifier, Index};
use domain::members::state::State;
use jiff::Timestamp;

use crate::attribute::Item;
use crate::members::claims::{self, Claimed};
use crate::members::member_item::{Stored, decode};
use crate::sealed::keys::Keys;
use crate::sealed::secret::MemberKey;
use crate::table::{CLAIMS, MEMBER_JOBS, MEMBERS};
use crate::{Store, StoreError};

/// Members that were read, and their keys.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    pub(crate) members: BTreeMap<MemberId, Stored>,
    pub(crate) keys: BTreeMap<MemberId, MemberKey>,
}

impl Opened {
    /// Who stands for a member, as it is.
    pub(crate) fn of(&self, member: &MemberId) -> Option<&Stored> {
        self.members.get(self.live(member)?)
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
    /// A member, by any id that it ever had. None if there is none.
    ///
    /// # Errors
    /// What DynamoDB or the master key says, or the member's item is not what was written.
    pub async fn member(&self, keys: &Keys, member: &MemberId, now: Timestamp) -> Result<Option<Stored>, StoreError> {
        let mut opened = self.open(keys, vec![member.clone()], now).await?;
        let live = opened.live(member).cloned();
        Ok(live.and_then(|live| opened.members.remove(&live)))
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
        let index = self.index_of(keys, identifier).await?;
        let key = claims::key(&identifier.kind, index);
        let Some(claimed) = self.claimed(std::slice::from_ref(&key)).await?.remove(&key) else { return Ok(None) };
        let found = self.member(keys, &claimed.member, now).await?;
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
                let Some((member, stored)) = opened.read(id, item)? else { continue };
                if let State::Merged { into } = &stored.member.state {
                    wanted.push(into.clone());
                }
                opened.members.insert(member, stored);
            }
        }
        Ok(opened)
    }

    /// An item of `member-jobs`, if there is one.
    pub(crate) async fn job(&self, key: String) -> Result<Option<Item>, StoreError> {
        let found = self.items_of(self.tables.of(&MEMBER_JOBS)?, MEMBER_JOBS.hash, &[key], true).await?;
        Ok(found.into_iter().next().map(|(_, item)| item))
    }

    /// Claims, by their keys.
    pub(crate) async fn claimed(&self, wanted: &[String]) -> Result<BTreeMap<String, Claimed>, StoreError> {
        let found = self.items_of(self.tables.of(&CLAIMS)?, CLAIMS.hash, wanted, true).await?;
        found.into_iter().map(|(key, item)| Ok((key, claims::decode(&item)?))).collect()
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
