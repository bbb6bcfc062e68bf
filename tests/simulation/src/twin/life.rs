//! What is sent, the very same each time, and what became of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use sam::machine::Clock;
use serde_json::{Value, json};

use super::ledger::{Ledger, acknowledged};
use super::report::Report;
use super::request::{ACTIVITIES, Answer, BATCH, HOLDS, Request, Way};

/// Members about whom half of all requests are, so that callers meet and ledgers grow long.
const HOT: usize = 8;
/// A request that is still not answered after so many attempts never will be.
const MOST_ATTEMPTS: u32 = 500;
/// A request and what became of it.
pub(super) struct Sent {
    pub(super) request: Arc<Request>,
    pub(super) attempts: u32,
    pub(super) answer: Option<Answer>,
}

/// Everything that was asked and answered, and what to ask next.
pub(super) struct Life {
    pub(super) rng: Rng,
    /// When the first fact happened; each happens a millisecond later.
    pub(super) since: Timestamp,
    pub(super) sent: Vec<Sent>,
    /// Without an answer.
    pub(super) open: VecDeque<usize>,
    pub(super) acknowledged: Vec<usize>,
    pub(super) members: BTreeSet<String>,
    /// Who got points that can be spent.
    pub(super) rich: Vec<String>,
    pub(super) orders: Vec<Value>,
    pub(super) holds: Vec<String>,
    pub(super) spent: Vec<String>,
    /// Nothing new is wanted; so many are still sent again.
    pub(super) closing: Option<u32>,
    pub(super) report: Report,
}

impl Life {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            since: Clock::System.now() - SignedDuration::from_mins(20),
            sent: Vec::new(),
            open: VecDeque::new(),
            acknowledged: Vec::new(),
            members: BTreeSet::new(),
            rich: Vec::new(),
            orders: Vec::new(),
            holds: Vec::new(),
            spent: Vec::new(),
            closing: None,
            report: Report::default(),
        }
    }

    /// What to send next: what has no answer, now and then what has one, else something new.
    pub(super) fn next(&mut self) -> Option<(usize, Arc<Request>)> {
        let sample = match &mut self.closing {
            None => self.rng.u32(0..10) == 0,
            Some(left) if self.open.is_empty() => {
                *left = left.checked_sub(1)?;
                true
            }
            Some(_) => false,
        };
        let known = self.open.pop_front().or_else(|| self.rng.choice(&self.acknowledged).copied().filter(|_| sample));
        let place = match known {
            Some(place) => place,
            None if self.closing.is_some() => return None,
            None => {
                let request = Arc::new(self.wish());
                self.sent.push(Sent { request, attempts: 0, answer: None });
                self.sent.len() - 1
            }
        };
        let sent = &mut self.sent[place];
        self.report.repeated += u64::from(sent.attempts > 0);
        sent.attempts += 1;
        Some((place, Arc::clone(&sent.request)))
    }

    /// Hears an answer, or that there is none.
    pub(super) fn hear(&mut self, place: usize, answer: Option<Answer>) {
        let sent = &mut self.sent[place];
        let answer = answer.filter(|answer| !answer.is_open());
        match (answer, &sent.answer) {
            (None, Some(_)) => {}
            (None, None) if sent.attempts >= MOST_ATTEMPTS => {}
            (None, None) => self.open.push_back(place),
            (Some(answer), None) => {
                let request = Arc::clone(&sent.request);
                let odd = answer.odd_refusals();
                self.report
                    .violations
                    .extend(odd.iter().map(|odd| format!("{} is answered {odd}", request.identity())));
                if answer.is_acknowledged() {
                    self.acknowledged.push(place);
                    self.learn(&request, &answer.body);
                }
                self.sent[place].answer = Some(answer);
            }
            (Some(_), Some(_)) if matches!(sent.request.way, Way::Queue) => {} // each sending has an id of its own
            (Some(answer), Some(first)) => {
                if answer.lasting() != first.lasting() {
                    let (what, first) = (sent.request.identity(), &first.body);
                    let wrong = format!("{what} is answered in two ways: {first} and {}", answer.body);
                    self.report.violations.push(wrong);
                }
            }
        }
    }

    /// Remembers what later requests can be about.
    pub(super) fn learn(&mut self, request: &Request, answer: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.spent.extend(text(&answer["redemption_id"]));
        self.holds.extend(text(&answer["hold_id"]).filter(|_| request.is(HOLDS)));
        if answer["balance"]["active"].as_i64().is_some_and(|active| active >= 100) {
            let id = text(&answer["adjustment_id"]).or_else(|| text(&answer["entry"]["id"]));
            self.rich.extend(id.and_then(|id| Some(id.rsplit_once('.')?.0.to_owned())));
        }
    }

    pub(super) fn member(&mut self) -> String {
        let hot = self.rng.bool();
        let member = if hot { self.rng.usize(0..HOT) } else { HOT + self.rng.usize(0..20 + self.sent.len() / 10) };
        let member = format!("m-{member}");
        self.members.insert(member.clone());
        member
    }

    /// Somebody who can pay, mostly.
    pub(super) fn payer(&mut self) -> String {
        if self.rich.is_empty() || self.rng.u32(0..4) == 0 {
            return self.member();
        }
        let place = self.rng.usize(0..self.rich.len());
        self.rich.swap_remove(place)
    }

    pub(super) fn time(&self, part: usize) -> Timestamp {
        let ordinal = i64::try_from(self.sent.len() * 8 + part).unwrap_or_default();
        self.since + SignedDuration::from_millis(ordinal)
    }

    /// An order that nobody has reported yet.
    pub(super) fn order(&mut self, part: usize) -> Value {
        let (id, member) = (format!("o-{}-{part}", self.sent.len()), self.member());
        let lines = json!([{"sku": "tea", "amount_minor": self.rng.i64(1..60_000)}]);
        let data = json!({"order_id": id, "currency": "CNY", "lines": lines});
        let order = json!({
            "specversion": "1.0", "type": "order.paid", "source": "shop", "id": id, "subject": member,
            "time": self.time(part), "data": data,
        });
        self.orders.push(order.clone());
        order
    }

    pub(super) fn api(path: &str, body: &Value) -> Request {
        Request { way: Way::Api { path: path.to_owned(), key: None }, body: body.to_string() }
    }

    pub(super) fn keyed(&self, path: &str, body: &Value) -> Request {
        let key = Some(format!("key-{}", self.sent.len()));
        Request { way: Way::Api { path: path.to_owned(), key }, body: body.to_string() }
    }

    /// Something new.
    pub(super) fn wish(&mut self) -> Request {
        let wish = match self.rng.u32(0..100) {
            0..22 => Self::api(ACTIVITIES, &self.order(0)),
            22..28 => self.order_again(),
            28..38 => self.refund(),
            38..50 => self.behaviour(),
            50..56 => self.batch(),
            56..64 => self.adjustment(),
            64..73 => {
                let body = json!({"member": self.payer(), "reward": "drink"});
                self.keyed("/v1/redemptions", &body)
            }
            73..79 => self.hold(),
            79..85 => self.end_hold(),
            85..89 => self.reversal(),
            _ => Request { way: Way::Queue, body: self.order(0).to_string() },
        };
        let kind = if matches!(wish.way, Way::Queue) { &mut self.report.messages } else { &mut self.report.requests };
        *kind += 1;
        wish
    }

    /// An order again: the very same, or told differently. One that is on its way as a message is not told differently: the
    /// false one may come first, and the message is then rightly refused.
    pub(super) fn order_again(&mut self) -> Request {
        let Some(mut order) = self.rng.choice(&self.orders).cloned() else {
            return Self::api(ACTIVITIES, &self.order(0));
        };
        let message = |sent: &Sent| matches!(sent.request.way, Way::Queue) && sent.request.json()["id"] == order["id"];
        if self.rng.u32(0..3) == 0 && !self.sent.iter().any(message) {
            order["data"]["lines"][0]["amount_minor"] = json!(60_000);
        }
        Self::api(ACTIVITIES, &order)
    }

    pub(super) fn refund(&mut self) -> Request {
        let Some(order) = self.rng.choice(&self.orders).cloned() else { return Self::api(ACTIVITIES, &self.order(0)) };
        let most = order["data"]["lines"][0]["amount_minor"].as_i64().unwrap_or(1);
        let body = json!({
            "source": "shop", "id": format!("r-{}", self.sent.len()), "member": order["subject"], "time": self.time(0),
            "amount_minor": self.rng.i64(1..=most),
        });
        let order = order["id"].as_str().unwrap_or_default();
        Self::api(&format!("/v1/orders/{order}/refunds"), &body)
    }

    pub(super) fn behaviour(&mut self) -> Request {
        let activities =
            ["checkin", "ugc.featured", "ugc.featured", "ugc.approved", "survey.completed", "task.completed"];
        let activity = activities[self.rng.usize(0..activities.len())];
        let mut event = json!({
            "specversion": "1.0", "type": activity, "source": "app", "id": format!("b-{}", self.sent.len()),
            "subject": self.member(), "time": self.time(0),
        });
        if activity == "task.completed" {
            event["data"] = json!({"attributes": {"task": "watch_tutorial"}});
        }
        Self::api(ACTIVITIES, &event)
    }

    /// Orders of one member or several, and sometimes what the programme does not know.
    pub(super) fn batch(&mut self) -> Request {
        let mut events: Vec<Value> = (0..self.rng.usize(1..6)).map(|part| self.order(part)).collect();
        if self.rng.bool() {
            let member = events[0]["subject"].clone();
            events.iter_mut().for_each(|event| event["subject"] = member.clone());
            let known = self.orders.len() - events.len();
            self.orders.truncate(known);
            self.orders.extend(events.iter().cloned());
        }
        if self.rng.u32(0..4) == 0 {
            let mut unknown = events[0].clone();
            unknown["type"] = json!("moon.landed");
            unknown["id"] = json!(format!("u-{}", self.sent.len()));
            unknown["data"] = Value::Null;
            events.push(unknown);
        }
        Self::api(BATCH, &json!({ "activities": events }))
    }

    /// A correction; one above the limit waits for a second person.
    pub(super) fn adjustment(&mut self) -> Request {
        let points = if self.rng.u32(0..4) == 0 { -self.rng.i64(1..300) } else { self.rng.i64(1..1_200) };
        let body = json!({"member": self.member(), "points": points, "reason": "goodwill"});
        self.keyed("/v1/adjustments", &body)
    }

    pub(super) fn hold(&mut self) -> Request {
        let body = json!({
            "member": self.payer(), "order_id": format!("c-{}", self.sent.len()), "order_net_minor": 50_000,
            "points": self.rng.i64(1..4) * 100,
        });
        self.keyed(HOLDS, &body)
    }

    /// Captures or releases a hold, sometimes one that has ended.
    pub(super) fn end_hold(&mut self) -> Request {
        let Some(place) = self.rng.choice(0..self.holds.len()) else { return self.hold() };
        let hold = if self.rng.u32(0..4) == 0 { self.holds[place].clone() } else { self.holds.swap_remove(place) };
        let end = if self.rng.u32(0..3) == 0 { "release" } else { "capture" };
        Self::api(&format!("{HOLDS}/{hold}/{end}"), &json!({}))
    }

    pub(super) fn reversal(&mut self) -> Request {
        let Some(id) = self.rng.choice(&self.spent).cloned() else { return self.hold() };
        let by = if self.rng.bool() { "member" } else { "merchant" };
        self.keyed(&format!("/v1/redemptions/{id}/reversals"), &json!({ "initiated_by": by }))
    }

    /// Orders that were sent as messages and are not in the ledger.
    pub(super) fn undelivered(&self, ledger: &Ledger) -> usize {
        let messages = self.sent.iter().filter(|sent| matches!(sent.request.way, Way::Queue));
        messages.filter(|sent| ledger.of_message(&sent.request).is_none()).count()
    }

    /// Holds every answer against the ledger: an entry for each that was acknowledged, and no other entry.
    pub(super) fn judge(&mut self, ledger: &Ledger) {
        let mut wrong = ledger.gaps.clone();
        let mut claims: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for Sent { request, answer, .. } in &self.sent {
            let Some(answer) = answer else {
                wrong.push(format!("{} is never answered", request.identity()));
                continue;
            };
            for (identity, part) in acknowledged(request, answer) {
                if part["parked"] == true {
                    if !ledger.nets(request, part) {
                        wrong.push(format!("{identity} was to wait for its order, which does not know of it: {part}"));
                    }
                    continue;
                }
                match ledger.entry_of(request, part) {
                    Some((id, entry)) => {
                        let told = &part["balance"]["total"];
                        let as_told = part["entry"].is_null() || part["entry"] == *entry;
                        if !as_told || (!told.is_null() && *told != entry["balance_after"]) {
                            wrong.push(format!("{identity} was told {part}, the ledger says {entry}"));
                        }
                        claims.entry(id).or_default().insert(identity);
                    }
                    None => wrong.push(format!("{identity} was acknowledged and is not in the ledger: {part}")),
                }
            }
        }
        for (id, entry) in &ledger.entries {
            match claims.get(id.as_str()) {
                None if entry["kind"] != "settle" && entry["kind"] != "evaluate" => {
                    wrong.push(format!("nobody was told of {entry}"))
                }
                Some(by) if by.len() > 1 => wrong.push(format!("{id} is the answer to {by:?}")),
                _ => {}
            }
        }
        let requests = self.acknowledged.iter().filter(|place| !matches!(self.sent[**place].request.way, Way::Queue));
        self.report.acknowledged = u64::try_from(requests.count()).unwrap_or_default();
        self.report.entries = u64::try_from(ledger.len()).unwrap_or_default();
        self.report.violations.extend(wrong);
    }
}
