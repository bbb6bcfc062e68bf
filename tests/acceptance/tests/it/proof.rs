//! An auditor who trusts nothing: recomputes a member's ledger from what `GET /v1/entries/{id}` proves.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::tables;
use crate::world::{World, pockets};

/// Checks all entries of a member: the hash chain, that what is hashed is what is shown, the arithmetic, that nothing is
/// ever negative, and that the balance is what the entries add up to. Returns the entries, oldest first.
pub(crate) async fn audit(world: &World, member: &str) -> Vec<Value> {
    let statement = world.ledger(member).await;
    let (mut head, mut balance, mut books) = ([0_u8; 32], 0, Books::default());
    for (place, shown) in statement.iter().enumerate() {
        let id = format!("{member}.{}", place + 1);
        let entry = world.auditor().get(&format!("/v1/entries/{id}")).await.ok();
        assert_eq!(entry["entry"], *shown, "the statement and the entry show the same");
        let proof = &entry["proof"];
        assert_eq!(proof["previous_hash"], hexadecimal(&head), "{id} follows the entry before it");
        let content = proof["content"].as_str().unwrap();
        head = Sha256::new().chain_update(head).chain_update(content).finalize().into();
        assert_eq!(proof["hash"], hexadecimal(&head), "{id} has the hash of its content");
        let mut content: Value = serde_json::from_str(content).unwrap();
        assert_eq!(content.to_string(), proof["content"], "{id} is hashed as canonical JSON");
        assert_eq!(content["by"], doer(&content["operation"], shown), "{id} hashes who caused it");
        for name in ["by", "backdate_reason"].into_iter().filter(|name| !shown[*name].is_null()) {
            content[name] = shown[name].clone();
        }
        assert_eq!(as_shown(&id, content, &shown["programme_version"]), *shown, "{id} shows what is hashed");
        balance += number(&shown["points"]) + shown.get("settled_points").map_or(0, number);
        assert_eq!(number(&shown["balance_after"]), balance, "{id} adds up");
        for settlement in list(&shown["settled"]) {
            books.settle(settlement);
        }
        for movement in list(&shown["movements"]) {
            books.post(movement);
        }
        let seen = world.auditor().get(&format!("/v1/entries/{member}.{}", place + 2)).await;
        assert_eq!(seen.status == 404, place + 1 == statement.len(), "there are no entries beyond the statement");
    }
    let newest = statement.last().expect("somebody with a ledger")["recorded_at"].as_str().unwrap();
    let path = format!("/v1/members/{member}/balance?as_of={newest}");
    assert_eq!(
        books.totals(),
        pockets(&world.auditor().get(&path).await.ok()),
        "{member}: the entries give the balance"
    );
    let item = tables::account(&world.platform, member).await.unwrap();
    assert_eq!(item["h"]["B"], BASE64_STANDARD.encode(head), "{member}: the account keeps the newest hash");
    statement
}

/// What the content says of who caused an entry: sixteen bytes over `by`, the operation, who, and why, each after its length.
fn doer(operation: &Value, shown: &Value) -> Value {
    let Some(who) = shown["by"].as_str() else { return Value::Null };
    let operation = operation.as_str().unwrap();
    let operation: Vec<u8> = (0..16).map(|byte| u8::from_str_radix(&operation[2 * byte..][..2], 16).unwrap()).collect();
    let mut hasher = Sha256::new();
    for part in
        [b"by", &operation[..], who.as_bytes(), shown["backdate_reason"].as_str().unwrap_or_default().as_bytes()]
    {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    Value::from(hexadecimal(&hasher.finalize()[..16]))
}

/// An entry's hashed content as the API shows it.
fn as_shown(id: &str, mut content: Value, programme_version: &Value) -> Value {
    let points: i64 = list(&content["movements"]).map(|movement| number(&movement["points"])).sum();
    let expired = list(&content["settled"]).filter(|settlement| settlement["what"] == "expired");
    let expired: i64 = expired.map(|settlement| number(&settlement["points"])).sum();
    let fields = content.as_object_mut().unwrap();
    for hidden in ["operation", "content", "programme"] {
        fields.remove(hidden).unwrap();
    }
    // What was carried over is its owner's: whoever reads the statement of another sees that, not what.
    let hidden: &[&str] = match fields["kind"].as_str().unwrap() {
        "transfer_out" | "transfer_in" => &["carried", "met", "own", "state"],
        "opening" => &["took_back"],
        _ => &[],
    };
    hidden.iter().for_each(|name| drop(fields.remove(*name)));
    let balance = fields.remove("balance").unwrap();
    fields.extend([("id".to_owned(), json!(id)), ("points".to_owned(), json!(points))]);
    fields.extend([("balance_after".to_owned(), balance), ("programme_version".to_owned(), programme_version.clone())]);
    fields.extend((expired != 0).then(|| ("settled_points".to_owned(), json!(-expired))));
    let line = (fields["kind"] == "opening").then(|| ("line".to_owned(), json!(brought_over(fields))));
    fields.extend(line);
    content
}

/// The line of a statement that says from where something came.
fn brought_over(opening: &serde_json::Map<String, Value>) -> String {
    let what = match opening["part"].as_str().unwrap() {
        "lots" if opening["rows"] == 1 => "1 lot".to_owned(),
        "lots" => format!("{} lots", opening["rows"]),
        "debt" => "a debt".to_owned(),
        "tiers" => "a tier".to_owned(),
        "status" => "status points".to_owned(),
        other => panic!("there is no part {other}"),
    };
    format!("Brought over from {}, {what}", opening["name"].as_str().unwrap())
}

/// Points by pocket and lot.
#[derive(Default)]
struct Books(BTreeMap<String, i64>);

impl Books {
    fn add(&mut self, pocket: &str, lot: &[&Value], points: i64) {
        let held = self.0.entry(format!("{pocket} {lot:?}")).or_default();
        *held += points;
        assert!(*held >= 0, "{pocket} {lot:?} holds {held}");
    }

    fn post(&mut self, movement: &Value) {
        let points = number(&movement["points"]);
        match movement["pocket"].as_str().unwrap() {
            "active" => self.add("active", &[&movement["expires_at"]], points),
            "pending" => self.add("pending", &[&movement["activates_at"], &movement["expires_at"]], points),
            "held" => self.add("held", &[&movement["hold"], &movement["expires_at"]], points),
            "debt" => self.add("debt", &[], -points),
            other => panic!("there is no pocket {other}"),
        }
    }

    fn settle(&mut self, settlement: &Value) {
        let repaid = settlement.get("repaid").map_or(0, number);
        self.add("debt", &[], -repaid);
        match settlement["what"].as_str().unwrap() {
            "expired" => self.add("active", &[&settlement["expires_at"]], -number(&settlement["points"])),
            "activated" => {
                let points = number(&settlement["points"]);
                self.add("pending", &[&settlement["activates_at"], &settlement["expires_at"]], -points);
                self.add("active", &[&settlement["expires_at"]], points - repaid);
            }
            "released" => {
                let mut owed = repaid;
                for part in list(&settlement["parts"]) {
                    let (expires_at, points) = (&part[0], number(&part[1]));
                    let repays = owed.min(points);
                    owed -= repays;
                    self.add("held", &[&settlement["hold"], expires_at], -points);
                    self.add("active", &[expires_at], points - repays);
                }
            }
            "tier" | "expiring" | "downgrade_upcoming" => {} // these move no points
            other => panic!("time does no {other}"),
        }
    }

    fn totals(&self) -> [i64; 4] {
        ["active", "pending", "held", "debt"]
            .map(|pocket| self.0.iter().filter(|(name, _)| name.starts_with(pocket)).map(|(_, points)| points).sum())
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// A list, or nothing.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
