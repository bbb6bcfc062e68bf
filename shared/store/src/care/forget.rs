//! All that care keeps of a member, read, and deleted.

use domain::kernel::id::MemberId;

use crate::attribute::{Item, text};
use crate::table::{CARE, SORT};
use crate::{Store, StoreError};

impl Store {
    /// Every item of a member, by name.
    pub(super) async fn care_items(&self, member: &MemberId) -> Result<Vec<Item>, StoreError> {
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&CARE)?).consistent_read(true);
            let query = query.key_condition_expression("#member = :member");
            let query = query.expression_attribute_names("#member", CARE.hash);
            let query = query.expression_attribute_values(":member", text(member.as_str()));
            let found = query.set_exclusive_start_key(start).send().await?;
            items.extend(found.items.unwrap_or_default());
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// Deletes everything that care keeps of a member; how much that was.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn forget_care(&self, member: &MemberId) -> Result<u64, StoreError> {
        let items = self.care_items(member).await?;
        let key = |item: &Item| {
            let parts =
                [CARE.hash, SORT].into_iter().filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())));
            parts.collect::<Item>()
        };
        // What is put away first: a head that is still there says that there is more.
        let mut keys: Vec<Item> = items.iter().map(key).collect();
        keys.reverse();
        self.delete_all(self.tables.of(&CARE)?, keys).await?;
        Ok(u64::try_from(items.len()).unwrap_or(u64::MAX))
    }
}
