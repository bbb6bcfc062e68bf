//! Tags by hand.

use std::sync::LazyLock;

use domain::kernel::refusal::Refusal;
use domain::kernel::time::Zone;
use domain::members::consent::Terms;
use domain::members::facts::MemberFact;
use domain::members::profile::Schema;
use domain::members::state::Member;
use domain::members::tag::{Giving, Tagging, Tags, current, give, take};
use domain::members::telling::Rules;
use domain::programme::members::Members;
use domain::programme::privacy::{Dormancy, Privacy};
use domain::programme::tag::{Tag, Tagger};
use jiff::civil::Date;
use serde_json::json;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn rules(zone: &Zone) -> Rules<'_> {
    static MEMBERS: LazyLock<Members> = LazyLock::new(Members::default);
    static PRIVACY: LazyLock<Privacy> = LazyLock::new(Privacy::default);
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    Rules {
        members: &MEMBERS,
        schema: Schema { attributes: &[] },
        terms: Terms { purposes: &[], texts: &[], min_age: 14, zone },
        privacy: &PRIVACY,
        dormancy: Dormancy::default(),
        sources: &[],
        now,
        today: zone.date(now),
    }
}

fn dictionary() -> Vec<Tag> {
    let tags = json!([
        { "id": "vip-care", "owner": "desk", "definition": "first", "manual": true, "who": ["agent", "admin"], "valid_days": 180 },
        { "id": "press", "owner": "brand", "definition": "writes", "manual": true, "who": ["admin"], "valid_days": 1 },
        { "id": "high-value", "owner": "insight", "definition": "buys", "when": "m >= 4" },
    ]);
    serde_json::from_value(tags).unwrap()
}

fn given(tags: &mut Tags, tag: &str, until: Option<&str>, today: &str) -> Result<String, &'static str> {
    let giving = Giving { tag, by: Tagger::Agent, until: until.map(date) };
    let until = give(&dictionary(), tags, giving, date(today)).map_err(|refusal| refusal.code())?;
    tags.insert(tag.to_owned(), until);
    Ok(until.to_string())
}

// rule: members 27
#[test]
fn a_tag_ends_with_its_last_day_and_is_only_lengthened() {
    let mut tags = Tags::new();
    assert_eq!(given(&mut tags, "vip-care", None, "2028-02-28").as_deref(), Ok("2028-08-26"));
    assert_eq!(given(&mut tags, "vip-care", Some("2028-03-01"), "2028-02-28").as_deref(), Ok("2028-08-26"));
    assert_eq!(given(&mut tags, "vip-care", Some("2028-12-31"), "2028-08-26").as_deref(), Ok("2028-12-31"));
    assert_eq!(current(&tags, date("2028-12-31")).collect::<Vec<_>>(), [("vip-care", date("2028-12-31"))]);
    assert_eq!(current(&tags, date("2029-01-01")).count(), 0);
    assert_eq!(
        given(&mut tags, "vip-care", Some("2029-01-01"), "2029-01-01").as_deref(),
        Ok("2029-01-01"),
        "today is a day"
    );
}

// rule: members 27
#[test]
fn a_tag_is_given_by_whom_the_dictionary_says() {
    let mut tags = Tags::new();
    assert_eq!(given(&mut tags, "whale", None, "2026-01-01"), Err("unknown_tag"));
    assert_eq!(given(&mut tags, "high-value", None, "2026-01-01"), Err("computed_tag"));
    assert_eq!(given(&mut tags, "press", None, "2026-01-01"), Err("forbidden"));
    assert_eq!(given(&mut tags, "vip-care", Some("2025-12-31"), "2026-01-01"), Err("expired"));
    assert!(tags.is_empty());
    assert_eq!(
        take(&dictionary(), &tags, "vip-care", Tagger::Admin),
        Ok(()),
        "to take what is not there is no mistake"
    );
    assert_eq!(take(&dictionary(), &tags, "press", Tagger::Lead), Err(Tagging::NotYourTag));
    assert_eq!(take(&dictionary(), &tags, "retired", Tagger::Agent), Err(Tagging::UnknownTag));
    tags.insert("retired".to_owned(), date("2026-12-31"));
    assert_eq!(
        take(&dictionary(), &tags, "retired", Tagger::Agent),
        Ok(()),
        "one that left the dictionary ends or is taken"
    );
}

// rule: members 27
#[test]
fn a_tag_ends_at_the_start_of_the_local_day_after_its_last() {
    let zone = Zone::named("Europe/London").unwrap();
    let mut member =
        Member::enrolled("m-1".parse().unwrap(), "app".to_owned(), "2026-01-01T00:00:00Z".parse().unwrap());
    let quiet = Some("2027-12-02T00:00:00Z".parse().unwrap());
    assert_eq!(member.due(rules(&zone)), quiet, "who does nothing is looked at after 700 days");
    member.tags =
        [("press", "2026-10-24"), ("vip-care", "2026-12-31")].map(|(tag, until)| (tag.to_owned(), date(until))).into();
    // Clocks go back on the 25th: that day begins in summer time.
    assert_eq!(member.due(rules(&zone)), Some("2026-10-24T23:00:00Z".parse().unwrap()));
    assert!(member.settle(date("2026-10-24")).is_empty());
    let told = member.settle(date("2026-10-25"));
    assert_eq!(told, [MemberFact::TagRemoved { tag: "press".to_owned(), kind: "manual".to_owned() }]);
    assert_eq!(member.due(rules(&zone)), Some("2027-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!(member.settle(date("2027-03-01")).len(), 1);
    assert_eq!((member.due(rules(&zone)), member.tags.len()), (quiet, 0));
}
