//! What journeys call an event, and what they read of it (rules: care 24).

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::happening::Happening;
use super::ids::{KeyId, MessageId};
use super::report::{Back, Report};
use crate::kernel::event::Event;
use crate::programme::activity::event_type;
use crate::programme::compiled::Programme;
use crate::programme::condition::{Scalar, Variables};

/// An event's context and name, `("led", "pointsexpiring")`.
fn named(kind: &str) -> Option<(&str, &str)> {
    kind.strip_prefix("perennial.")?.strip_suffix(".v1")?.split_once('.')
}

impl Happening {
    /// An event as journeys of a programme read it. One of a type that no journey could name is called nothing.
    #[must_use]
    pub fn heard(event: &Event, programme: &Programme) -> Self {
        let names = names(event, programme);
        let mut data: Variables = event.data.as_object().into_iter().flatten().filter_map(scalar).collect();
        let renamed = |data: &mut Variables, from: &str, to: &str| {
            if let Some(value) = data.get(from).cloned() {
                data.insert(to.to_owned(), value);
            }
        };
        match named(&event.kind) {
            // Of a tier that was lost journeys read which it was.
            Some(("tier", "tierrevoked")) => renamed(&mut data, "from", "tier"),
            Some(("tier", _)) => renamed(&mut data, "until", "period_end"),
            Some(("led", _)) => {
                let ends: Option<Timestamp> = event.data["expires_at"].as_str().and_then(|at| at.parse().ok());
                let last = ends.and_then(|at| at.checked_sub(SignedDuration::from_millis(1)).ok());
                let last = last.map(|at| Scalar::Text(programme.zone().date(at).to_string()));
                data.extend(last.map(|date| ("last_day".to_owned(), date)));
            }
            _ => {}
        }
        Self { names, at: event.time, data }
    }

    /// Does a journey of the programme begin or end by it, or does care keep it?
    #[must_use]
    pub fn is_heeded(&self, programme: &Programme) -> bool {
        let by = |name: &String| {
            name.starts_with("ticket.")
                || programme
                    .journeys()
                    .iter()
                    .any(|journey| journey.written.enter == *name || journey.exits.iter().any(|exit| exit.on == *name))
        };
        self.names.iter().any(by)
    }
}

fn scalar((name, value): (&String, &Value)) -> Option<(String, Scalar)> {
    let scalar = match value {
        Value::String(text) => Scalar::Text(text.clone()),
        Value::Bool(value) => Scalar::Boolean(*value),
        Value::Number(number) => Scalar::Integer(number.as_i64()?),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    Some((name.clone(), scalar))
}

/// What journeys call an event: one thing can have several names.
fn names(event: &Event, programme: &Programme) -> Vec<String> {
    let Some((context, name)) = named(&event.kind) else { return Vec::new() };
    let said = |field: &str| event.data[field].as_str().map(str::to_owned);
    let short = |prefix: &str, group: &str| name.strip_prefix(prefix).map(|event| format!("{group}.{event}"));
    let mut names: Vec<String> = match context {
        "earn" => match name {
            "orderpaid" => vec!["order.paid".to_owned()],
            "orderrefunded" => vec!["order.refunded".to_owned()],
            "activityrecorded" => said("activity").into_iter().collect(),
            _ => Vec::new(),
        },
        "act" => {
            let declared = programme.document().activity.keys();
            declared.filter(|signal| event_type(signal) == event.kind).cloned().collect()
        }
        "tier" => short("tier", "tier").into_iter().collect(),
        "led" => short("points", "points").into_iter().collect(),
        "svc" => {
            let replied = name == "ticketreplied" && event.data["by"] == "member";
            short("ticket", "ticket").into_iter().chain(replied.then(|| "reply".to_owned())).collect()
        }
        "seg" => {
            let of = |group: &str| said("segment").map(|segment| format!("segment.{group}:{segment}"));
            match name {
                "segmententered" => of("entered").into_iter().collect(),
                "segmentleft" => of("left").into_iter().collect(),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    };
    names.push(format!("{context}.{name}"));
    names
}

impl Report {
    /// What an event says of what was handed on, and the key that it is of, if it says so. None: it says nothing of that.
    #[must_use]
    pub fn heard(event: &Event) -> Option<(Self, Option<KeyId>)> {
        let (context, name) = named(&event.kind)?;
        let said = |field: &str| event.data[field].as_str();
        let because = || said("reason").unwrap_or("failed").to_owned();
        let (field, back) = match (context, name) {
            ("care", "messageskipped") => ("message", Back::Skipped(because())),
            ("care", "messagefailed") => ("message", Back::Failed(because())),
            ("care", "messagereturned") => ("message", Back::Returned),
            ("red", "redemptionconfirmed") => ("cause", Back::Done),
            ("red", "rewardgrantrefused") => ("cause", Back::Failed(said("code").unwrap_or("refused").to_owned())),
            ("eng", "taskoffered") => ("offer", Back::Done),
            _ => return None,
        };
        let message: MessageId = said(field)?.parse().ok()?;
        let key = event.data["key"].as_array().and_then(|values| {
            let values: Option<Vec<Scalar>> =
                values.iter().map(|value| serde_json::from_value(value.clone()).ok()).collect();
            Some(KeyId::of(said("journey")?, &values?))
        });
        Some((Self { message, back }, key))
    }
}
