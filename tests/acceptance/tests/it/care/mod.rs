//! Care: journeys from the fact that begins them to what is handed on, over HTTP, with the clock moved.

mod journeys;
mod ladders;
mod leaving;
mod sending;
mod steering;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::members::{crm, known_as};
use crate::world::{World, at, fact};

/// A signal with attributes, as of now.
pub(crate) fn signal(world: &World, kind: &str, id: &str, member: &str, attributes: &Value) -> Value {
    let mut signal = fact(kind, id, member, world.now());
    signal["data"] = json!({"attributes": attributes});
    signal
}

impl World {
    /// Somebody in China with a mail address and a phone, who agreed to whatever `channels` say of marketing.
    pub(crate) async fn reachable(&self, external_id: &str, channels: &[&str]) -> String {
        let n: u32 = external_id.bytes().map(u32::from).sum();
        let (mail, phone) = (format!("email {external_id}@example.com!"), format!("phone 138{:08}!", n * 7_919));
        let mut body = known_as("crm", external_id, &[mail.as_str(), phone.as_str()]);
        let consent =
            |channel: &&str| json!({"purpose": "marketing", "channel": channel, "said": "given", "version": 1});
        body["consents"] = channels.iter().map(consent).collect();
        (body["zone"], body["countries"]) = (json!("Asia/Shanghai"), json!(["CN"]));
        let answer = crm(self).post("/v1/members", &body).await;
        assert!([200, 201].contains(&answer.status), "{answer:?}");
        answer.body["member"].as_str().unwrap().to_owned()
    }

    /// Something is reported of a member, and everything has come of it that comes at once.
    pub(crate) async fn signals(&self, kind: &str, id: &str, member: &str, attributes: &Value) {
        let answer = self.shop().post("/v1/activities", &signal(self, kind, id, member, attributes)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.platform.rest().await.unwrap();
    }

    /// The steps of a member, what was planned first first: `journey/step outcome` with the channel, or the reason.
    pub(crate) async fn steps(&self, member: &str) -> Vec<String> {
        let steps = self.care(member).await;
        let mut told: Vec<String> = steps.iter().map(told).collect();
        told.reverse();
        told
    }

    /// Time passes until an instant, and each step of a member is decided within five minutes after it is due.
    pub(crate) async fn lives(&self, member: &str, until: &str) {
        let until = at(until);
        loop {
            let steps = self.care(member).await;
            let due = steps.iter().filter_map(|step| step["due"].as_str()).map(at).filter(|due| *due <= until).min();
            let Some(due) = due else { break };
            let tick = due.max(self.now()) + SignedDuration::from_mins(5);
            self.platform.advance(tick.min(until.max(self.now()))).await.unwrap();
            if tick > until {
                break;
            }
        }
        self.platform.rest().await.unwrap();
        self.platform.advance(until.max(self.now())).await.unwrap();
    }

    /// The same as they are answered, what was planned last first.
    pub(crate) async fn care(&self, member: &str) -> Vec<Value> {
        self.platform.rest().await.unwrap();
        let (mut steps, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.admin("ada").get(&format!("/v1/members/{member}/care{after}")).await.ok();
            steps.extend(page["steps"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { break steps };
            after = format!("?after={next}");
        }
    }

    /// What was handed to the providers, the first first.
    pub(crate) async fn outbox(&self) -> Vec<Value> {
        self.platform.rest().await.unwrap();
        let answer = self.request(reqwest::Method::GET, "/local/outbox").send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        body["messages"].as_array().unwrap().clone()
    }

    /// What the next call of a provider meets.
    pub(crate) async fn providers_answer(&self, answer: &str) {
        let request = self.request(reqwest::Method::POST, "/local/outbox/next").json(&json!({"answer": answer}));
        assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
    }
}

fn told(step: &Value) -> String {
    let words = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
    let more = match words("outcome").as_str() {
        "pending" => words("due"),
        "claimed" => words("channel"),
        _ => words("reason"),
    };
    format!("{}/{} {} {more}", words("journey"), words("step"), words("outcome")).trim_end().to_owned()
}
