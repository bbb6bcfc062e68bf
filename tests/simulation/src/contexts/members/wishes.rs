//! Enrolments that race for the same few numbers and addresses, changes and consents.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::contexts::known::Known;
use crate::contexts::wish::{Wish, http};

/// Whose phones and addresses: few, so that many want the same. All begin alike, so that they are found wherever they lie open.
pub(super) const PHONE: &str = "1380013";
pub(super) const ADDRESS: &str = "canary";

/// Somebody as a source knows them.
pub(super) fn presented(source: &str, id: u8, phone: Option<(u8, bool)>, address: Option<u8>, name: &str) -> Wish {
    let phone = phone.map(
        |(number, verified)| json!({"kind": "phone", "value": format!("{PHONE}800{number}"), "verified": verified}),
    );
    let address = address.map(|number| json!({"kind": "email", "value": format!("{ADDRESS}-{number}@example.com")}));
    let identifiers: Vec<Value> = phone.into_iter().chain(address).collect();
    let body = json!({
        "source": source, "external_id": format!("{ADDRESS}-{id}"), "identifiers": identifiers,
        "fields": {"name": format!("{ADDRESS} {name}")},
    });
    asked("POST", "/v1/members", "enrol", body)
}

/// A request about members: what is said again may be answered as no news.
pub(super) fn asked(method: &str, path: &str, what: &str, body: Value) -> Wish {
    let refusals = &["unknown_member", "too_many_identifiers"];
    Wish { repeatable: false, refusals, ..http(("member", method, path), ("", what), body, None) }
}

pub(super) fn presents(_: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let source = ["crm", "app", "shop"][rng.usize(0..3)];
    let phone = (rng.u8(0..4) > 0).then(|| (rng.u8(0..3), rng.bool()));
    let address = rng.bool().then(|| rng.u8(0..3));
    let name = ["Mei", "Wang", "Li"][rng.usize(0..3)];
    presented(source, rng.u8(0..4), phone, address, name)
}

fn anybody(known: &Known, rng: &mut Rng) -> String {
    rng.choice(&known.members_known.people).cloned().unwrap_or_else(|| "m-nobody".to_owned())
}

pub(super) fn changes(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let path = format!("/v1/members/{}", anybody(known, rng));
    let city = format!("{ADDRESS} {}", rng.u8(0..9));
    asked("PATCH", &path, "change", json!({"source": "crm", "fields": {"address.city": city}, "locale": "en"}))
}

pub(super) fn agrees(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let path = format!("/v1/members/{}/consents", anybody(known, rng));
    let consent = if rng.bool() {
        json!({"purpose": "marketing", "channel": "email", "said": "given", "version": 1})
    } else {
        json!({"purpose": "*", "said": "withdrawn"})
    };
    asked("POST", &path, "agree", json!({"source": "crm", "consents": [consent]}))
}

pub(super) fn looks(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let member = anybody(known, rng);
    match rng.u8(0..3) {
        0 => asked("GET", &format!("/v1/members/{member}"), "see", Value::Null),
        1 => asked("GET", &format!("/v1/members/{member}/consents"), "see consents", Value::Null),
        _ => {
            let phone = format!("{PHONE}800{}", rng.u8(0..3));
            asked("POST", "/v1/members/lookups", "look up", json!({"identifier": {"kind": "phone", "value": phone}}))
        }
    }
}
