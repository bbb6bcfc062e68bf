//! Codes: how many are sent, how long one is good, how often it may be said wrongly.

use domain::kernel::refusal::Refusal as _;
use domain::members::state::Held;
use domain::members::verification::{Heard, Verification, code, confirm, not_that, send, verifiable};

use super::brand::{Brand, at, id};

/// Codes that a member has sent at these instants; the last answer, or why not.
fn sent(known: Option<&Verification>, member: &str, on: &str) -> Result<Verification, (&'static str, String)> {
    let name = format!("verification of {on}");
    send(known, &id(member), name, at(on)).map_err(|refusal| (refusal.code(), format!("{:?}", refusal.data())))
}

// rule: members 12
#[test]
fn three_codes_an_hour_are_sent_whoever_wants_them() {
    let mut known = None;
    for (member, on) in [
        ("m1", "2026-05-01T10:00:00Z"),
        ("m2", "2026-05-01T10:20:00Z"),
        ("m1", "2026-05-01T10:59:59Z"),
        ("m1", "2026-05-01T11:00:00Z"), // the first is an hour ago
    ] {
        let next = sent(known.as_ref(), member, on).unwrap();
        assert_eq!((next.member.as_str(), next.wrong, next.done), (member, 0, false));
        known = Some(next);
        if on == "2026-05-01T10:59:59Z" {
            let refused = sent(known.as_ref(), "m2", "2026-05-01T10:59:59.5Z").unwrap_err();
            assert_eq!(refused, ("too_many_codes", r#"{"retry_after_s": Number(1)}"#.to_owned()));
        }
    }
    let refused = sent(known.as_ref(), "m1", "2026-05-01T11:10:00Z").unwrap_err();
    assert_eq!(refused, ("too_many_codes", r#"{"retry_after_s": Number(600)}"#.to_owned()));
    assert_eq!(sent(known.as_ref(), "m1", "2026-05-01T11:20:00Z").unwrap().sent.len(), 3);
}

/// What saying a code at an instant comes to, and what is known then.
fn says(known: &mut Option<Verification>, said: &str, on: &str) -> String {
    match confirm(known.as_ref(), &id("m1"), (said, "123456"), at(on)) {
        Ok(Heard::Right(after)) => {
            *known = Some(after);
            "right".to_owned()
        }
        Ok(Heard::Again) => "again".to_owned(),
        Ok(Heard::Wrong(after)) => {
            let words = format!("{} {:?}", not_that(&after).code(), not_that(&after).data());
            *known = Some(after);
            words
        }
        Err(refusal) => refusal.code().to_owned(),
    }
}

// rule: members 12
#[test]
fn a_code_is_good_for_ten_minutes_and_five_tries() {
    let new = || Some(sent(None, "m1", "2026-05-01T10:00:00Z").unwrap());
    assert_eq!(says(&mut None, "123456", "2026-05-01T10:00:00Z"), "no_code");
    let mut known = new();
    assert_eq!(says(&mut known, "123456", "2026-05-01T10:10:00.001Z"), "code_expired");
    assert_eq!(says(&mut known, "123456", "2026-05-01T10:10:00Z"), "right");
    assert_eq!(says(&mut known, "123456", "2026-05-01T10:12:00Z"), "again", "what was said is said");
    assert_eq!(says(&mut known, "654321", "2026-05-01T10:10:00Z"), "no_code", "and tells nobody more");
    let mut known = new();
    for left in (0..5).rev() {
        let expected = format!(r#"wrong_code {{"left": Number({left})}}"#);
        assert_eq!(says(&mut known, "12345", "2026-05-01T10:01:00Z"), expected);
    }
    assert_eq!(says(&mut known, "123456", "2026-05-01T10:01:00Z"), "too_many_tries");
    let mut known = sent(known.as_ref(), "m1", "2026-05-01T10:02:00Z").ok();
    assert_eq!(says(&mut known, "123456", "2026-05-01T10:02:00Z"), "right", "another one begins anew");
    let mut others = sent(None, "m2", "2026-05-01T10:00:00Z").ok();
    assert_eq!(says(&mut others, "123456", "2026-05-01T10:01:00Z"), "no_code");
}

// rule: members 12
#[test]
fn a_code_is_sent_to_what_is_the_members_own_and_can_be_written_to() {
    let mut world = Brand::new();
    world.told("2026-05-01", "crm c1: phone 13800138000, card AB-1234, email mei@example.com");
    let member = world.members.get_mut(&id("m1")).unwrap();
    let numbers: Vec<u32> = member.identifiers.iter().map(|held| held.n).collect();
    assert_eq!(numbers, [1, 2, 3, 4], "the name, then in the order given");
    let email = member.identifiers.pop().unwrap();
    member.identifiers.push(Held { contact: true, ..email });
    let check = |n: u32, of: Option<&[String]>| verifiable(member, n, of).map(|held| held.n).map_err(|it| it.code());
    assert_eq!(
        [1, 2, 3, 4, 5].map(|n| check(n, None)),
        [Err("not_verifiable"), Ok(2), Err("not_verifiable"), Err("not_verifiable"), Err("not_found"),]
    );
    assert_eq!(check(2, Some(&["crm".to_owned()])), Ok(2));
    assert_eq!(check(2, Some(&["till".to_owned()])), Err("not_found"), "a system sees what it has sent");
}

// rule: members 12
#[test]
fn a_code_is_the_last_six_digits_of_a_keyed_hash() {
    let mut counting = [0; 32];
    (0..32).for_each(|place: u8| counting[usize::from(place)] = place);
    let mut small = [0; 32];
    small[31] = 42;
    assert_eq!([counting, [255; 32], small].map(code), ["440671", "639935", "000042"]);
}
