//! Events: no seat is given twice, and who waits waits in order.

use std::collections::BTreeMap;

use domain::engagement::Standing;
use domain::engagement::community::{
    AttendanceRefusal, Guests, Promoted, Rsvp, RsvpRefusal, RsvpState, Seat, Tries, Work, WorkRefusal, digits, enter,
    scan, token, widened,
};
use domain::kernel::refusal::Refusal;
use domain::programme::compiled::Programme;
use domain::programme::engagement::community::Event;
use jiff::civil::date;
use proptest::prelude::*;

use super::challenges::SHANGHAI;
use super::stage::{at, member, of_tier, programme, read, scene};

const SECRET: &[u8] = b"event-secret";

fn written(capacity: u32, more: &str) -> String {
    format!(
        "[[event]]\nid = 'lab.shanghai'\nkind = 'workshop'\nopens_at = '2026-12-01T10:00:00+08:00'\n\
         starts_at = '2026-12-12T14:00:00+08:00'\nends_at = '2026-12-12T17:00:00+08:00'\ncapacity = {capacity}\n{more}"
    )
}

/// An event, its seats, and everybody who asked.
struct Hall {
    programme: Programme,
    event: Event,
    guests: Guests,
    rsvps: BTreeMap<String, Rsvp>,
}

const DAY: &str = "2026-12-01T02:00:00Z";
const LATE: &str = "2026-12-12T04:00:00Z";

impl Hall {
    fn new(capacity: u32, more: &str) -> Self {
        let programme = programme(SHANGHAI, &written(capacity, more));
        let event = programme.engagement().event("lab.shanghai").unwrap().clone();
        let guests = Guests::of(&event);
        Self { programme, event, guests, rsvps: BTreeMap::new() }
    }

    fn ask(&mut self, now: &str, name: &str) -> Result<RsvpState, RsvpRefusal> {
        let scene = scene(&self.programme, now);
        let before = self.rsvps.get(name);
        let seat = self.guests.rsvp((&member(name), before), &self.event, &Standing::active(), scene)?;
        Ok(self.seat(seat))
    }

    fn seat(&mut self, seat: Seat) -> RsvpState {
        let state = seat.rsvp.state;
        self.guests = seat.guests;
        self.rsvps.insert(seat.rsvp.member.to_string(), seat.rsvp);
        self.look();
        state
    }

    /// What must always hold of seats that are counted.
    fn look(&self) {
        if self.guests.capacity > 0 {
            let seated = |rsvp: &&Rsvp| matches!(rsvp.state, RsvpState::Confirmed | RsvpState::Attended { .. });
            assert_eq!(self.rsvps.values().filter(seated).count(), usize::try_from(self.guests.taken).unwrap());
            assert_eq!(self.waiting().len(), usize::try_from(self.guests.waiting).unwrap());
        }
    }

    /// Those who wait, in order.
    fn waiting(&self) -> Vec<Rsvp> {
        let waits = |rsvp: &&Rsvp| matches!(rsvp.state, RsvpState::Waiting { .. });
        let mut waiting: Vec<Rsvp> = self.rsvps.values().filter(waits).cloned().collect();
        waiting.sort_by_key(|rsvp| match rsvp.state {
            RsvpState::Waiting { position } => position,
            _ => unreachable!("only those who wait"),
        });
        waiting
    }

    /// Somebody does not come: who comes instead.
    fn cancel(&mut self, now: &str, name: &str) -> Option<String> {
        let first = self.waiting().into_iter().next();
        let cancelled = self.guests.cancel(&self.rsvps[name], first.as_ref(), &self.event, at(now)).unwrap();
        if let Some(promoted) = &cancelled.promoted {
            self.rsvps.insert(promoted.rsvp.member.to_string(), promoted.rsvp.clone());
        }
        self.seat(cancelled.seat);
        cancelled.promoted.map(|promoted| promoted.rsvp.member.to_string())
    }

    fn widen(&mut self, now: &str, capacity: u32) -> Vec<String> {
        let (guests, promoted) = widened(&self.guests, capacity, &self.waiting(), &self.event, at(now));
        self.guests = guests;
        let name = |Promoted { rsvp, .. }: Promoted| {
            let name = rsvp.member.to_string();
            self.rsvps.insert(name.clone(), rsvp);
            name
        };
        let names = promoted.into_iter().map(name).collect();
        self.look();
        names
    }

    fn confirmed(&self) -> Vec<&str> {
        let confirmed = self.rsvps.iter().filter(|(_, rsvp)| rsvp.state == RsvpState::Confirmed);
        confirmed.map(|(name, _)| name.as_str()).collect()
    }
}

fn position(position: u64) -> RsvpState {
    RsvpState::Waiting { position }
}

// rule: community 4.1, 4.2
#[test]
fn the_first_who_waits_gets_the_seat_of_one_who_does_not_come() {
    let mut hall = Hall::new(1, "");
    let asked = ["a", "b", "c"].map(|name| hall.ask(DAY, name).unwrap());
    assert_eq!(asked, [RsvpState::Confirmed, position(1), position(2)]);
    assert_eq!(hall.ask(DAY, "b"), Ok(position(1)), "asking again changes nothing");
    assert_eq!(hall.cancel("2026-12-01T03:00:00Z", "b"), None, "who waits gives nothing up");
    assert_eq!(hall.cancel("2026-12-01T03:00:00Z", "a"), Some("c".into()));
    assert_eq!((hall.confirmed(), hall.waiting().len(), hall.guests.taken), (vec!["c"], 0, 1));
    assert_eq!(hall.ask("2026-12-01T03:00:00Z", "b"), Ok(position(3)), "at the end, and no position is used again");
    assert_eq!(hall.ask("2026-12-01T03:00:00Z", "a"), Ok(position(4)));
    assert_eq!(hall.cancel("2026-12-01T04:00:00Z", "c"), Some("b".into()));
    assert_eq!(hall.cancel("2026-12-01T04:00:00Z", "c"), None, "once");
}

// rule: community 4.3
#[test]
fn two_hours_before_the_start_a_seat_is_whoevers_who_asks() {
    let mut hall = Hall::new(1, "");
    hall.ask(DAY, "a").unwrap();
    hall.ask(DAY, "b").unwrap();
    assert_eq!(hall.cancel(LATE, "a"), None);
    assert_eq!(hall.guests.taken, 0);
    assert_eq!(hall.ask("2026-12-12T04:01:00Z", "c"), Ok(RsvpState::Confirmed));
    assert_eq!(hall.ask("2026-12-12T04:02:00Z", "b"), Ok(position(1)), "still waiting");
    assert_eq!((hall.confirmed(), hall.waiting().len()), (vec!["c"], 1));
    assert_eq!(hall.cancel("2026-12-12T04:03:00Z", "c"), None);
    assert_eq!(hall.ask("2026-12-12T04:04:00Z", "b"), Ok(RsvpState::Confirmed), "who waits may ask, too");
    let starts_at = at("2026-12-12T06:00:00Z");
    assert_eq!(hall.ask("2026-12-12T06:00:00Z", "d"), Err(RsvpRefusal::EventOver { starts_at }));
}

// rule: community 4.1
#[test]
fn without_a_limit_everybody_comes() {
    let mut hall = Hall::new(0, "");
    for n in 0..5 {
        assert_eq!(hall.ask(DAY, &format!("g{n}")), Ok(RsvpState::Confirmed));
    }
    assert_eq!((hall.confirmed().len(), hall.guests.clone()), (5, Guests::of(&hall.event)), "nobody counts");
    hall.cancel(DAY, "g3");
    assert_eq!(hall.confirmed().len(), 4);
    let early = hall.ask("2026-12-01T01:59:59Z", "g9").unwrap_err();
    assert_eq!(early.code(), "event_not_open");
    let gold = Hall::new(5, "min_tier = 'gold'");
    let ask = |tier: &str| {
        let scene = scene(&gold.programme, DAY);
        gold.guests.rsvp((&member("m"), None), &gold.event, &of_tier(tier), scene).is_ok()
    };
    assert_eq!([ask("silver"), ask("gold")], [false, true]);
}

// rule: community 4.3
#[test]
fn more_seats_go_to_who_waits_and_fewer_take_none_away() {
    let mut hall = Hall::new(2, "");
    for name in ["a", "b", "c", "d", "e"] {
        hall.ask(DAY, name).unwrap();
    }
    assert_eq!(hall.widen(DAY, 4), ["c", "d"]);
    assert!(hall.widen(DAY, 2).is_empty());
    assert_eq!((hall.guests.taken, hall.guests.capacity), (4, 2), "nobody loses a seat");
    assert_eq!(hall.cancel(DAY, "a"), None, "4 of 2: it is not given again");
    assert_eq!(hall.cancel(DAY, "b"), None);
    assert_eq!(hall.cancel(DAY, "c"), Some("e".into()), "2 of 2: it is");
    let mut many = Hall::new(1, "");
    for n in 0..30 {
        many.ask(DAY, &format!("g{n:02}")).unwrap();
    }
    assert_eq!((many.widen(DAY, 100).len(), many.widen(DAY, 100).len()), (20, 9), "some at a time");
    assert!(Hall::new(1, "").widen(LATE, 100).is_empty());
}

// rule: community 4.5, 4.7
#[test]
fn a_guest_is_let_in_by_a_token_of_this_seat() {
    let mut hall = Hall::new(2, "");
    for name in ["a", "b", "w"] {
        hall.ask(DAY, name).unwrap();
    }
    let scan = |hall: &Hall, text: &str, who: &str, seen: &str| {
        scan((SECRET, text), &hall.event, &hall.guests, hall.rsvps.get(who), (at(seen), at(seen)))
    };
    let of = |hall: &Hall, name: &str| token(SECRET, "lab.shanghai", &hall.rsvps[name]);
    let text = of(&hall, "a");
    assert_eq!(text.rsplit('.').next().unwrap().len(), 22, "sixteen bytes");
    assert_eq!(scan(&hall, &text, "a", "2026-12-12T03:59:59Z"), Err(AttendanceRefusal::InvalidToken));
    let (seat, first) = scan(&hall, &text, "a", LATE).unwrap();
    let activity = seat.activity(&hall.event).unwrap();
    assert_eq!((first, activity.id.as_str(), activity.kind), (true, "event|lab.shanghai|a", "event.attended"));
    hall.seat(seat);
    let (again, first) = scan(&hall, &text, "a", "2026-12-12T05:00:00Z").unwrap();
    assert_eq!((again.rsvp.state, first), (RsvpState::Attended { at: at(LATE) }, false));
    assert_eq!(again.activity(&hall.event), None, "it counts once");
    for wrong in [text.replace(".a.", ".b."), format!("{text}x"), String::new(), "....".into()] {
        assert_eq!(scan(&hall, &wrong, "b", LATE), Err(AttendanceRefusal::InvalidToken), "{wrong}");
    }
    let waiting = of(&hall, "w");
    assert_eq!(scan(&hall, &waiting, "w", LATE), Err(AttendanceRefusal::RsvpWaiting));
    let stranger =
        token(SECRET, "lab.shanghai", &Rsvp { member: member("x"), version: 1, state: RsvpState::Confirmed });
    assert_eq!(scan(&hall, &stranger, "x", LATE), Err(AttendanceRefusal::NoRsvp));
    let old = of(&hall, "b");
    hall.cancel(LATE, "b");
    assert_eq!(scan(&hall, &old, "b", LATE), Err(AttendanceRefusal::RsvpCancelled));
    hall.ask(LATE, "b").unwrap();
    assert_eq!(scan(&hall, &old, "b", LATE), Err(AttendanceRefusal::InvalidToken), "of the seat that was given up");
    assert_eq!(scan(&hall, &of(&hall, "b"), "b", "2026-12-12T09:00:00Z"), Err(AttendanceRefusal::InvalidToken), "over");
}

// rule: community 4.5
#[test]
fn who_did_not_ask_may_walk_in_and_lists_may_come_later() {
    let mut hall = Hall::new(1, "walk_ins = true");
    let of = |name: &str| {
        token(SECRET, "lab.shanghai", &Rsvp { member: member(name), version: 1, state: RsvpState::Confirmed })
    };
    let scan = |hall: &Hall, name: &str, times: [&str; 2]| {
        scan((SECRET, &of(name)), &hall.event, &hall.guests, hall.rsvps.get(name), (at(times[0]), at(times[1])))
    };
    let offline = [LATE, "2026-12-14T04:00:00Z"];
    let (seat, _) = scan(&hall, "x", offline).unwrap();
    assert_eq!(hall.seat(seat), RsvpState::Attended { at: at(LATE) });
    assert_eq!(scan(&hall, "y", offline), Err(AttendanceRefusal::NoRsvp), "there is no seat left");
    assert_eq!(scan(&hall, "x", [LATE, "2026-12-14T04:00:01Z"]), Err(AttendanceRefusal::InvalidToken));
    assert_eq!(scan(&hall, "x", ["2026-12-12T05:00:00Z", LATE]), Err(AttendanceRefusal::InvalidToken), "not yet");
}

// rule: community 4.6
#[test]
fn on_line_a_guest_is_let_in_by_six_digits() {
    let mut hall = Hall::new(0, "");
    hall.ask(DAY, "a").unwrap();
    let (start, now) = (at("2026-12-12T06:00:00Z"), at("2026-12-12T06:07:00Z"));
    let own = digits(SECRET, "lab.shanghai", start);
    assert!(own.len() == 6 && own != digits(SECRET, "lab.shanghai", now));
    let entering =
        |entered: &str, tries: Tries, now| enter((SECRET, entered), &hall.event, hall.rsvps.get("a"), tries, now);
    let (rsvp, first) = entering(&own, Tries::default(), now).unwrap();
    assert_eq!((rsvp.state, first), (RsvpState::Attended { at: now }, true), "those of the five minutes before");
    assert!(entering(&own, Tries::default(), at("2026-12-12T06:10:00Z")).is_err());
    assert!(
        entering(
            &digits(SECRET, "lab.shanghai", at("2026-12-12T05:59:00Z")),
            Tries::default(),
            at("2026-12-12T05:59:00Z")
        )
        .is_err()
    );
    let mut tries = Tries::default();
    let mut codes = Vec::new();
    for _ in 0..5 {
        let (refusal, after) = entering("nonsense", tries, now).unwrap_err();
        codes.push(refusal.code());
        tries = after;
    }
    assert_eq!(codes, ["invalid_token", "invalid_token", "invalid_token", "invalid_token", "too_many_tries"]);
    let until = at("2026-12-12T06:22:00Z");
    let now = at("2026-12-12T06:21:59Z");
    let right = digits(SECRET, "lab.shanghai", now);
    assert_eq!(entering(&right, tries, now).unwrap_err().0, AttendanceRefusal::TooManyTries { until });
    assert!(entering(&digits(SECRET, "lab.shanghai", until), tries, until).is_ok());
}

// rule: community 4.7
#[test]
fn who_was_not_seen_did_not_come() {
    let mut hall = Hall::new(0, "");
    hall.ask(DAY, "a").unwrap();
    assert_eq!(hall.rsvps["a"].no_show(&hall.event, at("2026-12-14T08:59:59Z")), None);
    let (rsvp, _) = hall.rsvps["a"].no_show(&hall.event, at("2026-12-14T09:00:00Z")).unwrap();
    assert_eq!((rsvp.state, rsvp.no_show(&hall.event, at("2026-12-14T09:00:00Z"))), (RsvpState::NoShow, None));
}

// rule: community 4.8
#[test]
fn a_work_is_printed_with_consent() {
    let came = Rsvp { member: member("a"), version: 1, state: RsvpState::Attended { at: at(LATE) } };
    assert_eq!(Work::record("e", None, 0, true), Err(WorkRefusal::NoRsvp));
    assert_eq!(Work::record("e", Some(&came), 5, true), Err(WorkRefusal::TooManyWorks { most: 5 }));
    let work = Work::record("e", Some(&came), 0, false).unwrap();
    let on = date(2027, 3, 1);
    assert_eq!(work.printed("TOY-1", "B7", on).unwrap_err().code(), "wrong_state");
    let selected = work.selected().unwrap();
    assert_eq!(selected.printed("TOY-1", "B7", on), Err(WorkRefusal::ConsentNeeded));
    let withdrawn = selected.agreed(true).unwrap().agreed(false).unwrap();
    assert!(withdrawn.printed("TOY-1", "B7", on).is_err());
    let (printed, _) = withdrawn.agreed(true).unwrap().printed("TOY-1", "B7", on).unwrap();
    assert_eq!(printed.agreed(false).unwrap_err().code(), "wrong_state", "it is on the pack");
}

// rule: community 5.1
#[test]
fn events_that_cannot_be_are_refused() {
    let wrong = [
        (written(1, "").replace("T17:", "T14:"), "event.lab.shanghai.ends_at"),
        (written(1, "").replace("2026-12-01", "2026-12-13"), "event.lab.shanghai.starts_at"),
        (written(1, "min_tier = 'platinum'"), "event.lab.shanghai.min_tier"),
    ];
    for (text, field) in wrong {
        let findings = read(SHANGHAI, &text).err().unwrap_or_else(|| panic!("accepted: {text}"));
        assert!(findings.iter().any(|finding| finding.at == field), "{text}: {findings:?}");
    }
}

proptest! {
    /// Whoever asks, leaves, and however many seats there are: never more guests than seats, and positions in order.
    // rule: community 4.1, 4.2, 4.3
    #[test]
    fn no_seat_is_given_twice(steps in prop::collection::vec((0..8_u8, 0..14_u8), 1..120)) {
        let mut hall = Hall::new(3, "");
        for (what, who) in steps {
            let name = format!("g{who:02}");
            match what {
                0..=4 => {
                    let newcomer = hall.rsvps.get(&name).is_none_or(|rsvp| rsvp.state == RsvpState::Cancelled);
                    let nobody_waits = hall.waiting().is_empty();
                    let state = hall.ask(DAY, &name).unwrap();
                    prop_assert!(!newcomer || state != RsvpState::Confirmed || nobody_waits, "nobody comes between");
                }
                5 | 6 if hall.rsvps.contains_key(&name) => {
                    let first = hall.waiting().first().map(|rsvp| rsvp.member.to_string());
                    let promoted = hall.cancel(DAY, &name);
                    prop_assert!(promoted.is_none() || promoted == first);
                }
                _ => { hall.widen(DAY, 3 + u32::from(who) % 3); }
            }
            prop_assert!(hall.guests.taken <= 5);
        }
    }
}
