//! Many items of a table, read or deleted at once.

use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, WriteRequest};
use domain::planted;

use crate::attribute::{Item, as_text, text};
use crate::{Store, StoreError};

/// The most that DynamoDB reads at once.
const AT_ONCE: usize = 100;

/// The most that DynamoDB deletes at once.
const DELETED_AT_ONCE: usize = 25;

impl Store {
    /// Deletes items by their keys; those that are not there are not missed.
    pub(crate) async fn delete_all(&self, table: &str, keys: Vec<Item>) -> Result<(), StoreError> {
        let delete = |key: &Item| {
            let delete = DeleteRequest::builder().set_key(Some(key.clone())).build()?;
            Ok(WriteRequest::builder().delete_request(delete).build())
        };
        for some in keys.chunks(DELETED_AT_ONCE) {
            let mut wanted: Vec<WriteRequest> = some.iter().map(delete).collect::<Result<_, StoreError>>()?;
            while !wanted.is_empty() {
                let before = wanted.len();
                let answer = self.dynamodb.batch_write_item().request_items(table, wanted).send().await?;
                wanted = answer.unprocessed_items.unwrap_or_default().remove(table).unwrap_or_default();
                if wanted.len() == before {
                    return Err(StoreError::unavailable("a table is throttled"));
                }
            }
        }
        Ok(())
    }

    /// The items of a table with a text for a key, by their keys, in no order; those that are not there are left out.
    pub(crate) async fn items_of(
        &self,
        table: &str,
        key: &'static str,
        wanted: &[String],
        consistent: bool,
    ) -> Result<Vec<(String, Item)>, StoreError> {
        let mut found = Vec::with_capacity(wanted.len());
        for some in wanted.chunks(AT_ONCE) {
            let mut wanted = some.to_vec();
            while !wanted.is_empty() {
                let keys = wanted.iter().map(|id| [(key.to_owned(), text(id))].into()).collect();
                let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(consistent).build()?;
                let answer = self.dynamodb.batch_get_item().request_items(table, keys).send().await?;
                let before = found.len();
                for item in answer.responses.unwrap_or_default().remove(table).unwrap_or_default() {
                    let id = as_text(item.get(key), key)?.to_owned();
                    wanted.retain(|other| *other != id);
                    found.push((id, item));
                }
                let unprocessed = answer.unprocessed_keys.is_some_and(|left| !left.is_empty());
                if !unprocessed || planted!("bug-unprocessed-keys-ignored") {
                    break;
                }
                if found.len() == before {
                    return Err(StoreError::unavailable("a table is throttled"));
                }
            }
        }
        Ok(found)
    }
}
