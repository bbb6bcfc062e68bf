//! Communities and cohorts: joining, the digest of a week, seats for a term.

use std::collections::BTreeSet;

use domain::engagement::Standing;
use domain::engagement::community::{
    Appointment, AppointmentState, By, CohortRefusal, DigestRefusal, DutyState, Enrolment, Head, MOST, Membership,
    Week, appoint, run, send, state_of,
};
use domain::kernel::refusal::Refusal;
use domain::kernel::time::Zone;
use domain::programme::compiled::Programme;
use domain::programme::engagement::community::Community;
use jiff::civil::date;

use super::challenges::SHANGHAI;
use super::stage::{at, member, of_tier, programme, read, scene};

const SECTIONS: &str = "[[community]]\nid = 'outdoor'\njoin = 'tag'\ntags = ['fan']\n[[community]]\nid = 'skincare'\njoin = 'open'\n\
    [[community]]\nid = 'tea'\njoin = 'invite'\n[digest]\nday = 'Thu'\nat = '19:00'\n";

const NOW: &str = "2026-11-20T00:00:00Z";

fn community(id: &str) -> Community {
    let programme = programme(SHANGHAI, SECTIONS);
    programme.engagement().communities.iter().find(|community| community.id == id).unwrap().clone()
}

fn tagged() -> Standing {
    Standing { tags: ["fan".to_owned()].into(), ..Standing::active() }
}

/// Joins: true, if something was to be done; the code of what stands against it.
fn join(
    before: Option<&Membership>,
    id: &str,
    by: By,
    standing: &Standing,
    others: usize,
) -> Result<bool, &'static str> {
    let joined = Membership::join((&member("m-1"), before), &community(id), by, (standing, others), at(NOW));
    joined.map(|change| change.is_some()).map_err(|refusal| refusal.code())
}

fn member_of(name: &str, id: &str, since: &str) -> Membership {
    Membership { member: member(name), community: id.into(), joined_at: at(since), left_at: None, wecom_at: None }
}

// rule: community 1.1, 1.2
#[test]
fn one_joins_as_the_community_says_and_by_no_tag_again() {
    let nobody = Standing::active();
    assert_eq!(join(None, "skincare", By::Asking, &nobody, 0), Ok(true));
    assert_eq!(join(None, "outdoor", By::Tag, &tagged(), 0), Ok(true));
    assert_eq!(join(None, "outdoor", By::Asking, &tagged(), 0), Ok(true));
    assert_eq!(join(None, "outdoor", By::Asking, &nobody, 0), Err("not_eligible"));
    assert_eq!(join(None, "tea", By::Asking, &nobody, 0), Err("not_eligible"));
    assert_eq!(join(None, "tea", By::Invitation, &nobody, 0), Ok(true));
    assert_eq!(join(None, "skincare", By::Asking, &nobody, MOST - 1), Ok(true));
    assert_eq!(join(None, "skincare", By::Asking, &nobody, MOST), Err("too_many_communities"));
    let own = member_of("m-1", "outdoor", NOW);
    assert_eq!(join(Some(&own), "outdoor", By::Asking, &tagged(), 0), Ok(false), "already");
    let left = own.leave(at(NOW)).unwrap().state;
    assert!(left.leave(at(NOW)).is_none());
    assert_eq!(join(Some(&left), "outdoor", By::Tag, &tagged(), 0), Ok(false), "by no tag again");
    assert_eq!(join(Some(&left), "outdoor", By::Asking, &tagged(), 0), Ok(true));
}

// rule: community 1.4
#[test]
fn the_group_elsewhere_knows_a_member_by_a_mark() {
    let own = state_of(b"secret", "outdoor", &member("m-1"));
    assert_eq!(own.len(), 24);
    assert_ne!(own, state_of(b"secret", "tea", &member("m-1")));
    let joined = member_of("m-1", "outdoor", NOW).in_group(Some(at(NOW))).state;
    assert_eq!((joined.wecom_at, joined.in_group(None).state.wecom_at), (Some(at(NOW)), None));
    let left = joined.leave(at(NOW)).unwrap().state;
    assert_eq!(left.in_group(Some(at(NOW))).state.wecom_at, None);
}

// rule: community 1.3
#[test]
fn a_member_has_one_message_a_week_whatever_the_communities() {
    let all = [
        member_of("m-1", "skincare", "2026-11-02T00:00:00Z"),
        member_of("m-1", "outdoor", "2026-11-01T00:00:00Z"),
        member_of("m-2", "skincare", "2026-11-01T00:00:00Z"),
        member_of("m-3", "tea", "2026-11-01T00:00:00Z"),
        member_of("m-4", "skincare", "2026-11-01T00:00:00Z").leave(at(NOW)).unwrap().state,
    ];
    let week: Week = "2026-W48".parse().unwrap();
    let ready: BTreeSet<String> = ["outdoor".to_owned(), "skincare".to_owned()].into();
    let done = run(week, &all, &ready);
    let keys: Vec<&str> = done.enrolments.iter().map(|enrolment| enrolment.key.as_str()).collect();
    assert_eq!(keys, ["community-digest|m-1|2026-W48", "community-digest|m-2|2026-W48"]);
    assert_eq!(done.missing, BTreeSet::from(["tea".to_owned()]));
    assert_eq!(run(week, &all, &ready), done, "a second run enrols under the same keys");
    assert_eq!(Enrolment::parts(&member("m-1"), &all, &ready), ["outdoor", "skincare"], "as they were joined");
    let mut left = all.clone();
    left[1] = left[1].leave(at(NOW)).unwrap().state;
    assert_eq!(Enrolment::parts(&member("m-1"), &left, &ready), ["skincare"], "what was left is not in it");
}

// rule: community 1.3
#[test]
fn a_digest_is_sent_until_its_week_is_over() {
    let zone = Zone::named(SHANGHAI).unwrap();
    let digest = programme(SHANGHAI, SECTIONS).engagement().digest.unwrap();
    let week: Week = "2026-W48".parse().unwrap();
    assert_eq!((week.monday(), week.due_at(digest, &zone)), (date(2026, 11, 23), at("2026-11-26T11:00:00Z")));
    assert_eq!(send(week, false, at("2026-11-29T15:59:00Z"), &zone), Ok(()));
    assert_eq!(send(week, true, at("2026-11-29T15:59:00Z"), &zone), Err(DigestRefusal::AlreadySent));
    let ended_at = at("2026-11-29T16:00:00Z");
    assert_eq!(send(week, false, ended_at, &zone), Err(DigestRefusal::WeekOver { ended_at }));
    // 2026 has a week 53, which ends in the next year.
    assert_eq!(Week::of(date(2027, 1, 3)).to_string(), "2026-W53");
    assert_eq!("2026-W53".parse::<Week>().unwrap().monday(), date(2026, 12, 28));
    for wrong in ["2027-W53", "2026-48", "2026-W00", "26-W48", "2026-W4", ""] {
        assert!(wrong.parse::<Week>().is_err(), "{wrong}");
    }
}

fn officers(zone: &str, more: &str) -> Programme {
    programme(zone, &format!("[[cohort]]\nid = 'officers'\nseats = 2\nterm = 'P12M'\n{more}"))
}

// rule: community 3.1, 3.2
#[test]
fn seats_are_given_once_and_free_when_somebody_goes() {
    let programme = officers(SHANGHAI, "apply = true");
    let cohort = programme.engagement().cohort("officers").unwrap();
    let mut head = Head { taken: 0 };
    let mut all: Vec<Appointment> = Vec::new();
    let give = |head: &mut Head, all: &mut Vec<Appointment>, name: &str| {
        let newest = all.iter().rev().find(|appointment| appointment.member == member(name));
        let seated = appoint(head, (&member(name), newest), cohort, scene(&programme, NOW));
        seated.map(|seated| {
            *head = seated.head;
            all.push(seated.appointment);
        })
    };
    assert_eq!([give(&mut head, &mut all, "a"), give(&mut head, &mut all, "b")], [Ok(()), Ok(())]);
    assert_eq!(give(&mut head, &mut all, "c"), Err(CohortRefusal::CohortFull { seats: 2 }));
    assert_eq!(give(&mut head, &mut all, "a").unwrap_err().code(), "already_appointed");
    let freed = all[0].freed(&head, AppointmentState::Resigned).unwrap();
    (head, all[0]) = (freed.head, freed.appointment);
    assert_eq!(all[0].freed(&head, AppointmentState::Resigned).unwrap_err().code(), "wrong_state");
    assert_eq!(give(&mut head, &mut all, "c"), Ok(()));
    assert_eq!((head.taken, all.last().unwrap().term), (2, 1));
    let freed = all[1].freed(&head, AppointmentState::Removed).unwrap();
    (head, all[1]) = (freed.head, freed.appointment);
    assert_eq!(give(&mut head, &mut all, "a"), Ok(()));
    assert_eq!(all.last().unwrap().term, 2, "a new term");
}

// rule: community 3.1
#[test]
fn who_may_applies_and_nobody_waits_for_ever() {
    let begin = |more: &str, state: AppointmentState, newest: Option<&Appointment>| {
        let programme = officers(SHANGHAI, more);
        let cohort = programme.engagement().cohort("officers").unwrap();
        Appointment::begin((&member("a"), newest), cohort, state, &of_tier("silver"), scene(&programme, NOW))
    };
    use AppointmentState::{Applied, Invited};
    assert_eq!(begin("", Applied, None).unwrap_err().code(), "not_eligible");
    assert_eq!(begin("apply = true\nmin_tier = 'gold'", Applied, None).unwrap_err().code(), "not_eligible");
    let applied = begin("apply = true\nmin_tier = 'silver'", Applied, None).unwrap();
    assert_eq!(begin("", Invited, Some(&applied)).unwrap_err().code(), "already_appointed");
    let invited = begin("", Invited, None).unwrap();
    assert!(
        invited.lapsed(at("2026-12-03T23:59:59Z")).is_none() && invited.lapsed(at("2026-12-04T00:00:00Z")).is_some()
    );
    assert!(
        applied.lapsed(at("2027-01-18T23:59:59Z")).is_none() && applied.lapsed(at("2027-01-19T00:00:00Z")).is_some()
    );
}

// rule: community 3.3
#[test]
fn a_term_ends_with_a_local_date() {
    let ends = |zone: &str, term: &str, now: &str| {
        let programme = programme(zone, &format!("[[cohort]]\nid = 'officers'\nseats = 2\nterm = '{term}'"));
        let cohort = programme.engagement().cohort("officers").unwrap();
        let seated = appoint(&Head { taken: 0 }, (&member("a"), None), cohort, scene(&programme, now)).unwrap();
        let over = seated.appointment.ends_at(programme.zone()).unwrap();
        let just = over - jiff::SignedDuration::from_millis(1);
        let is_over = |now| seated.appointment.is_over(domain::engagement::Scene { programme: &programme, now });
        assert_eq!([is_over(just), is_over(over)], [false, true]);
        (seated.appointment.dates.unwrap().1, over)
    };
    let santiago = ends("America/Santiago", "P12M", "2026-09-06T12:00:00Z");
    assert_eq!(santiago, (date(2027, 9, 6), at("2027-09-06T03:00:00Z")));
    let clamped = ends(SHANGHAI, "P6M", "2026-08-31T04:00:00Z");
    assert_eq!(clamped, (date(2027, 2, 28), at("2027-02-27T16:00:00Z")));
}

// rule: community 3.4
#[test]
fn a_fact_in_the_term_does_what_is_to_be_done_once() {
    let tasks = "tasks = [{ id = 'first', fact = 'review.completed', due_days = 30 }, { id = 'second', fact = 'review.completed', due_days = 60 }]";
    let programme = officers(SHANGHAI, tasks);
    let cohort = programme.engagement().cohort("officers").unwrap();
    let seated = appoint(&Head { taken: 0 }, (&member("a"), None), cohort, scene(&programme, NOW)).unwrap();
    assert_eq!(seated.facts.len(), 3, "the seat, and what is to be done");
    let zone = programme.zone();
    let heard = |appointment: &Appointment, now: &str| appointment.heard("review.completed", at(now), zone);
    assert!(seated.appointment.heard("survey.completed", at(NOW), zone).is_none());
    assert!(heard(&seated.appointment, "2026-11-19T00:00:00Z").is_none(), "before the term");
    let (one, _, activity) = heard(&seated.appointment, "2026-12-20T15:59:59Z").unwrap();
    assert_eq!((one.duties[0].state, activity.id.as_str()), (DutyState::Done, "cohort|officers|1|a|first"));
    let (two, ..) = heard(&one, "2027-01-20T15:59:59Z").unwrap();
    assert_eq!(two.duties[1].state, DutyState::Late);
    assert!(heard(&two, "2027-01-20T16:00:00Z").is_none(), "once each");
}

// rule: community 5.1
#[test]
fn communities_and_cohorts_that_cannot_be_are_refused() {
    let wrong = [
        ("[[community]]\nid = 'c'\njoin = 'tag'", "community.c.tags"),
        ("[[community]]\nid = 'c'\njoin = 'tag'\ntags = ['nobody']", "community.c.tags"),
        ("[[cohort]]\nid = 'c'\nseats = 0\nterm = 'P6M'", "cohort.c.seats"),
        ("[[cohort]]\nid = 'c'\nseats = 1\nterm = 'P0M'", "cohort.c.term"),
        ("[[cohort]]\nid = 'c'\nseats = 1\nterm = 'P6M'\nsegments = ['nobody']", "cohort.c.segments"),
        (
            "[[cohort]]\nid = 'c'\nseats = 1\nterm = 'P6M'\ntasks = [{ id = 't', fact = 'nothing', due_days = 3 }]",
            "cohort.c.tasks.t.fact",
        ),
        ("[media]\nhosts = ['https://a.example.com']", "media.hosts"),
    ];
    for (text, field) in wrong {
        let findings = read(SHANGHAI, text).err().unwrap_or_else(|| panic!("accepted: {text}"));
        assert!(findings.iter().any(|finding| finding.at == field), "{text}: {findings:?}");
    }
}
