//! DynamoDB: one account, one item, one conditional write. ARCHITECTURE.md tells why; this crate is how.

mod accounts;
mod attribute;
mod catalogue;
mod commit;
mod entry;
mod error;
mod item;
pub mod keys;
mod patience;
mod statement;
mod stream;
mod tier;

pub use accounts::{Done, Outcomes};
pub use attribute::size_of;
pub use catalogue::{Published, StockLevel, Voucher, VoucherUse};
pub use domain::books::Setting;
pub use error::StoreError;
pub use item::{Page, Record, decode_page, decode_record, encode_page, encode_record};
pub use patience::{Jitter, Patience};
pub use statement::EntriesPage;
pub use stream::{Committed, committed};

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
}
