//! Messages on their way: what is asked of the provider, and what becomes of them.

use std::collections::BTreeSet;

use domain::messages::{Answer, Effect, Found, Message, Notice, Place, Receipt, State, Way, is_suppressed_by};
use domain::programme::journey::Purpose;
use jiff::Timestamp;
use jiff::civil::date;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Delivery {
    what: String,
    way: Way,
    latest_at: Timestamp,
    happens: Vec<Happens>,
    comes_to: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Happens {
    at: Timestamp,
    receive: Option<String>,
    #[serde(default)]
    found: serde_json::Map<String, Value>,
    provider: Option<Notice>,
}

/// A message, and how often its provider was asked.
struct Played {
    message: Message,
    calls: u32,
    effects: Vec<String>,
}

impl Played {
    fn receive(&mut self, meets: &str, found: Found, at: Timestamp) {
        match self.message.received(found, [7; 16], at) {
            Receipt::Done | Receipt::Leave => {}
            Receipt::Settled(settled) => {
                if settled.state == State::Skipped {
                    self.effects.push(format!("skipped:{}", settled.reason.unwrap()));
                }
                self.message = settled;
            }
            Receipt::Call(taken) => {
                self.message = taken;
                if meets == "crash_before" {
                    return;
                }
                self.calls += 1;
                let answer = match meets {
                    "accepted" => Answer::Accepted,
                    "refused" => Answer::Refused("refused"),
                    "throttled" => Answer::Throttled,
                    "ambiguous" => Answer::Ambiguous,
                    "crash_after" => return,
                    other => panic!("{other}"),
                };
                self.message = self.message.answered(answer);
            }
        }
    }

    fn notice(&mut self, notice: Notice) {
        let (moved, effects) = self.message.noticed(notice);
        self.message = moved;
        let name = |effect: &Effect| serde_json::to_value(effect).unwrap().as_str().unwrap().to_owned();
        self.effects.extend(effects.iter().map(name));
    }
}

fn found(said: &serde_json::Map<String, Value>) -> Found {
    let is = |name: &str| said.get(name) == Some(&Value::Bool(true));
    Found {
        erased: is("erased"),
        closed: is("closed"),
        exited: is("exited"),
        held: is("quiet"),
        suspended: is("suspended"),
        no_consent: said.get("consent").is_some_and(|consent| consent != "given"),
        no_address: said.get("address").is_some_and(|address| address != true),
        suppressed: is("suppressed"),
    }
}

// rule: messages 1, 2, 3, 4, 6, 7
#[test]
fn messages_come_to_what_is_known_of_them() {
    let deliveries: Vec<Delivery> = serde_json::from_str(include_str!("deliveries.json")).unwrap();
    assert!(deliveries.len() >= 15);
    for delivery in deliveries {
        let message = Message::claimed(delivery.way, Purpose::Marketing, delivery.latest_at);
        let mut played = Played { message, calls: 0, effects: Vec::new() };
        for happens in &delivery.happens {
            if let Some(meets) = &happens.receive {
                played.receive(meets, found(&happens.found), happens.at);
            }
            if let Some(notice) = happens.provider {
                played.notice(notice);
            }
        }
        let place = if played.message.state.place() == Place::Kept { "kept" } else { "given_back" };
        let came = json!({
            "state": played.message.state.name(), "provider_calls": played.calls, "cap_place": place,
            "effects": played.effects,
        });
        assert_eq!(came, delivery.comes_to, "{}", delivery.what);
    }
}

/// A message of a way that is taken up at each of some instants, and meets something there.
#[track_caller]
fn check(way: Way, purpose: Purpose, receives: &[(&str, &str)], expected: (State, u32)) {
    let latest_at = "2026-05-02T02:00:00Z".parse().unwrap();
    let message = Message::claimed(way, purpose, latest_at);
    let mut played = Played { message, calls: 0, effects: Vec::new() };
    for (at, meets) in receives {
        played.receive(meets, Found::default(), at.parse().unwrap());
    }
    assert_eq!((played.message.state, played.calls), expected, "{receives:?}");
}

// rule: messages 2, 3, 4
#[test]
fn nothing_that_nobody_would_know_again_is_sent_twice() {
    let (first, soon, later) = ("2026-05-01T02:00:00Z", "2026-05-01T02:00:59Z", "2026-05-01T02:01:30Z");
    for way in [Way::Email, Way::Sms, Way::WecomGroup] {
        for died in ["crash_before", "crash_after"] {
            let calls = u32::from(died == "crash_after");
            check(way, Purpose::Service, &[(first, died), (soon, "accepted")], (State::Claimed, calls));
            check(way, Purpose::Service, &[(first, died), (later, "accepted")], (State::Unknown, calls));
        }
        check(way, Purpose::Service, &[(first, "ambiguous"), (later, "accepted")], (State::Unknown, 1));
    }
    let thrice = [(first, "ambiguous"), (later, "ambiguous"), ("2026-05-01T02:03:00Z", "ambiguous")];
    check(Way::Push, Purpose::Service, &thrice, (State::Unknown, 3));
    let after = [(first, "crash_after"), ("2026-05-01T05:00:00Z", "accepted")];
    check(Way::Wecom, Purpose::Service, &after, (State::Unknown, 1));
    check(Way::Push, Purpose::Service, &after, (State::Sent, 2));
    check(Way::WecomCustomer, Purpose::Service, &[(first, "accepted")], (State::HandedOver, 1));
    check(Way::Email, Purpose::Service, &[(first, "throttled"), (soon, "accepted")], (State::Sent, 2));
    check(Way::Email, Purpose::Service, &[(first, "refused"), (later, "accepted")], (State::Failed, 1));
}

// rule: messages 1
#[test]
fn marketing_alone_stops_for_who_left_or_waits() {
    let at: Timestamp = "2026-05-01T02:00:00Z".parse().unwrap();
    let received = |purpose, found| {
        let message = Message::claimed(Way::Email, purpose, "2026-05-02T02:00:00Z".parse().unwrap());
        match message.received(found, [7; 16], at) {
            Receipt::Settled(settled) => settled.reason.unwrap_or("returned"),
            Receipt::Call(_) => "sent",
            other => panic!("{other:?}"),
        }
    };
    let closed = Found { closed: true, ..Found::default() };
    let suspended = Found { suspended: true, ..Found::default() };
    assert_eq!((received(Purpose::Marketing, closed), received(Purpose::Service, closed)), ("erased", "sent"));
    assert_eq!((received(Purpose::Marketing, suspended), received(Purpose::Service, suspended)), ("suspended", "sent"));
    let all = Found { held: true, no_consent: true, no_address: true, suppressed: true, suspended: true, ..closed };
    assert_eq!(received(Purpose::Service, all), "returned");
    assert_eq!(received(Purpose::Service, Found { held: false, ..all }), "no_consent");
    assert_eq!(received(Purpose::Service, Found { held: false, no_consent: false, ..all }), "no_address");
}

// rule: messages 6, 7
#[test]
fn notices_in_any_order_and_number_come_to_the_same() {
    let notices = [Notice::Send, Notice::Delivery, Notice::BouncePermanent, Notice::Complaint, Notice::OptOut];
    let sent = Message::claimed(Way::Email, Purpose::Marketing, Timestamp::MAX).answered(Answer::Accepted);
    let play = |order: &[Notice]| {
        let mut played = Played { message: sent.clone(), calls: 0, effects: Vec::new() };
        order.iter().for_each(|notice| played.notice(*notice));
        (played.message.state, played.effects.into_iter().collect::<BTreeSet<_>>())
    };
    let expected = play(&notices);
    assert_eq!(expected.0, State::Complained);
    assert_eq!(expected.1, ["suppressed", "withdrawn"].map(str::to_owned).into());
    for turn in 0..notices.len() {
        let mut order = notices;
        order.rotate_left(turn);
        assert_eq!(play(&order), expected);
        order.reverse();
        assert_eq!(play(&[order, notices].concat()), expected);
    }
    let failed = Message::claimed(Way::Email, Purpose::Marketing, Timestamp::MAX).answered(Answer::Refused("invalid"));
    assert_eq!(failed.noticed(Notice::Delivery).0.state, State::Failed);
}

// rule: messages 7
#[test]
fn three_dates_within_thirty_days_suppress() {
    let on = |month, day| date(2026, month, day);
    assert!(is_suppressed_by(&[on(5, 1), on(5, 2), on(5, 30)], on(5, 30)));
    assert!(!is_suppressed_by(&[on(5, 1), on(5, 2), on(5, 31)], on(5, 31)), "the first is out");
    assert!(!is_suppressed_by(&[on(5, 1), on(5, 1), on(5, 2)], on(5, 2)), "two dates");
}
