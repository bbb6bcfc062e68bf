//! The stream of `accounts`: which entries a write has committed.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::entry::Entry;
use domain::id::MemberId;
use serde_json::Value;

use crate::attribute::{Item, as_number, broken, bytes};
use crate::{StoreError, decode_record};
use aws_sdk_dynamodb::types::AttributeValue;

/// The entries that a stream record with both images shows to be new, oldest first; none if the write only moved the account
/// in the index.
///
/// # Errors
/// The record is not one of an account, or damaged.
pub fn committed(record: &Value) -> Result<(MemberId, Vec<Entry>), StoreError> {
    let image = |name: &str| record["dynamodb"].get(name).filter(|image| !image.is_null()).map(item).transpose();
    let new = image("NewImage")?.ok_or_else(|| broken("NewImage"))?;
    let known: u64 = match image("OldImage")? {
        Some(old) => as_number(old.get("q"), "q")?,
        None => 0,
    };
    let record = decode_record(&new)?;
    let entries: Vec<Entry> = record.recent.into_iter().filter(|entry| entry.sequence > known).collect();
    let whole = entries.first().map_or(known, |first| first.sequence - 1) == known;
    if !whole || entries.last().map_or(known, |last| last.sequence) != record.account.sequence {
        return Err(broken("e"));
    }
    Ok((record.account.member, entries))
}

/// An item as DynamoDB writes it in JSON.
fn item(value: &Value) -> Result<Item, StoreError> {
    let fields = value.as_object().ok_or_else(|| broken("image"))?;
    fields.iter().map(|(name, value)| Ok((name.clone(), attribute(value)?))).collect()
}

fn attribute(value: &Value) -> Result<AttributeValue, StoreError> {
    let single = value.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.iter().next());
    let (kind, value) = single.ok_or_else(|| broken("image"))?;
    let text = || value.as_str().map(str::to_owned).ok_or_else(|| broken("image"));
    Ok(match kind.as_str() {
        "S" => AttributeValue::S(text()?),
        "N" => AttributeValue::N(text()?),
        "B" => bytes(&BASE64_STANDARD.decode(text()?).map_err(|error| StoreError::Broken(error.to_string()))?),
        "BOOL" => AttributeValue::Bool(value.as_bool().ok_or_else(|| broken("image"))?),
        "L" => {
            let items = value.as_array().ok_or_else(|| broken("image"))?;
            AttributeValue::L(items.iter().map(attribute).collect::<Result<_, _>>()?)
        }
        "M" => AttributeValue::M(item(value)?),
        _ => return Err(broken("image")),
    })
}
