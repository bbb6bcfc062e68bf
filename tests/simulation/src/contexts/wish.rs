//! What is wanted of a handler, what stands by to be asked, and what is known of the answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::event_router::Router;
use ::reconciliation::Reconciler;
use fastrand::Rng;
use jiff::Timestamp;
use lambda::BoxFuture;
use lambda::{App, Broken, Trigger};
use serde_json::{Value, json};

use super::ledger::auditor::{Auditor, Entry};

/// Makes a wish, at the time of the world.
pub(crate) type Make = fn(&mut Known, &mut Rng, Timestamp) -> Wish;

/// What an environment of a function has loaded.
pub(crate) struct Context {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) reconciler: Reconciler,
}

/// A handler that takes part in the simulation.
pub(crate) struct Handler {
    /// The binary that is deployed; its queues and schedules are those of the template.
    pub(crate) function: &'static str,
    /// What its bootstrap calls.
    pub(crate) handle: fn(Arc<Context>, Trigger) -> BoxFuture<'static, Result<Value, Broken>>,
    /// What is wanted of it, and how often in comparison.
    pub(crate) wishes: &'static [(u32, Make)],
    /// One story per route, queue, stream and schedule.
    pub(crate) stories: fn() -> Vec<Story>,
    /// What must be true at the end, besides what the auditor checks.
    pub(crate) check: fn(&Auditor, &[Heard<'_>]) -> Vec<String>,
}

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
}

/// A wish and the answer that it got.
pub(crate) struct Heard<'a> {
    pub(crate) wish: &'a Wish,
    /// The HTTP status; of a message that was consumed, 200.
    pub(crate) status: i64,
    pub(crate) body: Value,
}

/// A story: what has happened, then what is watched.
pub(crate) struct Story {
    /// The route, queue, table with a stream, or schedule that it is about. A story about a stream or a queue that a stream feeds
    /// is told to the end of the chain.
    pub(crate) about: &'static str,
    /// What happens before, without faults.
    pub(crate) before: Vec<Wish>,
    /// How far the time moves then, in hours.
    pub(crate) hours: i64,
    /// What is watched; it may refer to what was answered before.
    pub(crate) watched: fn(&Known) -> Wish,
}

/// The members. All are found in the same shard of the index of what is due.
const MEMBERS: [&str; 4] = ["m-0", "m-67", "m-206", "m-246"];

impl Story {
    /// Is it told to the end of the chain: until the stream is read and the queues are empty?
    pub(crate) fn is_of_the_chain(&self) -> bool {
        matches!(self.about, "AccountsTable" | "TierQueue" | CLOSE_DAYS)
    }
}

/// What has become known by asking and hearing: later wishes refer to it.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) members: usize,
    /// Counts wishes, so that ids differ.
    pub(crate) count: u64,
    /// Whose, which, how much, and when it was reported.
    pub(crate) orders: Vec<(String, String, i64, Timestamp)>,
    /// Those of them that were acknowledged.
    pub(crate) acknowledged: Vec<(String, String, i64, Timestamp)>,
    /// Refunded orders that have yet to come.
    pub(crate) awaited: Vec<(String, String)>,
    pub(crate) spent: Vec<(String, String)>,
    pub(crate) holds: Vec<String>,
    pub(crate) requests: Vec<String>,
    pub(crate) vouchers: Vec<String>,
    pub(crate) entries: Vec<String>,
    /// Points that members were told they can spend.
    pub(crate) told: BTreeMap<String, i64>,
}

impl Known {
    pub(crate) fn new(members: usize) -> Self {
        Self { members, ..Self::default() }
    }

    pub(crate) fn member(&self, rng: &mut Rng) -> String {
        MEMBERS[rng.usize(0..self.members.min(MEMBERS.len()))].to_owned()
    }

    pub(super) fn key(&self) -> Option<String> {
        Some(format!("k-{}", self.count))
    }

    /// Hears an answer that is a success.
    pub(crate) fn hear(&mut self, wish: &Wish, answer: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if let Some(id) = text(&answer["redemption_id"]).or_else(|| text(&answer["receipt_id"])) {
            self.spent.push((wish.member.clone(), id));
        }
        self.holds.extend(text(&answer["hold_id"]).filter(|_| wish.what.starts_with("hold")));
        self.requests.extend(text(&answer["adjustment_id"]).filter(|_| answer["status"] == json!("pending_approval")));
        self.vouchers.extend(text(&answer["voucher"]["code"]));
        self.entries.extend(entry_of(wish, answer));
        if let Some(active) = answer["balance"]["active"].as_i64() {
            self.told.insert(wish.member.clone(), active);
        }
        if let Some(order) = &wish.order {
            self.acknowledged.extend(self.orders.iter().find(|(_, known, ..)| known == order).cloned());
        }
    }
}

/// The entry that an answer says was written, `member.sequence`.
pub(crate) fn entry_of(wish: &Wish, answer: &Value) -> Option<String> {
    if wish.what.starts_with("release") {
        return None; // it names the hold, not the entry of its end
    }
    let named =
        ["redemption_id", "receipt_id", "reversal_id", "refund_id", "adjustment_id", "hold_id", "use_id", "floor_id"];
    let own = std::iter::once(&answer["entry"]["id"]).chain(named.iter().map(|name| &answer[*name]));
    own.filter_map(Value::as_str).next().map(str::to_owned)
}

/// The entry of an id.
pub(crate) fn find<'a>(auditor: &'a Auditor, id: &str) -> Option<&'a Entry> {
    let (member, sequence) = id.rsplit_once('.')?;
    auditor.entries(member).get(sequence.parse::<usize>().ok()?.checked_sub(1)?)
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
    let (route, parameters) = route(path);
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
    }
}

/// The route of a path, and its parameters.
fn route(path: &str) -> (String, BTreeMap<&'static str, &str>) {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (pattern, name, value) = match *parts.as_slice() {
        ["v1", "orders", order, "refunds"] => ("/v1/orders/{order_id}/refunds".to_owned(), "order_id", order),
        ["v1", "holds", hold, step] => (format!("/v1/holds/{{hold_id}}/{step}"), "hold_id", hold),
        ["v1", "redemptions", id, step] => (format!("/v1/redemptions/{{redemption_id}}/{step}"), "redemption_id", id),
        ["v1", "adjustments", id, step] => (format!("/v1/adjustments/{{adjustment_id}}/{step}"), "adjustment_id", id),
        ["v1", "vouchers", code, step] => (format!("/v1/vouchers/{{code}}/{step}"), "code", code),
        ["v1", "members", member, "benefits", benefit, "uses"] => {
            let parameters = BTreeMap::from([("member_id", member), ("benefit", benefit)]);
            return ("/v1/members/{member_id}/benefits/{benefit}/uses".to_owned(), parameters);
        }
        ["v1", "members", member, part] => (format!("/v1/members/{{member_id}}/{part}"), "member_id", member),
        ["v1", "entries", id] => ("/v1/entries/{entry_id}".to_owned(), "entry_id", id),
        _ => return (path.to_owned(), BTreeMap::new()),
    };
    (pattern, BTreeMap::from([(name, value)]))
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
    }
}
