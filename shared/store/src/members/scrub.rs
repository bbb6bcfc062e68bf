//! What was remembered between a member who is erased and others keeps nothing by which the member was known (rules: privacy 21).

use std::collections::BTreeSet;

use domain::kernel::id::MemberId;
use domain::members::conflict::Conflict;
use jiff::Timestamp;

use crate::members::conflict_item::{self, CONFLICT};
use crate::members::merge_item;
use crate::table::MEMBER_JOBS;
use crate::{Store, StoreError};

impl Store {
    /// Takes hints and hashes of identifiers out of conflicts and merges of a member.
    pub(crate) async fn scrub(&self, member: &MemberId, now: Timestamp) -> Result<(), StoreError> {
        let mut conflicts = self.open_conflicts_of(member).await?;
        for name in ["conflicts", "resolved"] {
            let said = self.logged(member, name).await?;
            let ids = said.iter().flat_map(|row| row.says.as_array().into_iter().flatten());
            let ids = ids.filter_map(|said| said.as_str()?.split(' ').next());
            conflicts.extend(ids.map(|id| format!("{CONFLICT}#{id}")));
        }
        for key in conflicts {
            let Some(item) = self.job(key).await? else { continue };
            let (conflict, version) = conflict_item::decode(&item)?;
            let bare = Conflict::new(conflict.pair.clone());
            if conflict != bare {
                self.keep_version(&MEMBER_JOBS, conflict_item::encode(&bare, version + 1, now), version).await?;
            }
        }
        let mut merges = BTreeSet::from([merge_item::key(member)]);
        for row in self.logged(member, "merged").await? {
            let absorbed = row.says.as_array().into_iter().flatten().filter_map(|id| id.as_str()?.parse().ok());
            merges.extend(absorbed.map(|id: MemberId| merge_item::key(&id)));
        }
        for key in merges {
            let Some(item) = self.job(key).await? else { continue };
            let (mut merged, version) = merge_item::decode(&item)?;
            if !merged.disputed.is_empty() {
                merged.disputed.clear();
                self.keep_version(&MEMBER_JOBS, merge_item::encode(&merged, version + 1), version).await?;
            }
        }
        Ok(())
    }

    /// The keys of conflicts of a member that nobody has decided.
    async fn open_conflicts_of(&self, member: &MemberId) -> Result<BTreeSet<String>, StoreError> {
        let (mut keys, mut after) = (BTreeSet::new(), None);
        loop {
            let (conflicts, next) = self.open_conflicts(after.as_ref()).await?;
            let own = conflicts.iter().filter(|conflict| conflict.pair.members().contains(&member));
            keys.extend(own.map(|conflict| conflict_item::key(&conflict.pair)));
            if next.is_none() {
                return Ok(keys);
            }
            after = next;
        }
    }
}
