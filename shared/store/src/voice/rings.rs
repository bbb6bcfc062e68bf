//! Items of a kind, page by page; and how far sampling has come.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::MemberId;
use domain::voice::sampling::RINGS;
use jiff::Timestamp;
use jiff::civil::Date;

use super::contacts_item::{decode, group};
use super::{CONTACTS, GROUP, RING_INDEX};
use crate::attribute::{Item, as_text, text};
use crate::error::{Damage, damaged};
use crate::table::SURVEYS;
use crate::{Store, StoreError};

/// The attribute that holds the last date of which everybody was asked.
const SAMPLED: &str = "d";

impl Store {
    /// Members of a ring who are known since before an instant; all of them.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn ring(&self, ring: u16, known_at: Timestamp) -> Result<Vec<MemberId>, StoreError> {
        debug_assert!(ring < RINGS, "there are so many rings");
        let (mut members, mut after) = (Vec::new(), None);
        loop {
            let (keys, more) = self.grouped(&group(ring), after.as_deref(), 100).await?;
            let items = self.items_of(self.tables.of(&SURVEYS)?, SURVEYS.hash, &keys, false).await?;
            for (key, item) in &items {
                let member: Option<MemberId> = key.strip_prefix(CONTACTS).and_then(|member| member.parse().ok());
                let member = member.ok_or_else(|| damaged(SURVEYS.hash).of(SURVEYS.name))?;
                let (contacts, since) = decode(&member, item)?;
                members.extend((since <= known_at).then_some(contacts.member));
            }
            after = keys.last().cloned().filter(|_| more);
            if after.is_none() {
                members.sort();
                return Ok(members);
            }
        }
    }

    /// The keys of items of a kind that come after one, in order, and whether there are more.
    pub(super) async fn grouped(
        &self,
        group: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<String>, bool), StoreError> {
        let query = self.dynamodb.query().table_name(self.tables.of(&SURVEYS)?).index_name(RING_INDEX).limit(limit);
        let query =
            query.expression_attribute_names("#group", GROUP).expression_attribute_values(":group", text(group));
        let query = match after {
            None => query.key_condition_expression("#group = :group"),
            Some(after) => query
                .key_condition_expression("#group = :group AND #key > :after")
                .expression_attribute_names("#key", SURVEYS.hash)
                .expression_attribute_values(":after", text(after)),
        };
        let found = query.send().await?;
        let key = |item: &Item| as_text(item.get(SURVEYS.hash), SURVEYS.hash).map(str::to_owned);
        let keys: Result<Vec<String>, Damage> = found.items.unwrap_or_default().iter().map(key).collect();
        let more = found.last_evaluated_key.is_some_and(|key| !key.is_empty());
        Ok((keys.map_err(|damage| damage.of(SURVEYS.name))?, more))
    }

    /// The last local date of which everybody was asked whose turn it was.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is damaged.
    pub async fn sampled(&self, survey: &str) -> Result<Option<Date>, StoreError> {
        let Some(item) = self.surveys_item(format!("n#{survey}")).await? else { return Ok(None) };
        let date =
            as_text(item.get(SAMPLED), SAMPLED).and_then(|date| date.parse().map_err(|_no_date| damaged(SAMPLED)));
        Ok(Some(date.map_err(|damage: Damage| damage.of(SURVEYS.name))?))
    }

    /// Notes that of a date everybody was asked. Noted late or twice it does no harm: the same cause invites once.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn keep_sampled(&self, survey: &str, date: Date) -> Result<(), StoreError> {
        let put = self.dynamodb.put_item().table_name(self.tables.of(&SURVEYS)?);
        let put = put.item(SURVEYS.hash, text(format!("n#{survey}")));
        put.item(SAMPLED, AttributeValue::S(date.to_string())).send().await?;
        Ok(())
    }
}
