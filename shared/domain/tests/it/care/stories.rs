//! Whole stories: what happens, in order, and everything that comes of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::stage::{Stage, anybody, change};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stories {
    journeys: BTreeMap<String, Value>,
    stories: Vec<Story>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    what: String,
    #[serde(default = "shanghai")]
    zone: String,
    #[serde(default = "usual")]
    care: Value,
    journeys: Vec<String>,
    members: BTreeMap<String, Value>,
    happens: Vec<Map<String, Value>>,
    comes_to: ComesTo,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ComesTo {
    entered: Vec<Value>,
    steps: Vec<Value>,
    counters: BTreeMap<String, u64>,
}

fn shanghai() -> String {
    "Asia/Shanghai".into()
}

pub(crate) fn usual() -> Value {
    json!({
        "default_send_time": "10:00",
        "quiet": {"from": "22:00", "to": "08:00", "channels": ["email", "sms", "push", "wecom"]},
        "caps": {"marketing": {"per_day": 1, "per_7d": 3}},
    })
}

/// In an order of their own.
fn sorted(values: &[Value]) -> Vec<String> {
    let mut words: Vec<String> = values.iter().map(domain::kernel::canonical::canonical_json).collect();
    words.sort_unstable();
    words
}

// rule: care 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 17, 18, 20, 21, 22
#[test]
fn stories_come_to_what_they_should() {
    let Stories { journeys, stories } = serde_json::from_str(include_str!("stories.json")).unwrap();
    assert!(stories.len() >= 67);
    let mut wrong = Vec::new();
    for story in stories {
        let first = story.happens[0]["at"].as_str().unwrap().parse().unwrap();
        let own: Vec<Value> = story.journeys.iter().map(|name| journeys[name].clone()).collect();
        let mut stage = Stage::new(&story.zone, &story.care, &own, first);
        for (id, said) in &story.members {
            let mut person = anybody();
            for emptied in ["addresses", "consent"].into_iter().filter(|field| said.get(*field).is_some()) {
                match emptied {
                    "addresses" => person.addresses.clear(),
                    _ => person.agreed.clear(),
                }
            }
            change(&mut person, said);
            stage.join(id, person);
        }
        for happens in &story.happens {
            stage.play(happens);
        }
        let came = (sorted(&stage.entered), sorted(&stage.steps), &stage.ignored);
        let expected = (sorted(&story.comes_to.entered), sorted(&story.comes_to.steps), &story.comes_to.counters);
        if came != expected {
            wrong.push(format!("{}\n  came {came:#?}\n  not {expected:#?}", story.what));
        }
        let open = stage.members.values().flat_map(|(_, care)| &care.enrolments).count();
        if open != 0 {
            wrong.push(format!("{}: something is still to come", story.what));
        }
    }
    assert!(wrong.is_empty(), "{} stories:\n{}", wrong.len(), wrong.join("\n"));
}
