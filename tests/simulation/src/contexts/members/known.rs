//! What has become known of members by asking and hearing.

use serde_json::Value;

use crate::contexts::wish::{Way, Wish};

/// What later wishes refer to.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Ids of members who were answered.
    pub(crate) people: Vec<String>,
    /// Ids of imports.
    pub(crate) imports: Vec<String>,
    /// Ids of exports.
    pub(crate) exports: Vec<String>,
    /// Conflicts between two of them.
    pub(crate) conflicts: Vec<String>,
}

impl Known {
    /// Hears an answer that is a success.
    pub(crate) fn hear(&mut self, wish: &Wish, answer: &Value) {
        if let Some(import) = answer["import"].as_str() {
            remember(&mut self.imports, import);
        }
        if let Some(export) = answer["export"].as_str() {
            remember(&mut self.exports, export);
        }
        if wish.way != Way::Invoke("member") {
            return;
        }
        if let Some(member) = answer["member"].as_str() {
            remember(&mut self.people, member);
        }
        for conflict in answer["conflicts"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            remember(&mut self.conflicts, conflict);
        }
    }
}

fn remember(known: &mut Vec<String>, told: &str) {
    if !known.iter().any(|one| one == told) {
        known.push(told.to_owned());
    }
}
