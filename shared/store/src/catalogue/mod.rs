//! The table `catalogue`: programme versions, stock, vouchers.

pub(crate) mod programmes;
pub(crate) mod stock;
pub(crate) mod vouchers;

use aws_sdk_dynamodb::operation::put_item::PutItemError;

use crate::attribute::{Item, text};
use crate::{Store, StoreError, table};

impl Store {
    pub(crate) async fn put_if_absent(&self, item: Item) -> Result<(), StoreError> {
        let put = self.dynamodb.put_item().table_name(&self.tables.catalogue).set_item(Some(item));
        match put.condition_expression("attribute_not_exists(id)").send().await {
            Ok(_) => Ok(()),
            Err(error)
                if matches!(error.as_service_error(), Some(PutItemError::ConditionalCheckFailedException(_))) =>
            {
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Read strongly: what was published a moment ago must be there, and it is read rarely.
    pub(crate) async fn catalogue_item(&self, id: &str) -> Result<Option<Item>, StoreError> {
        let call = self.dynamodb.get_item().table_name(&self.tables.catalogue).key(table::ID, text(id));
        Ok(call.consistent_read(true).send().await?.item)
    }
}
