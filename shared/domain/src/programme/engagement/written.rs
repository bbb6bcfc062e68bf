//! Reads items of sections that were checked before.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The items of a section; one that is not sound is none, for it was refused before.
pub(super) fn items<T: DeserializeOwned>(later: &BTreeMap<String, Value>, section: &str) -> Vec<T> {
    let items = later.get(section).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| T::deserialize(item).ok()).collect()
}

/// A section that is one table.
pub(super) fn one<T: DeserializeOwned>(later: &BTreeMap<String, Value>, section: &str) -> Option<T> {
    T::deserialize(later.get(section)?).ok()
}
