//! One question about the member at a time.

use domain::voice::Contacts;
use jiff::civil::{Date, date};

use super::stage::{member, programme};

// rule: voice 5
#[test]
fn the_first_field_without_a_value_is_asked_for() {
    let programme = programme();
    let form = &programme.form("profile").unwrap().written;
    let today = date(2026, 11, 20);
    let mut contacts = Contacts::new(member("m-1"));
    let next = |contacts: &Contacts, known: &[(&str, Date)], today: Date| {
        let known = |field: &str| known.iter().find(|(name, _)| *name == field).map(|(_, since)| *since);
        contacts.next_field(form, known, today).map(|question| question.id.clone())
    };
    assert_eq!(next(&contacts, &[], today).as_deref(), Some("birthday"));
    assert_eq!(next(&contacts, &[("birthday", today)], today).as_deref(), Some("city"));
    // One that is older than it may be is asked for again.
    assert_eq!(next(&contacts, &[("birthday", date(2025, 11, 20))], today).as_deref(), Some("city"));
    assert_eq!(next(&contacts, &[("birthday", date(2025, 11, 19))], today).as_deref(), Some("birthday"));
    // Asked and answered, it is not asked for again in 30 days; declined, not in 180.
    contacts.shown("birthday", true, today);
    assert_eq!(next(&contacts, &[], date(2026, 12, 19)).as_deref(), Some("city"));
    assert_eq!(next(&contacts, &[], date(2026, 12, 20)).as_deref(), Some("birthday"));
    contacts.shown("birthday", false, today);
    assert_eq!(next(&contacts, &[], date(2027, 5, 18)).as_deref(), Some("city"));
    assert_eq!(next(&contacts, &[], date(2027, 5, 19)).as_deref(), Some("birthday"));
    assert_eq!(next(&contacts, &[("birthday", today), ("address.city", today)], today), None);
}
