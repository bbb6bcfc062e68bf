//! What must be so of signals, whatever goes wrong: whatever was answered is noted, once, and never changed; and it goes after ninety days.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::contexts::audit::{Audit, Begun, During, Wrong};
use crate::contexts::context::Dump;
use crate::contexts::wish::Heard;
use crate::database::Change;

/// The tables that it follows.
pub(super) const TABLES: &[&str] = &["SignalsTable"];

/// For how long a signal is kept, in milliseconds.
const KEPT: i64 = 90 * 24 * 3_600_000;

/// Every signal as it was written, by member and place.
#[derive(Default)]
struct Auditor {
    signals: BTreeMap<(String, String), Value>,
    /// Members who were erased: nothing of theirs is kept.
    erased: BTreeSet<String>,
}

/// Reads everything anew.
pub(super) fn from_scratch(dump: Dump<'_>) -> Begun {
    let mut auditor = Auditor::default();
    dump("MembersTable").iter().for_each(|item| auditor.meet(item));
    let wrong = TABLES
        .iter()
        .flat_map(|table| dump(table))
        .filter(|item| !text(item, "member").contains('#'))
        .flat_map(|item| auditor.take(&item))
        .collect();
    (Box::new(auditor), wrong)
}

fn text(item: &Value, name: &str) -> String {
    item[name]["S"].as_str().unwrap_or_default().to_owned()
}

impl Auditor {
    /// A member as it stands.
    fn meet(&mut self, item: &Value) {
        if text(item, "st") == "erased" {
            self.erased.insert(text(item, "member"));
        }
    }

    fn take(&mut self, item: &Value) -> Wrong {
        let (member, place) = (text(item, "member"), text(item, "at"));
        let at = place.split_once('#').and_then(|(at, _)| at.parse::<i64>().ok());
        let until = item["ttl"]["N"].as_str().and_then(|seconds| seconds.parse::<i64>().ok());
        let mut wrong = Wrong::new();
        if at.map(|at| (at + KEPT).div_euclid(1000)) != until {
            wrong.push(format!("{member} {place} goes at {until:?}"));
        }
        self.signals.insert((member, place), item.clone());
        wrong
    }
}

impl Audit for Auditor {
    fn see(&mut self, _: u64, changes: &[Change], _: Option<&During<'_>>) -> Wrong {
        let mut wrong = Wrong::new();
        let members = changes.iter().filter(|change| change.table == "MembersTable");
        members.for_each(|change| self.meet(&change.after));
        let signals = changes.iter().filter(|change| TABLES.contains(&change.table.as_str()));
        let counts = |image: &Value| text(image, "member").contains('#');
        for change in signals.filter(|change| !counts(&change.after) && !counts(&change.before)) {
            if change.after.is_null() {
                let place = (text(&change.before, "member"), text(&change.before, "at"));
                if !self.erased.contains(&place.0) {
                    wrong.push(format!("a signal of {}, who was not erased, was deleted", place.0));
                }
                self.signals.remove(&place);
                continue;
            }
            if !change.before.is_null() {
                wrong.push(format!("a signal of {} was changed", text(&change.before, "member")));
            }
            wrong.extend(self.take(&change.after));
        }
        wrong
    }

    fn at_rest(&self, _: i64) -> Wrong {
        let left = self.signals.keys().filter(|(member, _)| self.erased.contains(member));
        left.map(|(member, place)| format!("{member} was erased, and was seen {place}")).collect()
    }

    fn heard(&self, heard: &[Heard<'_>]) -> Wrong {
        let noted = heard.iter().filter(|heard| heard.status == 200 && heard.wish.what == "login");
        let place = |heard: &Heard<'_>| {
            let at: jiff::Timestamp = heard.body["time"].as_str()?.parse().ok()?;
            Some((heard.wish.member.clone(), format!("{:013}#", at.as_millisecond())))
        };
        let kept = |(member, at): &(String, String)| {
            let found = |(of, place): &(String, String)| of == member && place.starts_with(at.as_str());
            self.erased.contains(member) || self.signals.keys().any(found)
        };
        let lost = noted.filter_map(place).filter(|place| !kept(place));
        lost.map(|(member, at)| format!("{member} was told that a signal of {at} is noted, and it is not")).collect()
    }

    fn stored(&self) -> Vec<String> {
        self.signals.iter().map(|((member, place), item)| format!("{member} {place} {}", item["t"])).collect()
    }
}
