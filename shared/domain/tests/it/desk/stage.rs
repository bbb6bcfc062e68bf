//! A desk with a calendar, and one ticket.

use domain::desk::{
    About, DeskFact, DeskRefusal, Dissatisfied, Messaged, Opening, Resolving, Routed, Scene, State, Ticket,
    change_policy, dissatisfied, message, note, open, reopen, reply, resolve, tick, wait_for,
};
use domain::kernel::change::Change;
use domain::kernel::event::Fact;
use domain::kernel::refusal::Refusal;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::desk::calendar::Calendar;
use domain::programme::document::Document;
use domain::programme::reading::read;
use jiff::Timestamp;
use serde_json::Value;

const DEFAULT: &str = include_str!("../../../../../programme.toml");

/// The default programme with another calendar of the same name.
pub(crate) fn document(calendar: Option<&Value>) -> Document {
    let mut document = read(DEFAULT).unwrap();
    if let Some(calendar) = calendar {
        let calendar: Calendar = serde_json::from_value(calendar.clone()).unwrap();
        document.calendar = vec![Calendar { id: "cn-office".to_owned(), ..calendar }];
    }
    document
}

pub(crate) fn programmes(document: Document) -> Programmes {
    Programmes::only(Programme::compile(1, document).unwrap())
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A ticket, and everything that is told of it.
pub(crate) struct Desk {
    pub(crate) programmes: Programmes,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) facts: Vec<DeskFact>,
    pub(crate) refused: Vec<(Timestamp, String)>,
}

impl Desk {
    pub(crate) fn new(programmes: Programmes) -> Self {
        Self { programmes, ticket: None, facts: Vec::new(), refused: Vec::new() }
    }

    pub(crate) fn scene(&self, now: Timestamp) -> Scene<'_> {
        Scene { programmes: &self.programmes, now }
    }

    pub(crate) fn ticket(&self) -> &Ticket {
        self.ticket.as_ref().unwrap()
    }

    fn took(&mut self, change: Change<Ticket>) {
        self.ticket = Some(change.state);
        self.facts.extend(change.facts);
    }

    pub(crate) fn open(&mut self, now: Timestamp, policy: &str, live: bool) {
        let opening = Opening {
            id: "t-1".to_owned(),
            member: Some("m-1".parse().unwrap()),
            about: About { topic: "order".to_owned(), live, ..About::default() },
            routed: Routed { route: None, queue: "customer-service".to_owned(), policy: policy.to_owned() },
            tier: "member".to_owned(),
            correlation: "c-1".to_owned(),
            follows: None,
            owner: None,
            by: "member".to_owned(),
        };
        let change = open(opening, self.scene(now));
        self.took(change);
    }

    /// Does a step; what is refused is noted.
    pub(crate) fn step(&mut self, now: Timestamp, what: &str, with: &str) {
        let scene = self.scene(now);
        let ticket = self.ticket();
        let done: Result<Option<Change<Ticket>>, DeskRefusal> = match what {
            "message" => message(ticket, with, scene).map(|done| match done {
                Messaged::Logged(change) => Some(*change),
                Messaged::Follows => None,
            }),
            "reply" => reply(ticket, "ann", with == "offer", scene).map(Some),
            "note" => note(ticket, "ann", scene).map(Some),
            "state" => wait_for(ticket, state(with), "ann", scene).map(Some),
            "resolve" => {
                let silent = (with == "silent").then_some("a caller hung up");
                let code = if with.is_empty() || with == "silent" { "fixed" } else { with };
                let resolving = Resolving { code, replies: silent.is_none(), silent, by: "ann" };
                resolve(ticket, resolving, scene).map(Some)
            }
            "reopen" if with == "csat" => dissatisfied(ticket, ticket.resolutions, scene).map(|done| match done {
                Dissatisfied::Heard(change) => Some(*change),
                Dissatisfied::Follows => None,
            }),
            "reopen" => reopen(ticket, "ann", scene).map(Some),
            "priority" => change_policy(ticket, with, "ann", scene).map(Some),
            "tick" => Ok(tick(ticket, scene)),
            "look" | "auto_ack" => Ok(None),
            other => panic!("`{other}` is no step"),
        };
        match done {
            Ok(Some(change)) => self.took(change),
            Ok(None) => {}
            Err(refusal) => self.refused.push((now, refusal.code().to_owned())),
        }
    }

    /// The warnings and breaches that were told.
    pub(crate) fn told(&self) -> Vec<Value> {
        let clocks = self.facts.iter().filter_map(|fact| {
            let what = match fact {
                DeskFact::SlaWarned { .. } => "warned",
                DeskFact::SlaBreached { .. } => "breached",
                _ => return None,
            };
            let data = fact.data();
            Some(serde_json::json!([what, data["clock"], data["instance"], data["at"]]))
        });
        clocks.collect()
    }

    /// The types of all that was told, in short.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let short = |fact: &DeskFact| fact.kind().trim_start_matches("perennial.svc.").trim_end_matches(".v1");
        self.facts.iter().map(short).collect()
    }
}

pub(crate) fn state(name: &str) -> State {
    serde_json::from_value(Value::from(name)).unwrap()
}
