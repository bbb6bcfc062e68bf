//! What a member is given of everything that is known: all that was there when it was asked for, of the member and of those for whom the member
//! stands, and nothing of anybody else. It is read as it was gathered, part by part, when the archive is put.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::secrets;
use crate::contexts::audit::Wrong;
use crate::database::Change;

/// How much there is of each member: entries, and signals.
type Had = BTreeMap<String, (u64, usize)>;

/// Everything of which something may be given, and what was given.
#[derive(Default)]
pub(super) struct Exported {
    /// By member: how many entries its account has.
    entries: BTreeMap<String, u64>,
    /// By member: the instants of its signals, in milliseconds, each with what it is known by.
    signals: BTreeMap<String, BTreeSet<String>>,
    /// By export: what there was when it was asked for.
    asked: BTreeMap<String, Had>,
    /// By export: parts of files.
    parts: BTreeMap<String, BTreeMap<String, String>>,
}

/// An attribute that is a text.
pub(super) fn text(item: &Value, name: &str) -> String {
    item[name]["S"].as_str().unwrap_or_default().to_owned()
}

/// The instant of an item of JSON, in milliseconds.
fn millis(value: &Value) -> Option<i64> {
    Some(value.as_str()?.parse::<jiff::Timestamp>().ok()?.as_millisecond())
}

impl Exported {
    /// Something is written.
    pub(super) fn see(&mut self, change: &Change) {
        let (item, number) =
            (&change.after, |value: &Value| value["N"].as_str().and_then(|number| number.parse().ok()));
        match change.table.as_str() {
            "AccountsTable" => {
                self.entries.insert(text(item, "member"), number(&item["q"]).unwrap_or_default());
            }
            "SignalsTable" if item["at"].is_object() => {
                self.signals.entry(text(item, "member")).or_default().insert(text(item, "at"));
            }
            "MemberJobsTable" => {
                let (job, n) = (text(item, "job"), number(&item["j"]["M"]["n"]));
                let Some((member, n)) = job.strip_prefix("access#").zip(n) else { return };
                let had = self.had();
                self.asked.entry(format!("{member}.{n}")).or_insert(had);
            }
            _ => {}
        }
    }

    fn had(&self) -> Had {
        let known: BTreeSet<&String> = self.entries.keys().chain(self.signals.keys()).collect();
        let of = |member: &String| {
            let signals = self.signals.get(member).map_or(0, BTreeSet::len);
            (member.clone(), (self.entries.get(member).copied().unwrap_or_default(), signals))
        };
        known.into_iter().map(of).collect()
    }

    /// Something is put into the bucket: when it is an archive, what is wrong with it, by the members and claims that there are.
    pub(super) fn put(
        &mut self,
        (path, said): (&str, &str),
        members: &BTreeMap<String, Value>,
        claims: &BTreeMap<String, Value>,
    ) -> Wrong {
        let Some((_, place)) = path.split_once("/exports/") else { return Wrong::new() };
        let Some((export, file)) = place.split_once('/') else { return Wrong::new() };
        if file != "data.zip" {
            self.parts.entry(export.to_owned()).or_default().insert(file.to_owned(), said.to_owned());
            return Wrong::new();
        }
        let wrong = self.wrong(export, members, claims);
        wrong.into_iter().map(|what| format!("the export {export} {what}")).collect()
    }

    fn wrong(&self, export: &str, members: &BTreeMap<String, Value>, claims: &BTreeMap<String, Value>) -> Wrong {
        let mut wrong = Wrong::new();
        let member = export.rsplit_once('.').map_or("", |(member, _)| member);
        // What is asked for somebody is what is known of whoever stands for that one.
        let (mut member, mut item) = (member, members.get(member));
        while let Some(into) =
            item.filter(|item| text(item, "st") == "merged").and_then(|item| item["si"]["S"].as_str())
        {
            (member, item) = (into, members.get(into));
        }
        let Some(item) = item else { return vec!["is of nobody".to_owned()] };
        let absorbed = item["ab"]["L"].as_array().into_iter().flatten().filter_map(|id| id["S"].as_str());
        let everybody: Vec<&str> = std::iter::once(member).chain(absorbed).collect();
        let none = Had::new();
        let had = self.asked.get(export).unwrap_or(&none);
        let had = |id: &str| had.get(id).copied().unwrap_or_default();
        let mut listed: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for line in self.lines(export, "ledger.jsonl") {
            let id = line["id"].as_str().and_then(|id| id.rsplit_once('.'));
            let Some((of, sequence)) = id.and_then(|(of, sequence)| Some((of, sequence.parse().ok()?))) else {
                continue;
            };
            if !listed.entry(of.to_owned()).or_default().insert(sequence) {
                wrong.push(format!("has the entry {of}.{sequence} twice"));
            }
        }
        wrong.extend(
            listed.keys().filter(|of| !everybody.contains(&of.as_str())).map(|of| format!("has entries of {of}")),
        );
        for id in &everybody {
            let all: BTreeSet<u64> = (1..=had(id).0).collect();
            let missing: Vec<u64> = all.difference(listed.get(*id).unwrap_or(&BTreeSet::new())).copied().collect();
            wrong.extend((!missing.is_empty()).then(|| format!("lacks the entries {missing:?} of {id}")));
        }
        let signals = self.lines(export, "signals.jsonl");
        let known: BTreeSet<i64> = everybody
            .iter()
            .filter_map(|id| self.signals.get(*id))
            .flatten()
            .filter_map(|place| place.split_once('#')?.0.parse().ok())
            .collect();
        let least: usize = everybody.iter().map(|id| had(id).1).sum();
        if signals.len() < least {
            wrong.push(format!("has {} signals of {least}", signals.len()));
        }
        let strange = signals.iter().filter(|signal| millis(&signal["time"]).is_none_or(|at| !known.contains(&at)));
        wrong.extend(strange.map(|signal| format!("has a signal that is nobody's of {everybody:?}: {signal}")));
        wrong.extend(self.misplaced(export, &everybody, (item, claims)));
        wrong.extend(self.others(export, &everybody, members));
        wrong
    }

    /// Identifiers that are another's, or too few: whose one is, its claim says.
    fn misplaced(&self, export: &str, everybody: &[&str], (item, claims): (&Value, &BTreeMap<String, Value>)) -> Wrong {
        let whole = self.whole(export, "identifiers.json");
        let shown = whole.as_array().cloned().unwrap_or_default();
        let held = item["i"]["L"].as_array().map_or(0, Vec::len);
        let mut wrong: Wrong =
            (shown.len() != held).then(|| format!("has {} identifiers of {held}", shown.len())).into_iter().collect();
        for one in shown.iter().filter(|one| one["contact"] != true) {
            let [kind, value] = ["kind", "value"].map(|name| one[name].as_str().unwrap_or_default());
            let index = URL_SAFE_NO_PAD.encode(secrets::mac("index#1", &format!("{kind}\u{1f}{value}")));
            let claim = claims.get(&format!("{}#{index}", kind.split(':').next().unwrap_or_default()));
            let owner = claim.map(|claim| text(claim, "m"));
            if !owner.as_ref().is_some_and(|owner| everybody.contains(&owner.as_str())) {
                wrong.push(format!("has a {kind} that is {owner:?}'s"));
            }
        }
        wrong
    }

    /// Members who are named and are none of them; entries name those with whom points were exchanged.
    fn others(&self, export: &str, everybody: &[&str], members: &BTreeMap<String, Value>) -> Wrong {
        let parts = self.parts.get(export).into_iter().flatten().filter(|(file, _)| !file.starts_with("ledger.jsonl"));
        let named = |file: &str, said: &str| {
            let others =
                members.keys().filter(|other| !everybody.contains(&other.as_str()) && said.contains(other.as_str()));
            others.map(|other| format!("names {other} in {file}")).collect::<Wrong>()
        };
        parts.flat_map(|(file, said)| named(file, said)).collect()
    }

    /// A file that is one value.
    fn whole(&self, export: &str, file: &str) -> Value {
        let part = self.parts.get(export).and_then(|parts| parts.get(&format!("{file}-0000")));
        part.and_then(|said| serde_json::from_str(said).ok()).unwrap_or_default()
    }

    /// The lines of all parts of a file.
    fn lines(&self, export: &str, file: &str) -> Vec<Value> {
        let parts = self.parts.get(export).into_iter().flatten().filter(|(name, _)| name.starts_with(file));
        parts.flat_map(|(_, said)| said.lines()).filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}
