//! What members agree to.

use domain::kernel::refusal::Refusal;
use domain::kernel::time::Zone;
use domain::members::consent::{Consents, Record, Said, Statement, Terms, confirm, is_allowed, may_keep, state};
use domain::programme::channel::Channel;
use domain::programme::privacy::{ConsentText, Purpose};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

/// A programme in Shanghai, and what one member said under it.
struct World {
    purposes: Vec<Purpose>,
    texts: Vec<ConsentText>,
    zone: Zone,
    birthday: Option<&'static str>,
    held: Consents,
    records: Vec<Record>,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The name of what is agreed to: `marketing/email`, or `sensitive`.
fn subject(text: &str) -> (String, Option<Channel>) {
    let (purpose, channel) = text.split_once('/').map_or((text, None), |(purpose, channel)| (purpose, Some(channel)));
    (purpose.to_owned(), channel.map(|channel| channel.parse().unwrap()))
}

fn name((purpose, channel): &(String, Option<Channel>)) -> String {
    channel.map_or_else(|| purpose.clone(), |channel| format!("{purpose}/{}", channel.name()))
}

impl World {
    fn new() -> Self {
        let purposes = json!([
            { "id": "marketing", "basis": "opt_in", "channels": ["email", "sms", "push"], "double_opt_in": ["push"] },
            { "id": "sensitive", "basis": "opt_in" },
            { "id": "service", "basis": "contract", "channels": ["email", "sms"] },
            { "id": "security", "basis": "contract", "channels": ["sms"], "mandatory": true },
        ]);
        let text = |id: &str, version: u32, from: &str, ask_again: bool| json!({ "id": id, "version": version, "from": from, "ask_again": ask_again, "texts": {} });
        let texts = json!([
            text("marketing", 1, "2026-01-01", false),
            text("marketing", 2, "2026-06-01", false),
            text("marketing", 3, "2026-09-01", true),
            text("sensitive", 1, "2026-01-01", false),
            text("service", 1, "2026-01-01", false),
            text("security", 1, "2026-01-01", false),
        ]);
        Self {
            purposes: serde_json::from_value(purposes).unwrap(),
            texts: serde_json::from_value(texts).unwrap(),
            zone: Zone::named("Asia/Shanghai").unwrap(),
            birthday: None,
            held: Consents::new(),
            records: Vec::new(),
        }
    }

    fn terms(&self) -> Terms<'_> {
        Terms { purposes: &self.purposes, texts: &self.texts, min_age: 14, zone: &self.zone }
    }

    /// `given marketing/email 1` or `withdrawn marketing/sms`, at an instant, known at another; what is recorded, or the code.
    fn told(&mut self, words: &str, true_at: &str, now: &str) -> Result<Vec<String>, &'static str> {
        let mut words = words.split(' ');
        let said = if words.next() == Some("given") { Said::Given } else { Said::Withdrawn };
        let (purpose, channel) = subject(words.next().unwrap());
        let text = words.next().map(|version| (purpose.clone(), version.parse().unwrap()));
        let guardian = words.next() == Some("guardian");
        let says = Statement { purpose, channel, said, text, at: at(true_at), guardian };
        let birthday = self.birthday.map(|date| date.parse().unwrap());
        let records = state(self.terms(), &self.held, birthday, &says, at(now)).map_err(|refusal| refusal.code())?;
        for record in &records {
            record.apply(&mut self.held);
        }
        self.records.extend(records.iter().cloned());
        let recorded = |record: &Record| name(&record.subject) + if record.superseded { " superseded" } else { "" };
        Ok(records.iter().map(recorded).collect())
    }

    fn says(&mut self, words: &str, now: &str) -> Result<Vec<String>, &'static str> {
        self.told(words, now, now)
    }

    fn allows(&self, text: &str, now: &str) -> bool {
        is_allowed(self.terms(), &self.held, &subject(text), self.zone.date(at(now)))
    }
}

fn recorded(names: &[&str]) -> Result<Vec<String>, &'static str> {
    Ok(names.iter().map(|name| (*name).to_owned()).collect())
}

const MARCH: &str = "2026-03-01T02:00:00Z";

// rule: privacy 1, 2
#[test]
fn what_is_true_latest_holds_whatever_comes_first() {
    let mut world = World::new();
    assert_eq!(world.says("given marketing/email 1", MARCH), recorded(&["marketing/email"]));
    assert_eq!(world.says("withdrawn marketing/email", "2026-03-05T02:00:00Z"), recorded(&["marketing/email"]));
    let old = world.told("given marketing/email 1", "2026-03-04T23:59:59Z", "2026-03-09T00:00:00Z");
    assert_eq!(old, recorded(&["marketing/email superseded"]), "an old list subscribes nobody again");
    assert!(!world.allows("marketing/email", "2026-03-09T00:00:00Z"));
    let same = world.told("given marketing/email 1", "2026-03-05T02:00:00Z", "2026-03-09T00:00:00Z");
    assert_eq!(same, recorded(&["marketing/email superseded"]), "at the same instant the withdrawal holds");
    assert_eq!(world.says("given marketing/sms 1", MARCH), recorded(&["marketing/sms"]));
    assert_eq!(world.says("withdrawn marketing/sms", MARCH), recorded(&["marketing/sms"]), "whichever comes first");
    assert!(!world.allows("marketing/sms", MARCH));
    assert_eq!(world.records.len(), 6, "a record is never changed");
}

// rule: privacy 3
#[test]
fn what_is_allowed_goes_by_the_basis_of_the_purpose() {
    let mut world = World::new();
    assert!(!world.allows("marketing/email", MARCH), "nobody is subscribed who has not agreed");
    assert!(world.allows("service/email", MARCH), "service belongs to what was asked for");
    assert!(!world.allows("service/post", MARCH), "by the channels that it has");
    assert!(!world.allows("gossip/email", MARCH));
    world.says("given marketing/email 1", MARCH).unwrap();
    assert!(
        world.allows("marketing/email", MARCH) && !world.allows("marketing/sms", MARCH),
        "one channel is not another"
    );
    world.says("withdrawn service/email", MARCH).unwrap();
    assert!(!world.allows("service/email", MARCH) && world.allows("service/sms", MARCH));
    assert_eq!(world.says("withdrawn security/sms", MARCH), Err("mandatory_purpose"));
    // Version 2 does not ask again, version 3 does, from the first instant of its local date.
    assert!(world.allows("marketing/email", "2026-08-31T15:59:59Z"));
    assert!(!world.allows("marketing/email", "2026-08-31T16:00:00Z"));
    world.says("given marketing/email 3", "2026-09-01T00:00:00Z").unwrap();
    assert!(world.allows("marketing/email", "2026-09-01T00:00:00Z"));
}

// rule: privacy 1
#[test]
fn everything_can_be_withdrawn_at_once_but_what_nobody_can_do_without() {
    let mut world = World::new();
    world.says("given marketing/email 1", MARCH).unwrap();
    let all = ["marketing/email", "marketing/sms", "marketing/push"];
    assert_eq!(world.says("withdrawn marketing", "2026-03-02T00:00:00Z"), recorded(&all));
    let all = [&all[..], &["sensitive", "service/email", "service/sms"]].concat();
    assert_eq!(world.says("withdrawn *", "2026-03-03T00:00:00Z"), recorded(&all));
    assert!(world.allows("security/sms", "2026-03-03T00:00:00Z"));
    assert_eq!(world.says("withdrawn *", "2026-03-03T00:00:00Z"), recorded(&[]), "the very same is there");
    assert_eq!(world.says("withdrawn marketing/post", "2026-03-04T00:00:00Z"), Err("unknown_channel"));
    assert_eq!(world.says("withdrawn gossip", "2026-03-04T00:00:00Z"), Err("unknown_purpose"));
}

// rule: privacy 4
#[test]
fn one_agrees_to_the_text_that_was_in_force() {
    let mut world = World::new();
    // Version 2 is in force from midnight in Shanghai.
    assert_eq!(world.says("given marketing/email 2", "2026-05-31T15:59:59Z"), Err("text_not_in_force"));
    assert_eq!(world.says("given marketing/email 1", "2026-05-31T16:00:00Z"), Err("text_not_in_force"));
    assert_eq!(world.says("given marketing/email 1", "2025-12-31T00:00:00Z"), Err("text_not_in_force"));
    assert_eq!(world.says("given marketing/email 9", MARCH), Err("unknown_text"));
    assert_eq!(world.says("given marketing/email", MARCH), Err("unknown_text"));
    assert_eq!(world.says("given marketing/post 1", MARCH), Err("unknown_channel"));
    assert_eq!(world.says("given marketing 1", MARCH), Err("unknown_channel"), "one agrees to a channel, never to all");
    assert_eq!(world.says("given gossip/email 1", MARCH), Err("unknown_purpose"));
    assert_eq!(world.told("given marketing/email 1", "2026-03-01T02:05:01Z", MARCH), Err("in_future"));
    assert_eq!(world.told("withdrawn marketing/email", "2026-03-01T02:05:01Z", MARCH), Err("in_future"));
    assert!(world.records.is_empty());
    assert_eq!(world.told("given marketing/email 1", "2026-03-01T02:05:00Z", MARCH), recorded(&["marketing/email"]));
}

// rule: privacy 4
#[test]
fn agreeing_again_says_nothing_new_for_a_day_and_withdrawing_always_does() {
    let mut world = World::new();
    world.says("given marketing/email 1", MARCH).unwrap();
    assert_eq!(world.says("given marketing/email 1", "2026-03-02T01:59:59Z"), recorded(&[]));
    assert_eq!(world.says("given marketing/email 1", "2026-03-02T02:00:00Z"), recorded(&["marketing/email"]));
    for now in ["2026-03-03T00:00:00Z", "2026-03-03T00:00:01Z"] {
        assert_eq!(world.says("withdrawn marketing/email", now), recorded(&["marketing/email"]));
    }
    assert_eq!(world.says("withdrawn marketing/email", "2026-03-03T00:00:01Z"), recorded(&[]), "the very same");
    // Another version is another agreement, however soon.
    world.says("given marketing/email 1", "2026-05-31T15:00:00Z").unwrap();
    assert_eq!(world.says("given marketing/email 2", "2026-05-31T16:00:00Z"), recorded(&["marketing/email"]));
}

// rule: privacy 4
#[test]
fn what_must_be_confirmed_holds_from_its_confirmation_on() {
    let confirmed = |given: &str, now: &str| {
        let mut world = World::new();
        if !given.is_empty() {
            world.says(given, MARCH).unwrap();
            assert!(!world.allows("marketing/push", MARCH), "it waits");
        }
        let record = confirm(&world.held, subject("marketing/push"), at(now)).map_err(|refusal| refusal.code())?;
        record.apply(&mut world.held);
        assert!(world.allows("marketing/push", now));
        Ok(record.consent.at.to_string())
    };
    let within = "2026-03-08T02:00:00Z";
    assert_eq!(confirmed("given marketing/push 1", within).as_deref(), Ok(within));
    assert_eq!(confirmed("given marketing/push 1", "2026-03-08T02:00:01Z"), Err("confirmation_expired"));
    assert_eq!(confirmed("", within), Err("nothing_pending"));
    assert_eq!(confirmed("withdrawn marketing/push", within), Err("nothing_pending"));
}

// rule: privacy 5
#[test]
fn a_child_agrees_with_a_guardian() {
    let mut world = World::new();
    world.birthday = Some("2012-02-29");
    let eve = "2026-02-28T15:59:59Z"; // the last second of 28 February in Shanghai
    assert_eq!(world.says("given marketing/email 1", eve), Err("guardian_needed"));
    assert_eq!(world.says("given sensitive 1", eve), Err("guardian_needed"));
    assert_eq!(world.says("given service/email 1", eve), recorded(&["service/email"]), "a contract is no opt-in");
    assert_eq!(world.says("given marketing/sms 1 guardian", eve), recorded(&["marketing/sms"]));
    assert_eq!(
        world.says("withdrawn marketing/sms", eve),
        recorded(&["marketing/sms"]),
        "to withdraw nobody is too young"
    );
    assert_eq!(world.says("given marketing/email 1", "2026-02-28T16:00:00Z"), recorded(&["marketing/email"]));
}

// rule: members 16
#[test]
fn what_is_kept_for_a_purpose_is_kept_while_any_of_it_is_allowed() {
    let mut world = World::new();
    let may = |world: &World, purpose: &str| may_keep(world.terms(), &world.held, purpose, world.zone.date(at(MARCH)));
    assert!(!may(&world, "sensitive") && !may(&world, "marketing") && may(&world, "service") && !may(&world, "gossip"));
    world.says("given sensitive 1", MARCH).unwrap();
    world.says("given marketing/sms 1", MARCH).unwrap();
    assert!(may(&world, "sensitive") && may(&world, "marketing"));
    world.says("withdrawn *", "2026-03-01T03:00:00Z").unwrap();
    assert!(!may(&world, "sensitive") && !may(&world, "marketing"));
}

proptest! {
    // rule: privacy 2
    #[test]
    fn the_order_in_which_records_arrive_does_not_matter(
        words in prop::collection::vec((prop::bool::ANY, 0_i64..6), 1..8),
        turned in any::<prop::sample::Index>(),
    ) {
        let now = "2026-05-01T00:00:00Z";
        let held = |words: &[(bool, i64)]| {
            let mut world = World::new();
            for (given, days) in words {
                let true_at = (at(MARCH) + jiff::SignedDuration::from_hours(24 * days)).to_string();
                let said = if *given { "given marketing/email 1" } else { "withdrawn marketing/email" };
                world.told(said, &true_at, now).unwrap();
            }
            (world.held.clone(), world.allows("marketing/email", now))
        };
        let mut other = words.clone();
        let place = turned.index(other.len());
        other.rotate_left(place);
        prop_assert_eq!(held(&words), held(&other));
    }
}
