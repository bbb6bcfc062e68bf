//! The table `catalogue`: programme versions, stock, vouchers.

pub(crate) mod programmes;
pub(crate) mod stock;
pub(crate) mod vouchers;

use crate::attribute::{Item, text};
use crate::{Store, StoreError, table};

impl Store {
    /// Read strongly: what was published a moment ago must be there, and it is read rarely.
    pub(crate) async fn catalogue_item(&self, id: &str) -> Result<Option<Item>, StoreError> {
        let call = self.dynamodb.get_item().table_name(&self.tables.catalogue).key(table::ID, text(id));
        Ok(call.consistent_read(true).send().await?.item)
    }
}
