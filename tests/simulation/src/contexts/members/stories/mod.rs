//! Stories of members.

mod identifiers;
mod merging;
mod shown;
mod standing;
mod tags;

use serde_json::{Value, json};

use super::people::{first, mei};
use super::wishes::{PHONE, asked, presented};
use crate::contexts::handler::Story;
use crate::contexts::reported::{featured, logged_in};

/// All of them.
pub(super) fn all() -> Vec<Story> {
    let story = |about, before, watched| Story { about, before, then: Vec::new(), hours: 0, watched };
    let enrol = "POST /v1/members";
    let mut all = vec![
        story("MembersQueue", Vec::new(), |_| featured("1")),
        story("MembersQueue", vec![featured("1")], |_| featured("2")),
        story("GET /v1/sources", vec![featured("1")], |_| asked("GET", "/v1/sources", "see sources", Value::Null)),
        story("GET /v1/sources/{source}/quality", vec![featured("1")], |_| {
            asked("GET", "/v1/sources/shop/quality", "see quality", Value::Null)
        }),
        story("GET /v1/members/{member_id}/trail", vec![logged_in("1"), featured("1")], |_| {
            asked("GET", "/v1/members/m-0/trail", "trail", Value::Null)
        }),
        story(enrol, Vec::new(), |_| mei()),
        story(enrol, vec![mei()], |_| presented("app", 1, Some((0, true)), Some(1), "Mei")),
        story(enrol, vec![presented("shop", 2, Some((0, false)), None, "Li")], |_| mei()),
        story(enrol, vec![mei()], |_| presented("shop", 3, Some((0, false)), Some(0), "Li")),
        story(enrol, vec![mei()], |_| mei()),
        story("POST /v1/members/lookups", vec![mei()], |_| {
            let phone = format!("{PHONE}8000");
            asked("POST", "/v1/members/lookups", "look up", json!({"identifier": {"kind": "phone", "value": phone}}))
        }),
        story("GET /v1/members/{member_id}", vec![mei()], |known| {
            asked("GET", &format!("/v1/members/{}", first(known)), "see", Value::Null)
        }),
        story("PATCH /v1/members/{member_id}", vec![mei()], |known| {
            let body = json!({"source": "crm", "fields": {"gender": "female"}, "locale": "en"});
            asked("PATCH", &format!("/v1/members/{}", first(known)), "change", body)
        }),
        story("GET /v1/members/{member_id}/consents", vec![mei()], |known| {
            asked("GET", &format!("/v1/members/{}/consents", first(known)), "see consents", Value::Null)
        }),
        story("POST /v1/members/{member_id}/consents", vec![mei()], |known| {
            let given = json!({"purpose": "marketing", "channel": "email", "said": "given", "version": 1});
            let body = json!({"source": "crm", "consents": [given]});
            asked("POST", &format!("/v1/members/{}/consents", first(known)), "agree", body)
        }),
    ];
    all.extend(standing::all());
    all.extend(identifiers::all());
    all.extend(tags::all());
    all.extend(merging::all());
    all.extend(shown::all());
    all
}
