//! A programme with other sections, and a clock.

use domain::engagement::{Scene, Standing};
use domain::kernel::id::MemberId;
use domain::programme::compiled::Programme;
use domain::programme::finding::Finding;
use domain::programme::reading::read_json;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The default programme in another zone, with sections of a text in place of its own.
pub(crate) fn document(zone: &str, sections: &str) -> Value {
    let of = |text: &str| serde_json::to_value(toml::from_str::<toml::Value>(text).unwrap()).unwrap();
    let mut document: Value = of(include_str!("../../../../../programme.toml"));
    document["programme"]["timezone"] = json!(zone);
    for (name, section) in of(sections).as_object().unwrap() {
        match (document.get_mut(name), section) {
            (Some(Value::Object(own)), Value::Object(more)) if name == "activity" => own.extend(more.clone()),
            (Some(Value::Array(own)), Value::Array(more)) if name == "earning_rule" => own.extend(more.clone()),
            (Some(Value::Array(own)), Value::Array(more)) if name == "reward" => own.extend(more.clone()),
            _ => document[name] = section.clone(),
        }
    }
    document
}

/// The same, compiled, or what is wrong with it.
pub(crate) fn read(zone: &str, sections: &str) -> Result<Programme, Vec<Finding>> {
    compiled(document(zone, sections))
}

/// A document, compiled, or what is wrong with it.
pub(crate) fn compiled(document: Value) -> Result<Programme, Vec<Finding>> {
    read_json(document).and_then(|document| Programme::compile(1, document))
}

/// The same, of what is sound.
#[track_caller]
pub(crate) fn programme(zone: &str, sections: &str) -> Programme {
    read(zone, sections).unwrap_or_else(|findings| panic!("{findings:?}"))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn member(id: &str) -> MemberId {
    id.parse().unwrap()
}

pub(crate) fn scene<'a>(programme: &'a Programme, now: &str) -> Scene<'a> {
    Scene { programme, now: at(now) }
}

/// A member of a tier.
pub(crate) fn of_tier(tier: &str) -> Standing {
    Standing { tier: Some(tier.to_owned()), ..Standing::active() }
}
