//! What must be so of surveys, whatever goes wrong: an answer is told the ledger under one name, and nobody is thanked twice.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::contexts::audit::{Audit, Begun, During, Wrong};
use crate::contexts::context::Dump;
use crate::database::Change;

/// The tables that it follows.
pub(super) const TABLES: &[&str] = &["SurveysTable"];

/// Items as they are, by key, and what the ledger was told.
#[derive(Default)]
struct Auditor {
    items: BTreeMap<String, Value>,
    earned: BTreeMap<String, BTreeSet<String>>,
}

/// Reads everything anew.
pub(super) fn from_scratch(dump: Dump<'_>) -> Begun {
    let mut auditor = Auditor::default();
    for table in TABLES {
        for item in dump(table) {
            auditor.items.insert(text(&item, "pk").to_owned(), item);
        }
    }
    (Box::new(auditor), Wrong::new())
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}

/// Is it the row of somebody who wished something, who was told?
fn is_told(item: &Value) -> bool {
    text(item, "pk").starts_with("s#") && !item["tl"].is_null()
}

impl Audit for Auditor {
    fn see(&mut self, _: u64, changes: &[Change], _: Option<&During<'_>>) -> Wrong {
        let mut wrong = Wrong::new();
        for change in changes.iter().filter(|change| TABLES.contains(&change.table.as_str())) {
            if is_told(&change.before) && is_told(&change.after) {
                wrong.push(format!("{} is thanked twice", text(&change.after, "pk")));
            }
            if change.after.is_null() {
                self.items.remove(text(&change.before, "pk"));
            } else {
                self.items.insert(text(&change.after, "pk").to_owned(), change.after.clone());
            }
        }
        wrong
    }

    fn sent(&mut self, queue: &str, bodies: &[Value]) {
        let told = bodies.iter().filter(|body| queue == "IngestQueue" && body["type"] == "survey.completed");
        for id in told.filter_map(|body| body["id"].as_str()) {
            let invitation = id.get(..32).unwrap_or(id).to_owned();
            self.earned.entry(invitation).or_default().insert(id.to_owned());
        }
    }

    fn at_rest(&self, _: i64) -> Wrong {
        let twice = self.earned.iter().filter(|(_, names)| names.len() > 1);
        let mut wrong: Wrong = twice.map(|(one, names)| format!("{one} earns under {} names", names.len())).collect();
        for (key, item) in self.items.iter().filter(|(key, _)| key.starts_with("i#")) {
            let answered = item["vs"]["L"].as_array().is_some_and(|versions| !versions.is_empty());
            if answered != (text(item, "st") == "answered") {
                wrong.push(format!("{key} is {} and has {}", text(item, "st"), item["vs"]));
            }
        }
        wrong
    }

    fn stored(&self) -> Vec<String> {
        let said = |(key, item): (&String, &Value)| {
            let versions = item["vs"]["L"].as_array().map_or(0, Vec::len);
            let asked = item["iv"]["M"].as_object().map_or(0, serde_json::Map::len);
            let complete = !item["cp"].is_null();
            format!("{key}: {} {versions} {complete} {asked} {} {}", text(item, "st"), item["n"], !item["tl"].is_null())
        };
        self.items.iter().map(said).collect()
    }
}
