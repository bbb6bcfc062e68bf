//! Up to which erasure each table was brought: so that one that was restored from before is noticed (rules: privacy 25).
//!
//! Every table of which an erasure leaves nothing has an item [`MARK`] with `e`, when the newest member was erased whom it does not know any
//! more; so has the register. A table says so first, so that in one that was not restored the mark is never older than the register's.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use futures_util::future::try_join_all;
use jiff::Timestamp;

use crate::attribute::{as_instant, instant, text};
use crate::table::{CLAIMS, ERASURES, MEMBER_KEYS, MEMBERS, Table};
use crate::{Store, StoreError};

/// The key of the item: no member is called so, no claim, no key.
pub(crate) const MARK: &str = "#mark";

/// The tables of which an erasure leaves nothing, and that say up to which.
const MARKED: [Table; 3] = [MEMBERS, CLAIMS, MEMBER_KEYS];

impl Store {
    /// Says that an erasure has left nothing in any table.
    pub(crate) async fn mark(&self, erased_at: Timestamp) -> Result<(), StoreError> {
        try_join_all(MARKED.iter().map(|table| self.mark_in(table, erased_at))).await?;
        self.mark_in(&ERASURES, erased_at).await
    }

    async fn mark_in(&self, table: &Table, erased_at: Timestamp) -> Result<(), StoreError> {
        let update = self.dynamodb.update_item().table_name(self.tables.of(table)?).key(table.hash, text(MARK));
        let update = update.update_expression("SET #e = :e").expression_attribute_names("#e", "e");
        let update = update.condition_expression("attribute_not_exists(#e) OR #e < :e");
        match update.expression_attribute_values(":e", instant(erased_at)).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()), // a newer one was there before
                _ => Err(error.into()),
            },
        }
    }

    async fn marked(&self, table: &Table) -> Result<Option<Timestamp>, StoreError> {
        let get = self.dynamodb.get_item().table_name(self.tables.of(table)?).key(table.hash, text(MARK));
        let found = get.consistent_read(true).send().await?.item;
        let mark = found.map(|item| as_instant(item.get("e"), "e")).transpose();
        Ok(mark.map_err(|damage| damage.of(table.name))?)
    }

    /// Was a table restored from before a member was erased, and is that member in it again?
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn needs_replay(&self) -> Result<bool, StoreError> {
        // The register first: what is erased meanwhile is marked in the tables before.
        let Some(newest) = self.marked(&ERASURES).await? else { return Ok(false) };
        let marks = try_join_all(MARKED.iter().map(|table| self.marked(table))).await?;
        Ok(marks.into_iter().any(|mark| mark.is_none_or(|mark| mark < newest)))
    }
}
