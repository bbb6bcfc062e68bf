//! What the statements say, held against what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::platform::Access;
use super::request::{Answer, BATCH, Request, Way};

/// What an answer acknowledges: by what it is recognised, and what was said of it.
pub(super) fn acknowledged<'a>(request: &Request, answer: &'a Answer) -> Vec<(String, &'a Value)> {
    if !answer.is_acknowledged() {
        return Vec::new();
    }
    if !request.is(BATCH) {
        return vec![(request.identity(), &answer.body)];
    }
    let (asked, results) = (request.json(), answer.body["results"].as_array());
    let events = asked["activities"].as_array().into_iter().flatten();
    let parts = events.zip(results.into_iter().flatten()).filter(|(_, part)| part["status"] == 200);
    parts.map(|(event, part)| (event.to_string(), &part["activity"])).collect()
}

/// The entries of all statements, by their ids.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) entries: BTreeMap<String, Value>,
    /// The entry of an order, by member and order.
    pub(super) orders: BTreeMap<(String, String), String>,
    /// The entry of a release, by the hold.
    pub(super) releases: BTreeMap<String, String>,
    /// Statements that are not whole.
    pub(super) gaps: Vec<String>,
}

impl Ledger {
    pub(super) async fn read(access: &Access, members: BTreeSet<String>) -> anyhow::Result<Self> {
        let mut ledger = Self::default();
        for member in members {
            let entries = access.statement(&member).await?;
            let newest = entries.first().map_or(&json!(0), |entry| &entry["sequence"]).clone();
            if newest != entries.len() {
                ledger.gaps.push(format!("the statement of {member} has {} entries of {newest}", entries.len()));
            }
            for entry in entries {
                let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
                let id = text("id");
                match text("kind").as_str() {
                    "earn" => drop(ledger.orders.insert((member.clone(), text("order")), id.clone())),
                    "release" => drop(ledger.releases.insert(format!("{member}.{}", entry["hold"]), id.clone())),
                    _ => {}
                }
                ledger.entries.insert(id, entry);
            }
        }
        Ok(ledger)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn of_message(&self, request: &Request) -> Option<&String> {
        let event = request.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.orders.get(&(text(&event["subject"]), text(&event["id"])))
    }

    /// Has the order, of which all come in the end, taken in a refund that came before it?
    pub(super) fn nets(&self, request: &Request, told: &Value) -> bool {
        let asked = request.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let order = self.orders.get(&(text(&asked["member"]), text(&told["order_id"])));
        let netted = order.and_then(|id| self.entries[id]["inputs"]["netted"].as_i64());
        netted.is_some_and(|netted| asked["amount_minor"].as_i64().is_some_and(|amount| netted >= amount))
    }

    /// The entry that an acknowledgement is about.
    pub(super) fn entry_of(&self, request: &Request, told: &Value) -> Option<(&str, &Value)> {
        let named = ["redemption_id", "reversal_id", "refund_id", "adjustment_id", "hold_id"];
        let id = match &request.way {
            Way::Queue => self.of_message(request)?,
            // It names the hold, not the entry of its end.
            Way::Api { path, .. } if path.ends_with("/release") => self.releases.get(told["hold_id"].as_str()?)?,
            Way::Api { .. } => {
                let mut ids = std::iter::once(&told["entry"]["id"]).chain(named.iter().map(|name| &told[*name]));
                ids.find_map(Value::as_str)?
            }
        };
        self.entries.get_key_value(id).map(|(id, entry)| (id.as_str(), entry))
    }
}
