//! Where a check stands, and what sections declare for others to name.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::programme::activity::ORDER_PAID;
use crate::programme::fault::not_known;
use crate::programme::finding::Finding;

/// What sections declare, by section: the ids of their items, or their keys.
#[derive(Debug, Default)]
pub(in crate::programme) struct Declared {
    names: BTreeMap<String, BTreeSet<String>>,
    sections: Map<String, Value>,
}

impl Declared {
    /// Of a whole document.
    pub(in crate::programme) fn of(sections: &Map<String, Value>) -> Self {
        let mut declared = Self { names: BTreeMap::new(), sections: sections.clone() };
        for (section, value) in sections {
            let names = match value {
                Value::Array(items) => items.iter().filter_map(|item| item["id"].as_str()).map(str::to_owned).collect(),
                Value::Object(fields) => fields.keys().cloned().collect(),
                _ => BTreeSet::new(),
            };
            declared.names.insert(section.clone(), names);
        }
        for (section, list) in [("rfmls", "segments"), ("charity", "projects")] {
            let items = sections.get(section).and_then(|section| section[list].as_array());
            let id = |item: &Value| item["id"].as_str().or(item.as_str()).map(str::to_owned);
            let names = items.into_iter().flatten().filter_map(id).collect();
            declared.names.insert(format!("{section}.{list}"), names);
        }
        declared
    }

    /// The names of a section, or of several.
    pub(super) fn names(&self, sections: &[&str]) -> BTreeSet<&str> {
        sections.iter().filter_map(|section| self.names.get(*section)).flatten().map(String::as_str).collect()
    }
}

/// A place in a document that is being checked.
pub(super) struct Place<'a> {
    pub(super) at: String,
    pub(super) declared: &'a Declared,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl Place<'_> {
    /// A place within this one.
    pub(super) fn within(&mut self, name: &str) -> Place<'_> {
        Place { at: format!("{}.{name}", self.at), declared: self.declared, findings: self.findings }
    }

    /// The points of the rule that answers a fact, if there is one of fixed points.
    pub(super) fn points_on(&self, fact: &str) -> Option<i64> {
        let rules = self.declared.sections.get("earning_rule").and_then(Value::as_array);
        let mut rules = rules.into_iter().flatten().filter(|rule| rule["on"].as_str() == Some(fact));
        rules.find_map(|rule| rule["points"].as_i64())
    }

    /// The type of an attribute of an activity that is declared; nothing if the activity is not.
    pub(super) fn attribute(&self, activity: &str, attribute: &str) -> Option<String> {
        let declared = &self.declared.sections.get("activity")?.get(activity)?["attributes"][attribute];
        Some(declared.as_str().or(declared["type"].as_str()).unwrap_or("none").to_owned())
    }

    /// The programme's currency.
    pub(super) fn currency(&self) -> Option<&str> {
        self.declared.sections.get("programme")?["currency"].as_str()
    }

    /// Is a purchase the only thing that earns points?
    pub(super) fn earns_by_purchase_alone(&self) -> bool {
        let rules = self.declared.sections.get("earning_rule").and_then(Value::as_array);
        let mut rules = rules.into_iter().flatten().filter_map(|rule| rule["on"].as_str());
        rules.all(|on| on == ORDER_PAID)
    }

    /// Notes a finding, unless what should hold does.
    pub(super) fn unless(&mut self, holds: bool, field: &str, message: impl Into<String>) {
        if !holds {
            self.findings.push(Finding::new(format!("{}.{field}", self.at), message));
        }
    }

    /// Numbers that are there lie in a range.
    pub(super) fn range<const N: usize>(&mut self, range: RangeInclusive<i64>, fields: [(&str, Option<i64>); N]) {
        for (field, value) in fields {
            let fits = value.is_none_or(|value| range.contains(&value));
            let words = format!("must be in {}..={}; it is {}", range.start(), range.end(), value.unwrap_or_default());
            self.unless(fits, field, words);
        }
    }

    /// A text that is there is one of some words.
    pub(super) fn one_of(&mut self, field: &str, value: Option<&str>, words: &[&str]) {
        if let Some(value) = value.filter(|value| !words.contains(value)) {
            self.unless(false, field, not_known(value, words));
        }
    }

    /// What is named is declared in one of some sections, where anything is declared in them.
    pub(super) fn named_if_any<'v>(
        &mut self,
        field: &str,
        values: impl IntoIterator<Item = &'v String>,
        sections: &[&str],
    ) {
        if !self.declared.names(sections).is_empty() {
            self.named(field, values, sections);
        }
    }

    /// What is named is declared in one of some sections.
    pub(super) fn named<'v>(&mut self, field: &str, values: impl IntoIterator<Item = &'v String>, sections: &[&str]) {
        let names = self.declared.names(sections);
        let wrong: Vec<String> = values
            .into_iter()
            .filter(|value| !names.contains(value.as_str()))
            .map(|value| {
                let known: Vec<&str> = names.iter().copied().collect();
                format!("there is no {} {}", noun(sections), not_known(value, &known))
            })
            .collect();
        for words in wrong {
            self.unless(false, field, words);
        }
    }

    /// Ids of a list within a section are shaped like ids, and each is used once.
    pub(super) fn unique<'v>(&mut self, field: &str, ids: impl IntoIterator<Item = &'v String>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            self.unless(shaped(id), &format!("{field}.{id}"), "an id is 1 to 64 characters of a-z A-Z 0-9 - _ .");
            self.unless(seen.insert(id), &format!("{field}.{id}"), "the id is used twice");
        }
    }
}

/// Is it shaped like an id?
pub(super) fn shaped(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// What a section's items are called.
fn noun(sections: &[&str]) -> String {
    let first = sections.first().copied().unwrap_or_default();
    first.rsplit('.').next().unwrap_or(first).trim_end_matches('s').replace('_', " ")
}
