//! What the service desk asks of DynamoDB: a ticket's life, a grant, and sweeps however many tickets are open.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use bench::{fired, queued};
use emulator::payload;
use serde_json::{Value, json};

use crate::Ledger;

impl Ledger {
    /// A request of somebody with a role that must succeed.
    async fn as_role(
        &mut self,
        (role, who): (&str, &str),
        (route, parameters): (&str, &[(&str, &str)]),
        (body, query): (Value, Value),
        what: &str,
    ) -> Value {
        let mut path = route.split(' ').next_back().unwrap().to_owned();
        for (name, value) in parameters {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let parameters: BTreeMap<&str, &str> = parameters.iter().copied().collect();
        let key = format!("key of {what}");
        let mut payload = payload::request(who, route, (&path, &parameters), &body, Some(&key));
        payload["requestContext"]["authorizer"]["jwt"]["claims"] = json!({"sub": who, "scope": role});
        payload["queryStringParameters"] = query;
        self.routes.insert(route.to_owned());
        let answer = self.invoke("service-desk", payload, Some(what)).await;
        assert!(answer["statusCode"].as_u64().is_some_and(|status| status < 300), "{what}: {answer}");
        serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default()
    }

    async fn of_ann(&mut self, route: &str, parameters: &[(&str, &str)], body: Value, what: &str) -> Value {
        self.as_role(("agent", "ann"), (route, parameters), (body, json!({})), what).await
    }

    async fn of_lead(&mut self, route: &str, parameters: &[(&str, &str)], what: &str) -> Value {
        let body = json!({"reason": "as agreed"});
        self.as_role(("lead", "lead-service"), (route, parameters), (body, json!({})), what).await
    }

    async fn opens(&mut self, member: &str, what: &str) -> String {
        let body = json!({
            "member": member, "topic": "order", "channel": "phone", "locale": "zh-CN", "subject": "parcel",
            "text": "Where is it?", "order": "o-1",
        });
        let opened = self.of_ann("POST /v1/tickets", &[], body, what).await;
        opened["ticket"].as_str().unwrap().to_owned()
    }

    fn heard(&self, (kind, id): (&str, &str), member: &str, data: &Value) -> String {
        let now = self.clock.now();
        json!({
            "specversion": "1.0", "id": id, "source": "/perennial/test", "type": kind, "data": data, "time": now, "member": member,
            "sequence": 1, "recordedtime": now, "causationid": id, "correlationid": "0".repeat(32), "programmeversion": 1,
        })
        .to_string()
    }
}

/// A ticket's life, what is given, and what the desk hears.
pub(crate) async fn all(ledger: &mut Ledger) {
    let before = ledger.counted.len();
    let member = staffed(ledger).await;
    let id = ledger.opens(&member, "ticket: opened").await;
    let part = ledger.opens(&member, "ticket: opened, another").await;
    let of = [("ticket_id", id.as_str())];
    let of_part = [("ticket_id", part.as_str())];
    let of_member = [("member_id", member.as_str())];
    let does = |what: &str| format!("POST /v1/tickets/{{ticket_id}}/{what}");
    ledger.of_ann(&does("messages"), &of, json!({"text": "It comes"}), "ticket: answered").await;
    ledger.of_ann(&does("notes"), &of, json!({"text": "angry"}), "ticket: noted").await;
    let policy = json!({"version": 3, "policy": "p2", "reason": "urgent"});
    ledger.of_ann(&does("priority"), &of, policy, "ticket: another policy").await;
    let gift = json!({"item": "gift-small", "reason": "the parcel was late"});
    let given = ledger.of_ann(&does("grants"), &of, gift.clone(), "ticket: a grant").await;
    let grant = given["grants"][0]["grant"].as_str().unwrap().to_owned();
    let of_grant = [("ticket_id", id.as_str()), ("grant_id", grant.as_str())];
    let waits = json!({"version": 5, "state": "pending_third_party"});
    ledger.of_ann(&does("state"), &of, waits, "ticket: waits").await;
    let back = "POST /v1/tickets/{ticket_id}/grants/{grant_id}/cancellation";
    ledger.of_lead(back, &of_grant, "ticket: a grant is taken back").await;
    ledger.of_ann(&does("merge"), &of_part, json!({"version": 1, "into": id}), "ticket: part of another").await;
    let route = json!({"version": 8, "queue": "dedicated-manager"});
    ledger.of_ann(&does("route"), &of, route, "ticket: another department").await;
    ledger.of_ann(&does("assignment"), &of, json!({"version": 9, "agent": "me"}), "ticket: assigned").await;
    let fixed = json!({"version": 10, "code": "fixed", "text": "Done"});
    ledger.of_ann(&does("resolution"), &of, fixed, "ticket: resolved").await;
    ledger.of_ann(&does("reopening"), &of, json!({"version": 11, "reason": "no"}), "ticket: opened again").await;
    looks(ledger, &of, &of_member).await;
    steps_come(ledger, &member).await;
    second_person(ledger).await;
    ledger.invoke("service-desk", fired(), Some("desk: nothing is due")).await;
    let counted = ledger.counted.split_off(before);
    insta::assert_snapshot!(counted, @r"
    desk: an agent                                  1.5 read  2.0 written: 2 GetItem, 1 PutItem
    desk: an agent comes                            3.5 read  3.0 written: 3 GetItem, 1 PutItem, 2 Query
    desk: a member of their own                     3.0 read  2.0 written: 3 GetItem, 1 PutItem, 2 Query
    ticket: opened                                  7.5 read 11.0 written: 1 BatchGetItem, 6 GetItem, 2 Query, 1 TransactWriteItems
    ticket: opened, another                         6.5 read 11.0 written: 1 BatchGetItem, 5 GetItem, 2 Query, 1 TransactWriteItems
    ticket: answered                                3.0 read 11.0 written: 1 BatchGetItem, 2 GetItem, 1 TransactWriteItems
    ticket: noted                                   2.0 read  6.0 written: 1 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    ticket: another policy                          2.0 read  9.0 written: 1 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    ticket: a grant                                 9.5 read 14.0 written: 2 BatchGetItem, 5 GetItem, 1 TransactWriteItems
    ticket: waits                                   1.0 read  9.0 written: 1 GetItem, 1 TransactWriteItems
    ticket: a grant is taken back                   7.0 read 12.0 written: 2 BatchGetItem, 2 GetItem, 1 TransactWriteItems
    ticket: part of another                         5.0 read 25.0 written: 4 GetItem, 2 Query, 1 TransactWriteItems
    ticket: another department                      4.0 read 10.0 written: 3 GetItem, 2 Query, 1 TransactWriteItems
    ticket: assigned                                2.0 read  6.0 written: 2 GetItem, 1 TransactWriteItems
    ticket: resolved                                5.0 read 18.0 written: 1 BatchGetItem, 3 GetItem, 2 Query, 1 TransactWriteItems
    ticket: opened again                            3.0 read 16.0 written: 1 BatchGetItem, 2 GetItem, 1 TransactWriteItems
    view: a ticket                                  1.0 read  0.0 written: 1 GetItem
    view: a ticket's log                            3.0 read  0.0 written: 1 BatchGetItem, 1 GetItem, 1 Query
    view: tickets of a member                       2.0 read  0.0 written: 2 GetItem, 1 Query
    view: the agent of their own                    2.5 read  0.0 written: 3 GetItem
    view: budgets                                   6.0 read  0.0 written: 1 BatchGetItem
    view: departments                               9.5 read  0.0 written: 19 Query
    view: an agent's tickets                        0.5 read  0.0 written: 1 Query
    view: a department's tickets                    0.5 read  0.0 written: 1 Query
    desk: a step becomes a ticket                   5.5 read 13.0 written: 5 GetItem, 2 Query, 1 TransactWriteItems
    desk: a step, again                             2.5 read  0.0 written: 3 GetItem
    ticket: opened, of somebody else                6.5 read 11.0 written: 1 BatchGetItem, 5 GetItem, 2 Query, 1 TransactWriteItems
    ticket: answered, too                           3.0 read 11.0 written: 1 BatchGetItem, 2 GetItem, 1 TransactWriteItems
    ticket: a grant, approval                       8.0 read  6.0 written: 2 BatchGetItem, 3 GetItem, 1 TransactWriteItems
    ticket: a grant, rejection                      7.0 read 10.0 written: 2 BatchGetItem, 2 GetItem, 1 TransactWriteItems
    desk: nothing is due                           34.0 read  0.0 written: 68 Query
    ");
}

/// Somebody who works at the desk, and a member whose own they are.
async fn staffed(ledger: &mut Ledger) -> String {
    let mei = json!({"source": "crm", "external_id": "desk-1", "fields": {"name": "王小美"}});
    let enrolled = ledger.ask(("member", "POST /v1/members"), &[], mei, None).await;
    let member = enrolled["member"].as_str().unwrap().to_owned();
    let said = json!({"queues": ["customer-service", "dedicated-manager"], "locales": ["zh-CN"], "capacity": 5, "members": []});
    let (agent, nothing) = ([("agent", "ann")], json!({}));
    ledger
        .as_role(("admin", "ada"), ("PUT /v1/desk/agents/{agent}", &agent), (said, nothing.clone()), "desk: an agent")
        .await;
    let status = json!({"status": "available"});
    ledger.of_ann("PUT /v1/desk/agents/me/status", &[], status, "desk: an agent comes").await;
    let granted = json!({"benefit": "dedicated-manager", "tier": "black"});
    let granted = ledger.heard(("perennial.tier.benefitgranted.v1", "b-1"), &member, &granted);
    ledger.invoke("service-desk", queued(&[granted]), Some("desk: a member of their own")).await;
    member
}

/// What is looked at.
async fn looks(ledger: &mut Ledger, of: &[(&str, &str)], of_member: &[(&str, &str)]) {
    ledger.of_ann("GET /v1/tickets/{ticket_id}", of, Value::Null, "view: a ticket").await;
    ledger.of_ann("GET /v1/tickets/{ticket_id}/log", of, Value::Null, "view: a ticket's log").await;
    ledger.of_ann("GET /v1/members/{member_id}/tickets", of_member, Value::Null, "view: tickets of a member").await;
    ledger.of_ann("GET /v1/members/{member_id}/manager", of_member, Value::Null, "view: the agent of their own").await;
    ledger.of_ann("GET /v1/desk/budgets", &[], Value::Null, "view: budgets").await;
    ledger.of_ann("GET /v1/desk/queues", &[], Value::Null, "view: departments").await;
    let own = json!({"owner": "me"});
    ledger.as_role(("agent", "ann"), ("GET /v1/tickets", &[]), (Value::Null, own), "view: an agent's tickets").await;
    let queue = json!({"queue": "customer-service"});
    ledger
        .as_role(("agent", "ann"), ("GET /v1/tickets", &[]), (Value::Null, queue), "view: a department's tickets")
        .await;
}

/// A step of a journey asks for a call.
async fn steps_come(ledger: &mut Ledger, member: &str) {
    let step = json!({"do": "ticket", "origin": "5d41402abc4b2a76b9719d911017c592", "journey": "after-sale", "queue": "care-desk"});
    let step = ledger.heard(("perennial.care.stepdue.v1", "s-1"), member, &step);
    ledger.invoke("service-desk", queued(std::slice::from_ref(&step)), Some("desk: a step becomes a ticket")).await;
    ledger.invoke("service-desk", queued(&[step]), Some("desk: a step, again")).await;
}

/// What makes a case dear is decided by two.
async fn second_person(ledger: &mut Ledger) {
    let li = json!({"source": "crm", "external_id": "desk-2"});
    let enrolled = ledger.ask(("member", "POST /v1/members"), &[], li, None).await;
    let member = enrolled["member"].as_str().unwrap().to_owned();
    let id = ledger.opens(&member, "ticket: opened, of somebody else").await;
    let of = [("ticket_id", id.as_str())];
    ledger
        .of_ann("POST /v1/tickets/{ticket_id}/messages", &of, json!({"text": "Sorry"}), "ticket: answered, too")
        .await;
    let tables = operator::tables(&ledger.stack).unwrap();
    // A second grant for a member needs thirty days: a proposal is put where it would stand.
    let table = &tables.contexts["tickets"];
    let client = aws_sdk_dynamodb::Client::new(&ledger.aws);
    let grant = |name: &str| {
        let fields = [
            ("id", AttributeValue::S(name.to_owned())),
            ("item", AttributeValue::S("gift-medium".to_owned())),
            ("kind", AttributeValue::S("gift".to_owned())),
            ("cost_minor", AttributeValue::N("3000".to_owned())),
            ("by", AttributeValue::S("bob".to_owned())),
            ("at", AttributeValue::S(ledger.clock.now().to_string())),
            ("state", AttributeValue::S("proposed".to_owned())),
            ("lapses", AttributeValue::S("2199-01-01T00:00:00Z".to_owned())),
        ];
        AttributeValue::M(fields.map(|(name, value)| (name.to_owned(), value)).into())
    };
    let update = client.update_item().table_name(table).key("ticket", AttributeValue::S(id.clone()));
    let update = update.update_expression("SET g = :g");
    let grants = AttributeValue::L(vec![grant("g-1"), grant("g-2")]);
    update.expression_attribute_values(":g", grants).send().await.unwrap();
    ledger.tables.counts();
    for (grant, what) in [("g-1", "approval"), ("g-2", "rejection")] {
        let route = format!("POST /v1/tickets/{{ticket_id}}/grants/{{grant_id}}/{what}");
        let of = [("ticket_id", id.as_str()), ("grant_id", grant)];
        ledger.of_lead(&route, &of, &format!("ticket: a grant, {what}")).await;
    }
}

/// Copies of a ticket, all due in a hundred years.
async fn copies(ledger: &Ledger, id: &str, range: std::ops::Range<usize>) {
    let tables = operator::tables(&ledger.stack).unwrap();
    let (table, client) = (&tables.contexts["tickets"], aws_sdk_dynamodb::Client::new(&ledger.aws));
    let get = client.get_item().table_name(table).key("ticket", AttributeValue::S(id.to_owned()));
    let ticket = get.send().await.unwrap().item.unwrap();
    let numbers: Vec<usize> = range.collect();
    for some in numbers.chunks(25) {
        let puts = some.iter().map(|number| {
            let mut copy = ticket.clone();
            copy.insert("ticket".to_owned(), AttributeValue::S(format!("copy{number}")));
            copy.insert("ds".to_owned(), AttributeValue::N((number % 64).to_string()));
            copy.insert("da".to_owned(), AttributeValue::N("4900000000".to_owned()));
            let put = PutRequest::builder().set_item(Some(copy)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        client.batch_write_item().request_items(table, puts.collect()).send().await.unwrap();
    }
    ledger.tables.counts();
}

// rule: desk 12
#[tokio::test]
async fn a_sweep_asks_for_the_same_however_many_tickets_are_open() {
    sweeps(1_000, 4_000).await;
}

#[tokio::test]
#[ignore = "a hundred thousand tickets take minutes"]
async fn a_sweep_asks_for_the_same_among_a_hundred_thousand_tickets() {
    sweeps(1_000, 100_000).await;
}

/// Counts a sweep among few open tickets and among many.
async fn sweeps(few: usize, many: usize) {
    let mut ledger = Ledger::new().await;
    let mei = json!({"source": "crm", "external_id": "desk-1"});
    let enrolled = ledger.ask(("member", "POST /v1/members"), &[], mei, None).await;
    let member = enrolled["member"].as_str().unwrap().to_owned();
    let id = ledger.opens(&member, "opened").await;
    copies(&ledger, &id, 0..few).await;
    ledger.counted.clear();
    ledger.invoke("service-desk", fired(), Some("sweep")).await;
    let of_few = std::mem::take(&mut ledger.counted);
    copies(&ledger, &id, few..many).await;
    ledger.invoke("service-desk", fired(), Some("sweep")).await;
    assert_eq!(ledger.counted, of_few, "however many are open");
}
