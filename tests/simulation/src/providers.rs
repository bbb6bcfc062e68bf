//! What stands for the providers of messages: it takes whatever it is handed, and counts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::contexts::care::known::Known;
use crate::tables::Reply;

/// Messages by what they are, with how often they were handed over.
#[derive(Debug, Default)]
pub(crate) struct Providers(BTreeMap<String, u64>);

impl Providers {
    /// Takes a message, and says what is wrong with its coming.
    pub(crate) fn take(&mut self, operation: &str, body: &Value, known: &mut Known) -> (Reply, Vec<String>) {
        let (id, text) = if operation == "SendEmail" {
            let tags = body["EmailTags"].as_array().into_iter().flatten();
            let id = tags.filter(|tag| tag["Name"] == "m").filter_map(|tag| tag["Value"].as_str()).next();
            (id.map(str::to_owned), body["Content"]["Simple"]["Body"]["Text"]["Data"].clone())
        } else {
            (body["Context"]["m"].as_str().map(str::to_owned), body["MessageBody"].clone())
        };
        known.read(text.as_str().unwrap_or_default());
        let id = id.unwrap_or_default();
        let count = self.0.entry(id.clone()).or_default();
        *count += 1;
        let wrong = (*count > 1).then(|| format!("{id} was handed to its provider {count} times"));
        ((200, json!({"MessageId": format!("p-{}", self.0.len())}).to_string()), wrong.into_iter().collect())
    }
}
