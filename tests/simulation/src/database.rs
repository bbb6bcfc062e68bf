//! What DynamoDB does beyond storing: it forgets nothing at once. Earlier versions of items for stale reads and lagging
//! indexes, the request tokens of transactions for ten minutes, and every change for those who follow.

use std::collections::BTreeMap;

use sam::template::Stack;
use serde_json::{Value, json};

use crate::tables::{Keys, Reply, Tables, key_of, keys, queried, query};

/// For how long a request token is known, in milliseconds.
const TOKEN_LIFE: i64 = 10 * 60 * 1000;
/// How many earlier versions of an item a stale read may see.
const REMEMBERED: usize = 6;
/// How far an index, or what a weak query sees, lags at most, in milliseconds.
pub(crate) const MOST_LAG: i64 = 60_000;

/// An item before and after a write.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) table: String,
    pub(crate) before: Value,
    pub(crate) after: Value,
}

/// An earlier version of an item, and until when it was the newest.
struct Version {
    until: i64,
    item: Value,
}

/// A transaction that was carried out, or still is.
struct Token {
    until: i64,
    request: Value,
    reply: Option<Reply>,
}

/// Tables and their past.
pub(crate) struct Database {
    tables: Box<dyn Tables>,
    keys: Keys,
    past: BTreeMap<(String, String), Vec<Version>>,
    tokens: BTreeMap<String, Token>,
    changes: Vec<Change>,
}

fn error(code: &str, message: &str) -> Reply {
    let name = format!("com.amazonaws.dynamodb.v20120810#{code}");
    (400, json!({"__type": name, "message": message}).to_string())
}

impl Database {
    pub(crate) fn new(stack: &Stack, tables: Box<dyn Tables>) -> Self {
        Self { tables, keys: keys(stack), past: BTreeMap::new(), tokens: BTreeMap::new(), changes: Vec::new() }
    }

    /// Carries out a call at a time, in milliseconds. A transaction whose token is known is not carried out again.
    pub(crate) fn carry_out(&mut self, now: i64, operation: &str, body: &Value) -> Reply {
        let Some(token) = body["ClientRequestToken"].as_str() else { return self.write(now, operation, body) };
        let mut request = body.clone();
        request.as_object_mut().map(|request| request.remove("ClientRequestToken"));
        self.tokens.retain(|_, token| token.until > now);
        match self.tokens.get(token) {
            Some(known) if known.request != request => {
                return error("IdempotentParameterMismatchException", "the token was used for another request");
            }
            Some(Token { reply: Some(reply), .. }) => return reply.clone(),
            _ => {}
        }
        let reply = self.write(now, operation, &request);
        if reply.0 == 200 {
            let known = Token { until: now + TOKEN_LIFE, request, reply: Some(reply.clone()) };
            self.tokens.insert(token.to_owned(), known);
        } else {
            self.tokens.remove(token);
        }
        reply
    }

    /// A transaction is under way and will be carried out later: until then, its token answers that it is in progress.
    pub(crate) fn begin(&mut self, now: i64, body: &Value) {
        if let Some(token) = body["ClientRequestToken"].as_str() {
            let mut request = body.clone();
            request.as_object_mut().map(|request| request.remove("ClientRequestToken"));
            self.tokens.insert(token.to_owned(), Token { until: now + TOKEN_LIFE, request, reply: None });
        }
    }

    /// Is a transaction with this request's token under way?
    pub(crate) fn in_progress(&self, now: i64, body: &Value) -> bool {
        let token = body["ClientRequestToken"].as_str().and_then(|token| self.tokens.get(token));
        token.is_some_and(|token| token.reply.is_none() && token.until > now)
    }

    fn write(&mut self, now: i64, operation: &str, body: &Value) -> Reply {
        let touched = self.touched(operation, body);
        let before: Vec<Value> = touched.iter().map(|(table, key)| self.tables.item(table, key)).collect();
        let reply = self.tables.call(operation, body);
        for ((table, key), before) in touched.into_iter().zip(before) {
            let after = self.tables.item(&table, &key);
            if after == before {
                continue; // AWS yields no stream record for a write that changes nothing, either
            }
            let versions = self.past.entry((table.clone(), key.to_string())).or_default();
            versions.push(Version { until: now, item: before.clone() });
            if versions.len() > REMEMBERED && versions[0].until < now - MOST_LAG {
                versions.remove(0);
            }
            self.changes.push(Change { table, before, after });
        }
        reply
    }

    /// What has changed since this was asked last.
    pub(crate) fn changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Answers a weak read of an item with an earlier version, if there is one.
    pub(crate) fn stale(&self, body: &Value, age: usize) -> Option<Reply> {
        let table = body["TableName"].as_str()?;
        let versions = self.past.get(&(table.to_owned(), key_of(&self.keys, table, &body["Key"]).to_string()))?;
        let version = versions.get(versions.len().checked_sub(age % REMEMBERED + 1)?)?;
        let reply = if version.item.is_null() { json!({}) } else { json!({ "Item": version.item }) };
        Some((200, reply.to_string()))
    }

    /// Answers a weak query, of a table or an index, as of an earlier time.
    pub(crate) fn lagging(&self, body: &Value, as_of: i64) -> Option<Reply> {
        let table = body["TableName"].as_str()?;
        let items = self.tables.dump(table);
        let then: Vec<&Value> = items
            .iter()
            .map(|item| {
                let versions = self.past.get(&(table.to_owned(), key_of(&self.keys, table, item).to_string()));
                versions
                    .and_then(|versions| versions.iter().find(|version| version.until > as_of))
                    .map_or(item, |then| &then.item)
            })
            .filter(|item| !item.is_null())
            .collect();
        let reply = query(then.into_iter(), body, queried(&self.keys, body)).ok()?;
        Some((200, reply.to_string()))
    }

    /// Every item of a table, in the order of its keys.
    pub(crate) fn dump(&self, table: &str) -> Vec<Value> {
        let mut items = self.tables.dump(table);
        items.sort_by_cached_key(|item| key_of(&self.keys, table, item).to_string());
        items
    }

    /// The items that a call may write.
    fn touched(&self, operation: &str, body: &Value) -> Vec<(String, Value)> {
        let key = |part: &Value| {
            let table = part["TableName"].as_str().unwrap_or_default().to_owned();
            let key =
                if part["Key"].is_null() { key_of(&self.keys, &table, &part["Item"]) } else { part["Key"].clone() };
            (table, key)
        };
        match operation {
            "PutItem" | "UpdateItem" => vec![key(body)],
            "TransactWriteItems" => {
                let parts = body["TransactItems"].as_array().into_iter().flatten();
                parts.filter_map(|part| part.as_object()?.values().next()).map(key).collect()
            }
            "BatchWriteItem" => {
                let tables = body["RequestItems"].as_object().into_iter().flatten();
                let keys = tables.flat_map(|(table, writes)| {
                    let writes = writes.as_array().into_iter().flatten();
                    writes.map(|write| (table.clone(), write["DeleteRequest"]["Key"].clone()))
                });
                keys.collect()
            }
            _ => Vec::new(),
        }
    }
}
