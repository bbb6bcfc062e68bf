//! What a member is given: file by file, part by part, once a day, for a week.

use domain::members::access::{AccessExport, Archive, Place};
use domain::members::facts::MemberFact;

use super::brand::{at, id};

const FILES: [&str; 2] = ["profile.json", "ledger.jsonl"];

fn asked() -> AccessExport {
    AccessExport::asked(id("m-1"), 3, "member:m-1", at("2026-06-15T02:00:00Z"))
}

fn archive(on: &str) -> Archive {
    Archive { at: at(on), sha256: "00".to_owned(), bytes: 1, files: Vec::new() }
}

// rule: privacy 30
#[test]
fn it_is_gathered_file_by_file_of_one_person_after_the_other() {
    let mut export = asked();
    let mut steps = Vec::new();
    // A profile in one part; of the member 2 parts of entries, of whom it stands for 1.
    let comes = [("profile.json", 1, None, 1), ("ledger.jsonl", 500, Some("37"), 2), ("ledger.jsonl", 37, None, 2)];
    for (file, rows, after, people) in comes.into_iter().chain([("ledger.jsonl", 2, None, 2)]) {
        assert_eq!((export.next(FILES), export.state(export.as_of)), (Some(file), "preparing"));
        steps.push((export.part_at(file, export.part(file)), export.place.person, export.place.after.clone()));
        export.took(file, rows, after.map(str::to_owned), people);
    }
    let after = |text: &str| Some(text.to_owned());
    let expected = [
        ("exports/m-1.3/profile.json-0000".to_owned(), 0, None),
        ("exports/m-1.3/ledger.jsonl-0000".to_owned(), 0, None),
        ("exports/m-1.3/ledger.jsonl-0001".to_owned(), 0, after("37")),
        ("exports/m-1.3/ledger.jsonl-0002".to_owned(), 1, None),
    ];
    assert_eq!(steps, expected);
    assert_eq!((export.next(FILES), &export.place), (None, &Place::default()));
    assert_eq!((export.files["ledger.jsonl"].parts, export.files["ledger.jsonl"].rows), (3, 539));
    assert_eq!(export.facts(), [], "it is told when it can be had");
    export.archive = Some(archive("2026-06-15T02:03:00Z"));
    assert_eq!(export.facts(), [MemberFact::DataExported { export: "m-1.3".to_owned() }]);
    assert_eq!(export.parts_at().count(), 4);
}

// rule: privacy 30
#[test]
fn it_serves_a_day_and_is_kept_for_seven() {
    let mut export = asked();
    assert!(export.serves(at("2026-07-15T02:00:00Z")), "nobody begins another while one is not there");
    export.archive = Some(archive("2026-06-15T03:00:00Z"));
    for (now, serves, state) in [
        ("2026-06-16T01:59:59Z", true, "ready"),
        ("2026-06-16T02:00:00Z", false, "ready"),
        ("2026-06-22T02:59:59Z", false, "ready"),
        ("2026-06-22T03:00:00Z", false, "expired"),
    ] {
        let now = at(now);
        assert_eq!((export.serves(now), export.state(now)), (serves, state), "{now}");
        assert_eq!(export.to_be_had(now).is_some(), state == "ready");
    }
}

// rule: privacy 21
#[test]
fn of_who_is_erased_everything_is_found_that_can_lie_somewhere() {
    let mut export = AccessExport { n: 11, ..asked() };
    export.took("profile.json", 1, None, 1);
    export.took("ledger.jsonl", 500, Some("7".to_owned()), 1);
    let places = export.everything_at(FILES);
    // Archives are kept for seven days, and there is one a day.
    assert!((3..=11).all(|n| places.contains(&format!("exports/m-1.{n}/data.zip"))), "{places:?}");
    let parts = ["profile.json-0000", "profile.json-0001", "ledger.jsonl-0000", "ledger.jsonl-0001"];
    let parts = parts.map(|part| format!("exports/m-1.11/{part}"));
    assert!(
        parts.iter().all(|part| places.contains(part)),
        "parts that were noted, and the next, that may be there: {places:?}"
    );
    assert_eq!(places.len(), 9 + parts.len());
    export.archive = Some(archive("2026-06-15T03:00:00Z"));
    export.forget(9);
    assert_eq!((export.rests(), export.serves(export.as_of), export.facts().len()), (true, false, 0));
    assert!(
        asked().everything_at(FILES).contains(&"exports/m-1.3/profile.json-0000".to_owned()),
        "before anything is noted"
    );
}

// rule: privacy 30
#[test]
fn one_that_is_followed_is_to_be_had_for_its_seven_days() {
    let (first, second) = (at("2026-06-15T03:00:00Z"), at("2026-06-17T03:00:00Z"));
    let mut export = asked();
    export.begins_anew(&[id("m-1")]);
    export.archive = Some(archive("2026-06-15T03:00:00Z"));
    let next = export.clone().followed("agent:a", second);
    assert_eq!((next.n, next.rests(), next.earlier.len()), (4, false, 1));
    let before = next.clone().numbered(3).unwrap();
    assert_eq!((before.archive_at(), before.as_of), (export.archive_at(), export.as_of));
    assert_eq!((before.state(first), before.state(at("2026-06-22T03:00:00Z"))), ("ready", "expired"));
    assert_eq!(next.clone().numbered(2), None);
    assert_eq!(next.followed("agent:a", at("2026-06-22T03:00:00Z")).earlier, [], "it is over");
}

// rule: privacy 30
#[test]
fn what_was_gathered_of_two_is_given_to_nobody_when_they_are_two_again() {
    let both = [id("m-1"), id("m-2")];
    let mut export = asked();
    assert!(export.begins_anew(&both));
    export.took("profile.json", 1, None, 1);
    assert!(!export.begins_anew(&both), "it goes on");
    assert_eq!(export.next(FILES), Some("ledger.jsonl"));
    assert!(export.begins_anew(&both[..1]), "who is one again while it is gathered is not in it");
    assert_eq!(export.next(FILES), Some("profile.json"));

    export.begins_anew(&both);
    export.archive = Some(archive("2026-06-15T03:00:00Z"));
    let now = at("2026-06-17T03:00:00Z");
    let mut next = export.clone().followed("agent:a", now);
    next.begins_anew(&both[..1]);
    assert_eq!(export.parts(&both), Vec::<String>::new());
    assert_eq!(export.parts(&both[..1]), ["exports/m-1.3/data.zip"]);
    assert_eq!(
        (export.state(now), export.serves(now), export.rests(), export.facts().len()),
        ("withdrawn", false, true, 0)
    );
    assert_eq!(next.parts(&both[..1]), ["exports/m-1.3/data.zip"], "the one before goes, and its own stays");
    assert_eq!((next.state(now), next.earlier.len()), ("preparing", 0));
}
