//! Balances, lots, statements and entries: reads only. What they say must be what the ledger says.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::auditor::Auditor;
use super::super::stories;
use crate::contexts::handler::Handler;
use crate::contexts::known::Known;
use crate::contexts::wish::{Heard, Wish, http};

pub(crate) const HANDLER: Handler = Handler {
    function: "account",
    handle: |context, trigger| {
        Box::pin(async move { lambda::handle(&::account::FUNCTION, &context.app, trigger).await })
    },
    wishes: &[(3, of_member), (2, entry), (2, further)],
    stories: stories::account::all,
};

fn of_member(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let member = known.member(rng);
    let part = ["balance", "lots", "entries", "tier", "segment"][rng.usize(0..5)];
    get(&format!("/v1/members/{member}/{part}"), &member, part)
}

pub(crate) fn get(path: &str, member: &str, what: &str) -> Wish {
    Wish { refusals: &["not_found"], ..http(("account", "GET", path), (member, what), Value::Null, None) }
}

fn entry(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let Some(id) = rng.choice(&known.ledger.entries).cloned() else { return of_member(known, rng, now) };
    let member = id.split('.').next().unwrap_or_default();
    http(("account", "GET", &format!("/v1/entries/{id}")), (member, "entry"), Value::Null, None)
}

/// The statement, where an earlier answer ended.
fn further(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let Some(id) = rng.choice(&known.ledger.entries).cloned() else { return of_member(known, rng, now) };
    let member = id.split('.').next().unwrap_or_default();
    let mut wish = get(&format!("/v1/members/{member}/entries"), member, &format!("entries after {id}"));
    wish.payload["queryStringParameters"] = json!({"limit": "2", "after": id});
    wish
}

/// Every entry that was shown is in the ledger with the balance that was shown, and follows what was shown before.
pub(crate) fn check(auditor: &Auditor, heard: &[Heard<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    let of_account = heard.iter().filter(|heard| {
        heard.status == 200 && heard.wish.payload["routeKey"].as_str().is_some_and(|key| key.starts_with("GET"))
    });
    for Heard { body, wish, .. } in of_account {
        if let Some(after) = wish.what.strip_prefix("entries after ") {
            let before =
                |id: &str| id.rsplit_once('.').and_then(|(_, sequence)| sequence.parse::<u64>().ok()).unwrap_or(0);
            let first = body["entries"][0]["id"].as_str();
            if first.map_or(1, |first| before(first) + 1) != before(after) {
                wrong.push(format!("{first:?} is shown after {after}"));
            }
        }
        for shown in body["entries"].as_array().into_iter().flatten().chain(std::iter::once(&body["entry"])) {
            let Some(id) = shown["id"].as_str() else { continue };
            match auditor.entry(id) {
                Some(entry) if shown["balance_after"] == entry.balance => {}
                _ => wrong.push(format!("{id} was shown with a balance of {}", shown["balance_after"])),
            }
        }
    }
    wrong
}
