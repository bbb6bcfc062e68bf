//! DynamoDB in memory: the calls and the expressions that the product uses, on ordered maps. It is an independent
//! implementation of the same conditions, and some times as fast as the embedded database.
//!
//! What it does not know it refuses, so that a handler that uses more than this is noticed: see [`Expression`].

use std::collections::BTreeMap;

use sam::template::Stack;
use serde_json::{Map, Value, json};

use super::{Keys, Queried, Reply, Tables, key_of, keys, queried};

/// Tables of ordered maps.
#[derive(Clone)]
pub(crate) struct Memory {
    keys: Keys,
    tables: BTreeMap<String, BTreeMap<String, Value>>,
}

/// Why a call is not carried out.
enum Refused {
    /// The condition does not hold; the item as it is.
    Condition(Value),
    /// A transaction, with the reasons of its parts.
    Cancelled(Vec<Value>),
    /// The call makes no sense, or is unknown here.
    Invalid(String),
}

impl Memory {
    /// The tables of a stack, empty.
    pub(crate) fn new(stack: &Stack) -> Self {
        let tables = stack.tables.iter().map(|table| (table.name.clone(), BTreeMap::new())).collect();
        Self { keys: keys(stack), tables }
    }

    fn table(&self, body: &Value) -> Result<(&str, &BTreeMap<String, Value>), Refused> {
        let name = body["TableName"].as_str().unwrap_or_default();
        let found = self.tables.get_key_value(name);
        found.map(|(name, table)| (name.as_str(), table)).ok_or_else(|| Refused::Invalid(format!("no table {name}")))
    }

    /// Checks the condition of a write and works out the item afterwards: the table, the key and the items before and after.
    fn prepare(&self, write: &Value, deletes: bool) -> Result<(String, String, Value, Value), Refused> {
        let (name, table) = self.table(write)?;
        let key = if write["Key"].is_null() { key_of(&self.keys, name, &write["Item"]) } else { write["Key"].clone() };
        let place = key.to_string();
        let before = table.get(&place).cloned().unwrap_or_default();
        let expression = Expression { request: write, item: &before };
        if let Some(condition) = write["ConditionExpression"].as_str()
            && !expression.holds(condition).map_err(Refused::Invalid)?
        {
            return Err(Refused::Condition(before));
        }
        let after = match write["UpdateExpression"].as_str() {
            None if deletes => Value::Null,
            None if write["Item"].is_null() => before.clone(), // a condition alone
            None => write["Item"].clone(),
            Some(update) => {
                let base = if before.is_null() { key } else { before.clone() };
                Expression { request: write, item: &base }.updated(update).map_err(Refused::Invalid)?
            }
        };
        Ok((name.to_owned(), place, before, after))
    }

    fn write(&mut self, table: &str, place: String, item: Value) {
        let table = self.tables.entry(table.to_owned()).or_default();
        match item {
            Value::Null => table.remove(&place),
            item => table.insert(place, item),
        };
    }

    fn one(&mut self, body: &Value) -> Result<Value, Refused> {
        let (table, place, before, after) = self.prepare(body, false)?;
        let reply = match body["ReturnValues"].as_str() {
            Some("ALL_NEW") => json!({"Attributes": after}),
            Some("ALL_OLD") if !before.is_null() => json!({"Attributes": before}),
            _ => json!({}),
        };
        self.write(&table, place, after);
        Ok(reply)
    }

    fn all(&mut self, body: &Value) -> Result<Value, Refused> {
        let parts = body["TransactItems"].as_array().into_iter().flatten();
        let parts: Vec<(&String, &Value)> = parts.filter_map(|part| part.as_object()?.iter().next()).collect();
        let prepared: Vec<_> = parts.iter().map(|(kind, part)| self.prepare(part, *kind == "Delete")).collect();
        if prepared.iter().any(Result::is_err) {
            let mut reasons = Vec::new();
            for ((_, part), prepared) in parts.iter().zip(prepared) {
                reasons.push(match prepared {
                    Ok(_) => json!({"Code": "None"}),
                    Err(Refused::Condition(item)) => {
                        let mut reason =
                            json!({"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"});
                        if part["ReturnValuesOnConditionCheckFailure"] == json!("ALL_OLD") && !item.is_null() {
                            reason["Item"] = item;
                        }
                        reason
                    }
                    Err(other) => return Err(other),
                });
            }
            return Err(Refused::Cancelled(reasons));
        }
        for (table, place, _, after) in prepared.into_iter().flatten() {
            self.write(&table, place, after);
        }
        Ok(json!({}))
    }

    fn delete(&mut self, table: &str, place: &str) {
        if let Some(table) = self.tables.get_mut(table) {
            table.remove(place);
        }
    }

    /// Deletes items that may be there or not; what else such a call can do is not known here.
    fn batch_delete(&mut self, body: &Value) -> Result<Value, Refused> {
        for (table, writes) in body["RequestItems"].as_object().into_iter().flatten() {
            let writes = writes.as_array().map(Vec::as_slice).unwrap_or_default();
            if writes.len() > 25 {
                return Err(Refused::Invalid("more than 25 writes".to_owned()));
            }
            for write in writes {
                if write["DeleteRequest"]["Key"].is_null() {
                    return Err(Refused::Invalid("no deletion".to_owned()));
                }
                self.delete(table, &write["DeleteRequest"]["Key"].to_string());
            }
        }
        Ok(json!({"UnprocessedItems": {}}))
    }

    fn batch_get(&self, body: &Value) -> Result<Value, Refused> {
        let mut responses = Map::new();
        for (table, wanted) in body["RequestItems"].as_object().into_iter().flatten() {
            let (_, items) = self.table(&json!({ "TableName": table }))?;
            let found = wanted["Keys"].as_array().into_iter().flatten();
            let found: Vec<&Value> = found.filter_map(|key| items.get(&key.to_string())).collect();
            responses.insert(table.clone(), json!(found));
        }
        Ok(json!({"Responses": responses, "UnprocessedKeys": {}}))
    }

    fn dispatch(&mut self, operation: &str, body: &Value) -> Result<Value, Refused> {
        match operation {
            "GetItem" => {
                let (_, table) = self.table(body)?;
                Ok(table.get(&body["Key"].to_string()).map_or_else(|| json!({}), |item| json!({ "Item": item })))
            }
            "PutItem" | "UpdateItem" => self.one(body),
            "TransactWriteItems" => self.all(body),
            "BatchGetItem" => self.batch_get(body),
            "BatchWriteItem" => self.batch_delete(body),
            "Query" => {
                let (_, table) = self.table(body)?;
                query(table.values(), body, queried(&self.keys, body)).map_err(Refused::Invalid)
            }
            // Only who publishes asks: is there anything at all?
            "Scan" => {
                let (_, table) = self.table(body)?;
                Ok(json!({ "Items": table.values().next().into_iter().collect::<Vec<_>>() }))
            }
            other => Err(Refused::Invalid(format!("the simulator knows no {other}"))),
        }
    }
}

impl Tables for Memory {
    fn call(&mut self, operation: &str, body: &Value) -> Reply {
        let error = |code: &str, message: &str| json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message});
        let refused = match self.dispatch(operation, body) {
            Ok(reply) => return (200, reply.to_string()),
            Err(refused) => refused,
        };
        let body = match refused {
            Refused::Condition(item) => {
                let mut failed = error("ConditionalCheckFailedException", "The conditional request failed");
                if body["ReturnValuesOnConditionCheckFailure"] == json!("ALL_OLD") && !item.is_null() {
                    failed["Item"] = item;
                }
                failed
            }
            Refused::Cancelled(reasons) => {
                let mut failed = error("TransactionCanceledException", "Transaction cancelled");
                failed["Message"] = failed["message"].take();
                failed["CancellationReasons"] = json!(reasons);
                failed
            }
            Refused::Invalid(what) => error("ValidationException", &what),
        };
        (400, body.to_string())
    }

    fn item(&self, table: &str, key: &Value) -> Value {
        self.tables.get(table).and_then(|table| table.get(&key.to_string())).cloned().unwrap_or_default()
    }

    fn dump(&self, table: &str) -> Vec<Value> {
        self.tables.get(table).into_iter().flat_map(BTreeMap::values).cloned().collect()
    }
}

/// Answers a query of the table or of an index from the items of a table.
pub(crate) fn query<'a>(
    items: impl Iterator<Item = &'a Value>,
    body: &Value,
    queried: Queried<'_>,
) -> Result<Value, String> {
    let condition = body["KeyConditionExpression"].as_str().unwrap_or_default();
    let mut found = Vec::new();
    for item in items.filter(|item| queried.holds(item)) {
        if (Expression { request: body, item }).holds(condition)? {
            found.push(item);
        }
    }
    let texts = |item: &Value| -> Vec<String> {
        queried.key.iter().filter_map(|name| Some(item[name]["S"].as_str()?.to_owned())).collect()
    };
    found.sort_by_cached_key(|item| {
        let by = queried.range().map(|name| &item[name]);
        (by.and_then(numeric), by.and_then(|by| Some(by["S"].as_str()?.to_owned())), texts(item))
    });
    if body["ScanIndexForward"] == json!(false) {
        found.reverse();
    }
    if !body["ExclusiveStartKey"].is_null() {
        let start = found.iter().position(|item| queried.place(item) == body["ExclusiveStartKey"]);
        found.drain(..start.map_or(0, |start| start + 1));
    }
    let limit = body["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let more = found.len() >= limit; // like DynamoDB: where the limit is reached, there may be more
    found.truncate(limit);
    let (scanned, last) = (found.len(), found.last().map(|last| queried.place(last)));
    let mut shown = Vec::new();
    for item in found {
        // What is filtered has been read, and counts towards the limit.
        let filter = body["FilterExpression"].as_str();
        if filter.map_or(Ok(true), |filter| Expression { request: body, item }.holds(filter))? {
            shown.push(queried.shown(item));
        }
    }
    let mut reply = json!({"Count": shown.len(), "ScannedCount": scanned, "Items": shown});
    if let Some(last) = last.filter(|_| more) {
        reply["LastEvaluatedKey"] = last;
    }
    Ok(reply)
}

/// The expressions that the product uses: comparisons, `attribute_not_exists`, `begins_with`, `AND` and `OR` (`AND` binds closer), and
/// updates of the forms `SET a = v, b.c = a - v`, `REMOVE a, b` and `ADD a v`, one of each in this order.
struct Expression<'a> {
    request: &'a Value,
    item: &'a Value,
}

impl Expression<'_> {
    fn holds(&self, text: &str) -> Result<bool, String> {
        for either in text.split(" OR ") {
            let mut all = true;
            for part in either.split(" AND ") {
                all &= self.compares(part.trim())?;
            }
            if all {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn compares(&self, text: &str) -> Result<bool, String> {
        if let Some(name) = text.strip_prefix("attribute_not_exists(").and_then(|rest| rest.strip_suffix(')')) {
            return Ok(self.item[self.name(name)].is_null());
        }
        if let Some(name) = text.strip_prefix("attribute_exists(").and_then(|rest| rest.strip_suffix(')')) {
            return Ok(!self.item[self.name(name)].is_null());
        }
        if let Some(both) = text.strip_prefix("begins_with(").and_then(|rest| rest.strip_suffix(')')) {
            let sides = both.split_once(", ").map(|(left, right)| (self.operand(left), self.operand(right)));
            let Some((Value::Object(left), Value::Object(right))) = sides else { return Ok(false) };
            let [left, right] = [left, right].map(|side| side["S"].as_str().unwrap_or_default().to_owned());
            return Ok(left.starts_with(&right));
        }
        let [left, operator, right] = text.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("the simulator cannot read the condition {text:?}"));
        };
        let (left, right) = (self.operand(left), self.operand(right));
        if left.is_null() || right.is_null() {
            return Ok(false);
        }
        if operator == "=" {
            return Ok(left == right);
        }
        let order = match (numeric(&left), numeric(&right), left["S"].as_str(), right["S"].as_str()) {
            (Some(left), Some(right), ..) => left.cmp(&right),
            (_, _, Some(left), Some(right)) => left.cmp(right),
            _ => return Err(format!("the simulator compares numbers or texts only, not {text:?}")),
        };
        match operator {
            ">=" => Ok(order.is_ge()),
            "<=" => Ok(order.is_le()),
            ">" => Ok(order.is_gt()),
            "<" => Ok(order.is_lt()),
            _ => Err(format!("the simulator cannot read the condition {text:?}")),
        }
    }

    /// The item after an update.
    fn updated(&self, text: &str) -> Result<Value, String> {
        let mut item = self.item.clone();
        let unknown = || format!("the simulator cannot read the update {text:?}");
        let text = format!(" {text}");
        let (rest, add) = text.split_once(" ADD ").map_or((text.as_str(), None), |(rest, add)| (rest, Some(add)));
        let (rest, gone) = rest.split_once(" REMOVE ").map_or((rest, None), |(rest, gone)| (rest, Some(gone)));
        if let Some((name, value)) = add.map(|add| add.split_once(' ').ok_or_else(unknown)).transpose()? {
            let sum =
                numeric(&self.operand(name)).unwrap_or_default() + numeric(&self.operand(value)).ok_or_else(unknown)?;
            item[self.name(name)] = attribute(sum);
        }
        for name in gone.into_iter().flat_map(|gone| gone.split(", ")) {
            item.as_object_mut().ok_or_else(unknown)?.remove(self.name(name));
        }
        if rest.is_empty() {
            return Ok(item);
        }
        for assignment in rest.strip_prefix(" SET ").ok_or_else(unknown)?.split(", ") {
            let (name, value) = assignment.split_once(" = ").ok_or_else(unknown)?;
            let value = match value.split_once(" - ") {
                None => self.operand(value),
                Some((left, right)) => {
                    let [left, right] = [left, right].map(|side| numeric(&self.operand(side)));
                    attribute(left.ok_or_else(unknown)? - right.ok_or_else(unknown)?)
                }
            };
            if value.is_null() {
                return Err(unknown());
            }
            match name.split_once('.') {
                Some((map, field)) => item[self.name(map)]["M"][field] = value,
                None => item[self.name(name)] = value,
            }
        }
        Ok(item)
    }

    fn name<'a>(&'a self, text: &'a str) -> &'a str {
        self.request["ExpressionAttributeNames"][text].as_str().unwrap_or(text)
    }

    fn operand(&self, text: &str) -> Value {
        if text.starts_with(':') {
            return self.request["ExpressionAttributeValues"][text].clone();
        }
        match text.split_once('.') {
            Some((map, field)) => self.item[self.name(map)]["M"][field].clone(),
            None => self.item[self.name(text)].clone(),
        }
    }
}

/// A number in thousandths; the product's numbers have at most three decimals.
fn numeric(value: &Value) -> Option<i128> {
    let text = value["N"].as_str()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let thousandths: i128 = format!("{fraction:0<3}").parse().ok()?;
    let whole: i128 = whole.parse().ok()?;
    Some(whole * 1000 + if text.starts_with('-') { -thousandths } else { thousandths })
}

/// A whole number of thousandths as an attribute.
fn attribute(thousandths: i128) -> Value {
    json!({"N": (thousandths / 1000).to_string()})
}
