//! What is given on the spot, as the facts by which the ledger gives it: each once, under the grant's id.

use domain::kernel::event::Event;
use domain::ledger::grant::REWARD_GRANTED;
use domain::programme::desk::emergency::EMERGENCY_GRANTED;
use serde_json::{Value, json};

use crate::routes::{GIVEN, Queue};

/// What a queue is told in the place of an event, if it is the ledger's: a fact of what is given.
pub(crate) fn fact(queue: Queue, event: &Event) -> Option<Value> {
    if event.kind != GIVEN || !matches!(queue, Queue::Grants | Queue::Ingest) {
        return None;
    }
    let data = &event.data;
    let (kind, says) = if data["kind"] == "coupon" {
        (REWARD_GRANTED, json!({"reward": data["reward"], "cause": data["grant"]}))
    } else {
        let attributes = json!({"item": data["item"], "cost_minor": data["cost_minor"]});
        (EMERGENCY_GRANTED, json!({"attributes": attributes}))
    };
    Some(json!({
        "specversion": "1.0", "type": kind, "source": "/perennial/desk", "id": data["grant"], "subject": event.member,
        "time": event.time, "data": says,
    }))
}
