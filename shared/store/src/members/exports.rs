//! Exports: a job each, and the members of a shard.
//!
//! | attribute | |
//! |---|---|
//! | `job` | `export#ID` |
//! | `v` `w` `news` | version, when it was written, what it has to tell |
//! | `j` | the export |

use std::collections::BTreeSet;

use domain::kernel::id::{MemberId, OperationId};
use domain::members::exporting::Export;
use domain::programme::setting::Setting;
use jiff::Timestamp;
use serde_json::json;

use crate::members::imports::job;
use crate::outbox::{NEWS, Origin, news};
use crate::{Store, StoreError};

/// So many members of a shard are read at once.
const FEW: usize = 500;

fn key(export: &str) -> String {
    format!("export#{export}")
}

impl Store {
    /// An export and the version of its job; none if there is none.
    ///
    /// # Errors
    /// What DynamoDB says, or the job is not what was written.
    pub async fn export(&self, export: &str) -> Result<Option<(Export, u64)>, StoreError> {
        let Some((job, version)) = self.said_of_job(key(export)).await? else { return Ok(None) };
        let export = serde_json::from_value(job).map_err(|_no_export| StoreError::bug("a job is no export"))?;
        Ok(Some((export, version)))
    }

    /// Writes an export under the version that was read; that it was asked for is told with the first. False if somebody else was there before,
    /// with something else.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn keep_export(&self, export: &Export, read: u64, setting: Setting<'_>) -> Result<bool, StoreError> {
        let mut item = job((key(&export.id), read), &json!(export), setting.now);
        if read == 0 {
            let origin = Origin {
                operation: OperationId::of_fact("export", &export.id, ""),
                occurred_at: setting.now,
                programme: setting.programmes.at(setting.now).number,
                member: None,
            };
            item.extend(news(&origin, &[export.asked()]).map(|news| (NEWS.to_owned(), news)));
        }
        if self.keep_job(item, read).await? {
            return Ok(true);
        }
        let there = self.export(&export.id).await?;
        Ok(there.is_some_and(|(there, version)| version == read.saturating_add(1) && there == *export))
    }

    /// All members of a shard, in the order of their ids. Time will do something to every member, so all are in the index of what is due; who is
    /// absorbed or erased is not. Of many it is read twice: who moved in it meanwhile, from where was not read yet to where was, is met then.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn members_of(&self, shard: u32) -> Result<Vec<MemberId>, StoreError> {
        let mut members: BTreeSet<MemberId> = self.due_members(shard, Timestamp::MAX).await?.into_iter().collect();
        if members.len() > FEW {
            members.extend(self.due_members(shard, Timestamp::MAX).await?);
        }
        Ok(members.into_iter().collect())
    }
}
