//! One signal: what is reported, held against what the programme declares, and what is told of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::kernel::event::{Event, Version, event_id};
use crate::kernel::id::{MemberId, OperationId};
use crate::kernel::refusal::{InvalidField, OutsideWindow};
use crate::kernel::time::add_days;
use crate::programme::activity::{ActivityType, Attribute, AttributeType, event_type};
use crate::programme::setting::Setting;

/// The `source` of the events of signals.
pub const SOURCE: &str = "/perennial/signals";

/// For how many days a signal is kept.
pub const KEPT_DAYS: i32 = 90;

/// The longest code, in characters.
const LONGEST_CODE: usize = 64;

/// The most codes of a list.
const MOST_CODES: usize = 20;

/// The most that the attributes of a signal come to, in bytes: with them it is one unit of the table.
const MOST_BYTES: usize = 768;

/// What is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// About whom.
    pub member: MemberId,
    /// Its type, as the programme declares it.
    pub kind: String,
    /// The declared source that reports it.
    pub source: String,
    /// What it is known by: its event's source and id.
    pub operation: OperationId,
    /// When it happened.
    pub at: Timestamp,
    /// What is said of it.
    pub attributes: BTreeMap<String, Value>,
}

/// A signal as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// What was reported, with what stands in for what was not said.
    pub reported: Reported,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Is it something that the member did, so that the member is not dormant?
    pub counts: bool,
    /// The number of the programme version that declares it.
    pub programme: u32,
}

impl Signal {
    /// Holds a report against the declaration; whether it comes in time is another question ([`Signal::in_time`]).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(mut reported: Reported, declared: &ActivityType, setting: Setting<'_>) -> Result<Self, InvalidField> {
        let Setting { programmes, now } = setting;
        let programme = programmes.at(reported.at);
        for (name, value) in &reported.attributes {
            let at = |message: &str| InvalidField::new(format!("data/attributes/{name}"), message);
            let declared = declared.attributes.get(name);
            let declared = declared.ok_or_else(|| at("is not a declared attribute of this signal"))?;
            fits(declared, value).map_err(at)?;
        }
        for (name, attribute) in &declared.attributes {
            if reported.attributes.contains_key(name) {
                continue;
            }
            let at = format!("data/attributes/{name}");
            let default = attribute.default().ok_or_else(|| InvalidField::new(at, "is missing"))?;
            reported.attributes.insert(name.clone(), serde_json::to_value(default).unwrap_or_default());
        }
        let bytes = serde_json::to_string(&reported.attributes).map_or(0, |text| text.len());
        if bytes > MOST_BYTES {
            let message = format!("come to {bytes} bytes as JSON, and have at most {MOST_BYTES}");
            return Err(InvalidField::new("data/attributes", message));
        }
        Ok(Self { reported, recorded_at: now, counts: declared.activity, programme: programme.number })
    }

    /// Is it reported in time to be recorded? What is recorded already is known however late it is reported again.
    ///
    /// # Errors
    /// It happened too long ago, or lies in the future.
    pub fn in_time(&self, Setting { programmes, now }: Setting<'_>) -> Result<(), OutsideWindow> {
        programmes.at(self.reported.at).in_window(self.reported.at, now)
    }

    /// When it goes.
    #[must_use]
    pub fn kept_until(&self) -> Timestamp {
        add_days(self.reported.at, KEPT_DAYS)
    }

    /// What is told of it: the same however often it is told, and whatever time a second report gives.
    #[must_use]
    pub fn event(&self) -> Event {
        let Reported { member, kind, operation, at, attributes, .. } = &self.reported;
        let kind = event_type(kind);
        let cause = format!("signals/{operation}");
        Event {
            specversion: Version::V1,
            id: event_id(&cause, &kind, 1),
            source: SOURCE.to_owned(),
            kind,
            data: Value::Object(Map::from_iter(attributes.clone())),
            time: *at,
            member: Some(member.clone()),
            sequence: 1,
            recordedtime: self.recorded_at,
            causationid: cause,
            correlationid: *operation,
            programmeversion: self.programme,
        }
    }
}

/// Is it a value of a declared attribute?
fn fits(declared: &Attribute, value: &Value) -> Result<(), &'static str> {
    let code = |value: &Value| value.as_str().is_some_and(is_code);
    match declared.kind() {
        AttributeType::Boolean if value.is_boolean() => Ok(()),
        AttributeType::Boolean => Err("must be true or false"),
        AttributeType::Integer if value.is_i64() => Ok(()),
        AttributeType::Integer => Err("must be a whole number"),
        AttributeType::Text if code(value) => Ok(()),
        AttributeType::Text => {
            Err("must be a code: at most 64 characters, without white space, `@` and control characters")
        }
        AttributeType::Texts => match value.as_array() {
            Some(codes) if codes.len() <= MOST_CODES && codes.iter().all(code) => Ok(()),
            _ => Err(
                "must be a list of at most 20 codes, each of at most 64 characters, without white space, `@` and control characters",
            ),
        },
    }
}

/// Is it a code, and no text that somebody wrote?
#[must_use]
pub(crate) fn is_code(text: &str) -> bool {
    let fits = |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != '@';
    text.chars().count() <= LONGEST_CODE && text.chars().all(fits)
}
