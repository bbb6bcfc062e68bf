//! Vouchers: by the hash of their codes.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::ledger::voucher::{Voucher, VoucherCode, VoucherState};
use domain::planted;
use jiff::Timestamp;

use crate::attribute::{Item, as_bytes, as_instant, as_text, instant, text};
use crate::error::{Damage, damaged};
use crate::{Store, StoreError, table};

impl Store {
    /// The secret under which voucher codes are derived. It never changes, so it is read once.
    ///
    /// # Errors
    /// Nothing is published yet, or what DynamoDB says.
    pub async fn voucher_secret(&self) -> Result<[u8; 32], StoreError> {
        if let Some(secret) = self.voucher_secret.get() {
            return Ok(*secret);
        }
        let item = self.catalogue_item(table::VOUCHER_SECRET).await?.ok_or_else(|| damaged("secret"))?;
        let secret = as_bytes(item.get("secret"), "secret")?;
        Ok(*self.voucher_secret.get_or_init(|| secret))
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
        let update = self.dynamodb.update_item().table_name(&self.tables.catalogue);
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

fn decode(item: &Item) -> Result<Voucher, Damage> {
    let text = |name| as_text(item.get(name), name);
    let state = match text("state")? {
        "issued" => VoucherState::Issued,
        "used" => VoucherState::Used { by: text("used_by")?.to_owned() },
        "void" => VoucherState::Void,
        _ => return Err(damaged("state").of(table::CATALOGUE)),
    };
    let (member, reward) = (text("member")?.to_owned(), text("reward")?.to_owned());
    Ok(Voucher { member, reward, expires_at: as_instant(item.get("expires_at"), "expires_at")?, state })
}
