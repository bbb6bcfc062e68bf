//! Messages, read and written under their version.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::{MemberId, OperationId};
use domain::messages::{MessageFact, Record};
use domain::programme::setting::Setting;

use super::record_item::{decode, encode};
use crate::attribute::{Item, as_number, instant, number, text};
use crate::outbox::{NEWS, Origin, VERSION, WRITTEN, news};
use crate::table::{INBOX, MEMBER_INDEX, MESSAGES};
use crate::write::{Next, Written};
use crate::{Store, StoreError};

impl Store {
    /// A message as it is, and how often it was written; none if there is none yet.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is damaged.
    pub async fn message(&self, id: &str) -> Result<Option<(Record, u64)>, StoreError> {
        let get = self.dynamodb.get_item().table_name(self.tables.of(&MESSAGES)?).key(MESSAGES.hash, text(id));
        let Some(item) = get.consistent_read(true).send().await?.item else { return Ok(None) };
        let version = as_number(item.get(VERSION), VERSION).map_err(|damage| damage.of(MESSAGES.name))?;
        Ok(Some((decode(&item)?, version)))
    }

    /// Keeps a message as it is now, if nobody has written it since it was read (0: there was none), and tells what comes of that; false
    /// if somebody has.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn keep_message(
        &self,
        (record, read): (&Record, u64),
        (told, operation): (&[MessageFact], OperationId),
        setting: Setting<'_>,
    ) -> Result<bool, StoreError> {
        let mut item = encode(record);
        item.insert(VERSION.to_owned(), number(read + 1));
        item.insert(WRITTEN.to_owned(), instant(setting.now));
        let origin = Origin {
            operation,
            occurred_at: setting.now,
            programme: setting.programmes.at(setting.now).number,
            member: Some(&record.member),
        };
        item.extend(news(&origin, told).map(|news| (NEWS.to_owned(), news)));
        let next = Next { table: self.tables.of(&MESSAGES)?, key: MESSAGES.hash, item, read };
        Ok(matches!(self.write(next, Vec::new()).await?, Written::Done))
    }

    /// Deletes every message of a member, and what there is in the app; how much that was.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn forget_messages(&self, member: &MemberId) -> Result<u64, StoreError> {
        let sent = self.keys_of(MESSAGES.name, member).await?;
        let texts = self.keys_of(INBOX.name, member).await?;
        let count = sent.len().saturating_add(texts.len());
        self.delete_all(self.tables.of(&MESSAGES)?, sent).await?;
        self.delete_all(self.tables.of(&INBOX)?, texts).await?;
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    /// The keys of all items of a member.
    async fn keys_of(&self, table: &str, member: &MemberId) -> Result<Vec<Item>, StoreError> {
        let (table, names, index) = if table == MESSAGES.name {
            (&MESSAGES, vec![MESSAGES.hash], Some(MEMBER_INDEX))
        } else {
            (&INBOX, vec![INBOX.hash, "at"], None)
        };
        let (mut keys, mut start) = (Vec::new(), None);
        loop {
            let query =
                self.dynamodb.query().table_name(self.tables.of(table)?).set_index_name(index.map(str::to_owned));
            let query = query.key_condition_expression("#member = :member");
            let query = query.expression_attribute_names("#member", if index.is_some() { "m" } else { INBOX.hash });
            let query = query.expression_attribute_values(":member", text(member.as_str()));
            let found = query.set_exclusive_start_key(start).send().await?;
            for item in found.items.unwrap_or_default() {
                let part = |name: &&str| Some(((*name).to_owned(), item.get(*name)?.clone()));
                keys.push(names.iter().filter_map(part).collect::<std::collections::HashMap<String, AttributeValue>>());
            }
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(keys);
            }
        }
    }
}
