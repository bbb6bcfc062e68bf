//! The document of all events, made from their types.

use anyhow::{Context as _, ensure};
use domain::care::CareFact;
use domain::desk::DeskFact;
use domain::kernel::event::{Event, Fact, Version};
use domain::kernel::id::OperationId;
use domain::ledger::facts::{LedgerFact, SOURCE};
use domain::members::facts::MemberFact;
use domain::members::import::ImportFact;
use domain::messages::MessageFact;
use domain::quality::facts::QualityFact;
use domain::standing::facts::StandingFact;
use domain::voice::VoiceFact;
use event_router::ROUTES;
use jiff::Timestamp;
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

const HEAD: &str = "# Events

<!-- Written by `cargo run -- generate`; a test holds it against the types. -->

What is told others: [CloudEvents 1.0](https://cloudevents.io), JSON, structured mode. Each comes of what was committed, read from the
stream of its table, so none is lost and none is made up: those of the ledger are derived from an entry, those of members and of care are
the news of an item. They are delivered at least once and in any order: `id` is the same however often an event is sent, and `sequence` is
the number of the entry in its account, or counts the writes of the item. `time` is when it happened, `recordedtime` when the entry was written, `causationid` the entry, `correlationid` the operation that made it (the same
for everything that came of one request), `programmeversion` the number of the programme version that decided.

What is told of members, of files that flow in and of sources is derived from the item that was written (`perennial.mem`, `perennial.gov`): `sequence` is
the number of its version, and `causationid` names both.

Each activity that the programme declares as a signal is told as `perennial.act.NAME.v1`, its name without dots and underscores, with its
attributes as data, from the stream of `signals`, to the queue `CareQueue`; those with `activity = true` go to `TierQueue` as well.

Events name members by their pseudonymous id and hold no personal data. Whoever wants to know more reads the entry.
";

/// What the document says of a type.
struct Told {
    kind: &'static str,
    means: &'static str,
    /// Of its data.
    schema: Value,
    /// Its data.
    example: Value,
    from: &'static From,
}

/// From what an event comes.
struct From {
    source: &'static str,
    cause: &'static str,
    of_a_member: bool,
}

const ENTRY: From = From { source: SOURCE, cause: "m-1.42", of_a_member: true };
const MEMBER: From = From { source: "/perennial/members", cause: "members/m-1.42", of_a_member: true };
const IMPORT: From =
    From { source: "/perennial/members", cause: "member-jobs/import#i-4fQ7wZ2bK9xLrT0vHnE1cD.42", of_a_member: false };
const CARE: From = From { source: "/perennial/care", cause: "care/m-1.42", of_a_member: true };
const MESSAGE: From = From { source: "/perennial/care", cause: "messages/5f1c.42", of_a_member: true };
const VOICE: From =
    From { source: "/perennial/voice", cause: "surveys/i#5d41402abc4b2a76b9719d911017c592.4", of_a_member: true };
const TICKET: From = From { source: "/perennial/desk", cause: "tickets/0b7c5f1be1b94a5f.42", of_a_member: true };
const WATCH: From = From { source: "/perennial/members", cause: "member-jobs/quality#crm.42", of_a_member: false };

/// Every type of every context.
fn told() -> anyhow::Result<Vec<Told>> {
    let mut told = told_by::<LedgerFact>(&ENTRY)?;
    told.extend(told_by::<StandingFact>(&ENTRY)?);
    for new in told_by::<MemberFact>(&MEMBER)? {
        match told.iter_mut().find(|told| told.kind == new.kind) {
            Some(there) => there.also(&new),
            None => told.push(new),
        }
    }
    told.extend(told_by::<ImportFact>(&IMPORT)?);
    told.extend(told_by::<QualityFact>(&WATCH)?);
    told.extend(told_by::<CareFact>(&CARE)?);
    told.extend(told_by::<MessageFact>(&MESSAGE)?);
    told.extend(told_by::<VoiceFact>(&VOICE)?);
    told.extend(told_by::<DeskFact>(&TICKET)?);
    Ok(told)
}

impl Told {
    /// Two contexts tell the same type: what only one of them says is optional.
    fn also(&mut self, other: &Self) {
        let required = |schema: &Value| schema["required"].as_array().cloned().unwrap_or_default();
        let both = required(&self.schema).into_iter().filter(|name| required(&other.schema).contains(name));
        self.schema["required"] = both.collect();
        for (name, property) in other.schema["properties"].as_object().into_iter().flatten() {
            if self.schema["properties"][name].is_null() {
                self.schema["properties"][name] = property.clone();
            }
        }
    }
}

fn told_by<F: Fact + JsonSchema>(from: &'static From) -> anyhow::Result<Vec<Told>> {
    let mut schema = schema_for!(F).to_value();
    let variants = schema["anyOf"].take();
    let variants = variants.as_array().context("events have variants")?;
    let examples = F::examples();
    ensure!(
        variants.len() == F::TYPES.len() && examples.len() == F::TYPES.len(),
        "each type has a schema and an example"
    );
    let told = F::TYPES.iter().zip(variants).zip(&examples).map(|((&(kind, means), schema), example)| {
        ensure!(example.kind() == kind, "{kind} has the example of {}", example.kind());
        Ok(Told { kind, means, schema: schema.clone(), example: example.data(), from })
    });
    told.collect()
}

/// The whole document.
pub fn document() -> anyhow::Result<String> {
    let told = told()?;
    let mut text = HEAD.to_owned();
    text.push_str("\n| type | means | goes to |\n|---|---|---|\n");
    for Told { kind, means, .. } in &told {
        let routed = ROUTES.iter().find(|(routed, _)| routed == kind).map_or(&[][..], |(_, queues)| queues);
        let queues: Vec<String> = routed.iter().map(|queue| format!("`{}`", queue.name())).collect();
        text.push_str(&format!(
            "| [`{kind}`](#{}) | {} | {} |\n",
            kind.replace('.', ""),
            means.trim(),
            queues.join(", ")
        ));
    }
    for Told { kind, means, schema, example, from } in told {
        text.push_str(&format!("\n## `{kind}`\n\n{}\n\n| data | |\n|---|---|\n", means.trim()));
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let required =
                schema["required"].as_array().is_some_and(|names| names.contains(&Value::from(name.as_str())));
            let optional = if required { "" } else { " (optional)" };
            let means = property["description"].as_str().unwrap_or_default();
            text.push_str(&format!("| `{name}`{optional} | {means} |\n"));
        }
        text.push_str(&format!("\n```json\n{}\n```\n", serde_json::to_string_pretty(&event(kind, example, from)?)?));
    }
    Ok(text)
}

fn at(text: &str) -> anyhow::Result<Timestamp> {
    Ok(text.parse()?)
}

fn event(kind: &str, data: Value, from: &From) -> anyhow::Result<Event> {
    let member = "m-1".parse().map_err(anyhow::Error::msg)?;
    Ok(Event {
        specversion: Version::V1,
        id: "5f0e3c6b9a7d41288c1f6e2b7d9a0c34".to_owned(),
        source: from.source.to_owned(),
        kind: kind.to_owned(),
        data,
        time: at("2026-11-22T02:03:04.567Z")?,
        member: from.of_a_member.then_some(member),
        sequence: 42,
        recordedtime: at("2026-11-22T02:03:05.678Z")?,
        causationid: from.cause.to_owned(),
        correlationid: OperationId([0x2a; 16]),
        programmeversion: 1,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn an_event_reads_as_it_was_written_and_names_nobody() {
        for Told { kind, schema, example, from, .. } in told().unwrap() {
            let event = event(kind, example, from).unwrap();
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
            for (property, _) in schema["properties"].as_object().into_iter().flatten() {
                let personal = ["name", "phone", "mail", "address", "birthday"];
                // Of an answer it is said whether the member or an agent gave it, not who.
                let named = property == "by" && kind != "perennial.svc.ticketreplied.v1";
                assert!(!named && personal.iter().all(|personal| !property.contains(personal)), "{kind}: {property}");
            }
            assert!(!text.contains('@') && !text.contains("+86"), "{text}");
        }
    }

    #[test]
    fn every_type_is_named_by_its_context() {
        for Told { kind, means, .. } in told().unwrap() {
            let parts: Vec<&str> = kind.split('.').collect();
            let ["perennial", context, event, "v1"] = parts[..] else { panic!("{kind}") };
            assert!(
                ["earn", "led", "red", "tier", "seg", "mem", "gov", "care", "svc", "voc"].contains(&context),
                "{kind}"
            );
            assert!(event.bytes().all(|byte| byte.is_ascii_lowercase()) && !means.is_empty(), "{kind}");
        }
    }

    #[test]
    fn the_routing_table_is_the_templates() {
        let template = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let stack = sam::template::Stack::read(&template, "http://sqs").unwrap();
        let router = stack.functions.iter().find(|function| function.binary == "event-router").unwrap();
        assert!(stack.streams.iter().any(|stream| stream.function == router.name), "the router reads the stream");
        let told: BTreeMap<&str, &str> = router
            .environment
            .iter()
            .filter_map(|(name, value)| Some((name.strip_suffix("_QUEUE_URL")?, value.rsplit('/').next()?)))
            .collect();
        let routed: BTreeMap<String, &str> = event_router::Queue::ALL
            .iter()
            .map(|queue| (queue.name().trim_end_matches("Queue").to_uppercase(), queue.name()))
            .collect();
        assert!(told.iter().map(|(name, queue)| (name.to_string(), *queue)).eq(routed), "{told:?}");
        let consumed: Vec<&str> = stack.event_sources.iter().map(|source| source.queue.as_str()).collect();
        for queue in event_router::Queue::ALL {
            assert!(consumed.contains(&queue.name()), "nobody consumes {}", queue.name());
            // Facts of the ledger that contexts tell have names of their own, and no row.
            let routed =
                ROUTES.iter().any(|(_, queues)| queues.contains(&queue)) || queue == event_router::Queue::Ingest;
            assert!(routed, "nothing is routed to {}", queue.name());
        }
    }

    #[test]
    fn rows_are_types_that_there_are_and_what_consumers_want() {
        let told = told().unwrap();
        for (kind, queues) in ROUTES {
            assert!(told.iter().any(|told| told.kind == *kind) && !queues.is_empty(), "{kind}");
        }
        let [tier] = tier_evaluation::FUNCTION.queues else { panic!("one queue") };
        let [care] = care_journey::FUNCTION.queues else { panic!("one queue") };
        let [deliver] = message_dispatch::FUNCTION.queues else { panic!("one queue") };
        let [voice] = survey_intake::FUNCTION.queues else { panic!("one queue") };
        let [desk] = service_desk::FUNCTION.queues else { panic!("one queue") };
        let consumers = [
            (tier.queue, tier.wants),
            (care.queue, care.wants),
            (deliver.queue, deliver.wants),
            (voice.queue, voice.wants),
            (desk.queue, desk.wants),
        ];
        for (queue, wants) in consumers {
            let routed = ROUTES.iter().filter(|(_, queues)| queues.iter().any(|routed| routed.name() == queue));
            let (routed, wanted): (BTreeSet<&str>, BTreeSet<&str>) =
                (routed.map(|(kind, _)| *kind).collect(), wants.iter().copied().collect());
            assert_eq!(routed, wanted, "{queue}");
        }
    }
}
