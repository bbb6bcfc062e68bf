//! The write: one conditional put, or one transaction where something shared is touched.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use domain::kernel::canonical::Hash;
use domain::kernel::change::Effect;
use domain::kernel::id::MemberId;
use domain::ledger::availability::Reason;
use domain::ledger::refusal::Refusal;
use domain::ledger::voucher::VoucherCode;
use domain::planted;

use crate::attribute::{Item, instant, number, text};
use crate::error::is_throttle;
use crate::item::Record;
use crate::{Store, StoreError, keys};

/// What became of a write.
pub(crate) enum Commit {
    /// It is in the ledger.
    Written,
    /// Something shared says no; nothing was written.
    Refused(Refusal),
    /// Somebody else wrote first, or the table pushed back; nothing was written. The newer item, if it came back.
    Lost(Option<Item>),
}

/// A write beside the account's, and the refusal that its failed condition means.
struct Beside {
    write: TransactWriteItem,
    refusal: Refusal,
}

impl Store {
    /// Writes the account, and in the same transaction what the effects touch. At the first try stock is taken from the
    /// member's own shard, unseen; only if that is empty all shards are looked at.
    pub(crate) async fn commit(
        &self,
        read: &Record,
        next: &Record,
        effects: &[Effect],
        first: bool,
    ) -> Result<Commit, StoreError> {
        if effects.is_empty() {
            return self.commit_account(read, next).await;
        }
        let mut beside = Vec::new();
        for effect in effects {
            beside.extend(self.beside(&next.account.member, effect, first).await?);
        }
        let takes = effects.iter().any(|effect| matches!(effect, Effect::TakeStock { .. }));
        if takes && !beside.iter().any(|write| write.refusal == out_of_stock()) {
            return Ok(Commit::Refused(out_of_stock()));
        }
        if planted!("bug-stock-taken-apart") {
            for stock in beside.extract_if(.., |write| write.refusal == out_of_stock()) {
                if self.dynamodb.transact_write_items().transact_items(stock.write).send().await.is_err() {
                    return Ok(Commit::Lost(None));
                }
            }
        }
        self.commit_all(read, next, beside).await
    }

    async fn commit_account(&self, read: &Record, next: &Record) -> Result<Commit, StoreError> {
        let (item, condition, version) = self.put_account(read, next);
        let put = self.dynamodb.put_item().table_name(&self.tables.accounts).set_item(Some(item));
        let unversioned = planted!("bug-put-unversioned") && version.is_some();
        let put = put.condition_expression(if unversioned { "#version >= :version" } else { condition });
        let put = match version {
            Some(version) => {
                put.expression_attribute_names("#version", "v").expression_attribute_values(":version", version)
            }
            None => put.expression_attribute_names("#member", keys::MEMBER),
        };
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Commit::Written),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => Ok(Commit::Lost(failed.item.clone())),
                Some(PutItemError::TransactionConflictException(_)) => Ok(Commit::Lost(None)),
                _ => match StoreError::from(error) {
                    StoreError::Busy => Ok(Commit::Lost(None)),
                    other => Err(other),
                },
            },
        }
    }

    async fn commit_all(&self, read: &Record, next: &Record, beside: Vec<Beside>) -> Result<Commit, StoreError> {
        let (item, condition, version) = self.put_account(read, next);
        let unversioned = planted!("bug-transaction-unversioned") && version.is_some();
        let condition = if unversioned { "#version >= :version" } else { condition };
        let put = Put::builder().table_name(&self.tables.accounts).set_item(Some(item)).condition_expression(condition);
        let put = match version {
            Some(version) => {
                put.expression_attribute_names("#version", "v").expression_attribute_values(":version", version)
            }
            None => put.expression_attribute_names("#member", keys::MEMBER),
        };
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld).build();
        let put = put.map_err(|error| StoreError::Broken(error.to_string()))?;
        let call = self.dynamodb.transact_write_items().transact_items(TransactWriteItem::builder().put(put).build());
        let call = beside.iter().fold(call, |call, beside| call.transact_items(beside.write.clone()));
        match call.send().await {
            Ok(_) => Ok(Commit::Written),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    let reasons = cancelled.cancellation_reasons();
                    tracing::debug!(?reasons, "a transaction was cancelled");
                    cancelled_for(reasons, &beside).ok_or_else(|| error.into())
                }
                _ => match StoreError::from(error) {
                    StoreError::Busy => Ok(Commit::Lost(None)),
                    other => Err(other),
                },
            },
        }
    }

    /// The writes of one effect; none if there is no stock left to take.
    async fn beside(&self, member: &MemberId, effect: &Effect, first: bool) -> Result<Vec<Beside>, StoreError> {
        let catalogue = &self.tables.catalogue;
        let update = |id: String| Update::builder().table_name(catalogue).key(keys::ID, text(id));
        let built = |update: aws_sdk_dynamodb::types::builders::UpdateBuilder, refusal| {
            let update = update.build().map_err(|error| StoreError::Broken(error.to_string()))?;
            Ok::<_, StoreError>(Beside { write: TransactWriteItem::builder().update(update).build(), refusal })
        };
        match effect {
            Effect::TakeStock { reward, quantity, shards } => {
                let mut writes = Vec::new();
                let plan = if first {
                    vec![(own_shard(member, *shards), i64::from(*quantity))]
                } else {
                    self.stock_plan(reward, *quantity, *shards).await?
                };
                for (shard, taken) in plan {
                    let update = update(keys::stock(reward, shard)).update_expression("SET n = n - :taken");
                    let update =
                        update.condition_expression("n >= :taken").expression_attribute_values(":taken", number(taken));
                    writes.push(built(update, out_of_stock())?);
                }
                Ok(writes)
            }
            Effect::ReturnStock { reward, quantity, shards } => {
                let update = update(keys::stock(reward, own_shard(member, *shards))).update_expression("ADD n :back");
                Ok(vec![built(update.expression_attribute_values(":back", number(quantity)), out_of_stock())?])
            }
            Effect::IssueVoucher { operation, reward, expires_at } => {
                let code = VoucherCode::derive(&self.voucher_secret().await?, member, *operation);
                let put = Put::builder().table_name(catalogue).item(keys::ID, text(keys::voucher(code.hash())));
                let put = put.item("member", text(member.as_str())).item("reward", text(reward));
                let put = put.item("state", text("issued")).item("expires_at", instant(*expires_at));
                let put = put.condition_expression("attribute_not_exists(id)").build();
                let put = put.map_err(|error| StoreError::Broken(error.to_string()))?;
                // A code of 80 bits that exists already is this very voucher, written by a try whose answer was lost.
                Ok(vec![Beside { write: TransactWriteItem::builder().put(put).build(), refusal: Refusal::VoucherUsed }])
            }
            Effect::VoidVoucher { operation } => {
                let code = VoucherCode::derive(&self.voucher_secret().await?, member, *operation);
                let update = update(keys::voucher(code.hash())).update_expression("SET #state = :void");
                let update = update.expression_attribute_names("#state", "state");
                let update = update.expression_attribute_values(":void", text("void"));
                let update = if planted!("bug-voucher-voided-though-used") {
                    update
                } else {
                    update
                        .condition_expression("#state = :issued")
                        .expression_attribute_values(":issued", text("issued"))
                };
                Ok(vec![built(update, Refusal::VoucherUsed)?])
            }
        }
    }
}

/// The shard of a stock at which a member looks first: members are spread over all of them.
fn own_shard(member: &MemberId, shards: u32) -> u32 {
    u32::from(Hash::of(member.as_str()).0[1]) % shards.max(1)
}

fn out_of_stock() -> Refusal {
    Refusal::Unavailable { reasons: vec![Reason::OutOfStock] }
}

/// Reads the reasons of a cancelled transaction one by one. The first belongs to the account, the others to what is
/// beside it. `None`: something that is neither a race nor a business condition.
fn cancelled_for(reasons: &[CancellationReason], beside: &[Beside]) -> Option<Commit> {
    let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
    let codes: Vec<String> = reasons.iter().map(code).collect();
    let known = |code: &String| {
        matches!(code.as_str(), "None" | "ConditionalCheckFailed" | "TransactionConflict") || is_throttle(code)
    };
    if codes.len() != beside.len() + 1 || !codes.iter().all(known) {
        return None;
    }
    if planted!("bug-race-out-of-stock") && codes.iter().any(|code| code == "ConditionalCheckFailed") {
        return Some(Commit::Refused(out_of_stock()));
    }
    if codes[0] == "ConditionalCheckFailed" {
        return Some(Commit::Lost(reasons[0].item.clone()));
    }
    if codes.iter().any(|code| code == "TransactionConflict" || is_throttle(code)) {
        return Some(Commit::Lost(None));
    }
    let account = usize::from(!planted!("bug-reasons-shifted"));
    let failed = codes.iter().skip(account).position(|code| code == "ConditionalCheckFailed")?;
    let refusal = &beside.get(failed)?.refusal;
    if *refusal == out_of_stock() {
        return Some(Commit::Lost(None)); // this shard is empty; the next plan looks at all of them
    }
    Some(Commit::Refused(refusal.clone()))
}
