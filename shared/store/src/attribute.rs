//! Plain values to and from DynamoDB attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::Value;

use crate::error::{Damage, damaged};

/// An item: attribute name to value.
pub type Item = HashMap<String, AttributeValue>;

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn bytes(value: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// Seconds since 1970 with up to three decimals: short, exact to the millisecond, and a number in the console.
pub(crate) fn instant(at: Timestamp) -> AttributeValue {
    let milliseconds = at.as_millisecond();
    let (seconds, rest) = (milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000));
    if rest == 0 { number(seconds) } else { number(format!("{seconds}.{rest:03}").trim_end_matches('0')) }
}

pub(crate) fn as_text<'a>(value: Option<&'a AttributeValue>, what: &'static str) -> Result<&'a str, Damage> {
    value.and_then(|value| value.as_s().ok()).map(String::as_str).ok_or_else(|| damaged(what))
}

pub(crate) fn as_number<T: std::str::FromStr>(value: Option<&AttributeValue>, what: &'static str) -> Result<T, Damage> {
    value.and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok()).ok_or_else(|| damaged(what))
}

pub(crate) fn as_bytes<const N: usize>(value: Option<&AttributeValue>, what: &'static str) -> Result<[u8; N], Damage> {
    let blob = value.and_then(|value| value.as_b().ok()).ok_or_else(|| damaged(what))?;
    blob.as_ref().try_into().map_err(|_wrong_length| damaged(what))
}

pub(crate) fn as_instant(value: Option<&AttributeValue>, what: &'static str) -> Result<Timestamp, Damage> {
    let text = value.and_then(|value| value.as_n().ok()).ok_or_else(|| damaged(what))?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let parts = seconds.parse::<i64>().ok().zip(format!("{fraction:0<9}").parse::<i32>().ok());
    parts.and_then(|(seconds, rest)| Timestamp::new(seconds, rest).ok()).ok_or_else(|| damaged(what))
}

/// A list; absent is empty.
pub(crate) fn as_list<'a>(
    value: Option<&'a AttributeValue>,
    what: &'static str,
) -> Result<&'a [AttributeValue], Damage> {
    match value {
        None => Ok(&[]),
        Some(value) => value.as_l().map(Vec::as_slice).map_err(|_other_type| damaged(what)),
    }
}

/// A map; absent is empty.
pub(crate) fn as_map<'a>(
    value: Option<&'a AttributeValue>,
    what: &'static str,
) -> Result<Vec<(&'a String, &'a AttributeValue)>, Damage> {
    match value {
        None => Ok(Vec::new()),
        Some(value) => value.as_m().map(|map| map.iter().collect()).map_err(|_other_type| damaged(what)),
    }
}

/// Puts an attribute unless it is empty.
pub(crate) fn put(item: &mut Item, name: &str, value: AttributeValue) {
    let empty = match &value {
        AttributeValue::L(items) => items.is_empty(),
        AttributeValue::M(fields) => fields.is_empty(),
        _ => false,
    };
    if !empty {
        item.insert(name.to_owned(), value);
    }
}

/// JSON without floats as attributes.
pub(crate) fn from_json(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(*value),
        Value::Number(value) => number(value),
        Value::String(value) => text(value),
        Value::Array(items) => AttributeValue::L(items.iter().map(from_json).collect()),
        Value::Object(fields) => {
            AttributeValue::M(fields.iter().map(|(name, value)| (name.clone(), from_json(value))).collect())
        }
    }
}

/// The same back.
pub(crate) fn to_json(value: &AttributeValue) -> Result<Value, Damage> {
    Ok(match value {
        AttributeValue::Bool(value) => Value::Bool(*value),
        AttributeValue::N(value) => Value::from(value.parse::<i64>().map_err(|_not_whole| damaged("number"))?),
        AttributeValue::S(value) => Value::String(value.clone()),
        AttributeValue::L(items) => Value::Array(items.iter().map(to_json).collect::<Result<_, _>>()?),
        AttributeValue::M(fields) => {
            let fields = fields.iter().map(|(name, value)| Ok((name.clone(), to_json(value)?)));
            Value::Object(fields.collect::<Result<_, Damage>>()?)
        }
        AttributeValue::Null(_) => Value::Null,
        _ => return Err(damaged("value")),
    })
}

/// An item's size in bytes by DynamoDB's rules: names and text by UTF-8 length, a number by half its significant digits
/// and one, lists and maps with 3 bytes and one more per element.
/// Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats".
#[must_use]
pub fn size_of(item: &HashMap<String, AttributeValue>) -> usize {
    item.iter().map(|(name, value)| name.len() + size(value)).sum()
}

fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => {
            let digits: String = number.chars().filter(char::is_ascii_digit).collect();
            let significant = digits.trim_start_matches('0').trim_end_matches('0').len();
            significant.div_ceil(2) + 1 + usize::from(number.starts_with('-'))
        }
        AttributeValue::B(blob) => blob.as_ref().len(),
        AttributeValue::L(items) => 3 + items.iter().map(|item| 1 + size(item)).sum::<usize>(),
        AttributeValue::M(fields) => 3 + fields.iter().map(|(name, field)| 1 + name.len() + size(field)).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_exact_to_the_millisecond() {
        for text in [
            "2026-11-22T04:05:06Z",
            "2026-11-22T04:05:06.007Z",
            "2026-11-22T04:05:06.12Z",
            "1969-12-31T23:59:59.5Z",
            "9999-12-30T22:00:00.999Z",
        ] {
            let at: Timestamp = text.parse().unwrap();
            let attribute = instant(at);
            assert_eq!(as_instant(Some(&attribute), "at").unwrap(), at, "{attribute:?}");
        }
    }
}
