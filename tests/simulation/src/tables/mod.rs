//! DynamoDB in process, in two implementations that answer the same calls in the same way: the embedded one that the
//! local platform uses, and a small one in memory for volume. Neither knows of faults; those are the
//! [`database`](crate::database)'s.

mod embedded;
mod memory;

use std::collections::BTreeMap;

use sam::template::Stack;
use serde_json::{Value, json};

pub(crate) use embedded::Embedded;
pub(crate) use memory::{Memory, query};

/// An HTTP status and a body.
pub(crate) type Reply = (u16, String);

/// What tables, and their indexes as `TABLE/INDEX`, are read by and hold.
pub(crate) type Keys = BTreeMap<String, Schema>;

/// What a table, or an index, is read by and holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schema {
    /// The names of the key attributes: the hash, and the range if there is one.
    key: Vec<String>,
    /// What an index holds beside keys; none: it holds all.
    projected: Option<Vec<String>>,
}

/// What a query reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Queried<'a> {
    key: &'a [String],
    index: Option<&'a Schema>,
}

/// Tables that carry out the calls of DynamoDB's API.
pub(crate) trait Tables {
    /// Carries out a call.
    fn call(&mut self, operation: &str, body: &Value) -> Reply;

    /// An item as it is now; null if there is none.
    fn item(&self, table: &str, key: &Value) -> Value;

    /// Every item of a table.
    fn dump(&self, table: &str) -> Vec<Value>;
}

/// The schemas of the tables of a stack, and of their indexes.
pub(crate) fn keys(stack: &Stack) -> Keys {
    let all = |values: &Value| values.as_array().cloned().unwrap_or_default();
    let named = |names: &Value| all(names).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let key = |schema: &Value| {
        let names = all(schema);
        names.iter().filter_map(|key| key["AttributeName"].as_str().map(str::to_owned)).collect()
    };
    let mut keys = Keys::new();
    for table in &stack.tables {
        keys.insert(table.name.clone(), Schema { key: key(&table.definition["KeySchema"]), projected: None });
        for index in all(&table.definition["GlobalSecondaryIndexes"]) {
            let (name, projection) = (index["IndexName"].as_str().unwrap_or_default(), &index["Projection"]);
            let whole = projection["ProjectionType"] == json!("ALL");
            let projected = (!whole).then(|| named(&projection["NonKeyAttributes"]));
            keys.insert(format!("{}/{name}", table.name), Schema { key: key(&index["KeySchema"]), projected });
        }
    }
    keys
}

/// What a query reads: a table, or an index of it.
pub(crate) fn queried<'a>(keys: &'a Keys, body: &Value) -> Queried<'a> {
    let table = body["TableName"].as_str().unwrap_or_default();
    let index = body["IndexName"].as_str().and_then(|index| keys.get(&format!("{table}/{index}")));
    Queried { key: key_names(keys, table), index }
}

fn key_names<'a>(keys: &'a Keys, table: &str) -> &'a [String] {
    keys.get(table).map_or(&[][..], |schema| schema.key.as_slice())
}

impl Queried<'_> {
    /// Where an item stands: all keys of the table and the index.
    fn place(self, item: &Value) -> Value {
        let index = self.index.into_iter().flat_map(|index| &index.key);
        self.key.iter().chain(index).map(|name| (name.clone(), item[name].clone())).collect()
    }

    /// Is an item in it? An index has those alone that have all of its keys.
    fn holds(self, item: &Value) -> bool {
        self.index.is_none_or(|index| index.key.iter().all(|name| !item[name].is_null()))
    }

    /// What is found of an item.
    fn shown(self, item: &Value) -> Value {
        let Some(projected) = self.index.and_then(|index| index.projected.as_ref()) else { return item.clone() };
        let mut shown = self.place(item);
        for name in projected.iter().filter(|name| !item[name.as_str()].is_null()) {
            shown[name.as_str()] = item[name.as_str()].clone();
        }
        shown
    }

    /// What it is sorted by: the range of what is queried.
    fn range(&self) -> Option<&String> {
        self.index.map_or(self.key, |index| &index.key).get(1)
    }
}

/// The key of an item.
pub(crate) fn key_of(keys: &Keys, table: &str, item: &Value) -> Value {
    key_names(keys, table).iter().map(|name| (name.clone(), item[name].clone())).collect()
}
