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
    if put["TableName"] == json!("AccountsTable") {
        account(&mut put["Item"]);
    }
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

/// Changes what an account remembers.
fn account(item: &mut Value) {
    let count = item.pointer_mut("/c/M/reward:drink@d/L/1").filter(|_| planted!("bug-reward-counted-twice"));
    count.into_iter().for_each(|count| add(count, 1));
    let runs = item.pointer_mut("/k/M/checkin/L").filter(|_| planted!("bug-streak-begins-early"));
    runs.and_then(|runs| runs.as_array_mut()?.last_mut()).into_iter().for_each(|run| add(&mut run["L"][0], -1));
    let boost = item.pointer_mut("/b/L/0/M/until").filter(|_| planted!("bug-boost-ends-late"));
    boost.into_iter().for_each(|until| *until = json!({"S": "2100-01-01T00:00:00Z"}));
    let counted = item.pointer_mut("/y/L/0/L/3").filter(|_| planted!("bug-period-counts-more"));
    counted.into_iter().for_each(|points| add(points, 1));
    let revoked = item.pointer_mut("/x/L/1").filter(|_| planted!("bug-revoked-tier-stays"));
    revoked.into_iter().for_each(|until| add(until, 86_400));
    let lost = item.pointer_mut("/z/L/1").filter(|_| planted!("bug-lost-tier-stays"));
    lost.into_iter().for_each(|at| add(at, 86_400));
    let score = item.pointer_mut("/f/L").filter(|_| planted!("bug-tag-dropped"));
    score.and_then(Value::as_array_mut).filter(|score| score.len() > 3).into_iter().for_each(|score| drop(score.pop()));
}

/// Adds to a number; what follows its point stays.
fn add(number: &mut Value, by: i64) {
    let text = number["N"].as_str().unwrap_or_default();
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    *number = json!({ "N": format!("{}{rest}", whole.parse::<i64>().unwrap_or_default() + by) });
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
