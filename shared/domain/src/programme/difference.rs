//! What a document says otherwise than another, place by place: by ids, never by position.

use std::fmt;

use serde_json::{Map, Value};

use crate::programme::document::Document;

/// Something that two documents do not say alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `reward.toy.stock`.
    pub at: String,
    /// What the first says; nothing if it does not say it.
    pub was: Option<Value>,
    /// What the second says.
    pub is: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.was, &self.is) {
            (Some(was), Some(is)) => write!(f, "{}: {was} -> {is}", self.at),
            (None, Some(is)) => write!(f, "{}: added, {is}", self.at),
            (Some(was), None) => write!(f, "{}: removed, {was}", self.at),
            (None, None) => f.write_str(&self.at),
        }
    }
}

/// What the second document says otherwise than the first, by place.
///
/// # Panics
/// A document cannot be written as JSON, which every one can.
#[must_use]
pub fn difference(was: &Document, is: &Document) -> Vec<Difference> {
    let [was, is] = [was, is].map(|document| serde_json::to_value(document).expect("a document is plain data"));
    let mut found = Vec::new();
    compare("", Some(&was), Some(&is), &mut found);
    found
}

fn compare(at: &str, was: Option<&Value>, is: Option<&Value>, found: &mut Vec<Difference>) {
    if was == is {
        return;
    }
    match (was.and_then(named), is.and_then(named)) {
        (Some(was), Some(is)) => {
            let mut names: Vec<&String> = was.keys().chain(is.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                compare(&at, was.get(name), is.get(name), found);
            }
        }
        _ => found.push(Difference { at: at.to_owned(), was: was.cloned(), is: is.cloned() }),
    }
}

/// A table, or a list of things with ids as a table.
fn named(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(fields) => Some(fields.clone()),
        Value::Array(items) if !items.is_empty() => {
            items.iter().map(|item| Some((item["id"].as_str()?.to_owned(), item.clone()))).collect()
        }
        _ => None,
    }
}
