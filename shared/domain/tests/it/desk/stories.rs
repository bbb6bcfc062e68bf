//! Whole stories of one ticket: what its clocks say to the millisecond, and what is told of them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::stage::{Desk, at, document, programmes};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stories {
    calendars: BTreeMap<String, Value>,
    stories: Vec<Story>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    what: String,
    calendar: String,
    /// When, what, and with what.
    happens: Vec<Vec<String>>,
    state: String,
    /// Kind, instance, start, what is spent, due, warning, state.
    clocks: Vec<Value>,
    /// What, clock, instance, when.
    told: Vec<Value>,
    refused: Vec<(String, String)>,
    due: Option<String>,
}

fn play(story: &Story, calendars: &BTreeMap<String, Value>) -> Desk {
    let mut desk = Desk::new(programmes(document(Some(&calendars[&story.calendar]))));
    for step in &story.happens {
        let with = step.get(2).map_or("", String::as_str);
        match step[1].as_str() {
            "open" => desk.open(at(&step[0]), with, step.get(3).is_some_and(|live| live == "live")),
            // A message without words asks something.
            "message" if with.is_empty() => desk.step(at(&step[0]), "message", "?!"),
            what => desk.step(at(&step[0]), what, with),
        }
    }
    desk
}

// rule: desk 2, 3, 4, 6, 8, 9, 10, 11, 12, 13, 15
#[test]
fn stories_come_to_what_they_should() {
    let Stories { calendars, stories } = serde_json::from_str(include_str!("stories.json")).unwrap();
    assert!(stories.len() >= 35);
    let mut wrong = Vec::new();
    for story in &stories {
        let desk = play(story, &calendars);
        let now = at(&story.happens.last().unwrap()[0]);
        let ticket = desk.ticket();
        let mut clocks: Vec<Value> = ticket
            .clocks
            .iter()
            .map(|clock| {
                let read = clock.read(&ticket.history, &desk.programmes, now);
                let state = if read.state == "paused" { "paused" } else { read.state };
                json!([
                    clock.kind.name(),
                    clock.instance,
                    clock.started_at,
                    read.spent_ms,
                    read.due,
                    read.warn_at,
                    state
                ])
            })
            .collect();
        let mut expected = story.clocks.clone();
        let order = |clock: &Value| (clock[0].as_str().unwrap().to_owned(), clock[1].as_u64());
        clocks.sort_by_key(order);
        expected.sort_by_key(order);
        let due = ticket.clock_due(&desk.programmes).map(|due| due.to_string());
        let refused: Vec<(String, String)> =
            desk.refused.iter().map(|(at, code)| (at.to_string(), code.clone())).collect();
        let came = json!([ticket.state().name(), clocks, desk.told(), refused, due]);
        let should = json!([story.state, expected, story.told, story.refused, story.due]);
        if came != should {
            wrong.push(format!("{}\n  came   {came}\n  should {should}", story.what));
        }
    }
    assert!(wrong.is_empty(), "{} stories:\n{}", wrong.len(), wrong.join("\n"));
}
