//! What is wrong with the shape of data, in the author's words: an unknown key with the nearest known one, a wrong type with a right
//! value.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::programme::finding::Finding;
use crate::programme::written::place_name;

/// The most faults that are looked for in one thing.
const MOST: usize = 32;

/// Keys whose values have a form of their own, and a right one.
const FORMS: &[(&str, &str)] = &[
    ("multiplier", "a ratio in quotes, such as \"3/2\""),
    ("tier_multiplier", "a ratio in quotes, such as \"3/2\""),
    ("ratio", "a ratio in quotes, such as \"1/2\""),
    ("validity", "a period in quotes, such as \"P12M\""),
    ("from", "a date or time in quotes, such as \"2026-03-01\""),
    ("until", "a date or time in quotes, such as \"2026-03-31\""),
];

/// Keys of texts that may say nothing, or that say elsewhere what they must be.
const MAY_BE_EMPTY: &[&str] = &["default", "description", "id", "rules_version"];

/// Everything that keeps a value from being a `T`: what is at fault is left out, and the rest read again.
pub(super) fn faults<T: DeserializeOwned>(at: &str, value: &Value) -> Vec<Finding> {
    if !value.is_object() {
        return vec![Finding::new(at, format!("must be a table, such as {{ ... }}; it is {value}"))];
    }
    let mut value = value.clone();
    let mut found: Vec<Finding> = Vec::new();
    let mut left_out: Vec<String> = Vec::new();
    for _ in 0..MOST {
        let Err(error) = serde_path_to_error::deserialize::<_, T>(value.clone()) else { break };
        let path: Vec<Segment> = error.path().iter().cloned().collect();
        let message = error.inner().to_string();
        if let Some(missing) = quoted(&message, "missing field `") {
            let name = named(at, &value, &path).0;
            let place = format!("{name}.{missing}");
            let meant = format!("did you mean `{missing}`");
            if !left_out.contains(&place) && !found.iter().any(|finding| finding.message.contains(&meant)) {
                found.push(Finding::new(place, "is missing"));
            }
            break;
        }
        let (mut name, spot) = named(at, &value, &path);
        let mut path = path;
        if let Some(unknown) = quoted(&message, "unknown field `")
            && !matches!(path.last(), Some(Segment::Map { key }) if *key == unknown)
        {
            name = format!("{name}.{unknown}");
            path.push(Segment::Map { key: unknown });
        }
        found.push(Finding::new(&name, said(&message, spot, &path)));
        left_out.push(name);
        if !leave_out(&mut value, &path) {
            break;
        }
    }
    found
}

/// What a text has in back quotes after some words.
fn quoted(message: &str, words: &str) -> Option<String> {
    let rest = message.strip_prefix(words)?;
    Some(rest.split('`').next()?.to_owned())
}

/// What findings call the place that a path leads to, and what is there.
fn named<'a>(at: &str, value: &'a Value, path: &[Segment]) -> (String, Option<&'a Value>) {
    let (mut name, mut spot) = (at.to_owned(), Some(value));
    for segment in path {
        let (part, next) = match segment {
            Segment::Map { key } => (key.clone(), spot.and_then(|spot| spot.get(key))),
            Segment::Seq { index } => {
                let item = spot.and_then(|spot| spot.get(index));
                let id = item.and_then(|item| item["id"].as_str());
                (id.map_or_else(|| place_name(*index), str::to_owned), item)
            }
            Segment::Enum { .. } | Segment::Unknown => continue,
        };
        name = format!("{name}.{part}");
        spot = next;
    }
    (name, spot)
}

/// Removes what a path leads to; false if nothing can be removed.
fn leave_out(value: &mut Value, path: &[Segment]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    let mut spot = value;
    for segment in parents {
        let next = match segment {
            Segment::Map { key } => spot.get_mut(key),
            Segment::Seq { index } => spot.get_mut(index),
            Segment::Enum { .. } | Segment::Unknown => None,
        };
        let Some(next) = next else { return false };
        spot = next;
    }
    match (last, spot) {
        (Segment::Map { key }, Value::Object(fields)) => fields.remove(key).is_some(),
        // Others keep their places: what stands there is made as if it had been left out whole.
        _ => false,
    }
}

/// An error of the reader in words for the author.
fn said(message: &str, spot: Option<&Value>, path: &[Segment]) -> String {
    let is = spot.map_or_else(String::new, |value| format!("; it is {value}"));
    if message.starts_with("unknown field `") || message.starts_with("unknown variant `") {
        let mut names = message.split('`').skip(1).step_by(2);
        let unknown = names.next().unwrap_or_default();
        let known: Vec<&str> = names.collect();
        return not_known(unknown, &known);
    }
    let expected = |message: &str| message.split(", expected ").nth(1).map(str::to_owned);
    if message.starts_with("invalid type") || message.starts_with("invalid value") {
        let expected = expected(message).unwrap_or_default();
        return format!("must be {}{is}", right(&expected, path));
    }
    if message.starts_with("invalid length") {
        let expected = expected(message).unwrap_or_default();
        let length = expected.rsplit(' ').next().unwrap_or_default();
        return format!("must be a list of {length} values{is}");
    }
    message.to_owned()
}

/// What is not known, with the nearest of what is.
pub(super) fn not_known(unknown: &str, known: &[&str]) -> String {
    let near = known.iter().map(|name| (strsim::damerau_levenshtein(unknown, name), *name)).min();
    let near = near.filter(|(distance, _)| *distance <= (unknown.len() / 3).max(1));
    match near {
        Some((_, near)) => format!("`{unknown}`: did you mean `{near}`?"),
        None if known.is_empty() => format!("`{unknown}` is not known"),
        None => format!("`{unknown}` is not known; known: {}", known.join(", ")),
    }
}

/// What the reader expected, with a right value.
fn right(expected: &str, path: &[Segment]) -> String {
    let keys = path.iter().rev().filter_map(|segment| match segment {
        Segment::Map { key } => Some(key.as_str()),
        _ => None,
    });
    let form = keys.take(2).find_map(|key| FORMS.iter().find(|(name, _)| *name == key));
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0 up, such as 14".to_owned(),
        "i8" | "i16" | "i32" | "i64" => "a whole number, such as 14".to_owned(),
        "a JSON number" => "a number, such as 0.5".to_owned(),
        "a boolean" => "true or false".to_owned(),
        _ if form.is_some() => form.map(|(_, form)| (*form).to_owned()).unwrap_or_default(),
        "a string" | "a borrowed string" => "a text in quotes, such as \"gold\"".to_owned(),
        "a sequence" => "a list, such as [30, 7]".to_owned(),
        "a map" => "a table".to_owned(),
        other if other.starts_with("struct ") => "a table, such as { ... }".to_owned(),
        other if other.starts_with("an array of length ") => format!("a list of {} values", &other[19..]),
        other => other.to_owned(),
    }
}

/// Texts that say nothing: what is not said is left out.
pub(super) fn empty_texts(at: &str, value: &Value) -> Vec<Finding> {
    match value {
        Value::String(text) if text.is_empty() => vec![Finding::new(at, "is empty: say it, or leave it out")],
        Value::Array(items) => {
            let named = items.iter().map(|item| match item["id"].as_str() {
                Some(id) => (format!("{at}.{id}"), item),
                None => (at.to_owned(), item),
            });
            named.flat_map(|(at, item)| empty_texts(&at, item)).collect()
        }
        Value::Object(fields) => {
            let named = fields.iter().filter(|(name, _)| !MAY_BE_EMPTY.contains(&name.as_str()));
            named.flat_map(|(name, value)| empty_texts(&format!("{at}.{name}"), value)).collect()
        }
        _ => Vec::new(),
    }
}

/// What is wrong with each item of a list.
pub(super) fn items(name: &str, value: &Value, each: impl Fn(&str, &Value) -> Vec<Finding>) -> Vec<Finding> {
    let Value::Array(items) = value else {
        return vec![Finding::new(name, format!("must be a list: [[{name}]]"))];
    };
    let named = items.iter().enumerate().map(|(place, item)| {
        let id = item["id"].as_str().map_or_else(|| place_name(place), str::to_owned);
        (format!("{name}.{id}"), item)
    });
    named.flat_map(|(at, item)| each(&at, item)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::programme::general::General;
    use crate::programme::reward::Reward;

    #[track_caller]
    fn check<T: DeserializeOwned>(value: &Value, expected: &[(&str, &str)]) {
        let found = faults::<T>("x", value);
        let found: Vec<(&str, &str)> =
            found.iter().map(|finding| (finding.at.as_str(), finding.message.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn each_fault_is_named_with_what_would_be_right() {
        let reward = |more: Value| {
            let mut reward = json!({"id": "toy", "cost_points": 1, "kind": "material"});
            reward.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            reward
        };
        check::<Reward>(&reward(json!({})), &[]);
        check::<Reward>(&reward(json!({"stok": 1})), &[("x.stok", "`stok`: did you mean `stock`?")]);
        let below = "must be a whole number from 0 up, such as 14; it is -1";
        check::<Reward>(&reward(json!({"stock": -1})), &[("x.stock", below)]);
        let text = "must be a whole number from 0 up, such as 14; it is \"many\"";
        check::<Reward>(
            &reward(json!({"stock": "many", "kindd": 1})),
            &[("x.kindd", "`kindd`: did you mean `kind`?"), ("x.stock", text)],
        );
        check::<Reward>(&json!({"id": "toy", "kind": "material"}), &[("x.cost_points", "is missing")]);
        let limit = json!({"limit": {"per_member": 1, "period": "calender_day"}});
        check::<Reward>(&reward(limit), &[("x.limit.period", "`calender_day`: did you mean `calendar_day`?")]);
        check::<General>(&json!([]), &[("x", "must be a table, such as { ... }; it is []")]);
    }
}
