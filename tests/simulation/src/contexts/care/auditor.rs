//! What must be so of care and messages, whatever goes wrong: whatever was begun has one outcome, and no message is left without.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contexts::audit::{Audit, Begun, During, Wrong};
use crate::contexts::context::Dump;
use crate::database::Change;

/// The tables that it follows.
pub(super) const TABLES: &[&str] = &["CareTable", "MessagesTable", "InboxTable"];

/// Items as they are, by table and key.
#[derive(Default)]
struct Auditor {
    items: BTreeMap<(String, String), Value>,
}

/// Reads everything anew.
pub(super) fn from_scratch(dump: Dump<'_>) -> Begun {
    let mut auditor = Auditor::default();
    for table in TABLES {
        for item in dump(table) {
            auditor.items.insert(((*table).to_owned(), key(&item)), item);
        }
    }
    (Box::new(auditor), Wrong::new())
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}

/// What an item is found by: of a text in the app without the instant.
fn key(item: &Value) -> String {
    let at = text(item, "at").split_once('#').map_or("", |(_, message)| message);
    format!("{} {} {} {at}", text(item, "member"), text(item, "sk"), text(item, "message"))
}

/// What became of the steps of an enrolment; not when.
fn steps(enrolment: &Value) -> String {
    let fields = &enrolment["M"];
    let steps = fields["s"]["L"].as_array().into_iter().flatten().map(|step| {
        let outcome = &step["M"]["o"]["M"];
        format!("{}:{}{}{}", text(&step["M"], "i"), text(outcome, "w"), text(outcome, "c"), text(outcome, "r"))
    });
    format!("{} {} [{}]", text(fields, "j"), fields["k"], steps.collect::<Vec<_>>().join(" "))
}

impl Audit for Auditor {
    fn see(&mut self, _: u64, changes: &[Change], _: Option<&During<'_>>) -> Wrong {
        for change in changes.iter().filter(|change| TABLES.contains(&change.table.as_str())) {
            if change.after.is_null() {
                self.items.remove(&(change.table.clone(), key(&change.before)));
            } else {
                self.items.insert((change.table.clone(), key(&change.after)), change.after.clone());
            }
        }
        Wrong::new()
    }

    fn at_rest(&self, _: i64) -> Wrong {
        let messages = self.items.iter().filter(|((table, _), _)| table == "MessagesTable");
        let open = messages.filter(|(_, item)| text(item, "s") == "claimed");
        open.map(|((_, message), _)| format!("message {message} has no outcome")).collect()
    }

    fn stored(&self) -> Vec<String> {
        let said = |((table, key), item): (&(String, String), &Value)| match table.as_str() {
            "CareTable" => {
                let active = item["en"]["L"].as_array().into_iter().flatten().map(steps);
                let ended = (!item["e"].is_null()).then(|| steps(&item["e"]));
                let mut all: Vec<String> = active.chain(ended).collect();
                all.sort();
                format!("{key}: {}", all.join("; "))
            }
            "MessagesTable" => format!("{key}: {} {}", text(item, "j"), text(item, "wy")),
            _ => format!("{key}: {}", text(item, "l")),
        };
        self.items.iter().map(said).collect()
    }
}
