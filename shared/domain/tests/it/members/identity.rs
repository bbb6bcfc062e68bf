//! Who somebody is, and whose an identifier.

use domain::kernel::refusal::Refusal;
use domain::members::conflict::{Claimed, Conflict, Decision, Outcome, Pair};
use domain::members::consent::Said;
use domain::members::facts::MemberFact;
use domain::members::home::Home;
use domain::members::identifier::{Identifier, Index, Kind};
use domain::members::mask;
use domain::members::state::{Member, State};
use domain::programme::channel::Channel;
use domain::programme::members::Matched;
use proptest::prelude::*;
use serde_json::json;

use crate::members::brand::{Brand, at, given, id};

#[track_caller]
fn check(world: &mut Brand, told: &[(&str, &str, &str)]) {
    for (on, words, expected) in told {
        assert_eq!(world.told(on, words), *expected, "{words}");
    }
}

const OWN: &str = "+8613800138000";

// rule: members 7
#[test]
fn who_holds_verified_what_is_presented_verified_is_meant() {
    let mut world = Brand::new();
    check(
        &mut world,
        &[
            ("2026-05-01", "crm c1: phone 13800138000!", "new m1 linked phone"),
            ("2026-05-02", "app u1: phone 0086 138 0013 8000!", "m1 by phone"),
            ("2026-05-03", "app u1: email mei@example.com!", "m1 linked email"),
            ("2026-05-04", "chat w1: email MEI@example.com, phone 13800138000!", "m1 by phone"),
            ("2026-05-05", "till 7: phone 13800138000", "new m2 conflict m1 phone stayed"),
            ("2026-05-06", "till 7: ", "m2"),
        ],
    );
    assert_eq!(world.open(), ["m1 m2: phone"]);
    // What a source does not verify is not verified, whatever it says.
    let mut world = Brand::new();
    check(
        &mut world,
        &[
            ("2026-05-01", "crm c1: email mei@example.com!", "new m1 linked email"),
            ("2026-05-02", "app u1: email mei@example.com!", "new m2 conflict m1 email moved"),
        ],
    );
}

// rule: members 7
#[test]
fn a_phone_is_held_verified_for_180_days_and_an_address_for_ever() {
    let first = "2026-01-01T00:00:00Z";
    let mut world = Brand::new();
    check(
        &mut world,
        &[
            (first, "app u1: phone 13800138000!, email mei@example.com!", "new m1 linked phone linked email"),
            ("2026-06-29T23:59:59Z", "crm c1: phone 13800138000!", "m1 by phone"),
            ("2026-12-26T23:59:58Z", "crm c2: phone 13800138000!", "m1 by phone"), // verified anew in June
            ("2027-06-24T23:59:58Z", "crm c3: phone 13800138000!", "new m2 conflict m1 phone moved"),
            ("2036-01-01T00:00:00Z", "app u9: email mei@example.com!", "m1 by email"),
        ],
    );
    let mut world = Brand::new();
    check(
        &mut world,
        &[
            (first, "app u1: phone 13800138000!", "new m1 linked phone"),
            ("2026-06-30T00:00:00Z", "crm c1: phone 13800138000!", "new m2 conflict m1 phone moved"),
        ],
    );
    assert_eq!(world.finds("phone", OWN).as_deref(), Some("m2"));
}

// rule: members 7
#[test]
fn of_several_the_kind_that_comes_first_in_the_programme_counts() {
    let told = [
        ("2026-05-01", "till p1: card AB-1234", "new m1 linked card"),
        ("2026-05-02", "app u2: phone 13800138000!", "new m2 linked phone"),
        ("2026-05-03", "app u3: email mei@example.com!", "new m3 linked email"),
    ];
    let mut world = Brand::new();
    check(&mut world, &told);
    let all = "app u4: email mei@example.com!, phone 13800138000!, card ab1234";
    assert_eq!(world.told("2026-05-04", all), "m1 by card conflict m3 email stayed conflict m2 phone stayed");
    let mut world = Brand::new();
    world.rules.r#match = vec![Matched::Email, Matched::Phone];
    check(&mut world, &told);
    assert_eq!(world.told("2026-05-04", all), "m3 by email conflict m2 phone stayed conflict m1 card stayed");
    // Of one kind, what comes first in the request.
    let mut world = Brand::new();
    check(
        &mut world,
        &[
            ("2026-05-01", "app u1: phone 13800138000!", "new m1 linked phone"),
            ("2026-05-02", "app u2: phone 13900139000!", "new m2 linked phone"),
            ("2026-05-03", "crm c1: phone 13900139000!, phone 13800138000!", "m2 by phone conflict m1 phone stayed"),
        ],
    );
    // A kind by which nobody is found.
    let mut world = Brand::new();
    world.rules.r#match = vec![Matched::Card];
    check(
        &mut world,
        &[
            ("2026-05-01", "app u1: phone 13800138000!", "new m1 linked phone"),
            ("2026-05-02", "crm c1: phone 13800138000!", "new m2 conflict m1 phone stayed"),
        ],
    );
}

// rule: members 6, 8
#[test]
fn somebody_elses_identifier_moves_only_to_who_has_verified_it() {
    let mut world = Brand::new();
    check(
        &mut world,
        &[
            ("2026-05-01", "till p1: phone 13800138000", "new m1 linked phone"),
            ("2026-05-02", "crm c1: phone 13800138000!", "new m2 conflict m1 phone moved"),
            ("2026-05-03", "till p1: phone 13800138000", "m1 conflict m2 phone stayed"),
        ],
    );
    assert_eq!(world.finds("phone", OWN).as_deref(), Some("m2"));
    assert_eq!(world.open(), ["m1 m2: phone"], "one conflict of a pair");
    let mut world = Brand::new();
    check(
        &mut world,
        &[
            ("2026-05-01", "app u1: phone 13800138000!", "new m1 linked phone"),
            ("2026-05-02", "app u2: phone 13900139000!", "new m2 linked phone"),
            ("2026-05-03", "app u2: phone 13800138000!", "m2 conflict m1 phone stayed"), // who is named is meant
        ],
    );
    // What another source calls somebody is nobody else's name.
    check(&mut world, &[("2026-05-04", "till u1: phone 13700137000", "new m3 linked phone")]);
}

// rule: members 8
#[test]
fn with_an_identifier_that_moves_the_consent_to_write_there_ends_and_nothing_else_does() {
    let mut world = Brand::new();
    let mut asked = world.asked("2026-05-01", "till p1: phone 13800138000, email mei@example.com");
    asked.told.fields = vec![("name".into(), json!("Mei"))];
    asked.told.consents =
        ["email", "sms", "phone"].map(|channel| given("marketing", Some(channel), "2026-05-01")).to_vec();
    assert_eq!(world.enrols(&asked, at("2026-05-01")).unwrap().written.changed, ["name"]);
    let moved = world.asked("2026-05-02", "crm c1: phone 13800138000!");
    let presented = moved.clone();
    let moved = world.enrols(&moved, at("2026-05-02")).unwrap();
    let facts = moved.facts(&presented);
    let [source, kind] = ["crm", "phone"].map(str::to_owned);
    let unlinked =
        MemberFact::IdentifierUnlinked { kind: kind.clone(), source: source.clone(), because: "moved".into() };
    assert_eq!(facts[&id("m1")].len(), 3, "what is gone, and both consents");
    assert_eq!(facts[&id("m1")][0], unlinked);
    let conflict = Pair::of(&id("m1"), &id("m2")).unwrap().id();
    let expected = [
        MemberFact::MemberEnrolled { source: source.clone() },
        MemberFact::IdentifierLinked { kind, source },
        MemberFact::IdentityConflictDetected { conflict },
    ];
    assert_eq!(facts[&id("m2")], expected);
    let withdrawn = moved.records.iter().map(|(who, record)| (who.as_str(), record.subject.1.unwrap().name()));
    assert_eq!(withdrawn.collect::<Vec<_>>(), [("m1", "sms"), ("m1", "phone")]);
    let (one, other) = (&world.members[&id("m1")], &world.members[&id("m2")]);
    let kinds = |member: &Member| {
        let kinds = member.identifiers.iter().map(|held| held.identifier.kind.to_string());
        kinds.collect::<Vec<_>>().join(" ")
    };
    assert_eq!((kinds(one), kinds(other)), ("external:till email".into(), "external:crm phone".into()));
    assert_eq!((one.profile.fields.len(), other.profile.fields.len()), (1, 0), "who somebody is does not move");
    assert_eq!(one.consents[&("marketing".to_owned(), Some(Channel::Email))].said, Said::Given);
}

// rule: members 7, 16
// rule: privacy 5
#[test]
fn one_request_says_who_somebody_is_what_they_agree_to_and_what_needs_that() {
    let mut world = Brand::new();
    let now = at("2026-05-01");
    let mut asked = world.asked("2026-05-01", "app u1: phone 13800138000!");
    asked.told.fields = vec![("allergy".into(), json!("nuts")), ("birthday".into(), json!("2012-05-02"))];
    assert_eq!(world.enrols(&asked, now).unwrap_err().code(), "consent_needed");
    asked.told.consents = vec![given("sensitive", None, "2026-05-01")];
    assert_eq!(world.enrols(&asked, now).unwrap_err().code(), "guardian_needed");
    assert!(world.members.is_empty() && world.claims.is_empty(), "nothing is done");
    asked.told.fields[1].1 = json!("2012-05-01");
    let enrolled = world.enrols(&asked, now).unwrap();
    assert_eq!((enrolled.written.changed, enrolled.records.len()), (vec!["birthday".into(), "allergy".to_owned()], 1));
    assert!(!world.tries(&asked, now).unwrap().changes(&world.known(&asked)), "the same again has nothing to write");
    world.members.get_mut(&id("m1")).unwrap().state = State::Closed { at: now, deceased: false };
    assert_eq!(world.enrols(&asked, now).unwrap_err().code(), "member_closed");
}

// rule: members 6
#[test]
fn a_member_has_so_many_identifiers_of_a_kind() {
    let mut world = Brand::new();
    let told = |numbers: std::ops::Range<u8>| {
        let numbers: Vec<String> = numbers.map(|number| format!("phone 1380013800{number}")).collect();
        format!("till p1: {}", numbers.join(", "))
    };
    world.told("2026-05-01", &told(0..5));
    assert_eq!(world.told("2026-05-02", &told(0..5)), "m1");
    let asked = world.asked("2026-05-03", &told(4..6));
    let refused = world.enrols(&asked, at("2026-05-03")).unwrap_err();
    assert_eq!((refused.code(), &refused.data()["most"]), ("too_many_identifiers", &json!(5)));
}

// rule: members 5
#[test]
fn a_device_is_nobodys() {
    let mut world = Brand::new();
    check(
        &mut world,
        &[
            ("2026-05-01", "app u1: device 3F2504E0-4F89!", "new m1 linked device"),
            ("2026-05-02", "app u2: device 3F2504E0-4F89!", "new m2 linked device"),
        ],
    );
}

// rule: members 9
#[test]
fn a_person_decides_once_and_is_not_asked_again() {
    let family = [
        ("2026-05-01", "till p1: phone 13800138000, email mei@example.com", "new m1 linked phone linked email"),
        ("2026-05-02", "till p2: phone 13800138000", "new m2 conflict m1 phone stayed"),
    ];
    for (decision, contacts) in [(Decision::Keep, vec![]), (Decision::Share, vec!["+86 *** **** 8000"])] {
        let mut world = Brand::new();
        check(&mut world, &family);
        assert_eq!(world.resolve(("m2", "m1"), decision, None), Ok(()));
        let of_other = world.members[&id("m2")].identifiers.iter().filter(|held| held.contact);
        let of_other: Vec<String> = of_other.map(|held| mask::identifier(&held.identifier)).collect();
        assert_eq!((world.open(), of_other), (vec![], contacts.into_iter().map(str::to_owned).collect()));
        assert_eq!(world.resolve(("m1", "m2"), decision, None), Err("already_resolved"));
        assert_eq!(world.finds("phone", OWN).as_deref(), Some("m1"));
        // Not of this number again, but of another address.
        check(
            &mut world,
            &[("2026-05-03", "till p2: phone 13800138000, email mei@example.com", "m2 conflict m1 email stayed")],
        );
        assert_eq!(world.open(), ["m1 m2: email"]);
    }
    let mut world = Brand::new();
    check(&mut world, &family);
    check(&mut world, &[("2026-05-03", "till p2: phone 13900139000", "m2 linked phone")]);
    assert_eq!(world.resolve(("m1", "m2"), Decision::Merge, Some("m3")), Err("not_of_the_pair"));
    assert_eq!(world.resolve(("m1", "m2"), Decision::Merge, Some("m1")), Ok(()));
    assert_eq!(world.finds("phone", "+8613900139000").as_deref(), Some("m1"), "who absorbed another stands for it");
    check(&mut world, &[("2026-05-04", "till p2: email li@example.com", "m1 linked email")]);
}

// rule: members 9
#[test]
fn a_conflict_lists_twenty_identifiers() {
    let pair = Pair::of(&id("m2"), &id("m1")).unwrap();
    assert!(Pair::of(&id("m1"), &id("m1")).is_none());
    let mut conflict = Conflict::new(pair);
    let claimed = |n: u8| Claimed {
        kind: Kind::Phone,
        index: Index([n; 32]),
        hint: "+86 *** **** 8000".into(),
        presented_at: at("2026-05-01"),
        source: "till".into(),
        outcome: Outcome::Stayed,
        without: id("m2"),
    };
    assert!((0..20).all(|n| conflict.present(claimed(n))));
    assert!(!conflict.present(claimed(20)) && !conflict.present(claimed(3)));
    assert_eq!(conflict.open.len(), 20);
}

// rule: privacy 17
#[test]
fn a_hint_tells_two_apart_and_reaches_nobody() {
    let hint =
        |kind: &str, value: &str| mask::identifier(&Identifier { kind: kind.parse().unwrap(), value: value.into() });
    assert_eq!(hint("phone", OWN), "+86 *** **** 8000");
    assert_eq!(hint("phone", "+4915123456789"), "+49 *** **** 6789");
    assert_eq!(hint("phone", "+29921234"), "+299 *** **** 34");
    assert_eq!(hint("email", "mei.wang@mail.example.com"), "m***@m***.com");
    assert_eq!(hint("card", "AB1234"), "****1234");
    assert_eq!(hint("card", "4539148803436467"), "****6467");
    assert_eq!(hint("external:crm", "42"), "****2");
    assert_eq!((mask::name("王小明"), mask::name("Ann"), mask::name("")), ("王*".into(), "A*".into(), String::new()));
}

proptest! {
    // rule: members 6
    #[test]
    fn an_identifier_is_one_members_at_most_whatever_is_told(
        told in prop::collection::vec((0_usize..4, 0_usize..4, prop::collection::vec((0_usize..4, prop::bool::ANY), 1..4)), 1..24),
    ) {
        let numbers = ["13800138000", "13900139000", "13700137000", "13600136000"];
        let mut world = Brand::new();
        for (day, (source, called, identifiers)) in told.into_iter().enumerate() {
            let now = at("2026-01-01") + jiff::SignedDuration::from_hours(24 * i64::try_from(day * 17).unwrap());
            let what: Vec<String> = identifiers.iter().map(|(number, verified)| {
                format!("phone {}{}", numbers[*number], if *verified { "!" } else { "" })
            }).collect();
            let source = ["app", "crm", "till", "chat"][source];
            let before = world.claims.clone();
            world.told(&now.to_string(), &format!("{source} {called}: {}", what.join(", ")));
            for (key, (member, verified_at)) in &before {
                let (holder, again) = &world.claims[key];
                // Whoever held it verified still does.
                let held = verified_at.is_some_and(|at| now < domain::kernel::time::add_days(at, 180));
                prop_assert!(!held || holder == member);
                prop_assert!(holder != member || again >= verified_at);
            }
        }
        for conflict in world.conflicts.values() {
            let [one, other] = conflict.pair.members();
            prop_assert!(one != other && conflict.open.len() <= 20);
        }
        // The claims and the members say the same.
        for ((kind, value), (owner, verified_at)) in &world.claims {
            let all = world.members.values().flat_map(|member| member.identifiers.iter().map(move |held| (member, held)));
            let of_it = all.filter(|(_, held)| held.identifier.kind.to_string() == *kind && held.identifier.value == *value);
            let having: Vec<_> = of_it.map(|(member, held)| (&member.id, held.verified_at)).collect();
            prop_assert_eq!(having, [(owner, *verified_at)]);
        }
    }
}

// rule: members 13
#[test]
fn a_member_is_at_home_in_a_zone_a_language_and_countries_that_there_are() {
    let brand = Brand::new();
    let mut asked = brand.asked("2026-05-01", "till 1: ");
    let home = |zone: &str, locale: &str, countries: &[&str]| Home {
        zone: Some(zone.to_owned()),
        locale: Some(locale.to_owned()),
        countries: Some(countries.iter().map(|code| (*code).to_owned()).collect()),
    };
    let many: Vec<String> = (b'A'..=b'K').map(|letter| format!("A{}", char::from(letter))).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (home, code) in [
        (home("Asia/Nowhere", "en", &[]), "unknown_zone"),
        (home("Asia/Tokyo", "fr", &[]), "unknown_locale"),
        (home("Asia/Tokyo", "ja", &["Japan"]), "unknown_countries"),
        (home("Asia/Tokyo", "ja", &["JP", "JP"]), "unknown_countries"),
        (home("Asia/Tokyo", "ja", &many), "unknown_countries"),
    ] {
        asked.told.home = home;
        assert_eq!(brand.tries(&asked, at("2026-05-01")).unwrap_err().code(), code);
    }
    asked.told.home = home("America/New_York", "zh-CN", &["CN", "US"]);
    let member = brand.tries(&asked, at("2026-05-01")).unwrap().member;
    assert_eq!((member.zone.as_deref(), member.locale.as_deref()), (Some("America/New_York"), Some("zh-CN")));
    assert_eq!(member.countries, ["CN", "US"]);
}
