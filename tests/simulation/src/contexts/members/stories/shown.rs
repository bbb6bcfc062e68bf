//! What is shown of members, to them and to others, and who has looked.

use serde_json::{Value, json};

use super::super::people::{first, gets, mei, of, pays};
use super::super::secrets;
use super::super::wishes::asked;
use crate::contexts::handler::Story;
use crate::contexts::known::Known;
use crate::contexts::reported::at;
use crate::contexts::wish::Wish;

fn looks(known: &Known) -> Wish {
    let body = json!({"fields": ["phone", "name"], "reason": "callback on the kettle", "ticket": "t-17"});
    asked("POST", &of(first(known), "unmasking"), "unmask", body)
}

/// The page of preferences, by a link that was made at the beginning.
fn page(known: &Known, method: &str) -> Wish {
    let token = secrets::token(first(known), at(0).as_second());
    asked(method, &format!("/p/{token}"), "page", Value::Null)
}

/// What the page sends.
fn sends(known: &Known, form: &str) -> Wish {
    let mut wish = page(known, "POST");
    wish.payload["body"] = json!(form);
    wish.payload["headers"]["content-type"] = json!("application/x-www-form-urlencoded");
    wish
}

fn agrees(known: &Known) -> Wish {
    sends(known, "said=given&purpose=marketing&channel=email&version=1")
}

/// All of them.
pub(super) fn all() -> Vec<Story> {
    let story = |about, then, watched| Story { about, before: vec![mei()], then, hours: 0, watched };
    vec![
        story("GET /v1/members/{member_id}/view", Vec::new(), |known| {
            asked("GET", &of(first(known), "view"), "view", Value::Null)
        }),
        story(
            "GET /v1/members/{member_id}/view",
            vec![|known| gets(first(known), 500, "k"), |known| pays(first(known), "o-1", 20_000, 0)],
            |known| asked("GET", &of(first(known), "view"), "view", Value::Null),
        ),
        story("POST /v1/members/{member_id}/unmasking", Vec::new(), looks),
        story("GET /v1/members/{member_id}/looks", vec![looks], |known| {
            asked("GET", &of(first(known), "looks"), "looks", Value::Null)
        }),
        story("GET /v1/notices/{id}/{version}", Vec::new(), |_| {
            asked("GET", "/v1/notices/notice/1", "notice", Value::Null)
        }),
        story("GET /p/{token}", Vec::new(), |known| page(known, "GET")),
        story("POST /p/{token}", Vec::new(), agrees),
        story("POST /p/{token}", vec![agrees], |known| sends(known, "said=withdrawn&purpose=*")),
    ]
}
