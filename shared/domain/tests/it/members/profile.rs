//! What is known of a member, and whose word counts.

use std::collections::BTreeMap;

use domain::kernel::refusal::Refusal;
use domain::members::birthday::{Edits, falls_on, turns};
use domain::members::field::{Provenance, Value};
use domain::members::profile::{Profile, Profiling, Schema, Writing, Written};
use domain::programme::members::MemberAttribute;
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const DAY: &str = "2026-05-01";

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Noon of a date in UTC.
fn noon(date: &str) -> Timestamp {
    format!("{date}T12:00:00Z").parse().unwrap()
}

fn attributes() -> Vec<MemberAttribute> {
    let attribute = |fields: Json| {
        let mut whole = json!({ "purpose": "profiling", "retain_days": 730 });
        whole.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(whole).unwrap()
    };
    vec![
        attribute(
            json!({ "id": "skin_type", "type": "choice", "options": ["dry", "oily", "mixed"], "needs": "sensitive" }),
        ),
        attribute(json!({ "id": "hobbies", "type": "choices", "options": ["tea", "run", "go"] })),
        attribute(json!({ "id": "shoe_size", "type": "integer" })),
        attribute(json!({ "id": "newsletter", "type": "boolean" })),
        attribute(json!({ "id": "motto", "type": "text", "max_characters": 5 })),
        attribute(json!({ "id": "wedding", "type": "date" })),
    ]
}

/// Whose word it is: `crm 20`, or `member`, `agent`.
fn says(who: &str, at: Timestamp) -> Provenance {
    let (source, rank) = who.split_once(' ').unwrap_or((who, if who == "member" { "40" } else { "30" }));
    Provenance { source: source.to_owned(), rank: rank.parse().unwrap(), at }
}

#[derive(Default)]
struct Member(Profile);

impl Member {
    fn write(&mut self, who: &str, on: &str, at: Timestamp, values: &Json) -> Result<Written, Profiling> {
        let (says, attributes) = (says(who, at), attributes());
        let agrees = |purpose: &str| purpose == "sensitive" && who != "nobody 10";
        let writing = Writing { says: &says, now: noon(on), today: date(on), agrees: &agrees };
        let values = values.as_object().unwrap().iter().map(|(field, value)| (field.as_str(), value));
        self.0.write(Schema { attributes: &attributes }, writing, values)
    }

    /// Writes on a day what is true since another.
    fn on(&mut self, who: &str, day: &str, since: &str, values: &Json) -> Result<Written, Profiling> {
        self.write(who, day, noon(since), values)
    }

    fn value(&self, field: &str) -> Option<&Value> {
        self.0.fields.get(field)?.value.as_ref()
    }
}

/// A value as it is written, as it is read then, or the code.
#[track_caller]
fn reads(cases: &[(&str, Json, Result<Json, &str>)]) {
    for (field, value, expected) in cases {
        let mut member = Member::default();
        let done = member.write("crm 20", DAY, noon(DAY), &json!({ *field: value }));
        let read = done.map(|_| serde_json::to_value(member.value(field)).unwrap()).map_err(|refusal| refusal.code());
        assert_eq!(read.as_ref().map_err(|code| *code), expected.as_ref().map_err(|code| *code), "{field} {value}");
    }
}

// rule: members 13
#[test]
fn a_field_takes_what_it_is_declared_to_take() {
    let (longest, too_long) = ("名".repeat(200), "名".repeat(201));
    reads(&[
        ("name", json!(" 王\u{200b}小明 "), Ok(json!("王小明"))),
        ("name", json!(longest), Ok(json!(longest))),
        ("name", json!(too_long), Err("invalid_value")),
        ("name", json!("a\u{7}b"), Err("invalid_value")),
        ("name", json!(7), Err("invalid_value")),
        ("address.country", json!("CN"), Ok(json!("CN"))),
        ("address.country", json!("China"), Err("invalid_value")),
        ("skin_type", json!("oily"), Ok(json!("oily"))),
        ("skin_type", json!("Oily"), Err("invalid_value")),
        ("hobbies", json!(["go", "tea", "go"]), Ok(json!(["tea", "go"]))),
        ("hobbies", json!(["chess"]), Err("invalid_value")),
        ("hobbies", json!(["tea", 7]), Err("invalid_value")),
        ("hobbies", json!("tea"), Err("invalid_value")),
        ("shoe_size", json!(-3), Ok(json!(-3))),
        ("shoe_size", json!(38.5), Err("invalid_value")),
        ("shoe_size", json!("38"), Err("invalid_value")),
        ("newsletter", json!(false), Ok(json!(false))),
        ("newsletter", json!("no"), Err("invalid_value")),
        ("motto", json!("onwards"), Err("invalid_value")),
        ("wedding", json!("2012-02-29"), Ok(json!("2012-02-29"))),
        ("wedding", json!("2011-02-29"), Err("not_a_date")),
        ("religion", json!("x"), Err("undeclared_field")),
        ("address", json!({ "city": "Wuhan" }), Err("undeclared_field")),
    ]);
}

// rule: members 13
#[test]
fn one_wrong_field_leaves_all_as_they_were() {
    let mut member = Member::default();
    member.on("crm 20", DAY, DAY, &json!({ "name": "Li" })).unwrap();
    let before = member.0.clone();
    let refused = member.on("crm 20", "2026-05-02", "2026-05-02", &json!({ "name": "Wang", "shoe_size": "big" }));
    assert_eq!(refused.unwrap_err().data()["field"], "shoe_size");
    assert_eq!(member.0, before);
}

// rule: members 14
#[test]
fn the_higher_word_counts_and_of_equal_ones_the_later() {
    let mut member = Member::default();
    let mut say = |who: &str, since: &str, name: Json| {
        let done = member.on(who, "2026-06-01", since, &json!({ "name": name })).unwrap();
        (done.changed.len(), done.kept.iter().map(|kept| kept.provenance.source.clone()).collect::<Vec<_>>())
    };
    let kept = |source: &str| (0, vec![source.to_owned()]);
    let (changed, nothing) = ((1, vec![]), (0, vec![]));
    assert_eq!(say("shop 10", "2026-05-03", json!("Anna")), changed);
    assert_eq!(say("till 10", "2026-05-02", json!("Ann")), kept("shop"), "told later, true earlier");
    assert_eq!(say("till 10", "2026-05-02", json!("Anna")), nothing, "the same, from nowhere better");
    assert_eq!(say("till 10", "2026-05-03", json!("Ann")), kept("shop"), "what stands at that instant stands");
    assert_eq!(say("crm 20", "2026-05-01", json!("Anne")), changed, "a higher rank, though older");
    assert_eq!(say("shop 10", "2026-05-30", json!("Anna")), kept("crm"));
    assert_eq!(say("agent", "2026-05-02", json!("Anne")), nothing, "an equal value is no change");
    assert_eq!(say("crm 20", "2026-05-30", json!("Ann")), kept("agent"), "but its rank counts from then on");
    assert_eq!(say("member", "2026-05-01", Json::Null), changed);
    assert_eq!(say("crm 20", "2026-05-31", json!("Anne")), kept("member"), "what a member deleted does not come back");
    assert_eq!(say("member", "2026-05-04", json!("安妮")), changed);
    assert_eq!(member.value("name"), Some(&Value::Text("安妮".into())));
}

// rule: members 14
#[test]
fn nothing_is_true_before_it_is() {
    let mut member = Member::default();
    let ahead = |seconds: i64| noon(DAY) + jiff::SignedDuration::from_secs(seconds);
    let refused = member.write("crm 20", DAY, ahead(301), &json!({ "name": "Ann" })).unwrap_err();
    assert_eq!((refused.code(), refused.field()), ("in_future", Some("at")));
    assert!(member.write("crm 20", DAY, ahead(300), &json!({ "name": "Ann" })).is_ok());
}

// rule: members 15
#[test]
fn a_birthday_is_a_day_on_which_somebody_can_be_born() {
    reads(&[
        ("birthday", json!("1900-01-01"), Ok(json!("1900-01-01"))),
        ("birthday", json!(DAY), Ok(json!(DAY))),
        ("birthday", json!("1899-12-31"), Err("not_a_date")),
        ("birthday", json!("2026-05-02"), Err("not_a_date")),
        ("birthday", json!("1990-02-30"), Err("not_a_date")),
        ("birthday", json!("1990-5-17"), Err("not_a_date")),
        ("birthday", json!("1990-05-17T00:00"), Err("not_a_date")),
        ("birthday", json!(19900517), Err("not_a_date")),
    ]);
    assert_eq!(falls_on(date("1992-02-29"), 2027), date("2027-02-28"));
    assert_eq!(falls_on(date("1992-02-29"), 2028), date("2028-02-29"));
    assert_eq!(turns(date("2012-02-29"), 14), date("2026-03-01"));
    assert_eq!(turns(date("2012-02-29"), 16), date("2028-02-29"));
}

// rule: members 15
#[test]
fn a_birthday_is_not_moved_at_will() {
    let mut member = Member::default();
    let mut born = |who: &str, on: &str, date: Json| {
        member.on(who, on, on, &json!({ "birthday": date })).map(|done| done.changed.len()).map_err(|refusal| {
            (refusal.code(), refusal.data().get("until").and_then(Json::as_str).unwrap_or_default().to_owned())
        })
    };
    assert_eq!(born("member", "2026-01-01", json!("1990-12-01")), Ok(1), "the first setting is free");
    assert_eq!(born("member", "2026-01-02", json!("1990-12-02")), Ok(1));
    assert_eq!(born("member", "2026-01-03", json!("1990-12-02")), Ok(0), "the same date is no change");
    let locked = Err(("birthday_locked", "2027-01-02".to_owned()));
    assert_eq!(born("member", "2027-01-01", json!("1990-12-03")), locked);
    assert_eq!(
        born("agent", "2026-03-01", json!("1990-12-03")),
        Ok(1),
        "an agent may at any time, and that locks nothing"
    );
    assert_eq!(born("member", "2026-04-01", Json::Null), Ok(1), "one may always be forgotten");
    assert_eq!(born("member", "2026-04-02", json!("1990-04-03")), locked, "and that is no way round");
    assert_eq!(born("member", "2027-01-02", json!("1990-04-03")), Ok(1));
}

// rule: members 15
#[test]
fn a_birthday_brings_one_gift_a_year_and_none_soon_after_a_change() {
    let edits =
        |edited: Option<&str>, gift_in: Option<i16>| Edits { edited_on: edited.map(date), changed_on: None, gift_in };
    assert!(edits(None, None).gift(date("2026-05-17")));
    assert!(!edits(Some("2026-04-18"), None).gift(date("2026-05-17")));
    assert!(edits(Some("2026-04-17"), None).gift(date("2026-05-17")));
    assert!(!edits(None, Some(2026)).gift(date("2026-12-01")));
    assert!(edits(None, Some(2026)).gift(date("2027-05-17")));
    let mut member = Member::default();
    member.on("crm 20", "2026-05-16", "2026-05-16", &json!({ "birthday": "1990-05-17" })).unwrap();
    assert!(member.0.birthday.gift(date("2026-05-17")), "the first setting is no change");
    member.on("agent", "2026-05-16", "2026-05-16", &json!({ "birthday": "1990-05-18" })).unwrap();
    assert!(!member.0.birthday.gift(date("2026-05-18")), "whoever changes it");
}

// rule: members 16
#[test]
fn what_needs_consent_is_kept_while_there_is_one() {
    let mut member = Member::default();
    let refused = member.on("nobody 10", DAY, DAY, &json!({ "skin_type": "dry" })).unwrap_err();
    assert_eq!((refused.code(), &refused.data()["purpose"]), ("consent_needed", &json!("sensitive")));
    assert!(member.on("nobody 10", DAY, DAY, &json!({ "skin_type": null })).is_ok(), "to clear it needs none");
    member.on("crm 20", DAY, DAY, &json!({ "skin_type": "dry", "shoe_size": 38 })).unwrap();
    let (attributes, withdrawn) = (attributes(), says("member", noon("2026-06-01")));
    let schema = Schema { attributes: &attributes };
    assert!(member.0.forget(schema, &withdrawn, &|_| true).is_empty());
    assert_eq!(member.0.forget(schema, &withdrawn, &|_| false), ["skin_type"]);
    assert_eq!((member.value("skin_type"), member.value("shoe_size")), (None, Some(&Value::Integer(38))));
    let again = member.on("crm 20", "2026-06-02", "2026-06-02", &json!({ "skin_type": "dry" })).unwrap();
    assert_eq!(again.kept.len(), 1, "and it does not come back by itself");
}

proptest! {
    // rule: members 14
    #[test]
    fn it_does_not_matter_in_which_order_systems_tell(
        words in prop::collection::vec((0_u8..3, 0_i64..5, 0_usize..3), 1..8),
        order in any::<prop::sample::Index>(),
    ) {
        // Of one rank and one instant a source says one thing.
        let words: BTreeMap<(u8, i64), usize> = words.into_iter().map(|(rank, at, name)| ((rank, at), name)).collect();
        let told = |words: Vec<(&(u8, i64), &usize)>| {
            let mut member = Member::default();
            for ((rank, at), name) in words {
                let since = noon(DAY) + jiff::SignedDuration::from_hours(*at);
                let name = [json!("Ann"), json!("Anne"), Json::Null][*name].clone();
                let who = format!("s{rank} {}", 10 * (rank + 1));
                let wrote = member.write(&who, "2026-06-01", since, &json!({ "name": name }));
                prop_assert!(wrote.is_ok());
            }
            Ok(member.0.fields.remove("name"))
        };
        let mut other: Vec<_> = words.iter().collect();
        let turned = order.index(other.len());
        other.rotate_left(turned);
        prop_assert_eq!(told(words.iter().collect())?, told(other)?);
    }
}
