//! The fields of an object that is hashed, by what becomes of them when they are empty.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Number, Value};

use crate::kernel::quantity::Points;

/// The fields of an object.
#[derive(Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// An object that says what it is.
    pub(super) fn of(name: &str, word: &str) -> Self {
        Self::default().text(name, word)
    }

    pub(super) fn put(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn text(self, name: &str, text: &str) -> Self {
        self.put(name, text)
    }

    pub(super) fn number(self, name: &str, number: impl Into<Number>) -> Self {
        self.put(name, Value::Number(number.into()))
    }

    pub(super) fn points(self, name: &str, points: Points) -> Self {
        self.number(name, points.0)
    }

    pub(super) fn instant(self, name: &str, at: Timestamp) -> Self {
        self.put(name, at.to_string())
    }

    /// Left out when absent.
    pub(super) fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    /// Left out when zero.
    pub(super) fn unless_zero(self, name: &str, number: i64) -> Self {
        self.maybe(name, (number != 0).then_some(number))
    }

    /// Left out when false.
    pub(super) fn if_so(self, name: &str, so: bool) -> Self {
        self.maybe(name, so.then_some(true))
    }

    /// Left out when empty.
    pub(super) fn list(self, name: &str, items: Vec<Value>) -> Self {
        self.maybe(name, (!items.is_empty()).then_some(items))
    }

    /// Left out when empty.
    pub(super) fn map<T>(self, name: &str, map: &BTreeMap<String, T>, value: impl Fn(&T) -> Value) -> Self {
        let fields: Map<String, Value> = map.iter().map(|(name, item)| (name.clone(), value(item))).collect();
        self.maybe(name, (!fields.is_empty()).then_some(fields))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// A list of objects.
pub(super) fn objects<T>(items: &[T], object: impl Fn(&T) -> Fields) -> Vec<Value> {
    items.iter().map(|item| object(item).done()).collect()
}

/// A list of words.
pub(super) fn words(words: &[String]) -> Vec<Value> {
    words.iter().map(|word| word.as_str().into()).collect()
}

/// A list of instants.
pub(super) fn instants(instants: &[Timestamp]) -> Vec<Value> {
    instants.iter().map(|at| at.to_string().into()).collect()
}
