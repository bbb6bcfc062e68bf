//! The table `vouchers`, which `redeem` alone may read and write.
//!
//! | item | what it holds |
//! |---|---|
//! | `v#HASH` | a voucher, by the hash of its code: `member`, `reward`, `state`, `used_by`, `expires_at`, `ttl` |
//! | `secret` | `secret`: what codes are made with; made once, when the first is needed |

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::ledger::voucher::{Voucher, VoucherCode, VoucherState};
use domain::planted;
use jiff::Timestamp;

use crate::attribute::{Item, as_bytes, as_instant, as_text, bytes, instant, text};
use crate::catalogue::NEW;
use crate::error::{Damage, damaged};
use crate::{Store, StoreError, table};

impl Store {
    /// The secret under which voucher codes are derived. It is made when it is first needed and never changes, so it is read once.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn voucher_secret(&self) -> Result<[u8; 32], StoreError> {
        if let Some(secret) = self.voucher_secret.get() {
            return Ok(*secret);
        }
        let secret = match self.shared_item(&self.tables.vouchers, table::VOUCHER_SECRET).await? {
            Some(item) => decode_secret(&item)?,
            None => self.keep_voucher_secret(random()?).await?,
        };
        Ok(*self.voucher_secret.get_or_init(|| secret))
    }

    /// Keeps a secret for voucher codes, unless there is one; the one that is kept.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn keep_voucher_secret(&self, secret: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let put = self.dynamodb.put_item().table_name(&self.tables.vouchers).condition_expression(NEW);
        let put = put.item(table::ID, text(table::VOUCHER_SECRET)).item("secret", bytes(&secret));
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(secret),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(decode_secret(failed.item.as_ref().ok_or_else(|| damaged("secret").of(table::VOUCHERS))?)?)
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Marks a voucher used, if it can be. Returns it, and whether that was done: else as it was before; none if there is none.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn use_voucher(
        &self,
        code: &VoucherCode,
        by: &str,
        now: Timestamp,
    ) -> Result<(bool, Option<Voucher>), StoreError> {
        let update = self.dynamodb.update_item().table_name(&self.tables.vouchers);
        let update = update.key(table::ID, text(table::voucher(code.hash())));
        let update = update.update_expression("SET #state = :used, used_by = :by");
        let update = update.condition_expression(if planted!("bug-voucher-used-twice") {
            "expires_at > :now AND #state = :issued OR #state = :used"
        } else {
            "expires_at > :now AND #state = :issued"
        });
        let update =
            update.expression_attribute_names("#state", "state").expression_attribute_values(":used", text("used"));
        let update =
            update.expression_attribute_values(":issued", text("issued")).expression_attribute_values(":by", text(by));
        let update = update.expression_attribute_values(":now", instant(now));
        let update = update.return_values(ReturnValue::AllNew);
        let update = update.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(done) => Ok((true, Some(decode(&done.attributes.unwrap_or_default())?))),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    Ok((false, failed.item.as_ref().map(decode).transpose()?))
                }
                _ => Err(error.into()),
            },
        }
    }
}

fn random() -> Result<[u8; 32], StoreError> {
    let mut secret = [0; 32];
    aws_lc_rs::rand::fill(&mut secret).map_err(|_unspecified| StoreError::bug("the system gives no randomness"))?;
    Ok(secret)
}

fn decode_secret(item: &Item) -> Result<[u8; 32], Damage> {
    as_bytes(item.get("secret"), "secret").map_err(|damage| damage.of(table::VOUCHERS))
}

fn decode(item: &Item) -> Result<Voucher, Damage> {
    let text = |name| as_text(item.get(name), name);
    let state = match text("state")? {
        "issued" => VoucherState::Issued,
        "used" => VoucherState::Used { by: text("used_by")?.to_owned() },
        "void" => VoucherState::Void,
        _ => return Err(damaged("state").of(table::VOUCHERS)),
    };
    let (member, reward) = (text("member")?.to_owned(), text("reward")?.to_owned());
    Ok(Voucher { member, reward, expires_at: as_instant(item.get("expires_at"), "expires_at")?, state })
}
