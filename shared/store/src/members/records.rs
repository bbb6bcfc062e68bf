//! Records of consent of who was erased: kept for so many days, then removed (rules: privacy 27).
//!
//! | attribute | |
//! |---|---|
//! | `job` | `records#` and the member |
//! | `v` `w` | version, when it was written |
//! | `ok` `oa` | its place among what is open: when the records go |

use domain::kernel::id::MemberId;
use domain::kernel::time::add_days;
use domain::members::receipt::Receipt;
use jiff::Timestamp;

use crate::attribute::{Item, instant, number, text};
use crate::members::erasure_item::DUE;
use crate::members::write::Asking;
use crate::outbox::{VERSION, WRITTEN};
use crate::table::{MEMBER_JOBS, MEMBER_LOG, OPEN_AT, OPEN_KIND, TTL};
use crate::write::{Next, Written};
use crate::{Store, StoreError};

/// What the key of the job begins with.
pub(crate) const RECORDS: &str = "records";

impl Store {
    /// Remembers when the records of who was erased go.
    pub(crate) async fn remember_records(&self, receipt: &Receipt, asking: Asking<'_>) -> Result<(), StoreError> {
        let due = add_days(receipt.erased_at, asking.rules.privacy.consent_keep_days);
        for member in receipt.everybody() {
            let mut item = job(member, 1, asking.setting.now);
            item.extend([(OPEN_KIND.to_owned(), text(DUE)), (OPEN_AT.to_owned(), instant(due))]);
            let next = Next { table: self.tables.of(&MEMBER_JOBS)?, key: MEMBER_JOBS.hash, item, read: 0 };
            // Whoever finds it there has said so before.
            let (Written::Done | Written::Lost(_) | Written::Beside(..)) = self.write(next, Vec::new()).await?;
        }
        Ok(())
    }

    /// Takes what a member had agreed to out of the rows of its log: what else they say stays.
    ///
    /// # Errors
    /// What DynamoDB says; it may be done again.
    pub async fn remove_records(&self, member: &MemberId, now: Timestamp) -> Result<bool, StoreError> {
        let table = self.tables.of(&MEMBER_LOG)?;
        let rows = self.logged(member, "consents").await?;
        for row in &rows {
            let update = self.dynamodb.update_item().table_name(table).key(MEMBER_LOG.hash, text(member.as_str()));
            let update = update.key("seq", text(&row.place)).update_expression("REMOVE #it");
            update.expression_attribute_names("#it", "consents").send().await?;
        }
        let mut item = job(member, 2, now);
        item.insert(TTL.to_owned(), number(now.as_second()));
        self.keep_version(&MEMBER_JOBS, item, 1).await?;
        Ok(true)
    }
}

fn job(member: &MemberId, version: u64, now: Timestamp) -> Item {
    Item::from([
        (MEMBER_JOBS.hash.to_owned(), text(format!("{RECORDS}#{member}"))),
        (VERSION.to_owned(), number(version)),
        (WRITTEN.to_owned(), instant(now)),
    ])
}
