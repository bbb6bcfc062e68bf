//! What surveys ask of DynamoDB.

use std::collections::BTreeMap;

use bench::{fired, queued};
use emulator::payload;
use serde_json::{Value, json};

use crate::Ledger;

/// An event about a member.
fn event(ledger: &Ledger, (kind, id): (&str, &str), member: &str, data: &Value) -> String {
    let now = ledger.clock.now();
    json!({
        "specversion": "1.0", "id": id, "source": "/perennial/elsewhere", "type": format!("perennial.{kind}.v1"), "data": data, "time": now,
        "member": member, "sequence": 1, "recordedtime": now, "causationid": id, "correlationid": "0".repeat(32), "programmeversion": 1,
    })
    .to_string()
}

impl Ledger {
    /// What a member was asked, as the member sees it.
    async fn own_surveys(&mut self, member: &str, what: &str) -> Value {
        let route = "GET /v1/members/{member_id}/surveys";
        let path = format!("/v1/members/{member}/surveys");
        let parameters = BTreeMap::from([("member_id", member)]);
        let mut payload = payload::request("guard", route, (&path, &parameters), &Value::Null, None);
        payload["requestContext"]["authorizer"]["jwt"]["claims"] = json!({"sub": member, "scope": "member"});
        self.routes.insert(route.to_owned());
        let answer = self.invoke("survey-intake", payload, Some(what)).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default()
    }

    /// Something asked of surveys under a link, which every role may, for no role is asked for.
    async fn linked(&mut self, route: &str, token: &str, body: Value, what: &str) {
        self.ask(("survey-intake", route), &[("token", token)], body, Some(what)).await;
        self.routes.remove(route);
    }
}

/// From what causes a question to what follows its answer; and what members wish.
pub(crate) async fn all(ledger: &mut Ledger) {
    let before = ledger.counted.len();
    let mei = json!({"source": "crm", "external_id": "voice-1", "fields": {"name": "王小美"}});
    let member =
        ledger.ask(("member", "POST /v1/members"), &[], mei, None).await["member"].as_str().unwrap().to_owned();
    let met = event(ledger, ("mem.memberenrolled", "e-1"), &member, &json!({"source": "crm"}));
    ledger.invoke("survey-intake", queued(&[met]), Some("voice: a member is met")).await;
    let resolved = json!({"ticket": "t-1", "resolution": 1, "code": "fixed", "replies": 1});
    let resolved = event(ledger, ("svc.ticketresolved", "e-2"), &member, &resolved);
    ledger.invoke("survey-intake", queued(std::slice::from_ref(&resolved)), Some("voice: a ticket is resolved")).await;
    ledger.invoke("survey-intake", queued(&[resolved]), Some("voice: a ticket is resolved, again")).await;
    let reopened = event(ledger, ("svc.ticketreopened", "e-3"), &member, &json!({"ticket": "t-1", "resolution": 1}));
    ledger.invoke("survey-intake", queued(&[reopened]), Some("voice: a ticket is open again")).await;
    let body = json!({"survey": "product-feedback", "batch": "b-1", "members": [member]});
    ledger.ask(("survey-intake", "POST /v1/invitations"), &[], body, Some("invite: one member")).await;
    let shown = ledger.own_surveys(&member, "view: surveys").await;
    let own = shown["surveys"].as_array().unwrap().iter().find(|one| one["survey"] == "product-feedback").unwrap();
    let (id, token) = (own["invitation"].as_str().unwrap().to_owned(), own["token"].as_str().unwrap().to_owned());
    ledger.linked("GET /v1/surveys/{token}", &token, Value::Null, "survey: what is asked").await;
    let responses = "/v1/surveys/{token}/responses";
    let said = json!({"answers": {"score": 9, "praise": "希望有小包装"}});
    ledger.linked(&format!("POST {responses}"), &token, said.clone(), "answer: with words").await;
    ledger.linked(&format!("POST {responses}"), &token, said, "answer: again").await;
    let said = json!({"base_version": 1, "answers": {"score": 8}});
    ledger.linked(&format!("PUT {responses}"), &token, said, "answer: changed").await;
    let of = [("response_id", id.as_str())];
    let text = "/v1/responses/{response_id}/text";
    ledger.ask(("survey-intake", &format!("GET {text}")), &of, Value::Null, Some("answer: its words")).await;
    ledger.ask(("survey-intake", &format!("DELETE {text}")), &of, Value::Null, Some("answer: its words go")).await;
    ledger.invoke("survey-intake", fired(), Some("voice: a day's turns, nobody is due")).await;
    ledger.invoke("survey-intake", fired(), Some("voice: nobody is due, nobody has a turn")).await;
    forms(ledger, &member).await;
    suggestions(ledger, &member).await;
    let of = [("member_id", member.as_str())];
    ledger.ask(("member", "GET /v1/members/{member_id}/view"), &of, Value::Null, None).await;
    let gone = event(ledger, ("mem.membererased", "e-9"), "m-gone", &json!({"receipt": "m-gone.1", "absorbed": []}));
    ledger.invoke("survey-intake", queued(&[gone]), Some("voice: somebody was erased")).await;
    let counted = ledger.counted.split_off(before);
    insta::assert_snapshot!(counted, @r"
    voice: a member is met                          1.0 read  3.0 written: 1 GetItem, 1 TransactWriteItems
    voice: a ticket is resolved                     3.0 read  6.0 written: 3 GetItem, 1 TransactWriteItems
    voice: a ticket is resolved, again              3.0 read  0.0 written: 3 GetItem
    voice: a ticket is open again                   3.0 read  5.0 written: 3 GetItem, 1 TransactWriteItems
    invite: one member                              3.0 read  6.0 written: 3 GetItem, 1 TransactWriteItems
    view: surveys                                   7.5 read  1.0 written: 4 BatchGetItem, 2 GetItem, 1 PutItem, 1 Query
    survey: what is asked                           1.0 read  0.0 written: 1 GetItem
    answer: with words                              2.0 read  8.0 written: 1 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    answer: again                                   2.0 read  0.0 written: 1 BatchGetItem, 1 GetItem
    answer: changed                                 3.0 read  7.0 written: 2 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    answer: its words                               2.0 read  0.0 written: 1 BatchGetItem, 1 GetItem
    answer: its words go                            3.0 read  1.0 written: 1 BatchGetItem, 2 GetItem, 1 PutItem
    voice: a day's turns, nobody is due            38.5 read  1.0 written: 1 GetItem, 1 PutItem, 75 Query
    voice: nobody is due, nobody has a turn        33.0 read  0.0 written: 1 GetItem, 64 Query
    form: about a member                            3.0 read  4.0 written: 2 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    form: the next question                         3.0 read  0.0 written: 2 BatchGetItem, 1 GetItem
    suggestion: proposed                            2.5 read  6.0 written: 1 BatchGetItem, 2 GetItem, 1 TransactWriteItems
    suggestion: accepted                            1.5 read  2.0 written: 2 GetItem, 1 PutItem
    suggestion: who wished it is found             36.0 read  2.0 written: 4 GetItem, 1 PutItem, 65 Query
    suggestion: shipped                             1.5 read  2.0 written: 2 GetItem, 1 PutItem
    suggestion: one is told                        40.0 read  4.0 written: 1 BatchGetItem, 7 GetItem, 3 PutItem, 66 Query
    suggestions: listed                             1.5 read  0.0 written: 1 BatchGetItem, 1 Query
    suggestion: another                             0.5 read  2.0 written: 1 GetItem, 1 PutItem
    suggestion: declined                            1.5 read  1.0 written: 2 GetItem, 1 PutItem
    voice: somebody was erased                      4.0 read  3.0 written: 1 BatchGetItem, 1 BatchWriteItem, 1 GetItem, 2 Query, 1 to a queue
    ");
}

async fn forms(ledger: &mut Ledger, member: &str) {
    let of = [("member_id", member), ("form", "about-you")];
    let (form, next) = ("POST /v1/members/{member_id}/forms/{form}", "GET /v1/members/{member_id}/forms/{form}/next");
    let said = json!({"source": "crm", "answers": {"city": "杭州"}});
    ledger.ask(("survey-intake", form), &of, said, Some("form: about a member")).await;
    ledger.ask(("survey-intake", next), &of, Value::Null, Some("form: the next question")).await;
}

async fn suggestions(ledger: &mut Ledger, member: &str) {
    let body = json!({"theme": "small-size", "title": {"en": "Smaller packs"}, "members": [member]});
    let suggestions = ("survey-intake", "POST /v1/suggestions");
    let proposed = ledger.ask(suggestions, &[], body.clone(), Some("suggestion: proposed")).await;
    let id = proposed["suggestion"].as_str().unwrap().to_owned();
    let of = [("suggestion_id", id.as_str())];
    let at = |what: &str| format!("POST /v1/suggestions/{{suggestion_id}}/{what}");
    ledger.ask(("survey-intake", &at("acceptance")), &of, json!({}), Some("suggestion: accepted")).await;
    ledger.invoke("survey-intake", fired(), Some("suggestion: who wished it is found")).await;
    ledger.ask(("survey-intake", &at("shipping")), &of, json!({}), Some("suggestion: shipped")).await;
    ledger.invoke("survey-intake", fired(), Some("suggestion: one is told")).await;
    ledger.ask(("survey-intake", "GET /v1/suggestions"), &[], Value::Null, Some("suggestions: listed")).await;
    let body = json!({"theme": "small-size", "title": {"en": "Refills"}});
    let other = ledger.ask(suggestions, &[], body, Some("suggestion: another")).await;
    let other = other["suggestion"].as_str().unwrap().to_owned();
    let of = [("suggestion_id", other.as_str())];
    let why = json!({"reason": {"en": "it would not keep fresh"}});
    ledger.ask(("survey-intake", &at("decline")), &of, why, Some("suggestion: declined")).await;
}
