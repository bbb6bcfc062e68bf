//! Stories of surveys: each from what causes a question to what follows its answer.

use domain::voice::InvitationId;
use serde_json::{Value, json};

use crate::contexts::handler::Story;
use crate::contexts::known::Known;
use crate::contexts::members::people::{first, mei};
use crate::contexts::reported::at;
use crate::contexts::wish::{BEHIND, CARE_TICK, FIRST, Wish, fired, http, message};

const TICK: &str = "SurveyIntakeFunctionVoiceTick";
const ENROLMENT: &str = "0b7c5f1be1b94a5f9a3fd5ce2b1e3c44";

/// A journey asks who was known first how a purchase was: a mail with the link is due at once.
fn asked() -> Wish {
    let body = json!({
        "specversion": "1.0", "type": "perennial.care.stepdue.v1", "source": "/perennial/care", "id": "e-1", "member": FIRST, "time": at(0),
        "recordedtime": at(0), "sequence": 1, "causationid": "care/1", "correlationid": "0".repeat(32), "programmeversion": 1,
        "data": {"do": "survey", "survey": "post-purchase", "journey": "after-sale", "enrolment": ENROLMENT, "step": "ask", "key": ["o-1"]},
    });
    message("VoiceQueue", (FIRST, "is asked"), body)
}

/// The invitation that comes of it.
fn invitation(known: &Known) -> InvitationId {
    let member = first(known).parse().expect("a member");
    InvitationId::of("post-purchase", &format!("step:{ENROLMENT}:ask"), &member)
}

/// Without a token, under the newest link.
fn open(known: &Known, (method, rest): (&str, &str), what: &str, body: Value) -> Wish {
    let token = known.care_known.surveys.last().map_or("none", String::as_str);
    let mut wish = http(("survey-intake", method, &format!("/v1/surveys/{token}{rest}")), (FIRST, what), body, None);
    wish.repeatable = false;
    wish
}

fn answers(known: &Known) -> Wish {
    open(known, ("POST", "/responses"), "answers", json!({"answers": {"score": 2, "why": "安装太慢，希望有小包装"}}))
}

fn changes(known: &Known) -> Wish {
    open(known, ("PUT", "/responses"), "changes", json!({"base_version": 1, "answers": {"score": 4}}))
}

/// The page of the form.
fn page(known: &Known, method: &str) -> Wish {
    let token = known.care_known.surveys.last().map_or("none", String::as_str);
    let mut wish = http(("survey-intake", method, &format!("/s/{token}")), (FIRST, "page"), Value::Null, None);
    if method == "POST" {
        wish.payload["body"] = "_step=1&score=5".into();
    }
    wish.repeatable = false;
    wish
}

fn of_member(known: &Known, (method, rest): (&str, &str), body: Value) -> Wish {
    let path = format!("/v1/members/{}/{rest}", first(known));
    let mut wish = http(("survey-intake", method, &path), (FIRST, rest), body, None);
    wish.repeatable = false;
    wish
}

fn text(known: &Known, method: &str) -> Wish {
    let path = format!("/v1/responses/{}/text", invitation(known));
    let mut wish = http(("survey-intake", method, &path), (FIRST, "text"), Value::Null, None);
    wish.repeatable = false;
    wish
}

fn proposes() -> Wish {
    let body = json!({"theme": "small-size", "title": {"zh-CN": "小包装"}, "members": [FIRST]});
    http(("survey-intake", "POST", "/v1/suggestions"), (FIRST, "proposes"), body, Some("s-1".into()))
}

fn moves(known: &Known, what: &str, body: Value) -> Wish {
    let id = known.voice_known.suggestions.last().map_or("none", String::as_str);
    http(
        ("survey-intake", "POST", &format!("/v1/suggestions/{id}/{what}")),
        (FIRST, what),
        body,
        Some(format!("{what}-1")),
    )
}

fn accepts(known: &Known) -> Wish {
    moves(known, "acceptance", json!({}))
}

fn ships(known: &Known) -> Wish {
    moves(known, "shipping", json!({}))
}

/// Those about surveys.
pub(super) fn of_surveys() -> Vec<Story> {
    let story = |about, before, then, hours, watched| Story { about, before, then, hours, watched };
    let was_asked = || vec![mei(), asked(), Wish { after: BEHIND, ..fired(CARE_TICK, "care-journey") }];
    vec![
        story("VoiceQueue", vec![mei()], Vec::new(), 0, |_| asked()),
        story("SurveysTable", was_asked(), Vec::new(), 0, answers),
        story("GET /s/{token}", was_asked(), Vec::new(), 0, |known| page(known, "GET")),
        story("POST /s/{token}", was_asked(), Vec::new(), 0, |known| page(known, "POST")),
        story("GET /v1/surveys/{token}", was_asked(), Vec::new(), 0, |known| {
            open(known, ("GET", ""), "sees", Value::Null)
        }),
        story("POST /v1/surveys/{token}/responses", was_asked(), Vec::new(), 0, answers),
        story("PUT /v1/surveys/{token}/responses", was_asked(), vec![answers], 0, changes),
        story("POST /v1/invitations", vec![mei()], Vec::new(), 0, |_| {
            let body = json!({"survey": "product-feedback", "batch": "b-1", "members": [FIRST]});
            let mut wish = http(("survey-intake", "POST", "/v1/invitations"), (FIRST, "invites"), body, None);
            wish.repeatable = false;
            wish
        }),
        story("GET /v1/members/{member_id}/surveys", was_asked(), vec![answers], 0, |known| {
            of_member(known, ("GET", "surveys"), Value::Null)
        }),
        story("POST /v1/members/{member_id}/forms/{form}", vec![mei()], Vec::new(), 0, |known| {
            of_member(known, ("POST", "forms/about-you"), json!({"source": "crm", "answers": {"city": "杭州"}}))
        }),
        story("GET /v1/members/{member_id}/forms/{form}/next", vec![mei()], Vec::new(), 0, |known| {
            of_member(known, ("GET", "forms/about-you/next"), Value::Null)
        }),
        story("GET /v1/responses/{response_id}/text", was_asked(), vec![answers], 0, |known| text(known, "GET")),
        story("DELETE /v1/responses/{response_id}/text", was_asked(), vec![answers], 0, |known| text(known, "DELETE")),
        story("POST /v1/suggestions", vec![mei()], Vec::new(), 0, |_| proposes()),
        story("GET /v1/suggestions", vec![mei(), proposes()], Vec::new(), 0, |_| {
            http(("survey-intake", "GET", "/v1/suggestions"), ("", "suggestions"), Value::Null, None)
        }),
        story("POST /v1/suggestions/{suggestion_id}/acceptance", vec![mei(), proposes()], Vec::new(), 0, accepts),
        story("POST /v1/suggestions/{suggestion_id}/shipping", vec![mei(), proposes()], vec![accepts], 0, ships),
        story("POST /v1/suggestions/{suggestion_id}/decline", vec![mei(), proposes()], Vec::new(), 0, |known| {
            moves(known, "decline", json!({"reason": {"en": "it would not keep fresh"}}))
        }),
        story(TICK, vec![mei(), proposes()], vec![accepts, ships], 1, |_| fired(TICK, "survey-intake")),
    ]
}
