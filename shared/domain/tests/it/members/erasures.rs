//! Erasures: when one is carried out, until when it can be taken back, what keeps it waiting, and its receipt.

use domain::kernel::id::MemberId;
use domain::kernel::refusal::{Class, Refusal as _};
use domain::kernel::time::Zone;
use domain::members::erasing::{Because, Request, Work};
use domain::members::identifier::{Identifier, Kind};
use domain::members::receipt::{Receipt, Stage, Step};
use domain::programme::privacy::Privacy;
use jiff::Timestamp;

use super::brand::{Brand, at, id, index};

fn shanghai() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

fn asked(by: &str, at_once: bool, on: &str) -> Request {
    let mut request = Request::new(id("m-1"));
    request.ask((by, Because::Asked), at_once, at(on), 3);
    request
}

fn due(request: &Request) -> Option<Timestamp> {
    request.due(&shanghai())
}

// rule: privacy 20
#[test]
fn it_can_be_thought_over_for_three_times_24_hours() {
    let mut request = asked("member:m-1", false, "2026-06-15T02:00:00Z");
    assert_eq!(
        (request.id().as_str(), request.state(), due(&request)),
        ("m-1.1", "waiting", Some(at("2026-06-18T02:00:00Z")))
    );
    assert_eq!(request.clone().revoke(at("2026-06-18T02:00:00Z"), &shanghai()).unwrap_err().code(), "wrong_state");
    assert!(!request.revoke(at("2026-06-18T01:59:59Z"), &shanghai()).unwrap(), "nothing was closed for it");
    assert!(!request.revoke(at("2026-07-01T02:00:00Z"), &shanghai()).unwrap(), "once is once");
    assert_eq!(request.state(), "revoked");
    request.ask(("member:m-1", Because::Asked), false, at("2026-06-20T02:00:00Z"), 3);
    assert_eq!(
        (request.id().as_str(), request.state(), due(&request)),
        ("m-1.2", "waiting", Some(at("2026-06-23T02:00:00Z")))
    );
}

// rule: privacy 20
#[test]
fn who_asks_again_hastens_it_and_never_delays_it() {
    let mut request = asked("member:m-1", false, "2026-06-15T02:00:00Z");
    request.ask(("member:m-1", Because::Asked), false, at("2026-06-16T02:00:00Z"), 3);
    assert_eq!(due(&request), Some(at("2026-06-18T02:00:00Z")));
    request.ask(("admin:ada", Because::Asked), true, at("2026-06-16T03:00:00Z"), 3);
    assert_eq!(due(&request), Some(at("2026-06-16T03:00:00Z")));
    assert_eq!(request.asked.as_ref().unwrap().by, "member:m-1", "who asked first asked");
}

// rule: privacy 20
#[test]
fn a_hold_ends_with_its_last_local_date() {
    let mut request = Request::new(id("m-1"));
    request.hold("2026-09-30".parse().unwrap()).unwrap();
    assert_eq!((request.state(), due(&request)), ("held", None));
    request.ask(("schedule", Because::Dormant), true, at("2026-06-02T02:00:00Z"), 3);
    assert_eq!((request.state(), due(&request)), ("waiting", Some(at("2026-09-30T16:00:00Z"))));
    // What is in the past holds nothing.
    request.hold("2026-05-01".parse().unwrap()).unwrap();
    assert_eq!(due(&request), Some(at("2026-06-02T02:00:00Z")));
    // Days of summer time: a local day is not always 24 hours.
    let london = Zone::named("Europe/London").unwrap();
    request.hold("2026-10-24".parse().unwrap()).unwrap();
    assert_eq!(request.due(&london), Some(at("2026-10-24T23:00:00Z")));
    request.hold("2026-10-25".parse().unwrap()).unwrap();
    assert_eq!(request.due(&london), Some(at("2026-10-26T00:00:00Z")));
}

// rule: privacy 20
#[test]
fn what_has_begun_is_neither_held_nor_taken_back() {
    let mut request = asked("admin:ada", true, "2026-06-15T02:00:00Z");
    request.work = Some(Work::default());
    assert_eq!(request.hold("2026-12-31".parse().unwrap()).unwrap_err().code(), "wrong_state");
    assert_eq!(request.revoke(at("2026-06-15T02:00:00Z"), &shanghai()).unwrap_err().code(), "wrong_state");
}

fn receipt(contexts: &[&str]) -> Receipt {
    Receipt {
        member: id("m-1"),
        n: 1,
        asked_at: at("2026-06-15T02:00:00Z"),
        by: "admin:ada".to_owned(),
        because: Because::Asked,
        erased_at: at("2026-06-15T02:00:00Z"),
        absorbed: vec![id("m-2")],
        steps: Default::default(),
        answers: contexts.iter().map(|context| ((*context).to_owned(), None)).collect(),
        late: false,
    }
}

fn stepped(contexts: &[&str]) -> Receipt {
    let mut receipt = receipt(contexts);
    for step in Step::ALL {
        receipt.did(step, 1, at("2026-06-15T02:00:00Z"));
    }
    receipt
}

// rule: privacy 21
#[test]
fn who_does_not_answer_in_a_day_makes_it_partial_and_whoever_answers_late_completes_it() {
    let mut receipt = stepped(&["care", "desk", "voice"]);
    assert_eq!(receipt.stage(), Stage::Open);
    assert!(receipt.answered("voice", 12, at("2026-06-15T02:01:00Z")));
    assert!(receipt.answered("care", 1, at("2026-06-15T02:02:00Z")));
    assert!(!receipt.settle(at("2026-06-16T01:59:59Z")), "nobody is late");
    assert_eq!(receipt.stage(), Stage::Open);
    assert!(receipt.settle(at("2026-06-16T02:00:00Z")), "this is said");
    assert!(!receipt.settle(at("2026-06-16T03:00:00Z")), "and once");
    assert_eq!(receipt.stage(), Stage::Partial);
    assert!(receipt.answered("desk", 4, at("2026-06-16T09:00:00Z")));
    assert!(!receipt.answered("desk", 0, at("2026-06-16T09:00:01Z")), "what is said again changes nothing");
    assert!(!receipt.answered("nobody", 7, at("2026-06-16T09:00:01Z")), "who was not asked is not heard");
    assert_eq!(receipt.stage(), Stage::Complete);
    let said: Vec<u64> = receipt.answers.values().filter_map(|said| Some(said.as_ref()?.count)).collect();
    assert_eq!(said, [1, 4, 12]);
}

// rule: privacy 21
#[test]
fn it_is_complete_when_every_step_is_done_and_the_first_count_stays() {
    let mut receipt = receipt(&[]);
    for step in Step::ALL {
        assert_eq!(receipt.stage(), Stage::Open, "{}", step.name());
        receipt.did(step, 5, at("2026-06-15T02:00:00Z"));
        receipt.did(step, 0, at("2026-06-15T03:00:00Z"));
    }
    assert_eq!(receipt.stage(), Stage::Complete);
    assert!(receipt.steps.values().all(|did| did.count == 5 && did.at == receipt.erased_at));
    let everybody: Vec<&MemberId> = receipt.everybody().collect();
    assert_eq!(everybody, [&id("m-1"), &id("m-2")]);
}

// rule: privacy 24
#[test]
fn what_was_somebodys_who_was_erased_comes_back_by_the_person_alone() {
    let mut brand = Brand::new();
    let phone = Identifier { kind: "phone".parse().unwrap(), value: "+8613800138000".to_owned() };
    let name = Identifier { kind: "external:crm".parse().unwrap(), value: "c-1".to_owned() };
    brand.erased.extend([index(&phone), index(&name)]);
    let tries = |words: &str| brand.tries(&brand.asked("2026-06-16", words), at("2026-06-16"));
    for words in ["crm c-2: phone 13800138000", "crm c-1: ", "till t-9: card AB1234, phone +86 138 0013 8000!"] {
        let refused = tries(words).unwrap_err();
        assert_eq!((refused.code(), refused.class()), ("erased_identity", Class::Gone), "{words}");
    }
    assert!(tries("app a-1: phone 13800138000!").unwrap().new, "it is somebody new");
    assert!(tries("till t-9: phone 13800138001").is_ok(), "others are no matter");
}

// rule: privacy 24
#[test]
fn it_is_kept_away_for_so_many_days_and_not_at_all_if_that_is_0() {
    let erased = at("2026-06-15T02:00:00Z");
    let keeps = |days, now: &str| Privacy { suppress_days: days, ..Privacy::default() }.keeps_away(erased, at(now));
    assert!(keeps(730, "2028-06-14T01:59:59Z"));
    assert!(!keeps(730, "2028-06-14T02:00:00Z"), "2028 has a 29 February: 730 times 24 hours are no two years");
    assert!(!keeps(0, "2026-06-15T02:00:00Z"));
    let kept = ["phone", "email", "external:crm", "card", "wecom", "device"];
    let kept = kept.map(|kind| kind.parse::<Kind>().unwrap().stays_away());
    assert_eq!(kept, [true, true, true, false, false, false]);
}
