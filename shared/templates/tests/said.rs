//! What is said, and what may be published to be said.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeMap;

use domain::kernel::time::Zone;
use domain::programme::condition::Scalar;
use domain::programme::document::Document;
use domain::programme::journey::step::Does;
use serde_json::{Value, json};
use templates::{Asking, Body, Fault, check, write};

fn default() -> Value {
    serde_json::to_value(toml::from_str::<toml::Value>(include_str!("../../../programme.toml")).unwrap()).unwrap()
}

fn document(change: impl FnOnce(&mut Value)) -> Document {
    let mut document = default();
    change(&mut document);
    serde_json::from_value(document).unwrap()
}

fn template(document: &mut Value, id: &str) -> usize {
    document["template"].as_array().unwrap().iter().position(|template| template["id"] == id).unwrap()
}

// rule: messages 17
#[test]
fn everything_that_the_default_programme_may_say_can_be_said() {
    assert_eq!(check(&document(|_| ())), Vec::<String>::new());
}

// rule: messages 16, 17
#[test]
fn what_cannot_be_said_is_found_before_it_is_published() {
    let long = |letters: usize| "字".repeat(letters);
    let changes: [(&str, &str, Value, &str); 8] = [
        ("usage-tips", "/text/en/sms", json!("{{ nobody }}"), "undefined"),
        ("usage-tips", "/text/en/sms", json!("{{ order"), "unexpected end"),
        ("usage-tips", "/text/zh-CN/sms", json!(long(202)), "three parts"),
        ("usage-tips", "/text/ja/subject", json!(long(151)), "150 characters"),
        ("usage-tips", "/text/en/mail", json!("[Tips](http://example.com/tips)"), "no https:// link"),
        ("usage-tips", "/text/en/mail", json!("[Tips](https://elsewhere.example/tips)"), "no https:// link"),
        ("install-video", "/text/en/push_title", json!("t".repeat(51)), "50 characters"),
        ("install-video", "/value/name/fallback", json!({"en": "there"}), "nothing stands in"),
    ];
    for (id, place, value, words) in changes {
        let found = check(&document(|document| {
            let n = template(document, id);
            *document["template"][n].pointer_mut(place).unwrap() = value.clone();
        }));
        assert!(found.iter().any(|found| found.contains(words)), "{place} {value}: {found:?}");
    }
    let gone = check(&document(|document| {
        let n = template(document, "birthday");
        document["template"].as_array_mut().unwrap().remove(n);
    }));
    assert_eq!(gone, ["journey.birthday.steps.wish.template: there is no text of this name"]);
    let silent = check(&document(|document| {
        let n = template(document, "expiring");
        let wording = document["template"][n]["text"]["zh-CN"].as_object_mut().unwrap();
        wording.remove("push");
        wording.remove("push_title");
    }));
    assert_eq!(silent, ["journey.expiring-points.steps.push: `expiring` says nothing by push"]);
}

// rule: messages 16, 18
#[test]
fn a_value_is_said_as_it_is_and_is_never_markup() {
    let document = document(|_| ());
    let zone = Zone::named("America/New_York").unwrap();
    let of = |id: &str| document.template.iter().find(|template| template.id == id).unwrap();
    let said = |id: &str, locales: &[&str], by: Does, values: &[(&str, &str)]| {
        let values: BTreeMap<String, Scalar> =
            values.iter().map(|(name, value)| ((*name).to_owned(), Scalar::Text((*value).to_owned()))).collect();
        write(
            Asking {
                template: of(id),
                locales,
                values: &values,
                zone: &zone,
                action: Some("https://care.example.com/a/x"),
                preferences: None,
            },
            by,
        )
    };
    let sms = |locales: &[&str], day: &str| match said("one-tap-extend", locales, Does::Sms, &[("due_date", day)])
        .unwrap()
        .body
    {
        Body::Sms(text) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        sms(&["en-GB"], "2026-03-20"),
        "Your bill is due on 20 March 2026. One tap extends it: https://care.example.com/a/x"
    );
    assert_eq!(
        sms(&["fr", "zh-TW"], "2026-03-20"),
        "您的账单将于 2026年3月20日 到期，一键延期：https://care.example.com/a/x",
        "by its language"
    );
    assert_eq!(sms(&["en"], "2026-03-20T03:59:59Z"), sms(&["en"], "2026-03-19"), "in the member's days");
    let hostile = "</p><script>x</script>\n\n[Click](https://evil.example)\n\n{{ 7 * 7 }}";
    let mail = said("install-video", &["en"], Does::Email, &[("name", hostile), ("order", "  ")]).unwrap();
    assert_eq!(mail.fallbacks, ["order"], "what is blank is missing");
    let Body::Mail { text, html, .. } = mail.body else { panic!("no mail") };
    assert!(!html.contains("<script") && !html.contains("evil.example\"") && html.contains("{{ 7 * 7 }}"), "{html}");
    assert!(text.lines().next().unwrap().ends_with("{{ 7 * 7 }},"), "one line stays one: {text}");
    assert_eq!(said("one-tap-extend", &["en"], Does::Sms, &[]), Err(Fault::Missing("due_date".to_owned())));
    assert_eq!(said("one-tap-extend", &["en"], Does::InApp, &[("due_date", "2026-03-20")]), Err(Fault::NoWords));
    assert_eq!(said("one-tap-extend", &["fr"], Does::Sms, &[("due_date", "2026-03-20")]), Err(Fault::NoWords));
}
