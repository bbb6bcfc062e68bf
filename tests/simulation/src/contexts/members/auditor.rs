//! What must be so of members, whatever goes wrong: an identifier is one member's, and that member has it; nothing that was written is lost;
//! each write has its row; nothing personal lies open.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::exported::{Exported, text};
use super::importing;
use super::wishes::{ADDRESS, PHONE};
use crate::contexts::audit::{Audit, Begun, During, Wrong};
use crate::contexts::context::Dump;
use crate::contexts::wish::{Heard, Way};
use crate::database::Change;

/// The tables that it follows.
pub(super) const TABLES: &[&str] =
    &["MembersTable", "ClaimsTable", "MemberLogTable", "MemberKeysTable", "MemberJobsTable", "ErasuresTable"];

/// Everything that is stored of members, as the auditor has seen it being written.
#[derive(Default)]
struct Auditor {
    members: BTreeMap<String, Value>,
    claims: BTreeMap<String, Value>,
    /// By member: the versions that have a row.
    rows: BTreeMap<String, BTreeSet<u64>>,
    keys: BTreeMap<String, Value>,
    erasures: BTreeMap<String, Value>,
    conflicts: BTreeMap<String, Value>,
    /// Whoever has an account: the programme enrols those of whom something is reported.
    accounts: BTreeSet<String>,
    exported: Exported,
}

/// Reads everything anew.
pub(super) fn from_scratch(dump: Dump<'_>) -> Begun {
    let mut auditor = Auditor::default();
    for table in TABLES {
        dump(table).iter().for_each(|item| auditor.take(table, item));
    }
    auditor.accounts = dump("AccountsTable").iter().map(|item| text(item, "member")).collect();
    let wrong = auditor.wrong();
    (Box::new(auditor), wrong)
}

fn version(item: &Value) -> u64 {
    item["v"]["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// What stays of a member who was erased: that there was one.
const STAYS: [&str; 7] = ["member", "v", "w", "st", "si", "rc", "news"];

/// Tables that say up to which erasure they are, and their keys.
const MARKED: [(&str, &str); 4] =
    [("MembersTable", "member"), ("ClaimsTable", "claim"), ("MemberKeysTable", "member"), ("ErasuresTable", "member")];

/// Under this key.
const MARK: &str = "#mark";

fn is_erased(member: &Value) -> bool {
    text(member, "st") == "erased"
}

/// The identifiers that a member's item has and that are its alone: kind, and the tail of the claim's key.
fn identifiers(member: &Value) -> impl Iterator<Item = (String, String)> + '_ {
    let held = member["i"]["L"].as_array().into_iter().flatten().filter(|held| held["M"]["o"].is_null());
    held.map(|held| {
        let (kind, index) = (text(&held["M"], "k"), held["M"]["x"]["B"].as_str().unwrap_or_default());
        let kind = if kind.starts_with("external:") { "external".to_owned() } else { kind };
        (kind, URL_SAFE_NO_PAD.encode(STANDARD.decode(index).unwrap_or_default()))
    })
}

impl Auditor {
    /// A member by what it is known by first: a new id is drawn anew when a file is taken up again.
    fn who(&self, name: &str) -> String {
        let known = self.members.get(name).and_then(|member| identifiers(member).next());
        known.map_or_else(|| name.to_owned(), |(kind, tail)| format!("{kind}#{tail}"))
    }

    fn take(&mut self, table: &str, item: &Value) {
        match table {
            _ if MARKED.iter().any(|(marked, key)| *marked == table && text(item, key) == MARK) => {}
            "MembersTable" => drop(self.members.insert(text(item, "member"), item.clone())),
            "ClaimsTable" => drop(self.claims.insert(text(item, "claim"), item.clone())),
            "MemberLogTable" => {
                let row = text(item, "seq").parse().unwrap_or_default();
                self.rows.entry(text(item, "member")).or_default().insert(row);
            }
            "MemberKeysTable" => drop(self.keys.insert(text(item, "member"), item.clone())),
            "ErasuresTable" => drop(self.erasures.insert(text(item, "member"), item.clone())),
            "MemberJobsTable" => drop(self.conflicts.insert(text(item, "job"), item.clone())),
            _ => {}
        }
    }

    /// What does not fit together.
    fn wrong(&self) -> Wrong {
        let mut wrong = Wrong::new();
        for (name, member) in &self.members {
            let written: BTreeSet<u64> = (1..=version(member)).collect();
            if self.rows.get(name) != Some(&written) {
                wrong.push(format!(
                    "{name} was written {} times, and has the rows {:?}",
                    version(member),
                    self.rows.get(name)
                ));
            }
            match self.keys.get(name) {
                None => wrong.push(format!("{name} has no key")),
                Some(key) if is_erased(member) && !key["w"].is_null() => {
                    wrong.push(format!("{name} was erased, and what was sealed opens"));
                }
                Some(key) if !is_erased(member) && key["w"].is_null() => {
                    wrong.push(format!("the key of {name} is gone"))
                }
                Some(_) => {}
            }
            if is_erased(member)
                && !member.as_object().is_some_and(|kept| kept.keys().all(|name| STAYS.contains(&name.as_str())))
            {
                wrong.push(format!("{name} was erased, and is known: {member}"));
            }
            for (kind, index) in identifiers(member) {
                let owner = self.claims.get(&format!("{kind}#{index}")).map(|claim| text(claim, "m"));
                if owner.as_ref() != Some(name) {
                    wrong.push(format!("{name} has a {kind} that is {owner:?}'s"));
                }
            }
        }
        for (key, claim) in self.claims.iter().filter(|(_, claim)| claim["e"].is_null()) {
            let freed =
                self.erasures.get(&text(claim, "m")).is_some_and(|receipt| !receipt["s"]["M"]["claims"].is_null());
            if freed {
                wrong.push(format!("{} was erased, and {key} leads there", text(claim, "m")));
            }
            let (owner, (kind, index)) = (text(claim, "m"), key.split_once('#').unwrap_or_default());
            let member = self.members.get(&owner);
            let has = member
                .is_some_and(|member| identifiers(member).any(|held| held == (kind.to_owned(), index.to_owned())));
            // Of who is being erased they go one after the other.
            if !has && !member.is_some_and(is_erased) {
                wrong.push(format!("{owner} is said to have a {kind}, and has not"));
            }
        }
        wrong
    }
}

impl Audit for Auditor {
    fn see(&mut self, _: u64, changes: &[Change], _: Option<&During<'_>>) -> Wrong {
        let mut wrong = Wrong::new();
        changes.iter().for_each(|change| self.exported.see(change));
        let accounts = changes.iter().filter(|change| change.table == "AccountsTable");
        self.accounts.extend(accounts.map(|change| text(&change.after, "member")));
        let ours = changes.iter().filter(|change| TABLES.contains(&change.table.as_str()));
        let mut any = false;
        for change in ours {
            any = true;
            if change.after.is_null() {
                // Claims may go.
                self.claims.remove(&text(&change.before, "claim"));
                continue;
            }
            let (before, after) = (version(&change.before), version(&change.after));
            let counts = ["MembersTable", "MemberJobsTable"].contains(&change.table.as_str());
            let marks = MARKED.iter().any(|(_, key)| text(&change.after, key) == MARK);
            if counts && !marks && after != before + 1 {
                wrong.push(format!("version {after} of an item of {} follows {before}", change.table));
            }
            let open = change.after.to_string();
            if [PHONE, ADDRESS].iter().any(|mark| open.contains(mark)) {
                wrong.push(format!("something personal lies open in {}", change.table));
            }
            self.take(&change.table, &change.after);
        }
        if any {
            wrong.extend(self.wrong());
        }
        wrong
    }

    fn put(&mut self, path: &str, said: &str) -> Wrong {
        self.exported.put((path, said), &self.members, &self.claims)
    }

    fn at_rest(&self, _: i64) -> Wrong {
        let mut wrong = self.wrong();
        let unknown = self.accounts.iter().filter(|name| !self.members.contains_key(*name));
        wrong.extend(unknown.map(|name| format!("{name} has an account, and nobody was enrolled")));
        wrong
    }

    fn heard(&self, heard: &[Heard<'_>]) -> Wrong {
        // A trail is told of an account, whether anybody is enrolled or not yet.
        let who = |heard: &&Heard<'_>| heard.wish.way == Way::Invoke("member") && heard.wish.what != "trail";
        let enrolled = heard.iter().filter(|heard| who(heard) && heard.status < 300);
        let told = enrolled.filter_map(|heard| heard.body["member"].as_str());
        told.filter(|member| !self.members.contains_key(*member)).map(|member| format!("{member} is nobody")).collect()
    }

    fn stored(&self) -> Vec<String> {
        let member = |(name, member): (&String, &Value)| {
            let fields: Vec<&String> =
                member["f"]["M"].as_object().into_iter().flat_map(|fields| fields.keys()).collect();
            let consents = member["c"]["L"].as_array().map_or(0, Vec::len);
            // Not how often it was written: what is verified again is verified later.
            format!("{} {:?} {fields:?} {consents}", self.who(name), identifiers(member).collect::<Vec<_>>())
        };
        let claim = |(key, claim): (&String, &Value)| format!("{key} is {}'s", self.who(&text(claim, "m")));
        let conflict = |(key, item): (&String, &Value)| format!("{key} {}{}", item["p"], importing::stored(item));
        // What was done, and how much of it; not when.
        let receipt = |(name, item): (&String, &Value)| {
            let steps = item["s"]["M"].as_object().into_iter().flatten();
            let steps: Vec<String> = steps.map(|(step, did)| format!("{step} {}", did["L"][1]["N"])).collect();
            format!("{name} was erased: {steps:?}")
        };
        let all = self.members.iter().map(member).chain(self.claims.iter().map(claim));
        let mut all: Vec<String> =
            all.chain(self.conflicts.iter().map(conflict)).chain(self.erasures.iter().map(receipt)).collect();
        all.sort();
        all
    }
}
