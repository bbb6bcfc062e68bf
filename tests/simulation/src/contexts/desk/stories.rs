//! Stories of the desk: each from somebody who asks to what is written.

use domain::kernel::id::OperationId;
use serde_json::{Value, json};

use crate::contexts::handler::Story;
use crate::contexts::known::Known;
use crate::contexts::members::people::{first, mei};
use crate::contexts::reported::at;
use crate::contexts::wish::{DESK_TICK, FIRST, Wish, fired, message, request};

/// A request of somebody with a role.
fn by((role, who): (&str, &str), (method, path): (&str, &str), what: &str, body: Value, key: Option<&str>) -> Wish {
    let mut wish = request(who, ("service-desk", method, path), (FIRST, what), body, key.map(str::to_owned));
    wish.payload["requestContext"]["authorizer"]["jwt"]["claims"] = json!({"sub": who, "scope": role});
    // What is told of it tells of others too, who may have done something meanwhile.
    wish.repeatable = false;
    wish
}

fn ann(method: &str, path: &str, what: &str, body: Value, key: Option<&str>) -> Wish {
    by(("agent", "ann"), (method, path), what, body, key)
}

/// Ann works at the desk, and is there.
fn hired() -> Wish {
    let said = json!({"queues": ["customer-service"], "locales": ["zh-CN"], "capacity": 5, "members": []});
    by(("admin", "ada"), ("PUT", "/v1/desk/agents/ann"), "hires", said, None)
}

fn comes() -> Wish {
    ann("PUT", "/v1/desk/agents/me/status", "comes", json!({"status": "available"}), None)
}

fn opens(key: &str) -> Wish {
    let body = json!({
        "member": FIRST, "topic": "order", "channel": "phone", "locale": "zh-CN", "subject": "parcel", "text": "where is it?",
        "order": "o-1",
    });
    ann("POST", "/v1/tickets", &format!("opens {key}"), body, Some(key))
}

/// The ticket that Ann opened under a key.
fn ticket(key: &str) -> String {
    OperationId::of_key("ann", "POST", "/v1/tickets", key).to_string()
}

fn does(what: &str, body: Value) -> Wish {
    ann("POST", &format!("/v1/tickets/{}/{what}", ticket("t-1")), what, body, Some(what))
}

fn answers() -> Wish {
    does("messages", json!({"text": "It comes tomorrow"}))
}

fn gives() -> Wish {
    does("grants", json!({"item": "gift-medium", "reason": "the parcel was late"}))
}

fn decides(what: &'static str) -> Wish {
    let path = format!("/v1/tickets/{}/grants", ticket("t-1"));
    let grant = OperationId::of_key("ann", "POST", &path, "grants");
    let path = format!("{path}/{grant}/{what}");
    by(("lead", "lead-service"), ("POST", &path), what, json!({"reason": "as agreed"}), Some(what))
}

fn resolves() -> Wish {
    does("resolution", json!({"version": 1, "code": "fixed", "text": "Done"}))
}

fn reads(path: &str) -> Wish {
    ann("GET", path, "reads", Value::Null, None)
}

fn of_ticket(rest: &str) -> Wish {
    reads(&format!("/v1/tickets/{}{rest}", ticket("t-1")))
}

fn of_member(known: &Known, rest: &str) -> Wish {
    reads(&format!("/v1/members/{}/{rest}", first(known)))
}

/// A step of a journey that asks for a call.
fn step() -> Wish {
    let event = json!({
        "specversion": "1.0", "type": "perennial.care.stepdue.v1", "source": "/perennial/care", "id": "s-1", "time": at(0),
        "member": FIRST, "sequence": 1, "recordedtime": at(0), "causationid": "care/x.1",
        "correlationid": "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a", "programmeversion": 1,
        "data": {"do": "ticket", "origin": "5d41402abc4b2a76b9719d911017c592", "journey": "after-sale", "key": ["o-1"],
                 "step": "call", "template": "dedicated-callback", "queue": "care-desk"},
    });
    message("DeskQueue", (FIRST, "a step asks for a call"), event)
}

/// So late that clocks are breached.
fn late() -> Vec<Wish> {
    vec![Wish { after: 200 * 3_600_000, ..fired(DESK_TICK, "service-desk") }]
}

/// One story per route, queue, stream and schedule.
pub(super) fn stories() -> Vec<Story> {
    let desk = || vec![mei(), hired(), comes()];
    let open = || [desk(), vec![opens("t-1")]].concat();
    let answered = || [open(), vec![answers()]].concat();
    let proposed = || [answered(), vec![gives()]].concat();
    let told = |about, before, watched| Story { about, before, then: Vec::new(), hours: 0, watched };
    vec![
        told("POST /v1/tickets", desk(), |_| opens("t-1")),
        told("GET /v1/tickets", open(), |_| {
            let mut wish = reads("/v1/tickets");
            wish.payload["queryStringParameters"] = json!({"owner": "me"});
            wish
        }),
        told("GET /v1/members/{member_id}/tickets", open(), |known| of_member(known, "tickets")),
        told("GET /v1/members/{member_id}/manager", desk(), |known| of_member(known, "manager")),
        told("GET /v1/tickets/{ticket_id}", open(), |_| of_ticket("")),
        told("GET /v1/tickets/{ticket_id}/log", answered(), |_| of_ticket("/log")),
        told("POST /v1/tickets/{ticket_id}/messages", open(), |_| answers()),
        told("POST /v1/tickets/{ticket_id}/notes", open(), |_| does("notes", json!({"text": "angry"}))),
        told("POST /v1/tickets/{ticket_id}/state", answered(), |_| {
            does("state", json!({"version": 2, "state": "pending_customer"}))
        }),
        told("POST /v1/tickets/{ticket_id}/assignment", open(), |_| does("assignment", json!({"version": 1}))),
        told("POST /v1/tickets/{ticket_id}/route", open(), |_| does("route", json!({"version": 1, "queue": "sales"}))),
        told("POST /v1/tickets/{ticket_id}/priority", open(), |_| {
            does("priority", json!({"version": 1, "policy": "p1", "reason": "leaves tomorrow"}))
        }),
        told("POST /v1/tickets/{ticket_id}/resolution", open(), |_| resolves()),
        told("POST /v1/tickets/{ticket_id}/reopening", [open(), vec![resolves()]].concat(), |_| {
            does("reopening", json!({"version": 2, "reason": "it is not"}))
        }),
        told("POST /v1/tickets/{ticket_id}/merge", [open(), vec![opens("t-2")]].concat(), |_| {
            let path = format!("/v1/tickets/{}/merge", ticket("t-2"));
            ann("POST", &path, "merge", json!({"version": 1, "into": ticket("t-1")}), Some("merge"))
        }),
        told("POST /v1/tickets/{ticket_id}/grants", answered(), |_| gives()),
        told("POST /v1/tickets/{ticket_id}/grants/{grant_id}/approval", proposed(), |_| decides("approval")),
        told("POST /v1/tickets/{ticket_id}/grants/{grant_id}/rejection", proposed(), |_| decides("rejection")),
        told("POST /v1/tickets/{ticket_id}/grants/{grant_id}/cancellation", proposed(), |_| decides("cancellation")),
        told("GET /v1/desk/budgets", proposed(), |_| reads("/v1/desk/budgets")),
        told("GET /v1/desk/queues", open(), |_| reads("/v1/desk/queues")),
        told("PUT /v1/desk/agents/{agent}", Vec::new(), |_| hired()),
        told("PUT /v1/desk/agents/me/status", vec![mei(), opens("t-1"), hired()], |_| comes()),
        told("DeskQueue", desk(), |_| step()),
        told("TicketsTable", desk(), |_| opens("t-1")),
        told("DeskTable", desk(), |_| hired()),
        told(DESK_TICK, [proposed(), late(), vec![does("notes", json!({"text": "still angry"}))]].concat(), |_| Wish {
            after: 100 * 3_600_000,
            ..fired(DESK_TICK, "service-desk")
        }),
    ]
}
