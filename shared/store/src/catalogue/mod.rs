//! The table `catalogue`: programme versions, stock, vouchers.

pub(crate) mod programmes;
pub(crate) mod stock;
pub(crate) mod vouchers;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};

use crate::attribute::{Item, text};
use crate::{Store, StoreError, table};

impl Store {
    /// Read strongly: what was published a moment ago must be there, and it is read rarely.
    pub(crate) async fn catalogue_item(&self, id: &str) -> Result<Option<Item>, StoreError> {
        let call = self.dynamodb.get_item().table_name(&self.tables.catalogue).key(table::ID, text(id));
        Ok(call.consistent_read(true).send().await?.item)
    }

    /// Puts an item that is not there yet.
    pub(crate) fn put_new_item(&self, item: Item) -> Result<TransactWriteItem, BuildError> {
        let put = Put::builder().table_name(&self.tables.catalogue).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(id)").build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
