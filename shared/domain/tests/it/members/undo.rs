//! What a write has made of a member is taken back.

use domain::members::consent::{Consent, Said};
use domain::members::field::{Provenance, Value};
use domain::members::identifier::{Identifier, Index, Kind};
use domain::members::profile::Known;
use domain::members::state::{Held, Member};
use domain::members::undo::Image;
use domain::members::undoing::{Back, RowBack};

use super::brand::{Brand, at, id};

fn said(member: &mut Member, field: &str, value: Option<&str>, source: &str, on: &str) {
    let value = value.map(|value| Value::Text(value.to_owned()));
    let provenance = Provenance { source: source.to_owned(), rank: 20, at: at(on) };
    member.profile.fields.insert(field.to_owned(), Known { value, provenance });
}

fn held(value: &str) -> Held {
    let identifier = Identifier { kind: Kind::Phone, value: value.to_owned() };
    let index = Index([value.len() as u8; 32]);
    Held { n: 0, identifier, index, verified_at: None, source: "crm".to_owned(), at: at("2026-06-15"), contact: false }
}

/// A member, and what a file has made of it.
fn written() -> (Member, Member) {
    let mut before = Member::enrolled(id("m-1"), "crm".to_owned(), at("2026-01-01"));
    said(&mut before, "name", Some("王芳"), "shop", "2026-01-01");
    said(&mut before, "city", Some("杭州"), "crm", "2026-01-01");
    before.tags.insert("vip".to_owned(), "2026-07-31".parse().unwrap());
    before.locale = Some("zh-CN".to_owned());
    let mut after = before.clone();
    said(&mut after, "name", Some("王方"), "crm", "2026-06-15");
    said(&mut after, "city", Some("杭州"), "crm", "2026-06-15");
    said(&mut after, "note", Some("新"), "crm", "2026-06-15");
    after.tags.insert("vip".to_owned(), "2026-12-31".parse().unwrap());
    after.locale = Some("en".to_owned());
    after.link(held("13800138000")).unwrap();
    (before, after)
}

// rule: import 27
#[test]
fn what_nobody_has_changed_since_is_as_it_was() {
    let (brand, (before, after)) = (Brand::new(), written());
    let image = Image::of(&before, &after);
    assert_eq!(image.after.profile.fields.keys().collect::<Vec<_>>(), ["name", "note"], "a newer date is none");
    let mut member = after.clone();
    let done = image.take_back(&mut member, "crm", brand.rules_at(at("2026-06-20")));
    assert_eq!(
        (done.fields.as_slice(), done.left.as_slice()),
        (["locale", "name", "note"].map(str::to_owned).as_slice(), [].as_slice())
    );
    assert_eq!((done.tags.len(), done.unlinked.len()), (1, 1));
    let expected = Member { numbered: 1, profile: member.profile.clone(), ..before.clone() };
    assert_eq!(member, expected);
    assert_eq!(member.profile.fields["name"], before.profile.fields["name"]);
    assert!(!member.profile.fields.contains_key("note"));
    let again = image.take_back(&mut member, "crm", brand.rules_at(at("2026-06-20")));
    assert!(again.is_nothing(), "{again:?}");
}

// rule: import 27
#[test]
fn what_somebody_has_said_since_stays_and_is_told() {
    let (brand, (before, after)) = (Brand::new(), written());
    let image = Image::of(&before, &after);
    let mut member = after;
    said(&mut member, "name", Some("王方"), "app", "2026-06-16");
    member.tags.insert("vip".to_owned(), "2027-01-31".parse().unwrap());
    member.identifiers[0].verified_at = Some(at("2026-06-16"));
    member.locale = Some("ja".to_owned());
    let kept = member.clone();
    let done = image.take_back(&mut member, "crm", brand.rules_at(at("2026-06-20")));
    assert_eq!(done.left, ["locale", "phone", "name", "vip"], "though it says the same");
    assert_eq!(done.fields, ["note"]);
    assert_eq!((&member.tags, &member.identifiers, &member.locale), (&kept.tags, &kept.identifiers, &kept.locale));
}

// rule: import 27
#[test]
fn nobody_is_written_to_on_the_strength_of_a_file_that_was_wrong() {
    let (brand, (before, _)) = (Brand::new(), written());
    let subject = |channel: &str| ("marketing".to_owned(), Some(channel.parse().unwrap()));
    let consent = |said, on: &str| Consent { said, at: at(on), version: Some(1) };
    let (mut old, mut new) = (before.clone(), before);
    old.consents.insert(subject("sms"), consent(Said::Given, "2026-02-01"));
    old.consents.insert(subject("phone"), consent(Said::Given, "2026-02-01"));
    new.consents.insert(subject("email"), consent(Said::Given, "2026-06-15"));
    new.consents.insert(subject("sms"), consent(Said::Given, "2026-06-15"));
    new.consents.insert(subject("phone"), consent(Said::Withdrawn, "2026-06-15"));
    let image = Image::of(&old, &new);
    let mut member = new;
    let done = image.take_back(&mut member, "crm", brand.rules_at(at("2026-06-20")));
    let said = ["email", "sms", "phone"]
        .map(|channel| (member.consents[&subject(channel)].said, member.consents[&subject(channel)].at));
    let expected =
        [(Said::Withdrawn, at("2026-06-20")), (Said::Given, at("2026-02-01")), (Said::Withdrawn, at("2026-06-15"))];
    assert_eq!((said, done.records.len()), (expected, 2), "who was found to have withdrawn stays so");
}

// rule: import 27
#[test]
fn what_became_of_a_row_is_read_as_it_is_said() {
    let left = RowBack::changed(&["name".to_owned(), "address.city".to_owned()]);
    for (row, back) in [(2, RowBack::whole(Back::Erased)), (3, left), (4, RowBack::left("in_use", "external_id"))] {
        assert_eq!(RowBack::read(&back.said(row)), Some((row, back)));
    }
    assert_eq!((RowBack::read("2 gone"), RowBack::read("x left")), (None, None));
}
