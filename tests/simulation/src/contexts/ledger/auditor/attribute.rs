//! Attributes of items in DynamoDB's JSON, read by the auditor itself.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::canonical::hex;

pub(super) type Read<T> = Result<T, String>;

/// An attribute that is a text.
pub(super) fn string(item: &Value, name: &str) -> String {
    item[name]["S"].as_str().unwrap_or_default().to_owned()
}

/// A flat list, read from front to back.
pub(super) struct Flat<'a> {
    pub(super) items: std::slice::Iter<'a, Value>,
    pub(super) what: &'static str,
}

impl<'a> Flat<'a> {
    pub(super) fn of(value: &'a Value, what: &'static str) -> Read<Self> {
        Ok(Self { items: list(value, what)?.iter(), what })
    }

    pub(super) fn is_done(&self) -> bool {
        self.items.as_slice().is_empty()
    }

    pub(super) fn next(&mut self) -> Read<&'a Value> {
        self.items.next().ok_or_else(|| lacking(self.what))
    }

    pub(super) fn text(&mut self) -> Read<String> {
        text(self.next()?, self.what)
    }

    pub(super) fn number<T: std::str::FromStr>(&mut self) -> Read<T> {
        number(self.next()?, self.what)
    }

    pub(super) fn instant(&mut self) -> Read<Timestamp> {
        instant(self.next()?, self.what)
    }

    pub(super) fn millis(&mut self) -> Read<i64> {
        Ok(self.instant()?.as_millisecond())
    }

    /// Reads one thing after the other to the end.
    pub(super) fn all<T>(mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut things = Vec::new();
        while !self.is_done() {
            things.push(read(&mut self)?);
        }
        Ok(things)
    }
}

pub(super) fn lacking(what: &str) -> String {
    format!("an item's `{what}` is missing or cannot be read")
}

pub(super) fn text(value: &Value, what: &str) -> Read<String> {
    value["S"].as_str().map(str::to_owned).ok_or_else(|| lacking(what))
}

pub(super) fn number<T: std::str::FromStr>(value: &Value, what: &str) -> Read<T> {
    value["N"].as_str().and_then(|text| text.parse().ok()).ok_or_else(|| lacking(what))
}

/// Seconds since 1970, with up to three decimals.
pub(super) fn instant(value: &Value, what: &str) -> Read<Timestamp> {
    let text = value["N"].as_str().ok_or_else(|| lacking(what))?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (seconds, rest) = (seconds.parse::<i64>(), format!("{fraction:0<3}").parse::<i64>());
    let (Ok(seconds), Ok(rest)) = (seconds, rest) else { return Err(lacking(what)) };
    Timestamp::from_millisecond(seconds * 1000 + rest).map_err(|_out_of_range| lacking(what))
}

pub(super) fn bytes<const N: usize>(value: &Value, what: &str) -> Read<[u8; N]> {
    let decoded = value["B"].as_str().and_then(|text| aws_smithy_types::base64::decode(text).ok());
    decoded.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| lacking(what))
}

pub(super) fn hexadecimal<const N: usize>(value: &Value, what: &str) -> Read<String> {
    bytes::<N>(value, what).map(|bytes| hex(&bytes))
}

/// A list; what is left out is empty.
pub(super) fn list<'a>(value: &'a Value, what: &str) -> Read<&'a [Value]> {
    if value.is_null() {
        return Ok(&[]);
    }
    value["L"].as_array().map(Vec::as_slice).ok_or_else(|| lacking(what))
}

/// An attribute of any kind as plain data.
pub(super) fn plain(value: &Value) -> Read<Value> {
    let (kind, value) = value.as_object().and_then(|only| only.iter().next()).ok_or_else(|| lacking("value"))?;
    Ok(match (kind.as_str(), value) {
        ("S", Value::String(_)) | ("BOOL", Value::Bool(_)) => value.clone(),
        ("N", Value::String(text)) => json!(text.parse::<i64>().map_err(|_not_whole| lacking("number"))?),
        ("NULL", _) => Value::Null,
        ("L", Value::Array(items)) => Value::Array(items.iter().map(plain).collect::<Read<_>>()?),
        ("M", Value::Object(fields)) => {
            let fields = fields.iter().map(|(name, value)| Ok((name.clone(), plain(value)?)));
            Value::Object(fields.collect::<Read<_>>()?)
        }
        _ => return Err(lacking("value")),
    })
}
