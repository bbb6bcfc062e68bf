//! Whether the keys of a table are what DynamoDB takes: each named once in `AttributeDefinitions`, with a type, and nothing else there.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// Checks the keys of a `CreateTable` request, and those of its indexes.
pub(super) fn check(definition: &Value) -> anyhow::Result<()> {
    let mut used = key(definition).context("KeySchema")?;
    for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        for index in list(&definition[kind]) {
            used.extend(key(index).context(kind)?);
        }
    }
    let mut defined = BTreeSet::new();
    for attribute in list(&definition["AttributeDefinitions"]) {
        let name = attribute["AttributeName"].as_str().context("an attribute without AttributeName")?;
        let kind = attribute["AttributeType"].as_str().unwrap_or_default();
        ensure!(["S", "N", "B"].contains(&kind), "AttributeDefinitions: {name} is of the type '{kind}', not S, N or B");
        ensure!(defined.insert(name), "AttributeDefinitions: {name} is defined twice");
    }
    for name in &used {
        ensure!(defined.contains(name), "KeySchema: {name} is not among AttributeDefinitions");
    }
    for name in &defined {
        ensure!(used.contains(name), "AttributeDefinitions: {name} is in no key");
    }
    Ok(())
}

/// The attributes of a key: one to find the partition by, and perhaps one to sort by.
fn key(of: &Value) -> anyhow::Result<BTreeSet<&str>> {
    let parts = list(&of["KeySchema"]);
    let kinds: Vec<&str> = parts.iter().filter_map(|part| part["KeyType"].as_str()).collect();
    ensure!(
        kinds.len() == parts.len() && matches!(kinds[..], ["HASH"] | ["HASH", "RANGE"]),
        "KeyType: expected HASH, or HASH and RANGE, not {}",
        kinds.join(", ")
    );
    parts.iter().map(|part| part["AttributeName"].as_str().context("a key without AttributeName")).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn refused(path: &str, value: Value, expected: &str) {
        let mut definition = json!({
            "KeySchema": [{"AttributeName": "member", "KeyType": "HASH"}, {"AttributeName": "page", "KeyType": "RANGE"}],
            "GlobalSecondaryIndexes": [{"KeySchema": [{"AttributeName": "ring", "KeyType": "HASH"}]}],
            "AttributeDefinitions": [
                {"AttributeName": "member", "AttributeType": "S"},
                {"AttributeName": "page", "AttributeType": "N"},
                {"AttributeName": "ring", "AttributeType": "S"},
            ],
        });
        check(&definition).unwrap();
        *definition.pointer_mut(path).unwrap() = value;
        let error = format!("{:#}", check(&definition).unwrap_err());
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn keys_are_defined_and_definitions_are_keys() {
        refused("/KeySchema/0/AttributeName", json!("membr"), "membr is not among AttributeDefinitions");
        refused("/KeySchema/0/KeyType", json!("HSH"), "KeyType: expected HASH");
        refused("/KeySchema", json!([]), "KeyType: expected HASH");
        refused("/GlobalSecondaryIndexes", json!([]), "ring is in no key");
        refused("/GlobalSecondaryIndexes/0/KeySchema/0/KeyType", json!("RANGE"), "GlobalSecondaryIndexes");
        refused("/AttributeDefinitions/1/AttributeType", json!("M"), "page is of the type 'M'");
        refused("/AttributeDefinitions/1/AttributeName", json!("member"), "member is defined twice");
    }
}
