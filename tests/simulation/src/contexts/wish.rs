//! What is wanted: a request, a message, an event of a schedule, as a caller means it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::stack::stack;

/// So long, in milliseconds, is waited for what is due at once: by a clock that is behind it was not yet.
pub(crate) const BEHIND: i64 = 600_000;

/// The run that does what is due of journeys.
pub(crate) const CARE_TICK: &str = "CareJourneyFunctionCareTick";

/// The run that does what time does to tickets.
pub(crate) const DESK_TICK: &str = "ServiceDeskFunctionDeskTick";

/// The schedule that closes the days that are over: what is due is settled by the others.
pub(crate) const CLOSE_DAYS: &str = "ReconciliationFunctionCloseDays";

/// How a wish reaches its handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// A request or a schedule: the payload of an invocation of the function.
    Invoke(&'static str),
    /// A message to the queue of this name.
    Send(&'static str),
}

/// Something a caller wants, and wants answered: it is sent again, the same, until it is.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) way: Way,
    /// The account it is about.
    pub(crate) member: String,
    /// In a word, for the trace.
    pub(crate) what: String,
    /// An invocation's payload, or a message's body.
    pub(crate) payload: Value,
    /// Its answer must always be the same.
    pub(crate) repeatable: bool,
    /// It is known by an Idempotency-Key, which is recognised for three days.
    pub(crate) keyed: bool,
    /// The order that it reports, if it does.
    pub(crate) order: Option<String>,
    /// What it may be refused for; anything else is wrong.
    pub(crate) refusals: &'static [&'static str],
    /// No handler can do it: its message must end in the dead-letter queue.
    pub(crate) poison: bool,
    /// In a story: how long, in milliseconds, after what was before.
    pub(crate) after: i64,
}

impl Wish {
    /// What a request says.
    pub(crate) fn body(&self) -> Value {
        self.payload["body"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

/// A wish and the answer that it got.
pub(crate) struct Heard<'a> {
    pub(crate) wish: &'a Wish,
    /// The HTTP status; of a message that was consumed, 200.
    pub(crate) status: i64,
    pub(crate) body: Value,
}

/// A request of the HTTP API, as the gateway hands it over.
pub(super) fn http(
    (function, method, path): (&'static str, &str, &str),
    (member, what): (&str, &str),
    body: Value,
    key: Option<String>,
) -> Wish {
    request("world", (function, method, path), (member, what), body, key)
}

/// As [`http`], asked by a principal.
pub(super) fn request(
    by: &str,
    (function, method, path): (&'static str, &str, &str),
    (member, what): (&str, &str),
    body: Value,
    key: Option<String>,
) -> Wish {
    let (route, parameters) = route(method, path);
    let keyed = key.is_some();
    let payload =
        emulator::payload::request(by, &format!("{method} {route}"), (path, &parameters), &body, key.as_deref());
    Wish {
        way: Way::Invoke(function),
        member: member.to_owned(),
        what: what.to_owned(),
        payload,
        repeatable: method != "GET",
        keyed,
        order: None,
        refusals: &[],
        poison: false,
        after: 0,
    }
}

/// Who was known first, in wishes that are written before anybody is.
pub(super) const FIRST: &str = "m-first";

impl Wish {
    /// About who was known first.
    pub(crate) fn about_the_first(self, known: &[String]) -> Self {
        let Some(first) = known.first() else { return self };
        let payload = serde_json::from_str(&self.payload.to_string().replace(FIRST, first));
        Self { payload: payload.unwrap_or_default(), member: self.member.replace(FIRST, first), ..self }
    }
}

/// The route of the template that a request takes, and the parameters in its path.
fn route<'a>(method: &str, path: &'a str) -> (&'static str, BTreeMap<&'static str, &'a str>) {
    let routes = stack().routes.iter().filter(|route| route.method == method);
    let taken = routes.map(|route| (route.path.as_str(), parameters(&route.path, path)));
    let mut taken: Vec<_> = taken.filter_map(|(route, parameters)| Some((route, parameters?))).collect();
    taken.sort_by_key(|(_, parameters)| parameters.len());
    taken.into_iter().next().expect("the template has every route that is asked for")
}

/// The parameters of a path, if it takes a route.
fn parameters<'a>(route: &'static str, path: &'a str) -> Option<BTreeMap<&'static str, &'a str>> {
    let (of_route, parts) = (route.split('/'), path.split('/'));
    if of_route.clone().count() != parts.clone().count() {
        return None;
    }
    let mut parameters = BTreeMap::new();
    for (of_route, part) in of_route.zip(parts) {
        match of_route.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => drop(parameters.insert(name, part)),
            None if of_route == part => {}
            None => return None,
        }
    }
    Some(parameters)
}

/// A message to a queue.
pub(super) fn message(queue: &'static str, (member, what): (&str, &str), body: Value) -> Wish {
    Wish {
        way: Way::Send(queue),
        member: member.to_owned(),
        what: what.to_owned(),
        payload: body,
        repeatable: false,
        keyed: false,
        order: None,
        refusals: &[],
        poison: false,
        after: 0,
    }
}

/// The event of a schedule.
pub(crate) fn fired(name: &str, function: &'static str) -> Wish {
    let payload = json!({
        "version": "0", "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": {},
        "resources": [format!("arn:aws:scheduler:us-east-1:000000000000:schedule/default/{name}")],
    });
    Wish {
        way: Way::Invoke(function),
        member: String::new(),
        what: format!("schedule {name}"),
        payload,
        repeatable: false,
        keyed: false,
        order: None,
        refusals: &[],
        poison: false,
        after: 0,
    }
}
