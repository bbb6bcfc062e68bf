//! Links that stand for a sign-in.

use domain::members::link::{Link, Purpose};
use domain::programme::channel::Channel;

use super::brand::{at, id};

fn link(purpose: Purpose) -> Link {
    Link { member: id("m-4fQ7wZ2bK9xLrT0vHnE1cD"), purpose, key: 1, issued: at("2026-03-01T02:00:00Z") }
}

// rule: privacy 8
#[test]
fn a_link_is_written_in_one_way_and_read_back() {
    assert_eq!(link(Purpose::Preferences).signed(), "p.1.1772330400.m-4fQ7wZ2bK9xLrT0vHnE1cD");
    for purpose in [Purpose::Preferences, Purpose::SentBy(Channel::Email), Purpose::SentBy(Channel::Wecom)] {
        let link = link(purpose);
        assert_eq!(Link::read(&link.signed()), Some(link));
    }
    for other in [
        "",
        "p",
        "p.1.1772330400",
        "p.1.1772330400.",
        "p.1.1772330400.m 1",
        "p.01.1772330400.m-1",
        "p.1.+1772330400.m-1",
        "p.1.99999999999999999999.m-1",
        "q.1.1772330400.m-1",
        "p-fax.1.1772330400.m-1",
        "p.1.1772330400.m-1.m-2",
    ] {
        assert_eq!(Link::read(other), None, "{other}");
    }
}

// rule: privacy 8
#[test]
fn a_link_does_everything_for_180_days() {
    let link = link(Purpose::Preferences);
    assert!(link.is_fresh(at("2026-08-28T02:00:00Z")) && !link.is_fresh(at("2026-08-28T02:00:00.001Z")));
    assert_eq!(link.sent_by(), None);
}
