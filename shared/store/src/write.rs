//! The write: one conditional put, or one transaction where something beside the item is touched.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use domain::planted;

use crate::attribute::{Item, number};
use crate::error::{is_lost, is_throttle};
use crate::outbox::VERSION;
use crate::{Store, StoreError};

/// What became of a write.
pub(crate) enum Written {
    /// It is in the table.
    Done,
    /// Somebody else wrote first, or the table pushed back; nothing was written. The newer item, if it came back.
    Lost(Option<Item>),
    /// The condition of a write beside the item, by its place, does not hold; nothing was written. What is there, if it came back.
    Beside(usize, Option<Item>),
}

/// What is written with something else, in the same transaction.
#[derive(Debug, Clone, Default)]
pub struct Writes(pub(crate) Vec<TransactWriteItem>);

/// An item as it should be, under the version that was read.
pub(crate) struct Next<'a> {
    pub(crate) table: &'a str,
    /// The name of its hash key.
    pub(crate) key: &'static str,
    pub(crate) item: Item,
    /// The version that was read; 0: there was none.
    pub(crate) read: u64,
}

impl Next<'_> {
    /// The write, as one of a transaction.
    pub(crate) fn in_transaction(self) -> Result<TransactWriteItem, BuildError> {
        Ok(TransactWriteItem::builder().put(self.put().build()?).build())
    }

    fn put(self) -> PutBuilder {
        let put = Put::builder().table_name(self.table).condition_expression(self.condition());
        let put = put.set_expression_attribute_names(Some(self.names())).set_expression_attribute_values(self.values());
        put.set_item(Some(self.item))
    }

    fn condition(&self) -> &'static str {
        match self.read {
            0 => "attribute_not_exists(#key)",
            _ => "#version = :version",
        }
    }

    /// The names in the condition.
    fn names(&self) -> HashMap<String, String> {
        let (name, attribute) = if self.read == 0 { ("#key", self.key) } else { ("#version", VERSION) };
        [(name.to_owned(), attribute.to_owned())].into()
    }

    /// The values in the condition; there is nothing to compare with what must not be there.
    fn values(&self) -> Option<Item> {
        (self.read > 0).then(|| [(":version".to_owned(), number(self.read))].into())
    }
}

impl Store {
    /// Writes an item under its version, and in the same transaction what is beside it.
    pub(crate) async fn write(&self, next: Next<'_>, beside: Vec<TransactWriteItem>) -> Result<Written, StoreError> {
        if beside.is_empty() { self.put(next).await } else { self.transact(next, beside).await }
    }

    async fn put(&self, next: Next<'_>) -> Result<Written, StoreError> {
        let put = self.dynamodb.put_item().table_name(next.table).condition_expression(next.condition());
        let put = put.set_expression_attribute_names(Some(next.names())).set_expression_attribute_values(next.values());
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.set_item(Some(next.item)).send().await {
            Ok(_) => Ok(Written::Done),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => Ok(Written::Lost(failed.item.clone())),
                Some(PutItemError::TransactionConflictException(_)) => Ok(Written::Lost(None)),
                _ => lost_if_busy(error.into()),
            },
        }
    }

    async fn transact(&self, next: Next<'_>, beside: Vec<TransactWriteItem>) -> Result<Written, StoreError> {
        let put = next.put().return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = TransactWriteItem::builder().put(put.build()?).build();
        let count = beside.len();
        let all = std::iter::once(put).chain(beside).collect();
        match self.dynamodb.transact_write_items().set_transact_items(Some(all)).send().await {
            Ok(_) => Ok(Written::Done),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    let reasons = cancelled.cancellation_reasons();
                    tracing::debug!(?reasons, "a transaction was cancelled");
                    cancelled_for(reasons, count).ok_or_else(|| error.into())
                }
                _ => lost_if_busy(error.into()),
            },
        }
    }

    /// Writes all of these or none; false if a condition does not hold, or somebody else is writing.
    pub(crate) async fn transact_all(&self, writes: Vec<TransactWriteItem>) -> Result<bool, StoreError> {
        match self.dynamodb.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    let mut codes = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
                    if codes.all(is_lost) { Ok(false) } else { Err(error.into()) }
                }
                _ => match error.into() {
                    StoreError::Busy => Ok(false),
                    other => Err(other),
                },
            },
        }
    }
}

fn lost_if_busy(error: StoreError) -> Result<Written, StoreError> {
    match error {
        StoreError::Busy => Ok(Written::Lost(None)),
        other => Err(other),
    }
}

/// Reads the reasons of a cancelled transaction one by one. The first belongs to the item, the others to what is beside it.
/// `None`: something that is neither a race nor a condition.
fn cancelled_for(reasons: &[CancellationReason], beside: usize) -> Option<Written> {
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect();
    if codes.len() != beside + 1 || !codes.iter().all(|code| is_lost(code)) {
        return None;
    }
    if planted!("bug-race-out-of-stock") && codes.contains(&"ConditionalCheckFailed") {
        return Some(Written::Beside(0, None));
    }
    if codes[0] == "ConditionalCheckFailed" {
        return Some(Written::Lost(reasons[0].item.clone()));
    }
    if codes.iter().any(|code| *code == "TransactionConflict" || is_throttle(code)) {
        return Some(Written::Lost(None));
    }
    let own = usize::from(!planted!("bug-reasons-shifted"));
    let failed = codes.iter().skip(own).position(|code| *code == "ConditionalCheckFailed")?;
    (failed < beside).then(|| Written::Beside(failed, reasons[failed + 1].item.clone()))
}
