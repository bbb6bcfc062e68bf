//! What only files say of a member: since when, tags, where it stands.

use domain::kernel::membership::MemberState;
use domain::kernel::time::Zone;
use domain::members::bringing::{Stands, Stood, brings};
use domain::members::consent::Terms;
use domain::members::facts::MemberFact;
use domain::members::state::{Member, State};
use domain::members::telling::Rules;
use domain::members::undo::Image;
use domain::members::verification::verifiable;
use domain::programme::privacy::Purpose;

use super::brand::{Brand, at, id};

fn member(state: State) -> Member {
    Member { state, ..Member::enrolled(id("m-1"), "crm".to_owned(), at("2026-06-15")) }
}

fn closed(deceased: bool) -> State {
    State::Closed { at: at("2026-06-01"), deceased }
}

// rule: import 27b
#[test]
fn a_file_suspends_and_closes_and_lifts_nothing() {
    let brand = Brand::new();
    let rules = brand.rules_at(at("2026-06-20"));
    let stands = |state: State, word: &str| {
        let mut there = member(state);
        let stood = brings(&mut there, word.parse().unwrap(), rules);
        let stood = match stood {
            Stood::Same => "same",
            Stood::Stays => "stays",
            Stood::There(Some(MemberState::Suspended), MemberFact::MemberSuspended {}) => "suspended",
            Stood::There(Some(MemberState::Closed), MemberFact::MemberClosed { because }) if because == "left" => {
                "left"
            }
            Stood::There(account, MemberFact::MemberClosed { because }) if because == "deceased" => {
                if account.is_some() { "died" } else { "had left, and died" }
            }
            Stood::There(..) => "another",
        };
        (stood, there.is_deceased())
    };
    let words = ["active", "Suspended", "closed", "DECEASED"];
    let all = |state: State| words.map(|word| stands(state.clone(), word));
    assert_eq!(all(State::Active), [("same", false), ("suspended", false), ("left", false), ("died", true)]);
    assert_eq!(all(State::Suspended), [("stays", false), ("same", false), ("left", false), ("died", true)]);
    assert_eq!(all(closed(false)), [("stays", false), ("stays", false), ("same", false), ("had left, and died", true)]);
    assert_eq!(all(closed(true)), [("stays", true), ("stays", true), ("same", true), ("same", true)]);
    assert_eq!(all(State::Merged { into: id("m-2") }).map(|(stood, _)| stood), ["stays"; 4]);
    "gone".parse::<Stands>().unwrap_err();
}

// rule: import 27b
#[test]
fn who_has_died_is_written_to_by_nobody() {
    let mut brand = Brand::new();
    let asked = brand.asked("2026-06-15", "crm c1: phone 13800138000!");
    let mut there = brand.enrols(&asked, at("2026-06-15")).unwrap().member;
    let service = r#"[{"id": "service", "basis": "contract", "channels": ["sms"]}]"#;
    let purposes: Vec<Purpose> = serde_json::from_str(service).unwrap();
    let rules = brand.rules_at(at("2026-06-20"));
    let rules = Rules { terms: Terms { purposes: &purposes, ..rules.terms }, ..rules };
    assert!(there.is_reachable(rules) && verifiable(&there, 2, None).is_ok());
    there.state = closed(false);
    assert!(there.is_reachable(rules) && verifiable(&there, 2, None).is_ok(), "who has left may be told about that");
    there.state = closed(true);
    assert!(!there.is_reachable(rules) && verifiable(&there, 2, None).is_err());
}

// rule: import 27b
#[test]
fn the_earliest_day_of_joining_counts_and_is_taken_back() {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let mut there = member(State::Active);
    assert_eq!(there.joined_on(&zone).to_string(), "2026-06-15", "who came from nowhere joined here");
    there.joined_on = Some("2019-02-28".parse().unwrap());
    assert_eq!(there.joined_on(&zone).to_string(), "2019-02-28");
    let brand = Brand::new();
    let image = Image::of(&member(State::Active), &there);
    let done = image.take_back(&mut there, "crm", brand.rules_at(at("2026-06-20")));
    assert_eq!((there.joined_on, done.fields), (None, vec!["joined_on".to_owned()]));
}
