//! The embedded DynamoDB of the local platform, called in process.

use dynoxide::Database;
use emulator::dynamodb::call;
use sam::template::Stack;
use serde_json::{Value, json};

use super::{Reply, Tables};

/// Tables of the embedded DynamoDB.
pub(crate) struct Embedded(Database);

impl Embedded {
    /// The tables of a stack, empty, in memory.
    pub(crate) fn new(stack: &Stack) -> anyhow::Result<Self> {
        let database = Database::memory()?;
        for table in &stack.tables {
            database.create_table(serde_json::from_value(table.definition.clone())?)?;
        }
        Ok(Self(database))
    }

    /// The tables in a file, as a platform that was ended left them.
    pub(crate) fn open(path: &std::path::Path) -> anyhow::Result<Self> {
        Ok(Self(Database::new(&path.to_string_lossy())?))
    }
}

impl Tables for Embedded {
    fn call(&mut self, operation: &str, body: &Value) -> Reply {
        match call(&self.0, operation, body.clone()) {
            Ok(reply) => (200, reply.to_string()),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }

    fn item(&self, table: &str, key: &Value) -> Value {
        let get = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
        call(&self.0, "GetItem", get).map(|found| found["Item"].clone()).unwrap_or_default()
    }

    fn dump(&self, table: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut scan = json!({ "TableName": table });
        loop {
            let found = call(&self.0, "Scan", scan.clone()).expect("the table is there");
            items.extend(found["Items"].as_array().into_iter().flatten().cloned());
            match &found["LastEvaluatedKey"] {
                Value::Null => return items,
                last => scan["ExclusiveStartKey"] = last.clone(),
            }
        }
    }
}
