//! What becomes of a message between its claim and its receiver.

use serde_json::{Value, json};

use crate::world::{START, World};

impl World {
    /// Begins the after-sale journey of a member, whose first step is a mail; its message, as it is told.
    async fn mails(&self, member: &str, order: &str) -> Value {
        self.signals("order.delivered", &format!("d-{order}"), member, &json!({"order": order})).await;
        let steps = self.care(member).await;
        let own = |step: &&Value| step["step"] == "video" && step["key"] == json!([order]);
        let id = steps.iter().find(own).unwrap()["message"].as_str().unwrap().to_owned();
        self.admin("ada").get(&format!("/v1/messages/{id}")).await.ok()
    }
}

// rule: messages 1, 15, 16
#[tokio::test]
async fn a_mail_is_written_in_the_members_language_and_says_nothing_where_it_is_kept() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("tanaka", &[]).await;
    let path = format!("/v1/members/{member}");
    let home = json!({"source": "crm", "locale": "ja", "fields": {"given_name": "花子<b>"}});
    let crm = crate::members::crm(&world);
    let request = crm.prepared(reqwest::Method::PATCH, &path).json(&home);
    assert_eq!(crm.send_as(reqwest::Method::PATCH, &path, Some(&home), request).await.status, 200);
    let message = world.mails(&member, "o-1").await;
    assert_eq!((&message["state"], &message["locale"], &message["calls"]), (&json!("sent"), &json!("ja"), &json!(1)));
    assert_eq!((&message["fallbacks"], &message["channel"]), (&json!([]), &json!("email")));
    let sent = world.outbox().await;
    assert_eq!(sent[0]["subject"], "設置動画をご用意しました");
    let (text, html) = (sent[0]["text"].as_str().unwrap(), sent[0]["html"].as_str().unwrap());
    assert!(text.starts_with("花子b様\n\no-1が届きました"), "{text}");
    assert!(html.contains("<p>花子b様</p>") && !html.contains("<b>"), "{html}");
    assert!(sent[0]["headers"].is_null(), "what was bought is nothing to unsubscribe from");
    assert!(!message.to_string().contains("example.com") && !message.to_string().contains("花子"));
    // Somebody without a name is greeted all the same.
    let other = world.reachable("sato", &[]).await;
    let message = world.mails(&other, "o-2").await;
    assert_eq!((&message["fallbacks"], &message["locale"]), (&json!(["name"]), &json!("zh-CN")));
    let sent = world.outbox().await;
    assert!(sent[1]["text"].as_str().unwrap().starts_with("您好，"), "{sent:?}");
    // A member sees its own message, and not that there are others.
    let path = format!("/v1/messages/{}", message["message"].as_str().unwrap());
    assert_eq!(world.member(&other).get(&path).await.ok(), message);
    world.member(&member).get(&path).await.refused(404, "not_found");
}

// rule: messages 2, 3
#[tokio::test]
async fn a_mail_is_asked_for_once_whatever_the_provider_answers() {
    let world = World::whole(START, &[]).await;
    for (answer, state, reason) in [
        ("refused", "failed", json!("invalid_address")),
        ("failed", "unknown", Value::Null),
        ("accepted", "sent", Value::Null),
    ] {
        let member = world.reachable(answer, &[]).await;
        let before = world.outbox().await.len();
        world.providers_answer(answer).await;
        let message = world.mails(&member, &format!("o-{answer}")).await;
        assert_eq!((&message["state"], &message["reason"]), (&json!(state), &reason), "{answer}");
        world.time_passes(jiff::SignedDuration::from_mins(10)).await;
        assert_eq!(world.outbox().await.len(), before + 1, "{answer}: nobody knows a mail again");
        let told = world.steps(&member).await;
        let step = if state == "failed" {
            "after-sale/video failed invalid_address"
        } else {
            "after-sale/video claimed email"
        };
        assert_eq!(told[0], step, "{answer}");
    }
    // One who has no time surely did not take it: it is tried again, and one only is sent.
    let member = world.reachable("throttled", &[]).await;
    let before = world.outbox().await.len();
    world.providers_answer("throttled").await;
    let message = world.mails(&member, "o-throttled").await;
    assert_eq!(message["state"], "claimed");
    world.time_passes(jiff::SignedDuration::from_mins(2)).await;
    let path = format!("/v1/messages/{}", message["message"].as_str().unwrap());
    world.platform.rest().await.unwrap();
    assert_eq!(world.admin("ada").get(&path).await.ok()["state"], "sent");
    assert_eq!(world.outbox().await.len(), before + 2);
}

// rule: messages 11
#[tokio::test]
async fn one_click_withdraws_and_the_next_marketing_mail_is_not_sent() {
    let birthday = "[[journey]]\nid = \"news\"\nenter = \"app.activity\"\nkey = [\"screen\"]\npurpose = \"marketing\"\n\
                    steps = [ { id = \"mail\", at = \"PT0S\", do = \"email\", template = \"birthday\" } ]\n\n[[survey]]\nid = \"csat-ticket\"";
    let caps = ("per_day = 1, per_7d = 3", "per_day = 9, per_7d = 9");
    let world = World::whole(START, &[("[[survey]]\nid = \"csat-ticket\"", birthday), caps]).await;
    let member = world.reachable("he", &["email"]).await;
    world.signals("app.activity", "a-1", &member, &json!({"screen": "home"})).await;
    assert_eq!(world.steps(&member).await, ["news/mail claimed email"]);
    let sent = world.outbox().await;
    let headers = sent[0]["headers"].as_array().unwrap();
    let header = |name: &str| headers.iter().find(|header| header["Name"] == name).unwrap()["Value"].as_str().unwrap();
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let page = header("List-Unsubscribe").trim_start_matches("<https://care.example.com").trim_end_matches('>');
    assert!(sent[0]["html"].as_str().unwrap().contains(page), "a link that is seen, too");
    // Scanners look at links: that changes nothing.
    for _ in 0..3 {
        assert_eq!(world.request(reqwest::Method::GET, page).send().await.unwrap().status().as_u16(), 200);
    }
    world.signals("app.activity", "a-2", &member, &json!({"screen": "shop"})).await;
    assert_eq!(world.outbox().await.len(), 2);
    for _ in 0..2 {
        let request =
            world.request(reqwest::Method::POST, page).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body("List-Unsubscribe=One-Click").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }
    world.signals("app.activity", "a-3", &member, &json!({"screen": "cart"})).await;
    assert_eq!(world.outbox().await.len(), 2);
    let steps = world.care(&member).await;
    let last = steps.iter().find(|step| step["key"] == json!(["cart"])).unwrap();
    assert_eq!((&last["reason"], &last["ground"]), (&json!("no_consent"), &json!("marketing/email")));
}

// rule: messages 12
#[tokio::test]
async fn one_press_asks_for_more_time_once() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("lin", &[]).await;
    let bill = json!({"bill": "b-1", "due_date": "2026-03-03"});
    world.signals("bill.due_date_set", "b-1", &member, &bill).await;
    let sent = world.outbox().await;
    let text = sent[0]["text"].as_str().unwrap();
    let page = text.split("https://care.example.com").nth(1).unwrap().to_owned();
    let press = async |method: reqwest::Method, page: &str| {
        let answer = world.request(method, page).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (get, post) = (reqwest::Method::GET, reqwest::Method::POST);
    let (status, html) = press(get.clone(), &page).await;
    assert!(status == 200 && html.contains("<button>申请延期</button>") && !html.contains("<script"), "{html}");
    let acted = async || {
        let tables = crate::tables::context(&world.platform, "messages").await;
        tables.iter().filter(|item| item.contains("perennial.care.actiontaken.v1")).count()
    };
    assert_eq!(acted().await, 0, "whoever looks asks for nothing");
    for _ in 0..3 {
        let (status, html) = press(post.clone(), &page).await;
        assert!(status == 200 && html.contains("已收到您的延期申请") && !html.contains("<button"), "{html}");
    }
    assert_eq!(acted().await, 1);
    assert_eq!(press(get.clone(), &format!("{page}x")).await.0, 404);
    assert_eq!(press(post.clone(), "/a/1.a.1.00000000000000000000000000000000.AAAA").await.0, 404);
    // What is paid needs no more time; and neither does what was due yesterday.
    let other = world.reachable("ma", &[]).await;
    world.signals("bill.due_date_set", "b-2", &other, &json!({"bill": "b-2", "due_date": "2026-03-03"})).await;
    let third = world.reachable("guo", &[]).await;
    world.signals("bill.due_date_set", "b-3", &third, &json!({"bill": "b-3", "due_date": "2026-03-03"})).await;
    let sent = world.outbox().await;
    let pages: Vec<String> = sent[1..]
        .iter()
        .map(|sms| sms["text"].as_str().unwrap().split("https://care.example.com").nth(1).unwrap().to_owned())
        .collect();
    world.time_passes(jiff::SignedDuration::from_mins(1)).await;
    world.signals("bill.paid", "b-2p", &other, &json!({"bill": "b-2"})).await;
    let (status, html) = press(post.clone(), &pages[0]).await;
    assert!(status == 410 && html.contains("已无需操作"), "{html}");
    world.advance("2026-03-03T23:59:00+08:00").await;
    assert_eq!(press(get.clone(), &pages[1]).await.0, 200);
    world.advance("2026-03-04T00:00:00+08:00").await;
    let (status, html) = press(post, &pages[1]).await;
    assert!(status == 410 && html.contains("该链接已过期"), "{html}");
    assert_eq!(press(get, &page).await.0, 200, "what was asked for stays asked for");
}

// rule: messages 1
// rule: care 12, 15
#[tokio::test]
async fn what_quiet_hours_hold_at_the_last_moment_goes_when_they_are_over() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("cao", &[]).await;
    world.advance("2026-03-01T21:58:00+08:00").await;
    world.providers_answer("throttled").await;
    let message = world.mails(&member, "o-1").await;
    assert_eq!(message["state"], "claimed", "the provider had no time");
    world.advance("2026-03-01T22:02:00+08:00").await;
    assert_eq!(
        world.steps(&member).await[0],
        "after-sale/video pending 2026-03-02T00:00:00Z",
        "at eight in the morning"
    );
    assert_eq!(world.outbox().await.len(), 1);
    world.advance("2026-03-02T08:05:00+08:00").await;
    assert_eq!(world.steps(&member).await[0], "after-sale/video claimed email");
    let sent = world.outbox().await;
    assert_eq!((sent.len(), &sent[1]["answer"], &sent[1]["message"]), (2, &json!("accepted"), &message["message"]));
}

// rule: messages 1
#[tokio::test]
async fn what_has_ended_meanwhile_is_not_sent() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("xie", &[]).await;
    world.pays(&member, "o-1", 50_000).await.ok();
    world.providers_answer("throttled").await;
    let message = world.mails(&member, "o-1").await;
    assert_eq!(message["state"], "claimed");
    world.refunds("o-1", "r-1", &member, 50_000).await.ok();
    world.platform.rest().await.unwrap();
    world.time_passes(jiff::SignedDuration::from_mins(2)).await;
    world.platform.rest().await.unwrap();
    let path = format!("/v1/messages/{}", message["message"].as_str().unwrap());
    let message = world.admin("ada").get(&path).await.ok();
    assert_eq!((&message["state"], &message["reason"]), (&json!("skipped"), &json!("exited")));
    assert_eq!(world.outbox().await.len(), 1, "the one that was not taken");
    assert_eq!(world.steps(&member).await[0], "after-sale/video skipped exited");
}
