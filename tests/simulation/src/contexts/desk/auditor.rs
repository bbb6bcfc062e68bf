//! What must be so of tickets, whatever goes wrong: worked out from the items as they are written, by code that knows nothing of the product's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::contexts::audit::{Audit, Begun, During, Wrong};
use crate::contexts::context::Dump;
use crate::database::Change;

/// The tables that it follows.
pub(super) const TABLES: &[&str] = &["TicketsTable", "TicketLogTable", "DeskTable"];

/// States in which something is to be done, and those in which an agent has it.
const AT_WORK: [&str; 4] = ["new", "open", "pending_customer", "pending_third_party"];
const TAKES_A_PLACE: [&str; 3] = ["new", "open", "pending_third_party"];
/// What a month may cost, in the default programme.
const MONTH: i64 = 5_000_000;
/// What a case may cost.
const CASE: i64 = 5_000;

/// Items as they are, by table and key, and the breaches that were told.
#[derive(Default)]
struct Auditor {
    items: BTreeMap<(String, String), Value>,
    breached: BTreeSet<String>,
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

fn number(item: &Value, name: &str) -> i64 {
    item[name]["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn list<'a>(item: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    item[name]["L"].as_array().into_iter().flatten()
}

fn key(item: &Value) -> String {
    format!("{}{}{}", text(item, "ticket"), text(item, "seq"), text(item, "pk"))
}

/// The newest state of a ticket.
fn state_of(ticket: &Value) -> &str {
    list(ticket, "s").last().and_then(|last| last["L"][0]["S"].as_str()).unwrap_or_default()
}

/// What a ticket's grants cost that stand, with the local month of each.
fn given(ticket: &Value) -> impl Iterator<Item = (String, i64)> {
    let grants = list(ticket, "g").map(|grant| &grant["M"]);
    let stands = grants.filter(|grant| ["proposed", "granted"].contains(&text(grant, "state")));
    stands.map(|grant| (text(grant, "at").get(..7).unwrap_or_default().to_owned(), number(grant, "cost_minor")))
}

impl Auditor {
    fn of(&self, table: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.items.iter().filter(move |((of, _), _)| of == table).map(|((_, key), item)| (key.as_str(), item))
    }

    /// No ticket is without a list, without somebody who answers for it, or without a clock.
    fn ticket(&self, id: &str, ticket: &Value) -> Wrong {
        let (state, mut wrong) = (state_of(ticket), Wrong::new());
        if AT_WORK.contains(&state) {
            let owned = if text(ticket, "o").is_empty() {
                format!("-{}", text(ticket, "q"))
            } else {
                text(ticket, "o").to_owned()
            };
            if text(ticket, "lq") != text(ticket, "q") || text(ticket, "lw") != owned || ticket["ld"].is_null() {
                wrong.push(format!("ticket {id} is {state} and in no list, or nobody answers for it"));
            }
            let runs = list(ticket, "k").any(|clock| clock["M"]["k"]["S"] == "r" && clock["M"]["e"].is_null());
            if !runs {
                wrong.push(format!("ticket {id} is {state} and no clock runs"));
            }
            // What is late and was told is looked at by people.
            let waits = list(ticket, "k").any(|clock| clock["M"]["e"].is_null() && clock["M"]["r"].is_null());
            if waits && ticket["da"].is_null() {
                wrong.push(format!("ticket {id} is {state} and time does nothing to it"));
            }
        }
        let case: i64 = given(ticket).map(|(_, cost)| cost).sum();
        if case > CASE {
            wrong.push(format!("ticket {id} costs {case}"));
        }
        wrong
    }

    /// Each breach is told once.
    fn told(&mut self, id: &str, ticket: &Value) -> Wrong {
        let mut wrong = Wrong::new();
        for fact in list(&ticket["news"]["M"], "f") {
            if fact["L"][0]["S"] != "perennial.svc.slabreached.v1" {
                continue;
            }
            let data = &fact["L"][1]["M"];
            let clock = format!("{id} {} {}", text(data, "clock"), number(data, "instance"));
            if !self.breached.insert(clock.clone()) {
                wrong.push(format!("clock {clock} is told to be breached again"));
            }
        }
        wrong
    }

    /// Agents have as many tickets as they have, and months cost what was given.
    fn sums(&self) -> Wrong {
        let (mut places, mut months) = (BTreeMap::<&str, i64>::new(), BTreeMap::<String, i64>::new());
        for (_, ticket) in self.of("TicketsTable") {
            if TAKES_A_PLACE.contains(&state_of(ticket)) && !text(ticket, "o").is_empty() {
                *places.entry(text(ticket, "o")).or_default() += 1;
            }
            for (month, cost) in given(ticket) {
                *months.entry(month).or_default() += cost;
            }
        }
        let mut wrong = Wrong::new();
        for (key, item) in self.of("DeskTable") {
            if let Some(agent) = key.strip_prefix("a#") {
                let has = places.get(agent).copied().unwrap_or_default();
                if number(item, "n") != has {
                    wrong.push(format!("agent {agent} has {has} tickets, and {} places are taken", number(item, "n")));
                }
            }
        }
        let spent: i64 = self
            .of("DeskTable")
            .filter(|(key, _)| key.starts_with("b#month#"))
            .map(|(_, item)| number(item, "n"))
            .sum();
        let given: i64 = months.values().sum();
        if spent != given || spent > MONTH {
            wrong.push(format!("{given} was given, and {spent} is in the budget of the month"));
        }
        wrong
    }
}

impl Audit for Auditor {
    fn see(&mut self, _: u64, changes: &[Change], _: Option<&During<'_>>) -> Wrong {
        let (mut wrong, mut any) = (Wrong::new(), false);
        for change in changes.iter().filter(|change| TABLES.contains(&change.table.as_str())) {
            any = true;
            if change.after.is_null() {
                self.items.remove(&(change.table.clone(), key(&change.before)));
                continue;
            }
            let id = key(&change.after);
            self.items.insert((change.table.clone(), id.clone()), change.after.clone());
            if change.table == "TicketsTable" {
                wrong.extend(self.ticket(&id, &change.after));
                wrong.extend(self.told(&id, &change.after));
            }
        }
        if any {
            wrong.extend(self.sums());
        }
        wrong
    }

    fn at_rest(&self, _: i64) -> Wrong {
        self.sums()
    }

    fn stored(&self) -> Vec<String> {
        let said = |((table, key), item): (&(String, String), &Value)| match table.as_str() {
            "TicketsTable" => {
                let states = list(item, "s").filter_map(|state| state["L"][0]["S"].as_str());
                let states: Vec<&str> = states.collect();
                let grants: Vec<&str> = list(item, "g").map(|grant| text(&grant["M"], "state")).collect();
                format!("{key}: {} {} {states:?} {grants:?}", text(item, "lw"), text(item, "p"))
            }
            "TicketLogTable" => format!("{key}: {} {}", text(item, "kind"), !item["y"].is_null()),
            _ if key.starts_with("b#") => format!("{}: {}", key.get(..7).unwrap_or_default(), number(item, "n")),
            _ => format!("{key}: {} {} {}", text(item, "as"), text(item, "mg"), number(item, "n")),
        };
        self.items.iter().map(said).collect()
    }
}
