//! What care and messages ask of DynamoDB. No mail is sent here: what is in the app has no provider.

use bench::{fired, queued};
use emulator::payload;
use serde_json::{Value, json};

use crate::Ledger;

/// An event of something that happened to a member.
fn event(ledger: &Ledger, (kind, id): (&str, &str), member: &str, data: &Value) -> String {
    let now = ledger.clock.now();
    json!({
        "specversion": "1.0", "id": id, "source": "/perennial/signals", "type": kind, "data": data, "time": now, "member": member,
        "sequence": 1, "recordedtime": now, "causationid": id, "correlationid": "0".repeat(32), "programmeversion": 1,
    })
    .to_string()
}

impl Ledger {
    /// A request of a member itself that must succeed.
    async fn by_itself(&mut self, member: &str, route: &str, path: &str, what: &str) -> Value {
        let mut parameters = std::collections::BTreeMap::from([("member_id", member)]);
        if let Some(text) = path.split('/').nth(5) {
            parameters.insert("text_id", text);
        }
        let mut payload = payload::request("guard", route, (path, &parameters), &Value::Null, None);
        payload["requestContext"]["authorizer"]["jwt"]["claims"] = json!({"sub": member, "scope": "member"});
        self.routes.insert(route.to_owned());
        let answer = self.invoke("message-dispatch", payload, Some(what)).await;
        assert_eq!(answer["statusCode"], 200, "{answer}");
        serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default()
    }
}

/// From a fact to a text in the app, and what is asked of it.
pub(crate) async fn all(ledger: &mut Ledger) {
    let before = ledger.counted.len();
    let mei = json!({"source": "crm", "external_id": "care-1", "fields": {"name": "王小美"}});
    let enrolled = ledger.ask(("member", "POST /v1/members"), &[], mei, None).await;
    let member = enrolled["member"].as_str().unwrap().to_owned();
    let upgraded = json!({"tier": "gold", "from": "member", "until": "2027-03-31T16:00:00Z", "regained": false});
    let upgraded = event(ledger, ("perennial.tier.tierupgraded.v1", "u-1"), &member, &upgraded);
    ledger.invoke("care-journey", queued(std::slice::from_ref(&upgraded)), Some("care: a fact begins a journey")).await;
    let changes = ledger.tables.news();
    ledger.invoke("care-journey", queued(&[upgraded]), Some("care: nothing new")).await;
    let login = event(ledger, ("perennial.act.appactivity.v1", "l-1"), &member, &json!({}));
    ledger.invoke("care-journey", queued(&[login]), Some("care: a fact that no journey heeds")).await;
    ledger.invoke("event-router", json!({ "Records": changes }), Some("event-router: news of care")).await;
    let intended = ledger.tables.messages("DeliverQueue");
    assert_eq!(intended.len(), 1, "{intended:?}");
    ledger.invoke("message-dispatch", queued(&intended), Some("messages: a text in the app")).await;
    ledger.invoke("message-dispatch", queued(&intended), Some("messages: again")).await;
    let id = serde_json::from_str::<Value>(&intended[0]).unwrap()["data"]["message"].as_str().unwrap().to_owned();
    let of = [("message_id", id.as_str())];
    ledger.ask(("message-dispatch", "GET /v1/messages/{message_id}"), &of, Value::Null, Some("view: a message")).await;
    let (list, read) = ("GET /v1/members/{member_id}/inbox", "POST /v1/members/{member_id}/inbox/{text_id}/read");
    let inbox = ledger.by_itself(&member, list, &format!("/v1/members/{member}/inbox"), "view: the inbox").await;
    let text = inbox["texts"][0]["id"].as_str().unwrap().to_owned();
    ledger.by_itself(&member, read, &format!("/v1/members/{member}/inbox/{text}/read"), "inbox: read").await;
    let revoked = json!({"tier": "member", "from": "gold"});
    ledger.pass(1);
    let revoked = event(ledger, ("perennial.tier.tierrevoked.v1", "r-1"), &member, &revoked);
    ledger.invoke("care-journey", queued(&[revoked]), Some("care: a fact ends a journey")).await;
    ledger.invoke("care-journey", fired(), Some("care: nobody is due")).await;
    let of = [("member_id", member.as_str())];
    ledger.ask(("care-journey", "GET /v1/members/{member_id}/care"), &of, Value::Null, Some("view: care")).await;
    let asked = json!({"member": member, "days": 30});
    ledger.ask(("care-journey", "POST /v1/care/preview"), &[], asked, Some("preview")).await;
    let (of, reason) = ([("journey", "wake-up")], json!({"reason": "its coupon has a typo"}));
    let pause = "POST /v1/care/journeys/{journey}/pause";
    ledger.ask(("care-journey", pause), &of, reason.clone(), Some("pause a journey")).await;
    let resume = "POST /v1/care/journeys/{journey}/resume";
    ledger.ask(("care-journey", resume), &of, reason, Some("resume a journey")).await;
    let counted = ledger.counted.split_off(before);
    insta::assert_snapshot!(counted, @r"
    care: a fact begins a journey                   5.5 read  2.0 written: 6 GetItem, 1 PutItem
    care: nothing new                               4.5 read  0.0 written: 5 GetItem
    care: a fact that no journey heeds              2.5 read  0.0 written: 3 GetItem
    event-router: news of care                      0.0 read  0.0 written: 1 to a queue
    messages: a text in the app                     9.5 read  4.0 written: 3 BatchGetItem, 7 GetItem, 3 PutItem
    messages: again                                 1.0 read  0.0 written: 1 GetItem
    view: a message                                 1.0 read  0.0 written: 1 GetItem
    view: the inbox                                 3.0 read  0.0 written: 1 BatchGetItem, 2 GetItem, 1 Query
    inbox: read                                     1.5 read  1.0 written: 2 GetItem, 1 UpdateItem
    care: a fact ends a journey                     5.5 read  4.0 written: 6 GetItem, 1 TransactWriteItems
    care: nobody is due                            33.0 read  0.0 written: 1 GetItem, 64 Query
    view: care                                      3.5 read  0.0 written: 3 GetItem, 1 Query
    preview                                         3.5 read  0.0 written: 3 GetItem, 1 Query
    pause a journey                                 0.5 read  1.0 written: 1 GetItem, 1 PutItem
    resume a journey                                0.5 read  1.0 written: 1 GetItem, 1 PutItem
    ");
}
