//! After a table was restored: everybody who was erased is erased again, whatever the table says (rules: privacy 25).

use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use domain::members::receipt::Receipt;
use domain::members::telling::Rules;
use domain::programme::setting::Setting;
use jiff::Timestamp;

use crate::attribute::{Item, as_number, as_text};
use crate::error::Damage;
use crate::members::claims::{self, Claim};
use crate::members::erasure_item::decode_receipt;
use crate::members::mark::MARK;
use crate::members::member_item::{encode_erased, is_erased};
use crate::outbox::VERSION;
use crate::race::Patience;
use crate::table::{CLAIMS, ERASURES, MEMBER_KEYS, MEMBERS, SIGNALS, Table};
use crate::write::{Next, Written};
use crate::{Store, StoreError};

/// What a replay came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How many members the register says were erased.
    pub rows: usize,
    /// How many of them something was known of again.
    pub erased_again: usize,
}

impl Store {
    /// Erases everybody again whom the register names, the newest first. It reads whole tables: who operates the platform does it, no function.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is not what was written; whoever was erased again until then stays so.
    pub async fn replay_erasures(
        &self,
        rules: Rules<'_>,
        setting: Setting<'_>,
        patience: impl Fn() -> Patience,
    ) -> Result<Replayed, StoreError> {
        let items = self.all_of(&ERASURES).await?;
        let items =
            items.iter().filter(|item| as_text(item.get(ERASURES.hash), ERASURES.hash).is_ok_and(|key| key != MARK));
        let rows = items.map(|item| Ok(decode_receipt(item)?.0)).collect::<Result<Vec<Receipt>, Damage>>();
        let mut rows = rows?;
        rows.sort_by(|one, other| (other.erased_at, &other.member).cmp(&(one.erased_at, &one.member)));
        let mut claimed: BTreeMap<MemberId, Vec<String>> = BTreeMap::new();
        for item in self.all_of(&CLAIMS).await? {
            let key = as_text(item.get(CLAIMS.hash), CLAIMS.hash).map_err(|damage| damage.of(CLAIMS.name))?;
            if key == MARK {
                continue;
            }
            if let Claim::Live(claim) = claims::decode(&item)? {
                claimed.entry(claim.member).or_default().push(key.to_owned());
            }
        }
        let mut replayed = Replayed { rows: rows.len(), erased_again: 0 };
        for receipt in &rows {
            let keys = receipt.everybody().filter_map(|member| claimed.get(member)).flatten().cloned().collect();
            if self.erase_again(receipt, keys, (rules, setting), &mut patience()).await? {
                replayed.erased_again += 1;
            }
        }
        if let Some(newest) = rows.first() {
            self.mark(newest.erased_at).await?;
        }
        Ok(replayed)
    }

    /// Erases a member again: true if anything was there.
    async fn erase_again(
        &self,
        receipt: &Receipt,
        claims: Vec<String>,
        (rules, setting): (Rules<'_>, Setting<'_>),
        patience: &mut Patience,
    ) -> Result<bool, StoreError> {
        let mut again = !claims.is_empty();
        for member in receipt.everybody() {
            again |= self.nothing_left(member, receipt, setting.now).await?;
            let places = self.signal_places(member).await?;
            again |= !places.is_empty();
            self.delete_all(self.tables.of(&SIGNALS)?, places).await?;
        }
        self.free(receipt, &claims, rules, patience).await?;
        let because = receipt.because.in_the_ledger();
        let entries = self.read(&receipt.member, true).await?.account.sequence;
        self.close_account(&receipt.member, because, setting, patience).await?;
        Ok(again || self.read(&receipt.member, true).await?.account.sequence > entries)
    }

    /// Puts in the place of a member, and of the key, that there was one: true if there was one again.
    async fn nothing_left(&self, member: &MemberId, receipt: &Receipt, now: Timestamp) -> Result<bool, StoreError> {
        let found = self.item_at(&MEMBERS, member).await?;
        let mut again = false;
        if !found.as_ref().is_some_and(is_erased) {
            let version = found.map_or(Ok(0), |item| as_number(item.get(VERSION), VERSION));
            let read: u64 = version.map_err(|damage| damage.of(MEMBERS.name))?;
            let item = encode_erased((member, read + 1), receipt, now);
            let next = Next { table: self.tables.of(&MEMBERS)?, key: MEMBERS.hash, item, read };
            let Written::Done = self.write(next, Vec::new()).await? else { return Err(StoreError::Busy) };
            again = true;
        }
        let key = self.item_at(&MEMBER_KEYS, member).await?;
        if key.is_none_or(|key| key.contains_key("w")) {
            if !self.transact_all(vec![self.without_key(member, receipt.erased_at)?]).await? {
                return Err(StoreError::Busy);
            }
            again = true;
        }
        Ok(again)
    }

    /// Every item of a table.
    async fn all_of(&self, table: &Table) -> Result<Vec<Item>, StoreError> {
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let scan = self.dynamodb.scan().table_name(self.tables.of(table)?).consistent_read(true);
            let found = scan.set_exclusive_start_key(start).send().await?;
            items.extend(found.items.unwrap_or_default());
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}
