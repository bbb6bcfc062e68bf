//! What is an answer to a form.

use domain::voice::answering::take;
use domain::voice::{Answer, Answered, page};
use serde_json::{Value, json};

use super::stage::programme;

fn taken(form: &str, given: &Value) -> Result<Answered, Vec<(String, String)>> {
    let programme = programme();
    let taken = take(programme.form(form).unwrap(), given.as_object().unwrap());
    taken.map_err(|wrong| {
        let code = |code| serde_json::to_value(code).unwrap().as_str().unwrap().to_owned();
        wrong.into_iter().map(|wrong| (wrong.question, code(wrong.code))).collect()
    })
}

#[track_caller]
fn wrong(form: &str, given: Value, expected: &[(&str, &str)]) {
    let found = taken(form, &given).unwrap_err();
    let found: Vec<(&str, &str)> = found.iter().map(|(question, code)| (question.as_str(), code.as_str())).collect();
    assert_eq!(found, expected, "{given}");
}

#[track_caller]
fn right(form: &str, given: Value, expected: Value) {
    let found = taken(form, &given).unwrap_or_else(|wrong| panic!("{given}: {wrong:?}"));
    let found: serde_json::Map<String, Value> =
        found.answers.iter().map(|(id, answer)| (id.clone(), answer.value())).collect();
    assert_eq!(Value::Object(found), expected);
}

// rule: voice 1
#[test]
fn a_number_lies_on_its_scale_and_is_whole() {
    wrong("nps", json!({"score": 11}), &[("score", "out_of_range")]);
    wrong("nps", json!({"score": -1}), &[("score", "out_of_range")]);
    wrong("nps", json!({"score": u64::MAX}), &[("score", "out_of_range")]);
    wrong("nps", json!({"score": 7.5}), &[("score", "wrong_type")]);
    wrong("nps", json!({"score": "9"}), &[("score", "wrong_type")]);
    wrong("nps", json!({"score": true}), &[("score", "wrong_type")]);
    wrong("visit", json!({"csat": 0}), &[("csat", "out_of_range")]);
    wrong("visit", json!({"csat": 1, "ease": 8, "speed": -3}), &[("ease", "out_of_range"), ("speed", "out_of_range")]);
    right("visit", json!({"csat": 5, "ease": 1, "speed": -2}), json!({"csat": 5, "ease": 1, "speed": -2}));
    right("nps", json!({"score": 0}), json!({"score": 0}));
}

// rule: voice 2
#[test]
fn what_is_not_asked_has_no_answer() {
    wrong("nps", json!({"score": 9, "why": "even so"}), &[("why", "not_asked")]);
    wrong("nps", json!({"score": 8, "praise": "taste"}), &[("praise", "not_asked")]);
    right("nps", json!({"score": 6, "why": "late"}), json!({"score": 6, "why": "late"}));
    right("nps", json!({"score": 10, "praise": "price"}), json!({"score": 10, "praise": "price"}));
    // Without a value of what its condition reads it is not asked.
    wrong("visit", json!({"csat": 3, "which": "both"}), &[("which", "not_asked")]);
    wrong("visit", json!({"csat": 3, "again": false}), &[("which", "answer_missing")]);
    wrong("visit", json!({"csat": 3, "again": false, "which": "  "}), &[("which", "answer_missing")]);
    right("visit", json!({"csat": 3, "again": true}), json!({"csat": 3, "again": true}));
    wrong("visit", json!({"csat": 3, "used": ["app"], "phoned": "yes"}), &[("phoned", "not_asked")]);
    right(
        "visit",
        json!({"csat": 3, "used": ["phone"], "phoned": "yes"}),
        json!({"csat": 3, "used": ["phone"], "phoned": "yes"}),
    );
    // What is no value opens nothing.
    wrong("nps", json!({"score": 66, "why": "x"}), &[("score", "out_of_range"), ("why", "not_asked")]);
}

// rule: voice 2
#[test]
fn all_that_is_wrong_is_said_at_once_in_the_forms_order() {
    wrong("nps", json!({}), &[("score", "answer_missing")]);
    wrong("nps", json!({"score": null}), &[("score", "answer_missing")]);
    wrong(
        "nps",
        json!({"score": 10, "praise": "music", "colour": "red"}),
        &[("praise", "unknown_option"), ("colour", "unknown_question")],
    );
    wrong(
        "visit",
        json!({"a": 1, "speed": "x", "bought": 1, "used": "app", "csat": null}),
        &[
            ("csat", "answer_missing"),
            ("used", "wrong_type"),
            ("bought", "wrong_type"),
            ("speed", "wrong_type"),
            ("a", "unknown_question"),
        ],
    );
}

// rule: voice 1
#[test]
fn choices_are_known_few_enough_and_not_repeated() {
    let used = |used: Value| json!({"csat": 4, "used": used});
    wrong("visit", used(json!(["app", "app"])), &[("used", "repeated_option")]);
    wrong("visit", used(json!([])), &[("used", "too_few")]);
    wrong("visit", used(json!(["app", "shop", "phone"])), &[("used", "too_many")]);
    wrong("visit", used(json!(["app", "car"])), &[("used", "unknown_option")]);
    wrong("visit", used(json!(["app", 1])), &[("used", "wrong_type")]);
    wrong("visit", used(json!({"app": true})), &[("used", "wrong_type")]);
    // Chosen in any order it is the same.
    let one = taken("visit", &used(json!(["shop", "app"]))).unwrap();
    assert_eq!(one.answers["used"], Answer::Options(vec!["app".into(), "shop".into()]));
    assert_eq!(one.content, taken("visit", &used(json!(["app", "shop"]))).unwrap().content);
    assert_ne!(one.content, taken("visit", &used(json!(["app"]))).unwrap().content);
}

// rule: voice 1
#[test]
fn a_date_is_one_of_the_calendar() {
    let bought = |date: &str| json!({"csat": 5, "bought": date});
    for no in ["2026-02-29", "2026-13-01", "26-01-01", "2026-1-1", "2026-01-01T00:00:00Z", "tomorrow", "+02026-01-01"] {
        wrong("visit", bought(no), &[("bought", "wrong_type")]);
    }
    right("visit", bought("2028-02-29"), bought("2028-02-29"));
}

// rule: voice 3
#[test]
fn a_text_is_trimmed_and_counted_in_characters() {
    let why = |why: &str| json!({"score": 3, "why": why});
    wrong("nps", why(&"慢".repeat(41)), &[("why", "too_long")]);
    right("nps", why(&"慢".repeat(40)), why(&"慢".repeat(40)));
    right("nps", why(&format!("  {}\n ", "😀".repeat(40))), why(&"😀".repeat(40)));
    right("nps", why("  \n "), json!({"score": 3}));
    right("nps", why("one\ntwo"), why("one\ntwo"));
    for control in ["a\u{0}b", "a\tb", "a\rb", "a\u{7f}b", "a\u{85}b"] {
        wrong("nps", why(control), &[("why", "wrong_type")]);
    }
    wrong("nps", json!({"score": 3, "why": 5}), &[("why", "wrong_type")]);
}

// rule: voice 4
#[test]
fn what_fills_the_profile_is_not_kept_with_the_answers() {
    let found = taken("profile", &json!({"birthday": "1990-02-28", "city": " 上海 "})).unwrap();
    assert_eq!(found.answers["birthday"], Answer::InProfile);
    assert_eq!(found.answers["city"], Answer::InProfile);
    assert_eq!(
        found.profile,
        [
            ("birthday".to_owned(), Answer::Date(jiff::civil::date(1990, 2, 28))),
            ("address.city".to_owned(), Answer::Text("上海".into()))
        ]
    );
    assert_eq!(found.text(), "", "nothing of it is read");
    let other = taken("profile", &json!({"birthday": "1990-02-28", "city": "北京"})).unwrap();
    assert_ne!(found.content, other.content, "another answer is another content");
}

// rule: voice 14
#[test]
fn a_page_shows_what_is_always_asked_and_then_what_has_become_visible() {
    let programme = programme();
    let form = programme.form("visit").unwrap();
    let ids = |questions: Vec<&domain::programme::voice::form::Question>| {
        questions.into_iter().map(|question| question.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(page::first_step(form).collect()), ["csat", "ease", "used", "again", "bought", "speed"]);
    let answered = taken("visit", &json!({"csat": 3, "used": ["phone"], "again": true})).unwrap();
    assert_eq!(ids(page::second_step(form, &answered.answers)), ["phoned"]);
    let answered = taken("visit", &json!({"csat": 3})).unwrap();
    assert!(page::second_step(form, &answered.answers).is_empty());
}

// rule: voice 1, 14
#[test]
fn a_page_sends_texts_that_are_made_what_they_are() {
    let programme = programme();
    let form = programme.form("visit").unwrap();
    let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sent = [
        field("csat", " 4 "),
        field("ease", ""),
        field("used", "app"),
        field("used", "phone"),
        field("again", "no"),
        field("which", "one\r\ntwo"),
        field("speed", "fast"),
        field("x", "y"),
    ];
    let given = page::given(form, &sent);
    assert_eq!(
        Value::Object(given),
        json!({"csat": 4, "used": ["app", "phone"], "again": false, "which": "one\ntwo", "speed": "fast", "x": "y"})
    );
}
