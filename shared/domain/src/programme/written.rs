//! A programme as its author wrote it: TOML with the line of everything in it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::programme::finding::Finding;

/// A text, read: what it says, and where.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// What it says, by section. Dates are texts.
    pub(super) sections: Map<String, Value>,
    /// The line of each thing, by the name under which findings know it: `reward.toy.stock`.
    lines: BTreeMap<String, u32>,
}

impl Written {
    /// Reads a text; what is no TOML of it is found, the rest is read.
    pub(super) fn read(text: &str) -> (Self, Vec<Finding>) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let lines = Lines::of(text);
        let found = errors.iter().map(|error| {
            let line = error.span().map(|span| lines.at(span.start));
            Finding { line, ..Finding::new("syntax", error.message()) }
        });
        let found = found.collect();
        let mut written = Self::default();
        if let Value::Object(sections) = written.table(table.get_ref(), "", &lines) {
            written.sections = sections;
        }
        (written, found)
    }

    /// The line of a thing, or of the nearest thing around it that has one.
    pub(super) fn line(&self, at: &str) -> Option<u32> {
        let mut at = at;
        loop {
            if let Some(line) = self.lines.get(at) {
                return Some(*line);
            }
            at = at.rsplit_once('.')?.0;
        }
    }

    fn table(&mut self, table: &DeTable<'_>, at: &str, lines: &Lines) -> Value {
        let mut fields = Map::new();
        for (key, value) in table {
            let name = key.get_ref();
            let at = if at.is_empty() { name.to_string() } else { format!("{at}.{name}") };
            self.lines.insert(at.clone(), lines.at(key.span().start));
            let value = self.value(value, &at, lines);
            fields.insert(name.to_string(), value);
        }
        Value::Object(fields)
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, at: &str, lines: &Lines) -> Value {
        match value.get_ref() {
            DeValue::String(text) => text.as_ref().into(),
            DeValue::Integer(integer) => {
                let number = i64::from_str_radix(integer.as_str(), integer.radix());
                number.map_or_else(|_too_large| integer.to_string().into(), Value::from)
            }
            DeValue::Float(float) => float.as_str().parse::<f64>().map_or_else(|_none| Value::Null, Value::from),
            DeValue::Boolean(yes) => (*yes).into(),
            DeValue::Datetime(at) => at.to_string().into(),
            DeValue::Table(table) => self.table(table, at, lines),
            DeValue::Array(items) => {
                let items = items.iter().enumerate().map(|(place, item)| {
                    let id = item.get_ref().get("id").and_then(|id| id.get_ref().as_str().map(str::to_owned));
                    let at = format!("{at}.{}", id.unwrap_or_else(|| place_name(place)));
                    self.lines.insert(at.clone(), lines.at(item.span().start));
                    self.value(item, &at, lines)
                });
                Value::Array(items.collect())
            }
        }
    }
}

/// What findings call an item of a list that has no id: its place, from 1.
pub(super) fn place_name(place: usize) -> String {
    place.saturating_add(1).to_string()
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The line of a byte, from 1.
    fn at(&self, byte: usize) -> u32 {
        let before = self.0.partition_point(|end| *end < byte);
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}
