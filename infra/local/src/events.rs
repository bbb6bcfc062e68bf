//! The document of all events, made from their types.

use std::collections::BTreeMap;

use anyhow::Context as _;
use domain::entry::Initiator;
use domain::event::{Event, Fact, SOURCE, Version};
use domain::id::OperationId;
use domain::programme::document::RewardKind;
use domain::quantity::{Minor, Points};
use domain::segments::{Measures, Scores};
use event_router::ROUTES;
use jiff::Timestamp;
use schemars::schema_for;
use serde_json::Value;

const HEAD: &str = "# Events

<!-- Written by `cargo run -- events > docs/events.md`; a test holds it against the types. -->

What the ledger tells others: [CloudEvents 1.0](https://cloudevents.io), JSON, structured mode. Each is derived from one committed
entry, read from the stream of the table `accounts`, so none is lost and none is made up. They are delivered at least once and in
any order: `id` is the same however often an event is sent, and `sequence` is the number of the entry in its account. `time` is when
it happened, `recordedtime` when the entry was written, `causationid` the entry, `correlationid` the operation that made it (the same
for everything that came of one request), `programmeversion` the number of the programme version that decided.

Events name members by their pseudonymous id and hold no personal data. Whoever wants to know more reads the entry.
";

/// The whole document.
pub fn document() -> anyhow::Result<String> {
    let schema = serde_json::to_value(schema_for!(Fact))?;
    let variants = schema["oneOf"].as_array().context("events have variants")?;
    let mut text = HEAD.to_owned();
    text.push_str("\n| type | means | goes to |\n|---|---|---|\n");
    for (kind, means) in Fact::TYPES {
        let queues =
            ROUTES.iter().filter(|(_, wanted)| wanted.contains(kind)).map(|(queue, _)| format!("`{}`", queue.name()));
        let queues: Vec<String> = queues.collect();
        text.push_str(&format!(
            "| [`{kind}`](#{}) | {} | {} |\n",
            kind.replace('.', ""),
            means.trim(),
            queues.join(", ")
        ));
    }
    for (kind, means) in Fact::TYPES {
        let variant = variants.iter().find(|variant| variant["properties"]["type"]["const"] == *kind);
        let data = &variant.with_context(|| format!("{kind} has no schema"))?["properties"]["data"];
        let example = examples().into_iter().find(|fact| fact.kind() == *kind);
        let example = example.with_context(|| format!("{kind} has no example"))?;
        text.push_str(&format!("\n## `{kind}`\n\n{}\n\n| data | |\n|---|---|\n", means.trim()));
        for (name, property) in data["properties"].as_object().into_iter().flatten() {
            let required = data["required"].as_array().is_some_and(|names| names.contains(&Value::from(name.as_str())));
            let optional = if required { "" } else { " (optional)" };
            let means = property["description"].as_str().unwrap_or_default();
            text.push_str(&format!("| `{name}`{optional} | {means} |\n"));
        }
        text.push_str(&format!("\n```json\n{}\n```\n", serde_json::to_string_pretty(&event(example)?)?));
    }
    Ok(text)
}

fn at(text: &str) -> anyhow::Result<Timestamp> {
    Ok(text.parse()?)
}

fn event(fact: Fact) -> anyhow::Result<Event> {
    Ok(Event {
        specversion: Version::V1,
        id: "5f0e3c6b9a7d41288c1f6e2b7d9a0c34".to_owned(),
        source: SOURCE.to_owned(),
        fact,
        time: at("2026-11-22T02:03:04.567Z")?,
        member: "m-1".parse().map_err(anyhow::Error::msg)?,
        sequence: 42,
        recordedtime: at("2026-11-22T02:03:05.678Z")?,
        causationid: "m-1.42".to_owned(),
        correlationid: OperationId([0x2a; 16]),
        programmeversion: 1,
    })
}

/// One of each type.
pub fn examples() -> Vec<Fact> {
    let expires_at = Timestamp::constant(1_827_504_000, 0);
    let activates_at = Some(Timestamp::constant(1_796_572_800, 0));
    let until = Some(Timestamp::constant(1_827_504_000, 0));
    let text = str::to_owned;
    let (points, hold, redemption, order) = (Points(299), text("m-1.40"), text("m-1.42"), text("o-1001"));
    let (member, silver, gold) = (text("member"), text("silver"), text("gold"));
    let scores = Scores { r: 5, f: 3, m: 4, l: 3, s: 1 };
    let measures = Measures {
        days_since_order: 0,
        orders: 5,
        spent_minor: Minor(312_000),
        active_quarters: 2,
        lifetime_value_minor: Minor(208_000),
        influence: 0,
        days_since_activity: 0,
        tenure_days: 120,
    };
    vec![
        Fact::OrderPaid { order: order.clone(), net_minor: Minor(19_990) },
        Fact::OrderRefunded { order: order.clone(), amount_minor: Minor(6_663), parked: false },
        Fact::ActivityRecorded { activity: text("ugc.approved") },
        Fact::PointsEarned {
            points,
            activates_at,
            expires_at: Some(expires_at),
            rules: BTreeMap::from([(text("base-spend"), points)]),
        },
        Fact::PointsActivated { points, expires_at },
        Fact::PointsExpiring { points, expires_at, days: 30 },
        Fact::PointsExpired { points },
        Fact::PointsHeld { hold: hold.clone(), order, points: Points(300), until: expires_at },
        Fact::HoldReleased { hold, points: Points(300) },
        Fact::PointsRedeemed { points: Points(100) },
        Fact::PointsRestored { points: Points(100), lost: Points(0) },
        Fact::PointsReversed { points: Points(100) },
        Fact::PointsAdjusted { points: Points(50), reason: text("goodwill") },
        Fact::AdjustmentRequested { adjustment: redemption.clone(), points: Points(1_500), reason: text("complaint") },
        Fact::DebtIncurred { points: Points(80) },
        Fact::DebtRepaid { points: Points(50) },
        Fact::StatusCredited { points: Points(199) },
        Fact::StatusReversed { points: Points(66) },
        Fact::RedemptionConfirmed {
            redemption: redemption.clone(),
            reward: text("drink"),
            reward_kind: RewardKind::Voucher,
            quantity: 1,
        },
        Fact::VoucherIssued { redemption: redemption.clone(), reward: text("drink"), expires_at },
        Fact::RedemptionReversed { redemption, initiated_by: Initiator::Merchant },
        Fact::TierUpgraded { from: silver.clone(), tier: gold.clone(), until, segment: None, regained: false },
        Fact::TierRenewed { tier: gold.clone(), until },
        Fact::TierGraceStarted { tier: gold.clone(), until, missing: Points(1_200) },
        Fact::TierDowngraded { from: gold.clone(), tier: silver.clone(), until },
        Fact::TierRevoked { from: silver.clone(), tier: member.clone() },
        Fact::TierReinstated { from: member, tier: silver, until },
        Fact::TierFloorSet { tier: gold.clone(), until: expires_at, reason: text("goodwill") },
        Fact::TierDowngradeUpcoming { tier: gold.clone(), at: expires_at, missing: Points(1_200), days: 7 },
        Fact::BenefitGranted { benefit: text("early-access"), tier: gold.clone() },
        Fact::BenefitWithdrawn { benefit: text("early-access"), tier: gold.clone() },
        Fact::BenefitConsumed { benefit: text("engraved-badge"), tier: gold },
        Fact::ScoreChanged { scores, before: Some(Scores { r: 4, ..scores }), measures },
        Fact::SegmentLeft { segment: text("new") },
        Fact::SegmentEntered { segment: text("high_value_active") },
        Fact::TagAdded { tag: text("high-value") },
        Fact::TagRemoved { tag: text("active") },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_what_the_types_say() {
        let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/events.md")).unwrap();
        assert!(kept == document().unwrap(), "run `cargo run -- events > docs/events.md`");
    }

    #[test]
    fn an_event_reads_as_it_was_written_and_names_nobody() {
        for fact in examples() {
            let event = event(fact).unwrap();
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
            for personal in ["name", "phone", "mail", "address", "\"by\""] {
                assert!(!text.contains(personal), "{text}");
            }
        }
    }

    #[test]
    fn every_type_is_named_by_its_context() {
        for (kind, means) in Fact::TYPES {
            let parts: Vec<&str> = kind.split('.').collect();
            let ["perennial", context, event, "v1"] = parts[..] else { panic!("{kind}") };
            assert!(["earn", "led", "red", "tier", "seg", "mem"].contains(&context), "{kind}");
            assert!(event.bytes().all(|byte| byte.is_ascii_lowercase()) && !means.is_empty(), "{kind}");
        }
    }

    #[test]
    fn the_routing_table_is_the_templates() {
        let template = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let stack = crate::template::Stack::read(&template, "http://sqs").unwrap();
        let router = stack.functions.iter().find(|function| function.binary == "event-router").unwrap();
        assert!(stack.streams.iter().any(|stream| stream.function == router.name), "the router reads the stream");
        let told: BTreeMap<&str, &str> = router
            .environment
            .iter()
            .filter_map(|(name, value)| Some((name.strip_suffix("_QUEUE_URL")?, value.rsplit('/').next()?)))
            .collect();
        let routed: BTreeMap<String, &str> = ROUTES
            .iter()
            .map(|(queue, _)| (queue.name().trim_end_matches("Queue").to_uppercase(), queue.name()))
            .collect();
        assert!(told.iter().map(|(name, queue)| (name.to_string(), *queue)).eq(routed), "{told:?}");
        let consumed: Vec<&str> = stack.event_sources.iter().map(|source| source.queue.as_str()).collect();
        for queue in event_router::Queue::ALL {
            assert!(consumed.contains(&queue.name()), "nobody consumes {}", queue.name());
            assert!(ROUTES.iter().any(|(routed, _)| *routed == queue), "nothing is routed to {}", queue.name());
        }
    }

    #[test]
    fn routes_name_types_that_there_are() {
        for (queue, wanted) in ROUTES {
            for kind in wanted {
                assert!(Fact::TYPES.iter().any(|(known, _)| known == kind), "{}: {kind}", queue.name());
            }
        }
    }
}
