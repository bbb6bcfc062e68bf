//! What members wish, from proposed to thanked for.

use domain::kernel::change::Effect;
use domain::kernel::event::Fact;
use domain::kernel::refusal::Refusal;
use domain::programme::voice::form::Texts;
use domain::voice::{Stage, Suggestion, SuggestionId};

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
    assert_eq!(
        shipped.contribute(&member("m-9"), "c", now).unwrap_err().code(),
        "wrong_state",
        "who comes later gets nothing"
    );
}

// rule: voice 25
#[test]
fn who_wished_it_is_counted_once() {
    let now = at("2026-11-02T00:00:00Z");
    let change = proposed().contribute(&member("m-1"), "c-1", now).unwrap();
    assert_eq!(change.state.contributors, 1);
    let Effect::Row(row) = &change.effects[0] else { panic!("a row that is put if absent") };
    assert!(row.key.hash.ends_with("#m-1") && row.fields["correlation"] == "c-1");
}

// rule: voice 25
#[test]
fn who_wished_it_is_thanked_once_page_by_page() {
    let now = at("2026-11-02T00:00:00Z");
    let shipped = proposed().accept(now).unwrap().state.ship(now).unwrap().state;
    let all: Vec<(_, String)> = (0..250).map(|n| (member(&format!("m-{n:03}")), format!("c-{n}"))).collect();
    let first = shipped.thank(&all[..100], false).unwrap();
    assert_eq!(first.facts.len(), Suggestion::PAGE);
    // The same page again, as after a crash, tells nobody twice.
    assert!(first.state.thank(&all[..100], false).unwrap().facts.is_empty());
    let second = first.state.thank(&all[100..200], false).unwrap();
    let last = second.state.thank(&all[200..], true).unwrap();
    let told: Vec<_> = [first.facts, second.facts, last.facts].concat();
    let mut thanked: Vec<String> = told.iter().map(|fact| fact.data()["thanks"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        (told[7].data()["correlation"].as_str(), told[7].kind()),
        (Some("c-7"), "perennial.voc.suggestionshipped.v1")
    );
    thanked.sort_unstable();
    thanked.dedup();
    assert_eq!(thanked.len(), 250);
    assert!(last.state.thank(&all, true).is_none(), "everybody is told");
    assert!(proposed().thank(&all, true).is_none());
}
