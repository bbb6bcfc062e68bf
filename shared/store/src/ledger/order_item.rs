//! What stands in an order's row of `facts` beside whose it is: `o`, what was held for it.
//!
//! `o`: `m` member, `s` sequence of the hold's entry, `w` what its points pay, `n` what the order came to, `u` until when (0: they were given
//! back), `k` whether they were spent.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::kernel::id::{EntryId, FactKey, FactName};
use domain::kernel::quantity::Minor;
use domain::ledger::order_row::{OrderHold, OrderRow};

use crate::attribute::{Item, as_instant, as_number, as_text, instant, number, text};
use crate::error::{Damage, damaged};
use crate::{Store, StoreError, table};

/// A hold as an attribute.
fn encode_hold(hold: &OrderHold) -> AttributeValue {
    let OrderHold { hold: EntryId { member, sequence }, value, order_net, until, captured } = hold;
    let fields = [
        ("m", text(member.as_str())),
        ("s", number(sequence)),
        ("w", number(value)),
        ("n", number(order_net)),
        ("u", instant(*until)),
        ("k", AttributeValue::Bool(*captured)),
    ];
    AttributeValue::M(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What a row says is held for its order.
///
/// # Errors
/// It is damaged.
pub(crate) fn decode_hold(item: &Item) -> Result<Option<OrderHold>, Damage> {
    let Some(value) = item.get("o") else { return Ok(None) };
    let fields = value.as_m().map_err(|_other_type| damaged("o"))?;
    let member = as_text(fields.get("m"), "o")?.parse().map_err(|_not_an_id| damaged("o"))?;
    Ok(Some(OrderHold {
        hold: EntryId { member, sequence: as_number(fields.get("s"), "o")? },
        value: Minor(as_number(fields.get("w"), "o")?),
        order_net: Minor(as_number(fields.get("n"), "o")?),
        until: as_instant(fields.get("u"), "o")?,
        captured: fields.get("k").and_then(|value| value.as_bool().ok()).copied().ok_or_else(|| damaged("o"))?,
    }))
}

impl Store {
    /// Says in an order's row what is held for it, if the row is as it was seen.
    pub(crate) fn hold_order(
        &self,
        order: &str,
        hold: &OrderHold,
        seen: &OrderRow,
    ) -> Result<TransactWriteItem, StoreError> {
        let (mut conditions, mut values) = (Vec::new(), vec![(":o", encode_hold(hold))]);
        match &seen.hold {
            Some(before) => {
                conditions.push("o = :before");
                values.push((":before", encode_hold(before)));
            }
            None => conditions.push("attribute_not_exists(o)"),
        }
        match seen.claimed {
            Some(renewals) => {
                conditions.push("n = :n");
                values.push((":n", number(renewals)));
            }
            None => conditions.push("attribute_not_exists(m)"),
        }
        self.fact_write(key(order), "SET o = :o", &conditions.join(" AND "), values)
    }

    /// What was held for an order last, whatever has become of it: who asks again for what was done is answered as before.
    ///
    /// # Errors
    /// What DynamoDB says, or the row is damaged.
    pub async fn held_for(&self, order_id: &str) -> Result<Option<EntryId>, StoreError> {
        let Some(item) = self.fact(key(order_id)).await? else { return Ok(None) };
        let hold = decode_hold(&item).map_err(|damage| damage.of(table::FACTS))?;
        Ok(hold.map(|hold| hold.hold))
    }

    /// Says there what became of a hold, if it is still that one.
    pub(crate) fn end_hold(&self, order: &str, hold: &EntryId, paid: Minor) -> Result<TransactWriteItem, StoreError> {
        let spent = paid.is_positive();
        let mut values = vec![
            (":m", text(hold.member.as_str())),
            (":s", number(hold.sequence)),
            (":w", number(paid)),
            (":k", AttributeValue::Bool(spent)),
        ];
        let mut update = "SET o.w = :w, o.k = :k".to_owned();
        if !spent {
            update.push_str(", o.u = :u");
            values.push((":u", instant(OrderHold::GIVEN_BACK)));
        }
        self.fact_write(key(order), &update, "o.m = :m AND o.s = :s", values)
    }
}

/// The row of an order.
fn key(order: &str) -> FactKey {
    FactName::order(order).key
}
