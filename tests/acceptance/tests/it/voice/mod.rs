//! Surveys: from what causes a question to what follows its answer, over HTTP and the queue, with the clock moved.

mod answering;
mod asking;
mod forms;
mod leaving;
mod page;
mod suggestions;

use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::{Value, json};

use crate::queue::Queue;
use crate::world::{Answer, START, World, answer, programme};

/// The journey that sends invitations, where the programme has none.
const JOURNEY: &str = r#"[[journey]]
id = "survey-invitation"
enter = "voc.surveyinvited"
key = ["invitation"]
purpose = "service"
steps = [ { id = "ask", at = "PT0S", valid_for = "PT72H", do = ["email", "in_app"], template = "survey-invitation", action = "answer" } ]

[[template]]
id = "survey-invitation"
[template.text.zh-CN]
subject = "想听听您的意见"
mail = """只需一分钟。

[开始]({{ action_link }})"""
inbox = "想听听您的意见：{{ action_link }}"

[[survey]]
id = "csat-ticket""#;

/// A page as a browser gets it.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) text: String,
}

/// A platform on which invitations are sent.
pub(super) async fn asking(changes: &[(&str, &str)]) -> World {
    asking_from(START, changes).await
}

/// The same, from another time on.
pub(super) async fn asking_from(start: &str, changes: &[(&str, &str)]) -> World {
    let mut all = changes.to_vec();
    if !programme(&[]).contains("id = \"survey-invitation\"") {
        all.push(("[[survey]]\nid = \"csat-ticket\"", JOURNEY));
    }
    World::whole(start, &all).await
}

impl World {
    /// An event about a member, as its queue has it.
    pub(super) fn told(&self, (kind, id): (&str, &str), member: &str, data: &Value) -> String {
        let now = self.now();
        json!({
            "specversion": "1.0", "type": format!("perennial.{kind}.v1"), "source": "/perennial/elsewhere", "id": id, "member": member,
            "time": now, "recordedtime": now, "sequence": 1, "causationid": id, "correlationid": "000102030405060708090a0b0c0d0e0f",
            "programmeversion": 1, "data": data,
        })
        .to_string()
    }

    /// Surveys are told something, and everything has come of it that comes at once.
    pub(super) async fn tells_voice(&self, bodies: &[String]) {
        let queue = Queue::of(self, "VoiceQueue").await;
        queue.send(bodies).await;
        queue.settles(0).await;
        self.platform.rest().await.unwrap();
    }

    /// A ticket of a member is resolved.
    pub(super) async fn resolves(&self, ticket: &str, resolution: u32, member: &str) {
        let data = json!({
            "ticket": ticket, "resolution": resolution, "code": "fixed", "replies": 2, "live": false, "queue": "technical-support",
            "channel": "app", "locale": "zh-CN", "agent": "ann",
        });
        self.tells_voice(&[self.told(("svc.ticketresolved", &format!("{ticket}-{resolution}")), member, &data)]).await;
    }

    /// A journey asks a member how a purchase was.
    pub(super) async fn asks_after_purchase(&self, enrolment: &str, member: &str) {
        let data = json!({
            "do": "survey", "survey": "post-purchase", "journey": "after-sale", "enrolment": enrolment, "step": "ask", "key": ["o-1"],
            "origin": "5d41402abc4b2a76b9719d911017c592",
        });
        self.tells_voice(&[self.told(("care.stepdue", enrolment), member, &data)]).await;
    }

    /// The token of the link that was sent last.
    pub(super) async fn link(&self) -> String {
        let sent = self.outbox().await;
        let text = sent.last().unwrap()["text"].as_str().unwrap();
        let (_, rest) = text.split_once("/s/").unwrap_or_else(|| panic!("no link in {text}"));
        rest.split(|letter: char| letter.is_whitespace() || letter == ')').next().unwrap().to_owned()
    }

    /// How many were sent that ask something.
    pub(super) async fn asked(&self) -> usize {
        self.outbox().await.iter().filter(|one| one["text"].as_str().is_some_and(|text| text.contains("/s/"))).count()
    }

    /// A first answer.
    pub(super) async fn answers(&self, token: &str, said: &Value) -> Answer {
        let path = format!("/v1/surveys/{token}/responses");
        answer(self.request(Method::POST, &path).json(&json!({"answers": said}))).await
    }

    /// A change of it.
    pub(super) async fn changes(&self, token: &str, base: u8, said: &Value) -> Answer {
        let path = format!("/v1/surveys/{token}/responses");
        answer(self.request(Method::PUT, &path).json(&json!({"base_version": base, "answers": said}))).await
    }

    /// What a member was asked and answered, as the member sees it.
    pub(super) async fn surveys_of(&self, member: &str) -> Vec<Value> {
        self.platform.rest().await.unwrap();
        let shown = self.member(member).get(&format!("/v1/members/{member}/surveys")).await.ok();
        shown["surveys"].as_array().unwrap().clone()
    }

    pub(super) async fn sees(&self, path: &str) -> Page {
        browsed(self.request(Method::GET, path)).await
    }

    /// Sends a page's form; the page that it leads to.
    pub(super) async fn sends_form(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        browsed(self.form(path, fields)).await
    }

    pub(super) fn form(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        request.body(body.join("&"))
    }

    /// Everything in the table of surveys, sorted.
    pub(super) async fn survey_items(&self) -> Vec<String> {
        let name = crate::tables::names(&self.platform).contexts["surveys"].clone();
        crate::tables::scan(&self.platform, &name).await
    }

    pub(super) async fn an_hour_passes(&self) {
        self.time_passes(SignedDuration::from_mins(66)).await;
        self.platform.rest().await.unwrap();
    }
}

async fn browsed(request: reqwest::RequestBuilder) -> Page {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Page { status, headers, text: response.text().await.unwrap() }
}
