//! The service desk: tickets, their clocks and agents, and what is given on the spot, over HTTP, with the clock moved.

mod clocks;
mod conversations;
mod grants;
mod leaving;
mod people;
mod tickets;

use sam::Role;
use serde_json::{Value, json};

use crate::queue::Queue;
use crate::world::{Answer, Caller, World};

/// A Monday, two hours after the department has opened.
pub(crate) const MONDAY: &str = "2026-03-02T11:00:00+08:00";

/// The sweep of clocks.
const TICK: &str = "ServiceDeskFunctionDeskTick";

impl World {
    /// Somebody who works at the desk.
    pub(crate) fn clerk(&self, name: &str) -> Caller {
        self.caller(Role::Agent, name)
    }

    /// Somebody who answers for departments.
    pub(crate) fn lead(&self, name: &str) -> Caller {
        self.caller(Role::Lead, name)
    }

    /// A member with a key.
    pub(crate) async fn customer(&self, name: &str) -> String {
        self.presents("crm", name, &[]).await["member"].as_str().unwrap().to_owned()
    }

    /// An agent who is there.
    pub(crate) async fn staffed(&self, agent: &str, queues: &[&str], capacity: u32) {
        let said = json!({"queues": queues, "locales": ["zh-CN", "en"], "capacity": capacity, "members": []});
        self.admin("ada").put(&format!("/v1/desk/agents/{agent}"), &said).await.ok();
        self.clerk(agent).put("/v1/desk/agents/me/status", &json!({"status": "available"})).await.ok();
    }

    /// A member opens a ticket.
    pub(crate) async fn concern(&self, member: &str, topic: &str, key: &str) -> Value {
        let answer = self.member(member).keyed(key, "/v1/tickets", &concern(member, topic)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body
    }

    /// A ticket as staff sees it.
    pub(crate) async fn ticket(&self, ticket: &Value) -> Value {
        self.admin("ada").get(&format!("/v1/tickets/{}", id(ticket))).await.ok()
    }

    /// Something is done with a ticket as it is, by somebody of the desk.
    pub(crate) async fn handles(&self, by: &Caller, ticket: &Value, what: &str, body: Value) -> Answer {
        let mut body = body;
        let now = self.ticket(ticket).await;
        if !["messages", "notes", "grants"].contains(&what) && !what.contains('/') {
            body["version"] = now["version"].clone();
        }
        let key = format!("{what} {} {}", now["version"], self.now());
        by.keyed(&key, &format!("/v1/tickets/{}/{what}", id(ticket)), &body).await
    }

    /// The sweep runs, and everything has come of it.
    pub(crate) async fn ticks(&self) {
        self.platform.fire(TICK).await.unwrap();
        self.platform.rest().await.unwrap();
    }

    /// The clock goes to an instant, and the sweep runs.
    pub(crate) async fn ticks_at(&self, to: &str) {
        self.advance(to).await;
        self.ticks().await;
    }

    /// The desk is told something of a member.
    pub(crate) async fn desk_hears(&self, kind: &str, id: &str, member: &str, data: &Value) {
        let event = json!({
            "specversion": "1.0", "type": kind, "source": "/perennial/test", "id": id, "time": self.now(),
            "member": member, "sequence": 1, "recordedtime": self.now(), "causationid": "test/1.1",
            "correlationid": "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a", "programmeversion": 1, "data": data,
        });
        Queue::of(self, "DeskQueue").await.send(&[event.to_string()]).await;
        self.platform.rest().await.unwrap();
    }
}

/// What somebody says who opens a ticket.
pub(crate) fn concern(member: &str, topic: &str) -> Value {
    json!({
        "member": member, "topic": topic, "channel": "app", "locale": "zh-CN", "subject": "\u{5b89}\u{88c5}",
        "text": "\u{8bf4}\u{660e}\u{4e66}\u{770b}\u{4e0d}\u{61c2}",
    })
}

pub(crate) fn id(ticket: &Value) -> &str {
    ticket["ticket"].as_str().unwrap()
}

/// A clock of a ticket, the newest of its kind.
#[track_caller]
fn clock<'a>(ticket: &'a Value, kind: &str) -> &'a Value {
    let clocks = ticket["clocks"].as_array().unwrap();
    clocks.iter().rfind(|clock| clock["kind"] == kind).unwrap_or_else(|| panic!("no {kind}: {ticket}"))
}
