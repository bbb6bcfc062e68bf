//! What is asked, and what is answered.

use serde_json::Value;

/// What a request of the mixture may be refused for.
const REFUSALS: [&str; 15] = [
    "below_minimum",
    "conflicting_duplicate",
    "debt_limit_exceeded",
    "hold_not_open",
    "in_debt",
    "insufficient_points",
    "limit_reached",
    "not_found",
    "nothing_to_reverse",
    "order_already_has_hold",
    "order_already_paid",
    "out_of_stock",
    "too_many_holds",
    "too_many_parked_refunds",
    "unknown_activity",
];

/// What is sent, the very same each time.
pub(super) struct Request {
    pub(super) way: Way,
    pub(super) body: String,
}

pub(super) enum Way {
    Api { path: String, key: Option<String> },
    Queue,
}

impl Request {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub(super) fn is(&self, wanted: &str) -> bool {
        matches!(&self.way, Way::Api { path, .. } if path == wanted)
    }

    /// The same if and only if it is to be done once.
    pub(super) fn identity(&self) -> String {
        match &self.way {
            Way::Api { path, key } if !self.is(ACTIVITIES) => format!("{path} {key:?} {}", self.body),
            _ => self.body.clone(), // a fact is the same wherever it is told
        }
    }
}

pub(super) const ACTIVITIES: &str = "/v1/activities";
pub(super) const BATCH: &str = "/v1/activities/batch";
pub(super) const HOLDS: &str = "/v1/holds";

#[derive(Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Answer {
    /// Nothing was decided: it is to be asked again.
    pub(super) fn is_open(&self) -> bool {
        let again = |problem: &Value| ["busy", "unavailable"].iter().any(|code| problem["code"] == *code);
        let parts = self.body["results"].as_array().into_iter().flatten();
        let of_the_gateway = self.status >= 500 && self.body["code"].is_null();
        of_the_gateway || again(&self.body) || parts.map(|part| &part["problem"]).any(again)
    }

    pub(super) fn is_acknowledged(&self) -> bool {
        self.status < 300
    }

    /// What must be said again when it is asked again.
    pub(super) fn lasting(&self) -> Self {
        let mut lasting = self.clone();
        for part in lasting.body["results"].as_array_mut().into_iter().flatten() {
            part["replayed"] = Value::Null;
        }
        lasting
    }

    /// Refusals that no request of the mixture deserves.
    pub(super) fn odd_refusals(&self) -> Vec<String> {
        let whole = std::iter::once((i64::from(self.status), &self.body));
        let parts = self.body["results"].as_array().into_iter().flatten();
        let all = whole.chain(parts.map(|part| (part["status"].as_i64().unwrap_or_default(), &part["problem"])));
        let known = |problem: &Value| problem["code"].as_str().is_some_and(|code| REFUSALS.contains(&code));
        let odd = all.filter(|(status, problem)| *status >= 300 && !known(problem));
        odd.map(|(status, problem)| format!("{status} {problem}")).collect()
    }
}
