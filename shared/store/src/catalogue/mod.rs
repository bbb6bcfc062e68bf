//! What is to be had: programme versions, stock, vouchers; a table each.

mod models;
pub(crate) mod programmes;
pub(crate) mod stock;
pub(crate) mod vouchers;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};

use crate::attribute::{Item, text};
use crate::{Store, StoreError, table};

/// The condition of what is put where nothing is.
pub(crate) const NEW: &str = "attribute_not_exists(id)";

impl Store {
    /// Read strongly: what was published a moment ago must be there, and it is read rarely.
    pub(crate) async fn shared_item(&self, table: &str, id: &str) -> Result<Option<Item>, StoreError> {
        let call = self.dynamodb.get_item().table_name(table).key(table::ID, text(id));
        Ok(call.consistent_read(true).send().await?.item)
    }
}

/// Puts an item that is not there yet.
pub(crate) fn put_new_item(table: &str, item: Item) -> Result<TransactWriteItem, BuildError> {
    let put = Put::builder().table_name(table).set_item(Some(item));
    let put = put.condition_expression(NEW).build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}
