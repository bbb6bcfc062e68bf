//! Care as it is stored: what is under way, and keys that have ended.

use crate::entries::{at, s};
use crate::member;
use crate::types::{
    Anchor, Care, Contact, Does, Enrolment, Filed, Group, KeyId, MessageId, Outcome, Scalar, StepState, Ticket, What,
};

const MESSAGE: MessageId = MessageId([7; 16]);

fn outcome(what: What, message: bool) -> Outcome {
    Outcome {
        what,
        at: at("2028-02-29T04:05:06.007Z"),
        planned: at("2028-02-29T02:00:00Z"),
        channel: message.then_some(Does::Email),
        message: message.then_some(MESSAGE),
        reason: (!message).then(|| s("no_consent")),
        ground: (!message).then(|| s("marketing/email")),
    }
}

fn step(step: &str, outcome: Option<Outcome>) -> StepState {
    StepState { step: s(step), tells: false, not_before: None, outcome }
}

fn usual() -> Enrolment {
    Enrolment {
        journey: s("after-sale"),
        version: 3,
        key: vec![Scalar::Text(s("2028-77"))],
        nth: 1,
        anchor: Anchor::Instant(at("2028-02-29T02:00:00Z")),
        entered_at: at("2028-02-29T04:05:06.007Z"),
        began: at("2028-02-29T02:00:00Z"),
        newest: at("2028-02-29T02:00:00Z"),
        group: Group::Treated,
        variant: None,
        data: [(s("order"), Scalar::Text(s("2028-77"))), (s("carrier"), Scalar::Text(String::new()))].into(),
        steps: vec![step("video", Some(outcome(What::Claimed, true))), step("tips", None), step("call", None)],
        sent: Vec::new(),
    }
}

/// With one of everything.
fn full() -> Enrolment {
    let all = [What::Skipped, What::Failed, What::Exited, What::Overtaken, What::SentBefore];
    let ended = all.into_iter().map(|what| step(what.name(), Some(outcome(what, false))));
    let tell = StepState { tells: true, not_before: Some(at("2028-03-01T02:00:00Z")), ..step("coupon", None) };
    Enrolment {
        journey: s("everything"),
        key: vec![Scalar::Text(s("obon")), Scalar::Integer(2028), Scalar::Boolean(true)],
        nth: 2,
        anchor: Anchor::Date("2028-03-20".parse().expect("a date")),
        group: Group::Holdout,
        variant: Some(s("b")),
        data: [(s("points"), Scalar::Integer(-12)), (s("first"), Scalar::Boolean(false))].into(),
        steps: ended.chain([tell]).collect(),
        sent: vec![
            (s("remind"), Anchor::Date("2028-03-20".parse().expect("a date"))),
            (s("remind"), Anchor::Instant(at("2028-03-01T02:00:00Z"))),
        ],
        ..usual()
    }
}

/// What is under way.
pub(crate) fn heads() -> Vec<(&'static str, Care)> {
    let contact = Contact { at: at("2028-02-28T02:00:00Z"), channel: Does::Sms, message: MESSAGE };
    let ticket = Ticket { ticket: s("t-1"), order: Some(s("2028-77")), open: true, at: at("2028-02-28T02:00:00Z") };
    let closed = Ticket { ticket: s("t-2"), order: None, open: false, ..ticket.clone() };
    let one = |enrolments: Vec<Enrolment>| Care { enrolments, ..Care::new(member()) };
    let everything = Care {
        contacts: vec![contact.clone(), Contact { channel: Does::Wecom, ..contact.clone() }],
        tickets: vec![ticket.clone(), closed],
        ..one(vec![usual(), full()])
    };
    let most = Care {
        contacts: vec![contact; Care::MOST_CONTACTS],
        tickets: vec![ticket; Care::MOST_TICKETS],
        ..one(vec![usual(); Care::MOST_ENROLMENTS])
    };
    vec![("head", one(vec![usual()])), ("head-full", everything), ("head-most", most)]
}

/// Keys that have ended.
pub(crate) fn keys() -> Vec<(&'static str, KeyId, Filed)> {
    let exited = Some(at("2028-02-29T03:00:00Z"));
    let id = |enrolment: &Enrolment| KeyId::of(&enrolment.journey, &enrolment.key);
    vec![
        ("key", id(&usual()), Filed { enrolment: Some(usual()), exited: None }),
        ("key-exited", id(&full()), Filed { enrolment: Some(full()), exited }),
        ("key-exit-alone", id(&usual()), Filed { enrolment: None, exited }),
    ]
}
