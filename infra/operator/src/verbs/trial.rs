//! What stands against a fact that nobody could do: the running platform is asked what it would make of it now. It is the same
//! decision, written nowhere.

use std::path::Path;

use anyhow::Context as _;
use sam::Role;
use sam::machine::{Clock, Issuer, Ports, url};
use serde_json::{Value, json};

/// Asks a running platform.
pub(super) struct Trial {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Trial {
    /// Of the platform on `data`, as a shop's system: so facts from a queue are taken.
    pub(super) fn new(data: &Path, ports: Ports) -> anyhow::Result<Self> {
        let url = url(ports.api);
        let issuer = Issuer::open(Some(&data.join("issuer.key")), &url, Clock::System)?;
        let token = issuer.token(Role::Partner, "queue");
        Ok(Self { client: reqwest::Client::new(), url, token })
    }

    /// What it would make of a message, in a line.
    pub(super) async fn of(&self, message: &str) -> anyhow::Result<String> {
        let Ok(fact) = serde_json::from_str::<Value>(message) else {
            return Ok("invalid_json: the message is not JSON".to_owned());
        };
        let asked = self.client.post(format!("{}/v1/quotes", self.url)).bearer_auth(&self.token);
        let answer = asked.json(&json!({ "activity": fact })).send().await.context("the platform does not answer")?;
        if answer.status().is_success() {
            return Ok("it would be done now: redrive it".to_owned());
        }
        let problem: Value = answer.json().await.context("the platform's answer is no problem")?;
        Ok(in_words(&problem))
    }
}

/// A problem, its place in the message, and all that it says for machines.
fn in_words(problem: &Value) -> String {
    let text = |name: &str| problem[name].as_str().unwrap_or_default();
    let place = text("pointer").strip_prefix("/activity").unwrap_or_default();
    let place = if place.is_empty() { String::new() } else { format!(" at {place}") };
    let known = ["status", "code", "detail", "pointer"];
    let rest = problem.as_object().into_iter().flatten().filter(|(name, _)| !known.contains(&name.as_str()));
    let rest: String = rest.map(|(name, value)| format!("; {name}: {value}")).collect();
    format!("{}: {}{place}{rest}", text("code"), text("detail"))
}
