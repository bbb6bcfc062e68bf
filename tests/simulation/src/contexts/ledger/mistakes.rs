//! Mistakes that show at the seam of the SDK: what a wrong store would ask, and what it would take an answer for.

use domain::planted;
use serde_json::{Value, json};

use crate::contexts::context::Mistakes;
use crate::tables::Reply;

/// All of them.
pub(super) const MISTAKES: Mistakes = Mistakes { ask, is_skipped, hear };

/// Changes what is asked of DynamoDB.
fn ask(operation: &str, body: &mut Value) {
    if planted!("bug-refusal-unconfirmed") && operation == "GetItem" && body["TableName"] == json!("AccountsTable") {
        body["ConsistentRead"] = json!(false);
    }
    if operation == "PutItem" {
        put(body, planted!("bug-put-unversioned"));
    }
    let parts = body.get_mut("TransactItems").and_then(Value::as_array_mut).into_iter().flatten();
    for part in parts.filter_map(|part| part.get_mut("Put")) {
        put(part, planted!("bug-transaction-unversioned"));
    }
}

/// Changes the put of an account, or of a page.
fn put(put: &mut Value, unversioned: bool) {
    match (put["TableName"].as_str(), put["ConditionExpression"].as_str()) {
        (Some("AccountsTable"), Some("#version = :version")) if unversioned => {
            put["ConditionExpression"] = json!("#version >= :version");
        }
        (Some("AccountsTable"), Some("attribute_not_exists(#key)")) if planted!("bug-account-overwritten") => {
            put["ConditionExpression"] = json!("attribute_not_exists(#key) OR attribute_not_exists(id)");
        }
        (Some("PagesTable"), Some(_)) => page(put),
        _ => {}
    }
}

fn page(put: &mut Value) {
    let Some(fields) = put.as_object_mut() else { return };
    if planted!("bug-page-overwritten") {
        fields.remove("ConditionExpression");
        fields.remove("ExpressionAttributeNames");
    }
    let Some(item) = fields.get_mut("Item").and_then(Value::as_object_mut) else { return };
    if planted!("bug-page-unlinked") {
        item.remove("w");
    }
    if planted!("bug-page-wrong-head") {
        item.insert("h".to_owned(), json!({"B": format!("{}=", "A".repeat(43))}));
    }
}

/// Is it not even asked, and taken for done?
fn is_skipped(operation: &str, body: &Value) -> bool {
    planted!("bug-page-skipped") && operation == "PutItem" && body["TableName"] == json!("PagesTable")
}

/// Changes what is heard.
fn hear(operation: &str, body: &Value, reply: Reply) -> Reply {
    let (status, text) = reply;
    if planted!("bug-lost-race-done")
        && (operation, &body["TableName"]) == ("PutItem", &json!("AccountsTable"))
        && text.contains("ConditionalCheckFailed")
    {
        return (200, "{}".to_owned());
    }
    if planted!("bug-page-drops-movement") && body["TableName"] == json!("PagesTable") && status == 200 {
        let mut found: Value = serde_json::from_str(&text).unwrap_or_default();
        for page in found.get_mut("Items").and_then(Value::as_array_mut).into_iter().flatten() {
            drop_movements(page);
        }
        return (status, found.to_string());
    }
    (status, text)
}

/// Takes the last movement from each entry of a page: a small letter, and numbers.
fn drop_movements(page: &mut Value) {
    for entry in page.pointer_mut("/e/L").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(steps) = entry.pointer_mut("/M/m/L").and_then(Value::as_array_mut) else { continue };
        let tag =
            |step: &Value| step["S"].as_str().is_some_and(|tag| tag.starts_with(|letter: char| letter.is_lowercase()));
        if let Some(last) = steps.iter().rposition(|step| step["S"].is_string()).filter(|last| tag(&steps[*last])) {
            steps.truncate(last);
        }
    }
}
