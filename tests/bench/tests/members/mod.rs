//! What members ask of DynamoDB beside enrolment and profile.

use serde_json::{Value, json};

use super::{Ledger, queued};

/// Of each part, what it asks for.
pub(super) async fn all(ledger: &mut Ledger) {
    standings(ledger).await;
    identity(ledger).await;
    privacy(ledger).await;
    erasures(ledger).await;
    exports(ledger).await;
}

/// A member with an order and a login is given everything that is known.
async fn exports(ledger: &mut Ledger) {
    let before = ledger.counted.len();
    let gu = json!({"source": "crm", "external_id": "gu-5", "fields": {"name": "顾小美"}});
    let gu = ledger.ask(("member", "POST /v1/members"), &[], gu, None).await["member"].as_str().unwrap().to_owned();
    ledger.earn(&gu, 70, None).await;
    let whom = json!({"member": gu, "reason": "asked for by letter"});
    ledger.ask(("member", "POST /v1/privacy/exports"), &[], whom, Some("export: everything that is known")).await;
    let step = queued(&[json!({"access": gu}).to_string()]);
    ledger.invoke("member", step, Some("export: gather and pack")).await;
    let of = [("export_id", format!("{gu}.1"))];
    let of = [(of[0].0, of[0].1.as_str())];
    let get = ("member", "GET /v1/privacy/exports/{export_id}");
    let done = ledger.ask(get, &of, Value::Null, Some("export: where it can be had")).await;
    assert_eq!(done["state"], "ready", "{done}");
    let counted = ledger.counted.split_off(before);
    insta::assert_snapshot!(counted, @r"
    export: everything that is known                3.0 read  7.0 written: 3 BatchGetItem, 1 TransactWriteItems, 1 to a queue
    export: gather and pack                        42.5 read 13.0 written: 34 BatchGetItem, 5 GetItem, 11 PutItem, 6 Query
    export: where it can be had                     2.0 read  0.0 written: 1 BatchGetItem, 1 GetItem
    ");
}

/// What is masked, and who has looked.
async fn privacy(ledger: &mut Ledger) {
    let before = ledger.counted.len();
    let wu = json!({"source": "crm", "external_id": "wu", "fields": {"given_name": "小武"}});
    let wu = ledger.ask(("member", "POST /v1/members"), &[], wu, None).await["member"].as_str().unwrap().to_owned();
    let of = [("member_id", wu.as_str())];
    let why = json!({"fields": ["given_name"], "reason": "callback on the broken kettle"});
    let unmask = "POST /v1/members/{member_id}/unmasking";
    ledger.ask(("member", unmask), &of, why, Some("unmask")).await;
    ledger.ask(("member", "GET /v1/members/{member_id}/looks"), &of, Value::Null, Some("view: looks")).await;
    let counted = ledger.counted.split_off(before);
    insta::assert_snapshot!(counted, @r"
    unmask                                          2.0 read  4.0 written: 2 BatchGetItem, 1 TransactWriteItems
    view: looks                                     2.5 read  0.0 written: 2 BatchGetItem, 1 Query
    ");
}

/// A member with five identifiers and a hundred signals is erased; another one thinks it over.
async fn erasures(ledger: &mut Ledger) {
    let before = ledger.counted.len();
    let enrol = ("member", "POST /v1/members");
    let identifiers: Vec<Value> =
        [("phone", "13600136000"), ("email", "lin@example.com"), ("card", "ZX77"), ("wecom", "wm12345678")]
            .map(|(kind, value)| json!({"kind": kind, "value": value}))
            .to_vec();
    let lin =
        json!({"source": "crm", "external_id": "lin-5", "identifiers": identifiers, "fields": {"name": "林小美"}});
    let lin = ledger.ask(enrol, &[], lin, None).await["member"].as_str().expect("an id").to_owned();
    ledger.earn(&lin, 70, None).await;
    for number in 0..100 {
        let login = json!({
            "specversion": "1.0", "type": "login", "source": "app", "id": format!("lin-{number}"), "subject": lin,
            "time": ledger.clock.now(),
        });
        ledger.ask(("earn", "POST /v1/activities"), &[], login, None).await;
    }
    let whom = json!({ "member": lin, "reason": "asked for by letter", "now": true });
    let ask = ("member", "POST /v1/privacy/erasures");
    ledger.ask(ask, &[], whom, Some("erase a member: all of it")).await;
    let of = [("erasure_id", format!("{lin}.1"))];
    let of = [(of[0].0, of[0].1.as_str())];
    ledger.ask(("member", "GET /v1/privacy/erasures/{erasure_id}"), &of, Value::Null, Some("erase: the receipt")).await;
    let he = json!({"source": "crm", "external_id": "he-5"});
    let he = ledger.ask(enrol, &[], he, None).await["member"].as_str().expect("an id").to_owned();
    let id = format!("{he}.1");
    let of = [("erasure_id", id.as_str())];
    let hold = json!({"reason": "a lawsuit about an order", "until": "2026-12-31"});
    let held = "PUT /v1/privacy/erasures/{erasure_id}/hold";
    ledger.ask(("member", held), &of, hold, Some("erase: hold")).await;
    let whom = json!({ "member": he, "reason": "asked for by letter", "now": false });
    ledger.ask(ask, &[], whom, Some("erase: think it over")).await;
    let revoke = "POST /v1/privacy/erasures/{erasure_id}/revocation";
    ledger.ask(("member", revoke), &of, Value::Null, Some("erase: take it back")).await;
    let counted = ledger.counted.split_off(before);
    insta::assert_snapshot!(counted, @r"
    erase a member: all of it                      22.0 read 139.0 written: 9 BatchGetItem, 4 BatchWriteItem, 5 GetItem, 7 PutItem, 6 Query, 3 TransactWriteItems, 4 UpdateItem
    erase: the receipt                              1.0 read  0.0 written: 1 GetItem
    erase: hold                                     3.0 read  6.0 written: 3 BatchGetItem, 1 TransactWriteItems
    erase: think it over                            4.0 read 11.0 written: 3 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    erase: take it back                             4.0 read 11.0 written: 3 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    ");
}

/// Identifiers, codes, conflicts, tags.
async fn identity(ledger: &mut Ledger) {
    let before = ledger.counted.len();
    let enrol = ("member", "POST /v1/members");
    let somebody = |name: &str| {
        let phone = json!({"kind": "phone", "value": "13700137000"});
        let email = json!({"kind": "email", "value": format!("{name}@example.com")});
        json!({"source": "crm", "external_id": name, "identifiers": [phone, email]})
    };
    let li = ledger.ask(enrol, &[], somebody("li"), None).await["member"].as_str().unwrap().to_owned();
    let opened = ledger.ask(enrol, &[], somebody("lin"), Some("enrol: with a conflict")).await;
    ledger.ask(("member", "GET /v1/conflicts"), &[], Value::Null, Some("conflicts: a page")).await;
    let of = [("conflict_id", opened["conflicts"][0].as_str().unwrap())];
    let keep = json!({"do": "keep", "reason": "they are two, both have called"});
    ledger.ask(("member", "POST /v1/conflicts/{conflict_id}/resolution"), &of, keep, Some("conflicts: decide")).await;

    let of = [("member_id", li.as_str())];
    let link = json!({"source": "crm", "identifier": {"kind": "card", "value": "AB 1234"}});
    ledger.ask(("member", "POST /v1/members/{member_id}/identifiers"), &of, link, Some("identifiers: link")).await;
    let of = [("member_id", li.as_str()), ("n", "2")];
    let send = "POST /v1/members/{member_id}/identifiers/{n}/verifications";
    ledger.ask(("member", send), &of, Value::Null, Some("identifiers: send a code")).await;
    let clock = ledger.clock.clone();
    let clock = lambda::Clock::new(move || clock.now());
    let sent = local::codes::sent(&ledger.aws, &ledger.stack, (&li.parse().unwrap(), 2), clock).await.unwrap();
    ledger.tables.counts();
    let say = "POST /v1/members/{member_id}/identifiers/{n}/confirmations";
    ledger.ask(("member", say), &of, json!({ "code": sent }), Some("identifiers: say the code")).await;
    let unlink = "DELETE /v1/members/{member_id}/identifiers/{n}";
    ledger.ask(("member", unlink), &of, Value::Null, Some("identifiers: unlink")).await;

    let of = [("member_id", li.as_str()), ("tag", "vip-care")];
    let tag = "PUT /v1/members/{member_id}/tags/{tag}";
    ledger.ask(("member", tag), &of, json!({}), Some("tags: give")).await;
    let untag = "DELETE /v1/members/{member_id}/tags/{tag}";
    ledger.ask(("member", untag), &of, Value::Null, Some("tags: take")).await;
    ledger.ask(("member", "GET /v1/tags"), &[], Value::Null, Some("tags: the dictionary")).await;
    ledger.invoke("member", bench::fired(), Some("member: nobody is due")).await;
    let counted = ledger.counted.split_off(before);
    insta::assert_snapshot!(counted, @r"
    enrol: with a conflict                          6.0 read 14.0 written: 4 BatchGetItem, 1 TransactWriteItems
    conflicts: a page                               1.5 read  0.0 written: 1 BatchGetItem, 1 Query
    conflicts: decide                               5.0 read 11.0 written: 3 BatchGetItem, 1 TransactWriteItems
    identifiers: link                               3.0 read  6.0 written: 3 BatchGetItem, 1 TransactWriteItems
    identifiers: send a code                        3.0 read  6.0 written: 3 BatchGetItem, 1 TransactWriteItems
    identifiers: say the code                       5.0 read  8.0 written: 4 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    identifiers: unlink                             3.0 read  6.0 written: 3 BatchGetItem, 1 TransactWriteItems
    tags: give                                      2.0 read  6.0 written: 2 BatchGetItem, 1 TransactWriteItems
    tags: take                                      2.0 read  6.0 written: 2 BatchGetItem, 1 TransactWriteItems
    tags: the dictionary                            0.0 read  0.0 written: 
    member: nobody is due                          32.5 read  0.0 written: 65 Query
    ");
}

/// Where a member stands.
async fn standings(ledger: &mut Ledger) {
    let before = ledger.counted.len();
    let li = json!({"source": "crm", "external_id": "c-9"});
    let enrolled = ledger.ask(("member", "POST /v1/members"), &[], li, None).await;
    let member = enrolled["member"].as_str().expect("an id").to_owned();
    let (of, because) = ([("member_id", member.as_str())], || json!({"reason": "as agreed"}));
    ledger.earn(&member, 60, None).await;
    let suspension = "POST /v1/members/{member_id}/suspension";
    ledger.ask(("member", suspension), &of, because(), Some("suspend a member")).await;
    ledger.earn(&member, 61, Some("earn: of a suspended member")).await;
    let reactivation = "POST /v1/members/{member_id}/reactivation";
    ledger.ask(("member", reactivation), &of, because(), Some("let a member be active again")).await;
    let closing = "POST /v1/members/{member_id}/closing";
    ledger.ask(("member", closing), &of, because(), Some("close an account")).await;
    let one =
        ledger.ask(("member", "POST /v1/members"), &[], json!({"source": "crm", "external_id": "c-11"}), None).await;
    let other =
        ledger.ask(("member", "POST /v1/members"), &[], json!({"source": "crm", "external_id": "c-12"}), None).await;
    let (one, other) =
        (one["member"].as_str().expect("an id").to_owned(), other["member"].as_str().expect("an id").to_owned());
    ledger.earn(&one, 62, None).await;
    ledger.earn(&other, 63, None).await;
    let of = [("member_id", one.as_str())];
    let merge = json!({"absorb": other, "reason": "as agreed"});
    ledger.ask(("member", "POST /v1/members/{member_id}/merge"), &of, merge, Some("merge two members")).await;
    let unmerge = json!({"absorbed": other, "reason": "as agreed"});
    ledger.ask(("member", "POST /v1/members/{member_id}/unmerge"), &of, unmerge, Some("take two members apart")).await;
    let counted = ledger.counted.split_off(before);
    insta::assert_snapshot!(counted, @r"
    suspend a member                                3.0 read  6.0 written: 2 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    earn: of a suspended member                     0.5 read  2.0 written: 1 GetItem, 1 PutItem, 1 UpdateItem
    let a member be active again                    3.0 read  6.0 written: 2 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    close an account                                3.0 read  8.0 written: 2 BatchGetItem, 1 GetItem, 1 TransactWriteItems
    merge two members                               8.0 read 15.0 written: 4 BatchGetItem, 2 GetItem, 1 TransactWriteItems
    take two members apart                         10.0 read 15.0 written: 5 BatchGetItem, 3 GetItem, 1 TransactWriteItems
    ");
}
