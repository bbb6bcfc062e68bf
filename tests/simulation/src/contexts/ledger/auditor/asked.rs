//! What was asked, as the auditor works it out from the request: which operation it is, and the hash of what it says.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::canonical::{canonical, of_parts, of_step};
use super::entry::{Detail, Entry};
use super::files::{self, File};

#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Contents, by member and operation.
    said: BTreeMap<(String, String), BTreeSet<String>>,
    /// Files of what members bring over, by their SHA-256.
    files: BTreeMap<String, File>,
    /// Imports that were to be started.
    started: BTreeSet<String>,
    /// Imports that were to be undone.
    undone: BTreeSet<String>,
    /// What was to become of holds that were named by their orders.
    ends: BTreeSet<&'static str>,
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The hash of what a request says.
fn content(said: &Value) -> String {
    of_parts(&[canonical(said).as_bytes()], 8)
}

/// What identifies a fact, of a source, for ever.
fn of_fact(fact: &Value) -> String {
    of_parts(&[b"fact", text(fact, "source").as_bytes(), text(fact, "id").as_bytes(), b"earn"], 16)
}

/// An instant to the millisecond, as it is written.
fn instant(value: &Value) -> String {
    let Ok(at) = value.as_str().unwrap_or_default().parse::<Timestamp>() else { return String::new() };
    let millis = (at.as_nanosecond() + 500_000).div_euclid(1_000_000);
    let at = i64::try_from(millis).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    at.map(|at| at.to_string()).unwrap_or_default()
}

impl Asked {
    /// A message of the queue of facts, or one of them in a request.
    pub(crate) fn fact(&mut self, event: &Value) {
        let member = text(event, "subject");
        let said = json!({
            "type": event["type"], "subject": member, "time": instant(&event["time"]), "data": event["data"],
        });
        self.note(member, of_fact(event), &said);
    }

    /// A request of the HTTP API: the payload of an invocation, and what its body says.
    pub(crate) fn request(&mut self, payload: &Value, body: &Value) {
        let route = text(payload, "routeKey");
        let Some(path) = route.strip_prefix("POST ") else { return };
        let parameters = &payload["pathParameters"];
        let entry = ["hold_id", "adjustment_id", "redemption_id"].iter().find_map(|name| parameters[*name].as_str());
        let import = parameters["import_id"].as_str();
        let (of, sequence) = entry.and_then(|id| id.split_once('.')).unwrap_or_default();
        let step = match path {
            "/v1/activities" => return self.fact(body),
            "/v1/activities/batch" => {
                return body["activities"].as_array().into_iter().flatten().for_each(|event| self.fact(event));
            }
            "/v1/activities/reversals" => {
                let mut data = body["of"].clone();
                if body["reason"].is_string() {
                    data["reason"] = body["reason"].clone();
                }
                let event = json!({
                    "type": "activity.reversed", "source": body["source"], "id": body["id"], "subject": body["member"],
                    "time": body["time"], "data": data,
                });
                return self.fact(&event);
            }
            "/v1/orders/{order_id}/refunds" => {
                let mut said = json!({
                    "time": instant(&body["time"]), "amount_minor": body["amount_minor"],
                    "order": parameters["order_id"],
                });
                if !body["member"].is_null() {
                    said["member"] = body["member"].clone();
                }
                let operation = of_parts(&[b"refund", text(body, "id").as_bytes()], 16);
                return self.note("", operation, &said);
            }
            "/v1/imports" => return self.files.extend(File::sent(body)),
            "/v1/imports/{import_id}/start" => return self.started.extend(import.map(str::to_owned)),
            "/v1/imports/{import_id}/undo" => return self.undone.extend(import.map(str::to_owned)),
            "/v1/orders/{order_id}/hold/capture" => return self.ends.extend(["capture"]),
            "/v1/orders/{order_id}/hold/release" => return self.ends.extend(["release"]),
            "/v1/holds/{hold_id}/capture" => "capture",
            "/v1/holds/{hold_id}/release" => "release",
            "/v1/adjustments/{adjustment_id}/approvals" => "approval",
            _ => {
                let named = [&body["member"], &parameters["member_id"]].into_iter().find_map(Value::as_str);
                return self.keyed(named.unwrap_or(of), payload, body);
            }
        };
        let sequence: u64 = sequence.parse().unwrap_or_default();
        self.note(of, of_step(sequence, step), &json!(sequence));
    }

    /// A request with an `Idempotency-Key`, which is its principal's own, for a method and a path.
    fn keyed(&mut self, member: &str, payload: &Value, body: &Value) {
        let about = &payload["requestContext"];
        let by = text(&about["authorizer"]["jwt"]["claims"], "sub");
        let parts = [
            by,
            text(&about["http"], "method"),
            text(payload, "rawPath"),
            text(&payload["headers"], "idempotency-key"),
        ];
        let parts: Vec<&[u8]> = std::iter::once("key").chain(parts).map(str::as_bytes).collect();
        self.note(member, of_parts(&parts, 16), body);
    }

    fn note(&mut self, member: &str, operation: String, said: &Value) {
        self.said.entry((member.to_owned(), operation)).or_default().insert(content(said));
    }

    /// Was a member's entry asked for? `names` are the members for whom this one stands.
    pub(crate) fn check(&self, member: &str, names: &[&str], entry: &Entry) -> Option<String> {
        if let Detail::TransferOut { merge, .. } | Detail::TransferIn { merge, .. } = &entry.detail {
            return self.transferred(merge, entry);
        }
        if of_erasure(member, entry) {
            return None;
        }
        if entry.moved().is_some() {
            return self.moved(entry);
        }
        match entry.detail {
            Detail::Opening { .. } => return files::asked(&self.files, self.started.iter(), entry),
            Detail::OpeningWithdrawn { .. } if self.undone.is_empty() => {
                return Some(format!("entry {} takes back what nobody has undone", entry.sequence));
            }
            Detail::OpeningWithdrawn { .. } => return None,
            _ => {}
        }
        let ended = match entry.detail {
            Detail::Capture { hold, .. } => Some((hold, "capture")),
            Detail::Release { hold } => Some((hold, "release")),
            _ => None,
        };
        if ended.is_some_and(|(hold, step)| self.ends.contains(step) && entry.operation == of_step(hold, step)) {
            return None;
        }
        let named = names.iter().find(|name| self.said.contains_key(&((**name).to_owned(), entry.operation.clone())));
        let member = named.copied().unwrap_or(member);
        if matches!(entry.detail, Detail::Settle | Detail::Evaluate { .. }) {
            return None;
        }
        // Who asks for the use of a voucher knows its code alone, and who reports a refund need not know whose its order is.
        let nameless = matches!(entry.detail, Detail::VoucherUse { .. } | Detail::Refund { .. });
        let named = if nameless { "" } else { member };
        let contents = self.said.get(&(named.to_owned(), entry.operation.clone()));
        match contents {
            None => Some(format!("entry {} is of an operation that nobody asked for", entry.sequence)),
            Some(contents) if !contents.contains(&entry.content) => {
                Some(format!("entry {} says {}, asked was {contents:?}", entry.sequence, entry.content))
            }
            Some(_) => None,
        }
    }
}

impl Asked {
    /// Was the move of an order asked for, and is the entry known by it?
    fn moved(&self, entry: &Entry) -> Option<String> {
        let leg = if matches!(entry.detail, Detail::Refund { .. }) { "out" } else { "in" };
        let known = |(_, asked): &(String, String)| {
            of_parts(&[b"fact", b"perennial:move", asked.as_bytes(), leg.as_bytes()], 16) == entry.operation
        };
        (!self.said.keys().any(known)).then(|| format!("entry {} is of a move that nobody asked for", entry.sequence))
    }

    /// Was a merge asked for, and is the entry known by it?
    fn transferred(&self, merge: &str, entry: &Entry) -> Option<String> {
        let asked = self.said.keys().any(|(_, operation)| operation == merge);
        let back = match &entry.detail {
            Detail::TransferOut { state, .. } => state.is_some(),
            Detail::TransferIn { own, .. } => own.is_none(),
            _ => false,
        };
        let way = if matches!(entry.detail, Detail::TransferOut { .. }) { "out" } else { "in" };
        let leg = if back { format!("back {way}") } else { way.to_owned() };
        let operation = of_parts(&[b"fact", b"perennial:merge", merge.as_bytes(), leg.as_bytes()], 16);
        let known = (entry.operation.as_str(), entry.content.as_str()) == (operation.as_str(), "0".repeat(16).as_str());
        (!asked || !known).then(|| format!("entry {} is of a merge {merge} that nobody asked for", entry.sequence))
    }
}

/// Is it known by an erasure: that the account was closed for one, opened again when it was taken back, or emptied for ever? Whether one
/// was asked for is followed where members are.
fn of_erasure(member: &str, entry: &Entry) -> bool {
    let known = |about: &str, what: &str| {
        let operation = of_parts(&[b"fact", b"/perennial/members", about.as_bytes(), what.as_bytes()], 16);
        (entry.operation.as_str(), entry.content.as_str()) == (operation.as_str(), "0".repeat(16).as_str())
    };
    match &entry.detail {
        Detail::Closed { .. } => known(member, "closed"),
        Detail::Standing { state, .. } => (1..=9).any(|request| known(&format!("{member}.{request}"), state)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{content, instant, of_fact};

    #[test]
    fn operations_and_contents_are_those_of_the_standard() {
        // By Python's hashlib.
        assert_eq!(of_fact(&json!({"source": "shop", "id": "o-1"})), "1a6625bf3dce6ea76e52fcfcb514a778");
        assert_eq!(content(&json!({"b": 1, "a": "x"})), "1143e33e3cd234e6");
        assert_eq!(instant(&json!("2026-01-10T08:00:00.0005+00:00")), "2026-01-10T08:00:00.001Z");
    }
}
