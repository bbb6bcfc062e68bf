//! The embedded DynamoDB in process, and the memory of old versions that stale reads are answered from.

use std::collections::BTreeMap;

use dynoxide::{Database, DynoxideError};
use local::template::Stack;
use serde_json::{Value, json};

/// Tables in memory.
pub(crate) struct Dynamo {
    database: Database,
    keys: BTreeMap<String, Vec<String>>,
    /// Earlier versions of items, newest last.
    old: BTreeMap<(String, String), Vec<Value>>,
}

/// How many earlier versions a stale read may see.
const REMEMBERED: usize = 4;

impl Dynamo {
    /// The tables of a stack.
    pub(crate) fn new(stack: &Stack) -> anyhow::Result<Self> {
        let database = Database::memory()?;
        let mut keys = BTreeMap::new();
        for table in &stack.tables {
            database.create_table(serde_json::from_value(table.definition.clone())?)?;
            let schema = table.definition["KeySchema"].as_array().into_iter().flatten();
            let names = schema.filter_map(|key| key["AttributeName"].as_str().map(str::to_owned)).collect();
            keys.insert(table.name.clone(), names);
        }
        Ok(Self { database, keys, old: BTreeMap::new() })
    }

    /// Carries out a call.
    pub(crate) fn carry_out(&mut self, operation: &str, body: &Value) -> (u16, String) {
        let touched = self.touched(operation, body);
        let before: Vec<Value> = touched.iter().map(|(table, key)| self.item(table, key)).collect();
        let reply = self.dispatch(operation, body);
        for ((table, key), item) in touched.into_iter().zip(before) {
            if self.item(&table, &key) != item {
                let versions = self.old.entry((table, key.to_string())).or_default();
                versions.push(item);
                if versions.len() > REMEMBERED {
                    versions.remove(0);
                }
            }
        }
        match reply {
            Ok(reply) => (200, reply.to_string()),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }

    /// Answers a read with an earlier version of the item, if there is one.
    pub(crate) fn stale(&self, body: &Value, age: usize) -> Option<(u16, String)> {
        let table = body["TableName"].as_str()?;
        let versions = self.old.get(&(table.to_owned(), self.key_of(table, &body["Key"]).to_string()))?;
        let version = versions.get(versions.len().checked_sub(age + 1)?)?;
        let reply = if version.is_null() { json!({}) } else { json!({ "Item": version }) };
        Some((200, reply.to_string()))
    }

    /// Every item of a table, in the order of its keys.
    pub(crate) fn dump(&self, table: &str) -> Vec<Value> {
        let scan = serde_json::from_value(json!({ "TableName": table })).expect("a scan of a table");
        let found = self.database.scan(scan).expect("the table is there");
        let found = serde_json::to_value(found).expect("a response is JSON");
        let mut items: Vec<Value> = found["Items"].as_array().cloned().unwrap_or_default();
        items.sort_by_key(|item| self.key_of(table, item).to_string());
        items
    }

    fn item(&self, table: &str, key: &Value) -> Value {
        let get = serde_json::from_value(json!({ "TableName": table, "Key": key, "ConsistentRead": true }));
        let found = get.ok().and_then(|get| self.database.get_item(get).ok());
        let found = found.and_then(|found| serde_json::to_value(found).ok()).unwrap_or_default();
        found["Item"].clone()
    }

    fn key_of(&self, table: &str, item: &Value) -> Value {
        let names = self.keys.get(table).map_or(&[][..], Vec::as_slice);
        names.iter().map(|name| (name.clone(), item[name].clone())).collect()
    }

    /// The items that a call may write.
    fn touched(&self, operation: &str, body: &Value) -> Vec<(String, Value)> {
        let table = |part: &Value| part["TableName"].as_str().unwrap_or_default().to_owned();
        let key = |part: &Value| {
            let table = table(part);
            let key = if part["Key"].is_null() { self.key_of(&table, &part["Item"]) } else { part["Key"].clone() };
            (table, key)
        };
        match operation {
            "PutItem" | "UpdateItem" => vec![key(body)],
            "TransactWriteItems" => {
                let parts = body["TransactItems"].as_array().into_iter().flatten();
                parts.filter_map(|part| part.as_object()?.values().next()).map(key).collect()
            }
            _ => Vec::new(),
        }
    }

    fn dispatch(&self, operation: &str, body: &Value) -> Result<Value, DynoxideError> {
        macro_rules! call {
            ($method:ident) => {{
                let request = serde_json::from_value(body.clone())
                    .map_err(|error| DynoxideError::ValidationException(error.to_string()))?;
                let response = self.database.$method(request)?;
                serde_json::to_value(response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
            }};
        }
        match operation {
            "GetItem" => call!(get_item),
            "PutItem" => call!(put_item),
            "UpdateItem" => call!(update_item),
            "Query" => call!(query),
            "BatchGetItem" => call!(batch_get_item),
            "TransactWriteItems" => call!(transact_write_items),
            other => Err(DynoxideError::ValidationException(format!("the simulator knows no {other}"))),
        }
    }
}
