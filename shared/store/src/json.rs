//! Items as DynamoDB writes them in JSON: in its stream and in its exports.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::attribute::{Item, bytes};
use crate::error::{Damage, damaged};

/// An item from DynamoDB's JSON.
///
/// # Errors
/// It is none, or has attributes of a type that is not used here.
pub fn item_of(value: &Value) -> Result<Item, Damage> {
    let fields = value.as_object().ok_or_else(|| damaged("image"))?;
    fields.iter().map(|(name, value)| Ok((name.clone(), attribute(value)?))).collect()
}

fn attribute(value: &Value) -> Result<AttributeValue, Damage> {
    let single = value.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.iter().next());
    let (kind, value) = single.ok_or_else(|| damaged("image"))?;
    let text = || value.as_str().map(str::to_owned).ok_or_else(|| damaged("image"));
    Ok(match kind.as_str() {
        "S" => AttributeValue::S(text()?),
        "N" => AttributeValue::N(text()?),
        "B" => bytes(&BASE64_STANDARD.decode(text()?).map_err(|_not_base64| damaged("image"))?),
        "BOOL" => AttributeValue::Bool(value.as_bool().ok_or_else(|| damaged("image"))?),
        "L" => {
            let items = value.as_array().ok_or_else(|| damaged("image"))?;
            AttributeValue::L(items.iter().map(attribute).collect::<Result<_, _>>()?)
        }
        "M" => AttributeValue::M(item_of(value)?),
        "NULL" => AttributeValue::Null(true),
        _ => return Err(damaged("image")),
    })
}

/// An item as DynamoDB's JSON. Types that are not used here are null.
#[must_use]
pub fn image_of(item: &Item) -> Value {
    item.iter().map(|(name, value)| (name.clone(), wire(value))).collect()
}

fn wire(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(blob) => json!({"B": BASE64_STANDARD.encode(blob.as_ref())}),
        AttributeValue::Bool(value) => json!({ "BOOL": value }),
        AttributeValue::L(items) => json!({"L": items.iter().map(wire).collect::<Vec<_>>()}),
        AttributeValue::M(fields) => json!({"M": image_of(fields)}),
        _ => json!({"NULL": true}),
    }
}
