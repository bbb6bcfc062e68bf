//! The embedded DynamoDB of the local platform, called in process.

use dynoxide::{Database, DynoxideError};
use local::template::Stack;
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

    fn dispatch(&self, operation: &str, body: &Value) -> Result<Value, DynoxideError> {
        macro_rules! call {
            ($method:ident) => {{
                let request = serde_json::from_value(body.clone())
                    .map_err(|error| DynoxideError::ValidationException(error.to_string()))?;
                let response = self.0.$method(request)?;
                serde_json::to_value(response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
            }};
        }
        match operation {
            "GetItem" => call!(get_item),
            "PutItem" => call!(put_item),
            "UpdateItem" => call!(update_item),
            "Query" => call!(query),
            "Scan" => call!(scan),
            "BatchGetItem" => call!(batch_get_item),
            "TransactWriteItems" => call!(transact_write_items),
            other => Err(DynoxideError::ValidationException(format!("the simulator knows no {other}"))),
        }
    }
}

impl Tables for Embedded {
    fn call(&mut self, operation: &str, body: &Value) -> Reply {
        match self.dispatch(operation, body) {
            Ok(reply) => (200, reply.to_string()),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }

    fn item(&self, table: &str, key: &Value) -> Value {
        let get = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
        self.dispatch("GetItem", &get).map(|found| found["Item"].clone()).unwrap_or_default()
    }

    fn dump(&self, table: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut scan = json!({ "TableName": table });
        loop {
            let found = self.dispatch("Scan", &scan).expect("the table is there");
            items.extend(found["Items"].as_array().into_iter().flatten().cloned());
            match &found["LastEvaluatedKey"] {
                Value::Null => return items,
                last => scan["ExclusiveStartKey"] = last.clone(),
            }
        }
    }
}
