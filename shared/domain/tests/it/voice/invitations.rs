//! Who is invited, when it is sent, when it closes, and what takes it back.

use domain::voice::inviting::{Back, Resolved, Standing, asks_after, cancel, closes_at, gives_back, pass};
use domain::voice::{Invitation, InvitationId, State};
use jiff::ToSpan;

use super::stage::{Member, at, member, programme, programme_in};

/// Invitations of one member, one after the other: when, to what, why, and what comes of it; `-` gives the date back.
#[track_caller]
fn check(steps: &[(&str, &str, &str, &str)]) {
    let mut asked = Member::new(programme());
    for (when, survey, cause, expected) in steps {
        match *expected {
            "-" => asked.give_back(survey, cause),
            expected => assert_eq!(asked.invite(when, survey, cause), expected, "{when} {survey} {cause}"),
        }
    }
}

// rule: voice 6
#[test]
fn the_same_is_not_sent_again_before_its_days_are_over() {
    check(&[
        ("2026-01-10T01:00:00Z", "nps-quarterly", "quarter:2026-Q1", "invited"),
        ("2026-04-09T01:00:00Z", "nps-quarterly", "quarter:2026-Q2a", "recontact"),
        ("2026-04-10T01:00:00Z", "nps-quarterly", "quarter:2026-Q2", "invited"),
    ]);
    // In UTC these are 90 days; in Shanghai the first lies on the next date.
    check(&[
        ("2026-01-10T16:30:00Z", "nps-quarterly", "a", "invited"),
        ("2026-04-10T15:30:00Z", "nps-quarterly", "b", "recontact"),
        ("2026-04-10T16:00:00Z", "nps-quarterly", "b", "invited"),
    ]);
    // Over a leap day.
    check(&[
        ("2028-02-28T02:00:00Z", "post-purchase", "a", "invited"),
        ("2028-03-12T02:00:00Z", "post-purchase", "b", "recontact"),
        ("2028-03-28T02:00:00Z", "post-purchase", "b", "cooldown"),
        ("2028-03-29T02:00:00Z", "post-purchase", "b", "invited"),
    ]);
}

// rule: voice 6
#[test]
fn any_that_counts_keeps_others_away_and_an_exempt_one_none() {
    check(&[
        ("2026-03-01T02:00:00Z", "nps-quarterly", "a", "invited"),
        ("2026-03-02T02:00:00Z", "csat-ticket", "ticket:t1:1", "invited"),
        ("2026-03-30T02:00:00Z", "post-purchase", "o1", "cooldown"),
        ("2026-03-31T02:00:00Z", "post-purchase", "o1", "invited"),
    ]);
    check(&[
        ("2026-03-01T02:00:00Z", "csat-ticket", "ticket:t1:1", "invited"),
        ("2026-03-03T02:00:00Z", "csat-ticket", "ticket:t2:1", "invited"),
        ("2026-03-05T02:00:00Z", "csat-ticket", "ticket:t1:2", "invited"),
        ("2026-03-05T03:00:00Z", "nps-quarterly", "a", "invited"),
    ]);
    // What is refused is no contact.
    check(&[
        ("2026-03-01T02:00:00Z", "post-purchase", "o1", "invited"),
        ("2026-03-20T02:00:00Z", "nps-quarterly", "a", "cooldown"),
        ("2026-03-31T02:00:00Z", "nps-quarterly", "b", "invited"),
    ]);
}

// rule: voice 6
#[test]
fn the_same_cause_invites_once() {
    check(&[
        ("2026-03-01T02:00:00Z", "csat-ticket", "ticket:t1:1", "invited"),
        ("2026-05-01T02:00:00Z", "csat-ticket", "ticket:t1:1", "already"),
    ]);
    let id = InvitationId::of("csat-ticket", "ticket:t1:1", &member("m-1"));
    assert_eq!(id.to_string(), "0aa8f1bfa3d45dd5f6b0bba537942b46");
    assert_ne!(id, InvitationId::of("csat-ticket", "ticket:t1:2", &member("m-1")));
}

// rule: voice 6
#[test]
fn who_is_not_active_is_asked_after_tickets_alone() {
    let mut asked = Member::new(programme());
    asked.standing = Standing::Inactive;
    assert_eq!(asked.invite("2026-03-01T02:00:00Z", "nps-quarterly", "a"), "inactive");
    assert_eq!(asked.invite("2026-03-01T02:00:00Z", "csat-ticket", "ticket:t1:1"), "invited");
    asked.standing = Standing::Erased;
    assert_eq!(asked.invite("2026-03-01T02:00:00Z", "csat-ticket", "ticket:t2:1"), "inactive");
    // Refusals come in their order.
    asked.standing = Standing::Active;
    assert_eq!(asked.invite("2026-03-01T02:00:00Z", "post-purchase", "o1"), "invited");
    assert_eq!(asked.invite("2026-03-02T02:00:00Z", "post-purchase", "o2"), "recontact");
    asked.standing = Standing::Inactive;
    assert_eq!(asked.invite("2026-03-02T02:00:00Z", "post-purchase", "o2"), "inactive");
}

// rule: voice 7
#[test]
fn what_was_not_sent_gives_its_date_back() {
    check(&[
        ("2026-03-01T02:00:00Z", "nps-quarterly", "a", "invited"),
        ("2026-03-01T03:00:00Z", "nps-quarterly", "a", "-"),
        ("2026-03-05T02:00:00Z", "post-purchase", "o1", "invited"),
    ]);
    // To the one before, which still counts.
    check(&[
        ("2026-03-01T02:00:00Z", "post-purchase", "o1", "invited"),
        ("2026-04-01T02:00:00Z", "post-purchase", "o2", "invited"),
        ("2026-04-01T02:00:00Z", "post-purchase", "o2", "-"),
        ("2026-03-14T02:00:00Z", "post-purchase", "o3", "recontact"),
        ("2026-03-30T02:00:00Z", "nps-quarterly", "a", "cooldown"),
        ("2026-03-31T02:00:00Z", "nps-quarterly", "a", "invited"),
    ]);
}

// rule: voice 8
#[test]
fn an_invitation_closes_at_the_start_of_a_local_date() {
    for (zone, days, sent, closes) in [
        ("Asia/Shanghai", 14, "2026-11-02T15:59:59Z", "2026-11-16T16:00:00Z"),
        ("Asia/Shanghai", 14, "2026-11-02T16:00:00Z", "2026-11-17T16:00:00Z"),
        ("Asia/Shanghai", 0, "2026-11-02T02:00:00Z", "2026-11-02T16:00:00Z"),
        // Midnight does not exist.
        ("America/Santiago", 1, "2026-09-04T15:00:00Z", "2026-09-06T04:00:00Z"),
        ("Europe/Berlin", 1, "2026-10-24T10:00:00Z", "2026-10-25T23:00:00Z"),
    ] {
        let programme = programme_in(zone);
        let mut survey = programme.survey("nps-quarterly").unwrap().clone();
        survey.close_after_days = days;
        assert_eq!(closes_at(&survey, at(sent), programme.zone()), at(closes), "{zone} {sent}");
    }
}

fn invited(survey: &str, cause: &str, when: &str) -> (Member, Invitation) {
    let mut asked = Member::new(programme());
    assert_eq!(asked.invite(when, survey, cause), "invited");
    let invitation = asked.invitations[&format!("{survey} {cause}")].clone();
    (asked, invitation)
}

// rule: voice 7, 10
#[test]
fn time_sends_it_and_ends_it() {
    let (asked, invitation) = invited("csat-ticket", "ticket:t1:1", "2026-11-02T02:00:00Z");
    let survey = asked.programme.survey("csat-ticket");
    assert_eq!(invitation.send_at, at("2026-11-02T03:00:00Z"));
    let pass = |invitation: &Invitation, when| pass(invitation, survey, &asked.programme, when);
    assert!(pass(&invitation, at("2026-11-02T02:59:59.999Z")).is_none());
    let sent = pass(&invitation, at("2026-11-02T03:00:00Z")).unwrap();
    assert_eq!((sent.state.state, sent.facts.len()), (State::Invited, 1));
    assert_eq!(sent.state.due(), Some(at("2026-11-16T16:00:00Z")));
    assert!(pass(&sent.state, sent.state.closes_at - 1.millisecond()).is_none());
    let over = pass(&sent.state, sent.state.closes_at).unwrap();
    assert_eq!((over.state.state, over.state.due()), (State::Expired, None));
    assert!(pass(&over.state, at("2030-01-01T00:00:00Z")).is_none());
}

// rule: voice 10
#[test]
fn a_ticket_that_opens_again_takes_its_question_back() {
    let (mut asked, invitation) = invited("csat-ticket", "ticket:t1:1", "2026-11-02T02:00:00Z");
    assert!(gives_back(&invitation, Back::TicketReopened), "nobody has seen it");
    let taken = cancel(&invitation, Back::TicketReopened).unwrap();
    assert_eq!((taken.state.state, taken.facts.len(), taken.state.due()), (State::Cancelled, 1, None));
    assert!(cancel(&taken.state, Back::TicketMerged).is_none(), "once");
    let sent = Invitation { state: State::Invited, ..invitation.clone() };
    assert!(cancel(&sent, Back::TicketReopened).is_some(), "sent or not");
    assert!(!gives_back(&sent, Back::TicketReopened) && gives_back(&sent, Back::NotSent));
    for ended in [State::Answered, State::Expired] {
        assert!(cancel(&Invitation { state: ended, ..invitation.clone() }, Back::TicketReopened).is_none());
    }
    // The reopening comes first: what resolves later finds it.
    let never =
        Invitation::never(&asked.asking("csat-ticket", "ticket:t2:1"), &asked.programme, at("2026-11-02T02:00:00Z"));
    asked.invitations.insert("csat-ticket ticket:t2:1".into(), never);
    assert_eq!(asked.invite("2026-11-02T02:01:00Z", "csat-ticket", "ticket:t2:1"), "cancelled");
    assert_eq!(asked.invite("2026-11-02T02:01:00Z", "csat-ticket", "ticket:t2:2"), "invited");
}

// rule: voice 10
#[test]
fn a_resolution_is_asked_after_where_somebody_was_answered() {
    let resolved = Resolved { has_member: true, public_reply: true, live: false, code: "fixed" };
    assert!(asks_after(resolved));
    assert!(asks_after(Resolved { public_reply: false, live: true, ..resolved }));
    assert!(!asks_after(Resolved { public_reply: false, ..resolved }));
    assert!(!asks_after(Resolved { has_member: false, ..resolved }));
    for code in ["spam", "duplicate"] {
        assert!(!asks_after(Resolved { code, ..resolved }));
    }
}
