//! What members wish, from proposed to thanked for.

use domain::kernel::change::Effect;
use domain::kernel::event::Fact;
use domain::kernel::id::MemberId;
use domain::kernel::refusal::Refusal;
use domain::programme::voice::form::Texts;
use domain::voice::{Stage, Suggestion, SuggestionId, Upto};

use super::stage::{at, member};

fn proposed() -> Suggestion {
    let title = Texts::from([("en".to_owned(), "Smaller packs".to_owned())]);
    Suggestion::propose(SuggestionId::of("small-size", "op-1"), "small-size", title, at("2026-11-01T00:00:00Z")).state
}

// rule: voice 25
#[test]
fn a_suggestion_is_accepted_and_shipped_or_declined() {
    let (now, none) = (at("2026-11-02T00:00:00Z"), Texts::new());
    let proposed = proposed();
    assert_eq!(proposed.ship(now).unwrap_err().code(), "wrong_state");
    let accepted = proposed.accept(now).unwrap().state;
    assert_eq!((accepted.state, accepted.moved_at), (Stage::Accepted, now));
    assert_eq!(accepted.accept(now).unwrap_err().data()["state"], "accepted");
    for early in [&proposed, &accepted] {
        assert_eq!(early.decline(none.clone(), now).unwrap().state.state, Stage::Declined);
    }
    let shipped = accepted.ship(now).unwrap().state;
    assert_eq!(shipped.decline(none, now).unwrap_err().code(), "wrong_state");
    let found = shipped.note(&[], Some(Upto::Everybody), now).unwrap().state;
    let late = found.note(&[wished("m-9")], None, now);
    assert_eq!(late.unwrap_err().code(), "wrong_state", "who comes later gets nothing");
}

fn wished(member_id: &str) -> (MemberId, String) {
    (member(member_id), format!("c-{member_id}"))
}

// rule: voice 25
#[test]
fn who_wished_it_is_noted_in_a_row_of_their_own() {
    let now = at("2026-11-02T00:00:00Z");
    let change = proposed().note(&[wished("m-1"), wished("m-2")], None, now).unwrap();
    assert_eq!((change.state.contributors, change.effects.len()), (2, 2));
    let Effect::Row(row) = &change.effects[0] else { panic!("a row that is put if absent") };
    assert!(row.key.hash.ends_with("#m-1") && row.fields["co"] == "c-m-1");
}

// rule: voice 25
#[test]
fn who_wished_it_is_looked_for_when_it_is_accepted_and_again_when_it_is_done() {
    let now = at("2026-11-02T00:00:00Z");
    assert!(!proposed().is_looking());
    let accepted = proposed().accept(now).unwrap().state;
    assert!(accepted.is_looking() && !accepted.is_telling());
    let some = accepted.note(&[wished("m-1")], Some(Upto::This("w#a".into())), now).unwrap().state;
    assert!(some.is_looking());
    let all = some.note(&[wished("m-2")], Some(Upto::Everybody), now).unwrap().state;
    assert!(!all.is_looking() && all.contributors == 2);
    assert!(all.note(&[wished("m-3")], None, now).is_ok(), "by hand somebody can be noted until it is done");
    let shipped = all.ship(now).unwrap().state;
    assert!(shipped.is_looking() && !shipped.is_telling(), "nobody is told before all are found");
    assert!(shipped.thank(&[], Upto::Everybody).is_none());
}

// rule: voice 25
#[test]
fn who_wished_it_is_thanked_page_by_page_each_under_a_name_of_its_own() {
    let now = at("2026-11-02T00:00:00Z");
    let shipped = proposed().accept(now).unwrap().state.ship(now).unwrap().state;
    let shipped = shipped.note(&[], Some(Upto::Everybody), now).unwrap().state;
    let all: Vec<(MemberId, String)> = (0..250).map(|n| (member(&format!("m-{n:03}")), format!("c-{n}"))).collect();
    let first = shipped.thank(&all[..100], Upto::This("m-099".into())).unwrap();
    assert_eq!(first.told.len(), 100);
    assert_eq!(first.after.told, Some(Upto::This("m-099".into())));
    let second = first.after.thank(&all[100..200], Upto::This("m-199".into())).unwrap();
    let last = second.after.thank(&all[200..], Upto::Everybody).unwrap();
    let told: Vec<_> = [first.told, second.told, last.told].concat();
    assert_eq!(
        (told[7].1.data()["correlation"].as_str(), told[7].1.kind()),
        (Some("c-7"), "perennial.voc.suggestionshipped.v1")
    );
    let mut thanked: Vec<String> = told.iter().map(|(_, fact)| fact.data()["thanks"].to_string()).collect();
    thanked.sort_unstable();
    thanked.dedup();
    assert_eq!(thanked.len(), 250);
    assert!(last.after.thank(&all, Upto::Everybody).is_none(), "everybody is told");
    assert!(proposed().thank(&all, Upto::Everybody).is_none());
}
