//! The tables themselves, past the API: what an operator sees in the console.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use emulator::Platform;
use serde_json::Value;
use store::{Item, Tables, image_of};

/// The names of a platform's tables.
pub(crate) fn names(platform: &Platform) -> Tables {
    operator::tables(platform.stack()).unwrap()
}

/// The account item of a member, in DynamoDB's JSON.
pub(crate) async fn account(platform: &Platform, member: &str) -> Option<Value> {
    item(platform, &names(platform).accounts, "member", member).await
}

/// An item of the stock.
pub(crate) async fn stock(platform: &Platform, id: &str) -> Option<Value> {
    item(platform, &names(platform).stock, "id", id).await
}

async fn item(platform: &Platform, table: &str, key: &str, value: &str) -> Option<Value> {
    let get = Client::new(platform.aws()).get_item().table_name(table).consistent_read(true);
    get.key(key, AttributeValue::S(value.to_owned())).send().await.unwrap().item.map(|item| image_of(&item))
}

/// How often an account has been written; 0 if never.
pub(crate) async fn version(platform: &Platform, member: &str) -> i64 {
    let account = account(platform, member).await;
    account.map_or(0, |account| account["v"]["N"].as_str().unwrap().parse().unwrap())
}

/// How many pages of sealed history a member has.
pub(crate) async fn pages(platform: &Platform, member: &str) -> usize {
    let query = Client::new(platform.aws()).query().table_name(names(platform).pages);
    let query = query.key_condition_expression("#member = :member").expression_attribute_names("#member", "member");
    let query = query.expression_attribute_values(":member", AttributeValue::S(member.to_owned()));
    query.send().await.unwrap().items.unwrap_or_default().len()
}

/// Everything in the ledger, accounts and pages, one line per item, sorted.
pub(crate) async fn ledger(platform: &Platform) -> Vec<String> {
    let Tables { accounts, pages, .. } = names(platform);
    let mut lines = scan(platform, &accounts).await;
    lines.extend(scan(platform, &pages).await);
    lines
}

/// Every voucher, and the secret of their codes, sorted.
pub(crate) async fn vouchers(platform: &Platform) -> Vec<String> {
    scan(platform, &names(platform).vouchers).await
}

/// Everything that members share - programmes, stock, vouchers -, sorted.
pub(crate) async fn shared(platform: &Platform) -> Vec<String> {
    let Tables { catalogue, stock, vouchers, .. } = names(platform);
    let mut lines = Vec::new();
    for table in [catalogue, stock, vouchers] {
        lines.extend(scan(platform, &table).await);
    }
    lines
}

/// Every signal, sorted.
pub(crate) async fn signals(platform: &Platform) -> Vec<String> {
    let mut signals = scan(platform, &names(platform).contexts["signals"]).await;
    signals.retain(|item| !item.contains("refused#")); // what is counted beside them
    signals
}

/// Whose each fact is, sorted.
pub(crate) async fn facts(platform: &Platform) -> Vec<String> {
    scan(platform, &names(platform).facts).await
}

/// Every member, sorted.
pub(crate) async fn members(platform: &Platform) -> Vec<String> {
    scan(platform, &names(platform).contexts["members"]).await
}

/// What a person decides of members, sorted.
pub(crate) async fn jobs(platform: &Platform) -> Vec<String> {
    scan(platform, &names(platform).contexts["member-jobs"]).await
}

/// A table of a context, by its name, sorted.
pub(crate) async fn context(platform: &Platform, table: &str) -> Vec<String> {
    scan(platform, &names(platform).contexts[table]).await
}

/// Every item of every table, by what tables are called in the design.
pub(crate) async fn by_name(platform: &Platform) -> Vec<(&'static str, Vec<String>)> {
    let Tables { accounts, pages, catalogue, stock, vouchers, facts, checkpoints, contexts } = names(platform);
    let own = [accounts, pages, catalogue, stock, vouchers, facts, checkpoints];
    let called = ["accounts", "pages", "catalogue", "stock", "vouchers", "facts", "checkpoints"];
    let mut all = Vec::new();
    for (name, table) in called.into_iter().zip(own).chain(contexts) {
        all.push((name, scan(platform, &table).await));
    }
    all
}

/// Every item of every table.
pub(crate) async fn everything(platform: &Platform) -> Vec<String> {
    let tables = names(platform);
    let Tables { accounts, pages, catalogue, stock, vouchers, facts, checkpoints, contexts } = tables;
    let own = [accounts, pages, catalogue, stock, vouchers, facts, checkpoints];
    let mut lines = Vec::new();
    for table in own.iter().chain(contexts.values()) {
        lines.extend(scan(platform, table).await);
    }
    lines
}

pub(crate) async fn scan(platform: &Platform, table: &str) -> Vec<String> {
    let pages = Client::new(platform.aws()).scan().table_name(table).into_paginator().items().send();
    let items: Vec<Item> = pages.collect::<Result<_, _>>().await.unwrap();
    let mut lines: Vec<String> = items.iter().map(|item| image_of(item).to_string()).collect();
    lines.sort_unstable();
    lines
}
