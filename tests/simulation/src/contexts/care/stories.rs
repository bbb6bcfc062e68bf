//! Stories of care and messages: each from the fact to what is handed to a provider.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::contexts::handler::Story;
use crate::contexts::known::Known;
use crate::contexts::members::people::{first, mei};
use crate::contexts::reported::at;
use crate::contexts::wish::{CARE_TICK, FIRST, Wish, fired, http};

/// Something happens to who was known first.
fn happens(kind: &str, id: &str, attributes: &Value) -> Wish {
    let body = json!({
        "specversion": "1.0", "type": kind, "source": "shop", "id": id, "subject": FIRST, "time": at(0),
        "data": {"attributes": attributes},
    });
    http(("earn", "POST", "/v1/activities"), (FIRST, kind), body, None)
}

/// A parcel arrives: a mail is due at once.
fn delivered() -> Wish {
    happens("order.delivered", "d-1", &json!({"order": "o-1"}))
}

/// A bill is due in three days: a text message is due at once, in which it can be extended.
fn billed() -> Wish {
    happens("bill.due_date_set", "b-1", &json!({"bill": "b-1", "due_date": "2026-01-12"}))
}

/// So much is paid that a new tier is reached: a text in the app is due at once.
fn paid() -> Wish {
    let lines = json!([{"sku": "robot", "quantity": 1, "amount_minor": 600_000}]);
    let body = json!({
        "specversion": "1.0", "type": "order.paid", "source": "shop", "id": "p-1", "subject": FIRST, "time": at(0),
        "data": {"order_id": "o-9", "currency": "CNY", "lines": lines},
    });
    http(("earn", "POST", "/v1/activities"), (FIRST, "pays"), body, None)
}

fn moves(known: &Known) -> Wish {
    let body = json!({"source": "crm", "zone": "America/New_York"});
    http(("member", "PATCH", &format!("/v1/members/{}", first(known))), (FIRST, "moves"), body, None)
}

fn looks(known: &Known) -> Wish {
    http(("care-journey", "GET", &format!("/v1/members/{}/care", first(known))), (FIRST, "care"), Value::Null, None)
}

fn foresees(known: &Known) -> Wish {
    let body = json!({"member": first(known), "days": 10});
    let mut wish = http(("care-journey", "POST", "/v1/care/preview"), (FIRST, "preview"), body, None);
    wish.repeatable = false;
    wish
}

fn steers(what: &'static str) -> Wish {
    let path = format!("/v1/care/journeys/after-sale/{what}");
    let body = json!({"reason": "the video is the wrong one"});
    http(("care-journey", "POST", &path), ("", what), body, Some(format!("{what}-1")))
}

/// The message of the first step after a delivery.
fn message(known: &Known) -> String {
    let text = format!("{}|after-sale|[\"o-1\"]|video", first(known));
    let digest: [u8; 32] = Sha256::digest(text).into();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Asked by the member itself.
fn by_itself(known: &Known, mut wish: Wish) -> Wish {
    wish.payload["requestContext"]["authorizer"]["jwt"]["claims"] = json!({"sub": first(known), "scope": "member"});
    wish
}

/// The newest page on which something can be done.
fn page(known: &Known, method: &str) -> Wish {
    let token = known.care_known.actions.last().map_or("none", String::as_str);
    let mut wish = http(("message-dispatch", method, &format!("/a/{token}")), (FIRST, "one tap"), Value::Null, None);
    wish.repeatable = false;
    wish
}

/// Those about care.
pub(super) fn of_care() -> Vec<Story> {
    let story = |about, before, hours, watched| Story { about, before, then: Vec::new(), hours, watched };
    vec![
        story("CareQueue", vec![mei()], 0, |_| delivered()),
        story("CareTable", vec![mei(), delivered()], 0, |_| {
            happens("order.delivered", "d-2", &json!({"order": "o-2"}))
        }),
        story("MembersTable", vec![mei(), delivered()], 0, moves),
        story(CARE_TICK, vec![mei(), delivered()], 50, |_| fired(CARE_TICK, "care-journey")),
        story("GET /v1/members/{member_id}/care", vec![mei(), delivered()], 0, looks),
        story("POST /v1/care/preview", vec![mei(), delivered()], 0, foresees),
        story("POST /v1/care/journeys/{journey}/pause", Vec::new(), 0, |_| steers("pause")),
        story("POST /v1/care/journeys/{journey}/resume", vec![steers("pause")], 0, |_| steers("resume")),
    ]
}

/// Those about messages.
pub(super) fn of_messages() -> Vec<Story> {
    let story = |about, before, watched| Story { about, before, then: Vec::new(), hours: 0, watched };
    vec![
        story("DeliverQueue", vec![mei()], |_| billed()),
        story("MessagesTable", vec![mei()], |_| paid()),
        story("GET /v1/messages/{message_id}", vec![mei(), delivered()], |known| {
            let path = format!("/v1/messages/{}", message(known));
            http(("message-dispatch", "GET", &path), (FIRST, "message"), Value::Null, None)
        }),
        story("GET /v1/members/{member_id}/inbox", vec![mei(), paid()], |known| {
            let path = format!("/v1/members/{}/inbox", first(known));
            by_itself(known, http(("message-dispatch", "GET", &path), (FIRST, "inbox"), Value::Null, None))
        }),
        story("POST /v1/members/{member_id}/inbox/{text_id}/read", vec![mei(), paid()], |known| {
            let path = format!("/v1/members/{}/inbox/none/read", first(known));
            let wish = http(("message-dispatch", "POST", &path), (FIRST, "reads"), Value::Null, None);
            Wish { refusals: &["not_found"], repeatable: false, ..by_itself(known, wish) }
        }),
        story("GET /a/{token}", vec![mei(), billed()], |known| page(known, "GET")),
        story("POST /a/{token}", vec![mei(), billed()], |known| page(known, "POST")),
    ]
}
