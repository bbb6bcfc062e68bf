//! The log of tickets: rows that are put once. Words are sealed under the key of whose ticket it was, in their place.
//!
//! | attribute | |
//! |---|---|
//! | `ticket` `seq` | which ticket, and which row of it, eight digits |
//! | `kind` `by` `public` `at` | what, who, may the member see it, when |
//! | `m` `y` | under whose key, and the words, sealed; gone once they are erased |

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::desk::Ticket;
use domain::kernel::change::Effect;
use domain::kernel::id::MemberId;
use jiff::Timestamp;

use crate::attribute::{Item, as_text, bytes, from_json, text};
use crate::error::{Damage, damaged};
use crate::sealed::keys::Keys;
use crate::sealed::secret::MemberKey;
use crate::table::TICKET_LOG;
use crate::{Store, StoreError};

/// A row of a ticket's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Which row of its ticket, from 1.
    pub seq: u32,
    /// What.
    pub kind: String,
    /// Who.
    pub by: String,
    /// May the member see it?
    pub public: bool,
    /// When.
    pub at: Timestamp,
    /// The words, if there are any and they are not erased.
    pub text: Option<String>,
}

/// Where a row's words stand.
fn place(ticket: &str, seq: &str) -> String {
    format!("{ticket}|{seq}")
}

impl Store {
    /// The rows of a ticket's log, the first first.
    ///
    /// # Errors
    /// What DynamoDB or the master key says, or words do not open.
    pub async fn ticket_log(&self, keys: &Keys, ticket: &str, now: Timestamp) -> Result<Vec<LogRow>, StoreError> {
        let items = self.log_items(ticket).await?;
        let whose = items.iter().filter(|item| item.contains_key("y")).filter_map(|item| item.get("m")?.as_s().ok());
        let mut whose: Vec<MemberId> = whose.filter_map(|member| member.parse().ok()).collect();
        whose.sort();
        whose.dedup();
        let keys = if whose.is_empty() { BTreeMap::new() } else { self.member_keys(keys, &whose, now).await? };
        items.iter().map(|item| decode(item, &keys)).collect()
    }

    pub(super) async fn log_items(&self, ticket: &str) -> Result<Vec<Item>, StoreError> {
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&TICKET_LOG)?).consistent_read(true);
            let query = query.key_condition_expression("#ticket = :ticket");
            let query = query.expression_attribute_names("#ticket", TICKET_LOG.hash);
            let query = query.expression_attribute_values(":ticket", text(ticket));
            let found = query.set_exclusive_start_key(start).send().await?;
            items.extend(found.items.unwrap_or_default());
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// The writes of what a change adds to the log; of each kind that has words the last row takes them.
    pub(super) fn log_writes(
        &self,
        effects: &[Effect],
        words: &[(&str, &str)],
        key: Option<&MemberKey>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let rows = || effects.iter().filter_map(|effect| if let Effect::Row(row) = effect { Some(row) } else { None });
        let last = |kind: &str| rows().rfind(|row| row.fields.get("kind").is_some_and(|own| own == kind));
        let mut writes = Vec::new();
        for row in rows() {
            let mut item = TICKET_LOG.key(&row.key);
            item.extend(row.fields.iter().map(|(name, value)| (name.clone(), from_json(value))));
            let said = words.iter().find(|(kind, _)| last(kind).is_some_and(|last| std::ptr::eq(last, row)));
            if let Some((said, key)) = said.map(|(_, said)| *said).zip(key) {
                item.insert("m".to_owned(), text(key.member.as_str()));
                let place = place(&row.key.hash, row.key.range.as_deref().unwrap_or_default());
                item.insert("y".to_owned(), bytes(&key.seal(TICKET_LOG.name, &place, said.as_bytes())?));
            }
            writes.push(self.put_row(item)?);
        }
        Ok(writes)
    }

    fn put_row(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(self.tables.of(&TICKET_LOG)?).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(#ticket)");
        let put = put.expression_attribute_names("#ticket", TICKET_LOG.hash);
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }

    /// The key under which words of a ticket are sealed; none once its member is erased.
    pub(super) async fn key_of_ticket(
        &self,
        keys: Option<&Keys>,
        ticket: &Ticket,
        now: Timestamp,
    ) -> Result<Option<MemberKey>, StoreError> {
        let Some((keys, member)) = keys.zip(ticket.member.as_ref()) else { return Ok(None) };
        Ok(self.member_keys(keys, std::slice::from_ref(member), now).await?.remove(member))
    }
}

fn decode(item: &Item, keys: &BTreeMap<MemberId, MemberKey>) -> Result<LogRow, StoreError> {
    let words = |name: &'static str| as_text(item.get(name), name);
    let row = || {
        let at = words("at")?.parse().map_err(|_no_instant| damaged("at"))?;
        let seq = words("seq")?.parse().map_err(|_no_number| damaged("seq"))?;
        let public = item.get("public").and_then(|public| public.as_bool().ok()).copied();
        Ok(LogRow {
            seq,
            kind: words("kind")?.to_owned(),
            by: words("by")?.to_owned(),
            public: public.ok_or_else(|| damaged("public"))?,
            at,
            text: None,
        })
    };
    let mut row = row().map_err(|damage: Damage| damage.of(TICKET_LOG.name))?;
    let Some(sealed) = item.get("y").and_then(|sealed| sealed.as_b().ok()) else { return Ok(row) };
    let member: MemberId = words("m")
        .and_then(|member| member.parse().map_err(|_not_an_id| damaged("m")))
        .map_err(|damage| damage.of(TICKET_LOG.name))?;
    // Whose key is gone was erased.
    let Some(key) = keys.get(&member) else { return Ok(row) };
    let place = place(words("ticket").unwrap_or_default(), words("seq").unwrap_or_default());
    let opened = key.open(TICKET_LOG.name, &place, sealed.as_ref());
    let opened = opened.and_then(|text| String::from_utf8(text).map_err(|_no_text| damaged("y").of(TICKET_LOG.name)));
    row.text = Some(opened.map_err(|damage| StoreError::SealedDamaged { member, damage })?);
    Ok(row)
}
