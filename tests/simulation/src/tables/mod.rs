//! DynamoDB in process, in two implementations that answer the same calls in the same way: the embedded one that the
//! local platform uses, and a small one in memory for volume. Neither knows of faults; those are the
//! [`database`](crate::database)'s.

mod embedded;
mod memory;

use std::collections::BTreeMap;

use sam::template::Stack;
use serde_json::Value;

pub(crate) use embedded::Embedded;
pub(crate) use memory::{Memory, query};

/// An HTTP status and a body.
pub(crate) type Reply = (u16, String);

/// The names of the key attributes, by table.
pub(crate) type Keys = BTreeMap<String, Vec<String>>;

/// Tables that carry out the calls of DynamoDB's API.
pub(crate) trait Tables {
    /// Carries out a call.
    fn call(&mut self, operation: &str, body: &Value) -> Reply;

    /// An item as it is now; null if there is none.
    fn item(&self, table: &str, key: &Value) -> Value;

    /// Every item of a table.
    fn dump(&self, table: &str) -> Vec<Value>;
}

/// The key attributes of the tables of a stack, and of their indexes as `TABLE/INDEX`.
pub(crate) fn keys(stack: &Stack) -> Keys {
    let names = |schema: &Value| {
        schema
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|key| key["AttributeName"].as_str().map(str::to_owned))
            .collect()
    };
    let mut keys = Keys::new();
    for table in &stack.tables {
        keys.insert(table.name.clone(), names(&table.definition["KeySchema"]));
        for index in table.definition["GlobalSecondaryIndexes"].as_array().into_iter().flatten() {
            let name = index["IndexName"].as_str().unwrap_or_default();
            keys.insert(format!("{}/{name}", table.name), names(&index["KeySchema"]));
        }
    }
    keys
}

/// The key attributes of what a query reads: those of the table, and, if it reads an index, that one's.
pub(crate) fn keys_read<'a>(keys: &'a Keys, body: &Value) -> (&'a [String], &'a [String]) {
    let table = body["TableName"].as_str().unwrap_or_default();
    let of = |name: &str| keys.get(name).map_or(&[][..], Vec::as_slice);
    let index = body["IndexName"].as_str().map(|index| of(&format!("{table}/{index}")));
    (of(table), index.unwrap_or_default())
}

/// The key of an item.
pub(crate) fn key_of(keys: &Keys, table: &str, item: &Value) -> Value {
    let names = keys.get(table).map_or(&[][..], Vec::as_slice);
    names.iter().map(|name| (name.clone(), item[name].clone())).collect()
}
