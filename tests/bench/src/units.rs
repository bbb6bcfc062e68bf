//! What DynamoDB charges for a call, worked out from the call and the items it touches: its size rules, written down once more
//! to hold `ReturnConsumedCapacity` against. All units in thousandths.
//!
//! Source: Amazon DynamoDB Developer Guide, "DynamoDB read and write operations" and "Projections for global secondary indexes".

use std::collections::BTreeMap;

use serde_json::{Value, json};
use store::{StoreError, item_of, size_of};

/// One unit.
const UNIT: i64 = 1_000;

/// The attributes that make a table's key, and its indexes.
#[derive(Debug, Clone)]
pub(crate) struct Schema {
    key: Vec<String>,
    indexes: Vec<Index>,
}

/// The attributes that make an index's key, and those that it holds beside.
#[derive(Debug, Clone)]
struct Index {
    key: Vec<String>,
    projected: Vec<String>,
    /// It holds all.
    whole: bool,
}

/// The schemas of tables, by name.
pub(crate) type Schemas = BTreeMap<String, Schema>;

/// An item that a call writes or checks.
#[derive(Debug, Clone)]
pub(crate) struct Touched {
    /// Its table.
    pub(crate) table: String,
    /// Its key.
    pub(crate) key: Value,
}

impl Schema {
    /// From a `CreateTable` request.
    pub(crate) fn of(definition: &Value) -> Self {
        let names = |schema: &Value| -> Vec<String> {
            let parts = schema.as_array().into_iter().flatten();
            parts.filter_map(|part| part["AttributeName"].as_str()).map(str::to_owned).collect()
        };
        let key = names(&definition["KeySchema"]);
        let indexes = definition["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
        let index = |index: &Value| {
            let projected = index["Projection"]["NonKeyAttributes"].as_array().into_iter().flatten();
            let projected = projected.filter_map(Value::as_str).map(str::to_owned).collect();
            let whole = index["Projection"]["ProjectionType"] == "ALL";
            Index { key: names(&index["KeySchema"]), projected, whole }
        };
        Self { key, indexes: indexes.map(index).collect() }
    }

    fn key_of(&self, item: &Value) -> Value {
        self.key.iter().map(|name| (name.clone(), item[name].clone())).collect::<serde_json::Map<_, _>>().into()
    }

    /// What an index holds of an item; nothing of one without the index's key.
    fn entry(&self, index: &Index, item: &Value) -> Option<Value> {
        let one = |name: &String| item.get(name).map(|value| (name.clone(), value.clone()));
        let keys: Option<serde_json::Map<_, _>> = index.key.iter().chain(&self.key).map(one).collect();
        let mut held = keys?;
        if index.whole {
            return Some(item.clone());
        }
        held.extend(index.projected.iter().filter_map(one));
        Some(Value::Object(held))
    }
}

/// The items that a call writes or checks.
pub(crate) fn touched(schemas: &Schemas, operation: &str, request: &Value) -> Vec<Touched> {
    let one = |write: &Value| {
        let table = write["TableName"].as_str()?.to_owned();
        let key = match write.get("Item") {
            Some(item) => schemas.get(&table)?.key_of(item),
            None => write["Key"].clone(),
        };
        Some(Touched { table, key })
    };
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => one(request).into_iter().collect(),
        "TransactWriteItems" => {
            let items = request["TransactItems"].as_array().into_iter().flatten();
            items.filter_map(|item| one(item.as_object()?.values().next()?)).collect()
        }
        "BatchWriteItem" => {
            let tables = request["RequestItems"].as_object().into_iter().flatten();
            let deleted = tables.flat_map(|(table, writes)| {
                let keys = writes.as_array().into_iter().flatten().map(|write| write["DeleteRequest"]["Key"].clone());
                keys.map(|key| Touched { table: table.clone(), key })
            });
            deleted.collect()
        }
        _ => Vec::new(),
    }
}

/// An item's size in bytes.
fn size(item: &Value) -> Result<i64, StoreError> {
    if item.is_null() {
        return Ok(0);
    }
    i64::try_from(size_of(&item_of(item)?))
        .map_err(|_too_large| StoreError::bug("an item is larger than can be counted"))
}

/// Units of writing so many bytes: one a KiB, at least one.
fn writing(bytes: i64) -> i64 {
    (bytes + 1_023).div_euclid(1_024).max(1) * UNIT
}

/// Units of reading so many bytes: one for 4 KiB, at least one; half if a stale answer does.
fn reading(bytes: i64, consistent: bool) -> i64 {
    let units = (bytes + 4_095).div_euclid(4_096).max(1) * UNIT;
    if consistent { units } else { units / 2 }
}

/// What a write costs that leaves an item as `after`, `times` over for the table; a refused one costs what is there. Indexes follow later,
/// outside of a transaction.
pub(crate) fn written(schema: &Schema, before: &Value, after: &Value, times: i64) -> Result<i64, StoreError> {
    let mut units = writing(size(before)?.max(size(after)?)) * times;
    for index in &schema.indexes {
        let (old, new) = (schema.entry(index, before), schema.entry(index, after));
        if old == new {
            continue;
        }
        let stays = |one: &Value, other: &Value| index.key.iter().all(|name| one[name] == other[name]);
        match (old, new) {
            // It stays where it is, and says something else.
            (Some(old), Some(new)) if stays(&old, &new) => units += writing(size(&old)?.max(size(&new)?)),
            // It is moved: taken out and put in.
            (old, new) => {
                for entry in [old, new].into_iter().flatten() {
                    units += writing(size(&entry)?);
                }
            }
        }
    }
    Ok(units)
}

/// What a read costs that has this answer.
pub(crate) fn read(operation: &str, request: &Value, reply: &Value) -> Result<i64, StoreError> {
    let consistent = |of: &Value| of["ConsistentRead"] == json!(true);
    let list = |items: &Value| items.as_array().cloned().unwrap_or_default();
    match operation {
        "GetItem" => Ok(reading(size(&reply["Item"])?, consistent(request))),
        "Query" | "Scan" => {
            let bytes: i64 = list(&reply["Items"]).iter().map(size).sum::<Result<_, _>>()?;
            Ok(reading(bytes, consistent(request)))
        }
        "BatchGetItem" => {
            let mut units = 0;
            for (table, asked) in request["RequestItems"].as_object().into_iter().flatten() {
                let found = list(&reply["Responses"][table]);
                let missing = list(&asked["Keys"]).len().saturating_sub(found.len());
                for item in found.iter().chain(std::iter::repeat_n(&Value::Null, missing)) {
                    units += reading(size(item)?, consistent(asked));
                }
            }
            Ok(units)
        }
        _ => Ok(0),
    }
}
