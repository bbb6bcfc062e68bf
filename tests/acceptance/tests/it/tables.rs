//! The tables themselves, past the API: what an operator sees in the console.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use local::platform::Platform;
use serde_json::{Value, json};
use store::Tables;

type Item = HashMap<String, AttributeValue>;

/// The names of a platform's tables.
pub(crate) fn names(platform: &Platform) -> Tables {
    local::functions::tables(platform.stack()).unwrap()
}

/// The account item of a member, in DynamoDB's JSON.
pub(crate) async fn account(platform: &Platform, member: &str) -> Option<Value> {
    item(platform, &names(platform).accounts, "member", member).await
}

/// An item of the catalogue.
pub(crate) async fn catalogue(platform: &Platform, id: &str) -> Option<Value> {
    item(platform, &names(platform).catalogue, "id", id).await
}

async fn item(platform: &Platform, table: &str, key: &str, value: &str) -> Option<Value> {
    let get = Client::new(platform.aws()).get_item().table_name(table).consistent_read(true);
    get.key(key, AttributeValue::S(value.to_owned())).send().await.unwrap().item.map(|item| plain(&item))
}

/// How often an account has been written; 0 if never.
pub(crate) async fn version(platform: &Platform, member: &str) -> i64 {
    let account = account(platform, member).await;
    account.map_or(0, |account| account["v"]["N"].as_str().unwrap().parse().unwrap())
}

/// Everything in the ledger, accounts and pages, one line per item, sorted.
pub(crate) async fn ledger(platform: &Platform) -> Vec<String> {
    let Tables { accounts, pages, .. } = names(platform);
    let mut lines = scan(platform, &accounts).await;
    lines.extend(scan(platform, &pages).await);
    lines
}

/// Everything in the catalogue, sorted.
pub(crate) async fn whole_catalogue(platform: &Platform) -> Vec<String> {
    scan(platform, &names(platform).catalogue).await
}

async fn scan(platform: &Platform, table: &str) -> Vec<String> {
    let pages = Client::new(platform.aws()).scan().table_name(table).into_paginator().items().send();
    let items: Vec<Item> = pages.collect::<Result<_, _>>().await.unwrap();
    let mut lines: Vec<String> = items.iter().map(|item| plain(item).to_string()).collect();
    lines.sort_unstable();
    lines
}

fn plain(item: &Item) -> Value {
    let fields: BTreeMap<&String, Value> = item.iter().map(|(name, value)| (name, plain_value(value))).collect();
    json!(fields)
}

fn plain_value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::B(bytes) => json!({"B": BASE64_STANDARD.encode(bytes.as_ref())}),
        AttributeValue::Bool(truth) => json!({"BOOL": truth}),
        AttributeValue::L(items) => json!({"L": items.iter().map(plain_value).collect::<Vec<_>>()}),
        AttributeValue::M(fields) => json!({"M": plain(fields)}),
        other => panic!("the tables hold no {other:?}"),
    }
}
