//! DynamoDB: one account, one item, one conditional write. ARCHITECTURE.md tells why; this crate is how.

mod accounts;
mod attribute;
mod catalogue;
mod checkpoints;
mod commit;
mod entry;
mod error;
mod item;
pub mod keys;
mod patience;
mod statement;
mod stream;
mod tier;
mod wire;

pub use accounts::{Done, Outcomes};
pub use attribute::{Item, size_of};
pub use catalogue::{Published, StockLevel, Voucher, VoucherUse};
pub use checkpoints::{Closed, Day, day_of, decode_closed, decode_note};
pub use domain::programme::setting::Setting;
pub use error::StoreError;
pub use item::{Page, Record, decode_page, decode_record, encode_page, encode_record};
pub use patience::{Jitter, Patience};
pub use statement::EntriesPage;
pub use stream::{Committed, committed};
pub use wire::{image_of, item_of};

use std::sync::{Arc, OnceLock};

use aws_sdk_dynamodb::Client;

/// The names of the tables, from the environment.
#[derive(Debug, Clone)]
pub struct Tables {
    /// One item per member.
    pub accounts: String,
    /// Sealed history.
    pub pages: String,
    /// Programme versions, stock, vouchers.
    pub catalogue: String,
    /// Checkpoints of the ledger by day, and what they were made of.
    pub checkpoints: String,
}

/// The tables and how to reach them.
#[derive(Debug, Clone)]
pub struct Store {
    dynamodb: Client,
    tables: Tables,
    voucher_secret: Arc<OnceLock<[u8; 32]>>,
}

impl Store {
    /// On a client.
    #[must_use]
    pub fn new(dynamodb: Client, tables: Tables) -> Self {
        Self { dynamodb, tables, voucher_secret: Arc::default() }
    }

    /// Reads the tables of the ledger from beginning to end, for an export: checkpoints, then accounts, then pages, so that
    /// whatever is written meanwhile, what a checkpoint names is there.
    ///
    /// # Errors
    /// What DynamoDB says, or what `take` says of a table's name and an item.
    pub async fn scan(&self, mut take: impl FnMut(&str, &Item) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let Tables { accounts, pages, checkpoints, .. } = &self.tables;
        for (name, table) in [("checkpoints", checkpoints), ("accounts", accounts), ("pages", pages)] {
            let mut after = None;
            loop {
                let scan = self.dynamodb.scan().table_name(table).consistent_read(true);
                let found = scan.set_exclusive_start_key(after).send().await?;
                found.items.unwrap_or_default().iter().try_for_each(|item| take(name, item))?;
                after = found.last_evaluated_key;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}
