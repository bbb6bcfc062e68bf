//! What stories of several contexts report.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::wish::{Wish, http, message};
use crate::stack::EPOCH;

/// An instant of stories.
pub(super) fn at(seconds: i64) -> Timestamp {
    EPOCH.parse::<Timestamp>().unwrap_or_default() + SignedDuration::from_secs(seconds)
}

/// The event of a login.
pub(super) fn login(member: &str, id: &str, time: Timestamp) -> Value {
    json!({"specversion": "1.0", "type": "login", "source": "app", "id": id, "subject": member, "time": time})
}

/// `m-0` logs in.
pub(super) fn logged_in(id: &str) -> Wish {
    logged_in_after(id, 0)
}

/// The same, so many days later.
pub(super) fn logged_in_after(id: &str, days: i64) -> Wish {
    http(("earn", "POST", "/v1/activities"), ("m-0", "login"), login("m-0", id, at(days * 86_400)), None)
}

/// The message that `m-0` has logged in.
pub(super) fn sent(queue: &'static str, id: &str) -> Wish {
    message(queue, ("m-0", "send login"), login("m-0", id, at(0)))
}

/// `m-0` is featured for something: the first thing that the ledger hears of somebody, or the next.
pub(super) fn featured(id: &str) -> Wish {
    let event = json!({
        "specversion": "1.0", "type": "ugc.featured", "source": "app", "id": id, "subject": "m-0", "time": at(0),
    });
    http(("earn", "POST", "/v1/activities"), ("m-0", "featured"), event, None)
}
