//! The page of preferences, for whoever has the link.

use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use sam::Role;
use serde_json::{Value, json};

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::{World, programme};

/// A page as a browser gets it.
struct Page {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl World {
    /// The address of a member's page, as the member is shown it.
    async fn page_of(&self, member: &str) -> String {
        let consents = self.member(member).get(&format!("/v1/members/{member}/consents?page=true")).await.ok();
        consents["page"].as_str().unwrap().to_owned()
    }

    async fn opens(&self, path: &str) -> Page {
        Self::browsed(self.request(Method::GET, path)).await
    }

    /// Presses a button of the page.
    async fn presses(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        Self::browsed(request.body(body.join("&"))).await
    }

    async fn browsed(request: reqwest::RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Page { status, headers, text: response.text().await.unwrap() }
    }

    /// What a member has said of a purpose and a channel.
    async fn says(&self, member: &str, purpose: &str, channel: &str) -> Value {
        let consents = self.member(member).get(&format!("/v1/members/{member}/consents")).await.ok();
        let all = consents["consents"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["purpose"] == purpose && one["channel"] == channel).unwrap()["said"].clone()
    }
}

/// Mei, whose name and addresses would break out of a page that lets them.
async fn mei(world: &World) -> String {
    let mut body = known_as("crm", "c-1", &["phone 13800138000!", "email mei@example.com"]);
    body["fields"] = json!({"name": "<script>alert(1)</script>\"'&王小美", "birthday": "1991-05-17"});
    body["locale"] = json!("ja");
    crm(world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned()
}

const GIVE: [(&str, &str); 4] = [("said", "given"), ("purpose", "marketing"), ("channel", "email"), ("version", "1")];

// rule: privacy 8
#[tokio::test]
async fn the_page_shows_what_holds_in_the_members_language_and_nothing_that_is_personal() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let path = world.page_of(&mei).await;
    let page = world.opens(&path).await;
    assert_eq!(page.status, 200);
    for (name, expected) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.headers[name], expected);
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    assert!(page.text.contains("<html lang=\"ja\">") && page.text.contains("お知らせの設定と同意"), "{}", page.text);
    assert!(page.text.contains("m***@e***.com") && page.text.contains("+86 *** **** 8000"));
    for mark in
        ["mei@example.com", "13800138000", "王小美", "<script", "1991", "http://", "https://", "src=", " style="]
    {
        assert!(!page.text.contains(mark), "{mark}");
    }
    for (lang, title) in [
        ("zh-CN", "我的偏好与同意"),
        ("en", "My preferences and consents"),
        ("ja", "お知らせの設定と同意"),
        ("xx", "我的偏好与同意"),
    ] {
        assert!(
            world.opens(&format!("{path}?lang={lang}")).await.text.contains(&format!("<h1>{title}</h1>")),
            "{lang}"
        );
    }
    // A button says for itself what it does.
    let english = world.opens(&format!("{path}?lang=en")).await.text;
    assert!(english.contains("aria-label=\"Agree: New products, events and offers, E-mail\""), "{english}");
    assert!(
        english.contains("Always on: it cannot be withdrawn") && english.contains("You may tell me about new products")
    );
    assert!(!english.contains("aria-label=\"Withdraw: Messages about the security"), "what is mandatory has no switch");
    // Whoever serves members can hand the page over; a system cannot.
    let path = format!("/v1/members/{mei}/consents?page=true");
    assert!(world.caller(Role::Agent, "agent-7").get(&path).await.ok()["page"].is_string());
    assert_eq!(crm(&world).get(&path).await.ok()["page"], Value::Null);
}

// rule: privacy 8
#[tokio::test]
async fn one_press_gives_and_one_withdraws_and_a_look_changes_nothing() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let path = world.page_of(&mei).await;
    let before = tables::everything(&world.platform).await;
    for _ in 0..50 {
        world.opens(&path).await;
    }
    world.request(Method::HEAD, &path).send().await.unwrap();
    assert_eq!(tables::everything(&world.platform).await, before, "scanners of mail follow links");
    let page = world.presses(&format!("{path}?lang=en"), &GIVE).await;
    assert!(page.status == 200 && page.text.contains("Saved."), "{}", page.text);
    assert_eq!(world.says(&mei, "marketing", "email").await, "given");
    assert!(page.text.contains("aria-label=\"Withdraw: New products, events and offers, E-mail\""));
    assert!(page.text.contains("2026-03-01") && page.text.contains("text version 1"), "since when, under which text");
    world.presses(&path, &[("said", "withdrawn"), ("purpose", "marketing"), ("channel", "email")]).await;
    assert_eq!(world.says(&mei, "marketing", "email").await, "withdrawn");
    world.presses(&path, &GIVE).await;
    let all = world.presses(&path, &[("said", "withdrawn"), ("purpose", "*")]).await;
    assert_eq!(all.status, 200);
    for (purpose, channel, said) in
        [("marketing", "email", "withdrawn"), ("service", "sms", "withdrawn"), ("security", "sms", "none")]
    {
        assert_eq!(world.says(&mei, purpose, channel).await, said, "{purpose}");
    }
    for (fields, status) in [
        (&[("said", "given"), ("purpose", "marketing"), ("channel", "email"), ("version", "2")][..], 422),
        (&[("said", "given"), ("purpose", "marketing"), ("channel", "email")], 422),
        (&[("said", "withdrawn"), ("purpose", "security")], 422),
        (&[("said", "withdrawn"), ("purpose", "sales")], 422),
        (&[("said", "confirmed"), ("purpose", "marketing"), ("channel", "email")], 400),
        (&[("said", "given"), ("purpose", "marketing"), ("channel", "fax"), ("version", "1")], 400),
        (&[("said", "sold"), ("purpose", "marketing")], 400),
        (&[], 400),
    ] {
        let page = world.presses(&format!("{path}?lang=en"), fields).await;
        assert!(
            page.status == status && page.text.contains("nothing was changed"),
            "{fields:?}: {} {}",
            page.status,
            page.text
        );
    }
    assert_eq!(world.says(&mei, "marketing", "email").await, "withdrawn");
}

// rule: privacy 8
#[tokio::test]
async fn a_link_that_was_not_made_here_opens_nothing_and_an_old_one_withdraws() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let path = world.page_of(&mei).await;
    let other = world.presents("crm", "c-2", &[]).await["member"].as_str().unwrap().to_owned();
    let flipped = format!("{}{}", &path[..path.len() - 1], if path.ends_with('A') { 'B' } else { 'A' });
    let later = path.replacen(".1.", ".1.9", 1);
    for forged in
        [flipped, later, path.replace(&mei, &other), path.replacen("/p/p.", "/p/p-email.", 1), "/p/x".to_owned()]
    {
        let page = world.opens(&forged).await;
        assert!(page.status == 404 && page.text.contains("此链接无效"), "{forged}: {}", page.text);
        assert_eq!(world.presses(&forged, &GIVE).await.status, 404);
    }
    world.presses(&path, &GIVE).await;
    world.advance("2026-08-28T02:00:00Z").await; // 180 days
    assert_eq!(world.presses(&path, &GIVE).await.status, 200);
    world.time_passes(SignedDuration::from_secs(1)).await;
    let page = world.presses(&format!("{path}?lang=en"), &GIVE).await;
    assert!(page.status == 410 && page.text.contains("This link is old."), "{}", page.text);
    assert!(!page.text.contains("value=\"given\""), "what it does not do has no button");
    let page = world.presses(&path, &[("said", "withdrawn"), ("purpose", "marketing"), ("channel", "email")]).await;
    assert_eq!((page.status, world.says(&mei, "marketing", "email").await), (200, json!("withdrawn")));
}

// rule: privacy 4
#[tokio::test]
async fn a_consent_that_waits_is_confirmed_by_the_link_that_was_sent_there_within_seven_days() {
    let double = (
        "channels = [\"email\", \"sms\", \"push\", \"wecom\", \"phone\", \"post\"]\n\n[[purpose]]\nid = \"research\"",
        "channels = [\"email\", \"sms\", \"push\", \"wecom\", \"phone\", \"post\"]\ndouble_opt_in = [\"email\"]\n\n[[purpose]]\nid = \"research\"",
    );
    assert!(programme(&[double]).contains("double_opt_in"));
    let world = World::with(&[double]).await;
    let mei = mei(&world).await;
    let confirm = [("said", "confirmed"), ("purpose", "marketing"), ("channel", "email")];
    let own = world.page_of(&mei).await;
    world.presses(&own, &GIVE).await;
    assert_eq!(world.says(&mei, "marketing", "email").await, "pending");
    assert_eq!(world.presses(&own, &confirm).await.status, 400, "who has no link that was sent there cannot");
    let sent = async |channel: &str| {
        let clock = world.clock.clone();
        let clock = lambda::Clock::new(move || clock.now());
        let (member, channel) = (mei.parse().unwrap(), Some(channel.parse().unwrap()));
        local::codes::page(world.platform.aws(), world.platform.stack(), (&member, channel), clock).await.unwrap()
    };
    assert_eq!(world.presses(&sent("sms").await, &confirm).await.status, 400, "nor by another channel");
    let link = sent("email").await;
    assert_eq!(world.opens(&link).await.text.matches("value=\"confirmed\"").count(), 1);
    assert_eq!(world.says(&mei, "marketing", "email").await, "pending", "a scanner confirms nothing");
    world.time_passes(SignedDuration::from_hours(7 * 24)).await;
    assert_eq!(world.presses(&link, &confirm).await.status, 200);
    assert_eq!(world.says(&mei, "marketing", "email").await, "given");
    assert_eq!(world.presses(&link, &confirm).await.status, 404, "nothing waits any more");
    // Too late it must be given again.
    world.presses(&own, &[("said", "withdrawn"), ("purpose", "marketing"), ("channel", "email")]).await;
    world.time_passes(SignedDuration::from_secs(1)).await;
    world.presses(&own, &GIVE).await;
    world.time_passes(SignedDuration::from_hours(7 * 24) + SignedDuration::from_secs(1)).await;
    assert_eq!(world.presses(&link, &confirm).await.status, 410);
    assert_eq!(world.says(&mei, "marketing", "email").await, "pending");
}

// rule: privacy 9
#[tokio::test]
async fn what_members_are_shown_can_be_read_in_each_language_and_version() {
    let world = World::new().await;
    let reads = async |path: &str| crate::world::answer(world.request(Method::GET, path)).await;
    let notice = reads("/v1/notices/notice/1?locale=en").await.ok();
    assert_eq!(
        (&notice["locale"], &notice["version"], &notice["from"]),
        (&json!("en"), &json!(1), &json!("2026-01-01"))
    );
    assert!(notice["text"].as_str().unwrap().starts_with("We keep what your points"));
    assert_eq!(reads("/v1/notices/marketing/1?locale=ja").await.ok()["locale"], "ja");
    assert_eq!(reads("/v1/notices/notice/1?locale=fr").await.ok()["locale"], "zh-CN");
    for path in ["/v1/notices/notice/2", "/v1/notices/secret/1", "/v1/notices/notice/x"] {
        reads(path).await.refused(404, "not_found");
    }
}

// rule: privacy 8
#[tokio::test]
async fn a_copy_of_everything_is_had_by_the_page_and_a_get_asks_at_most() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let path = world.page_of(&mei).await;
    for (lang, copy, make) in [
        ("zh-CN", "获取我的数据副本", "生成副本"),
        ("en", "Have a copy of my data", "Make the copy"),
        ("ja", "情報の写しを受け取る", "写しを作成する"),
    ] {
        let page = world.opens(&format!("{path}?lang={lang}")).await;
        assert!(
            page.text.contains(copy) && page.text.contains(&format!("href=\"?ask=export&amp;lang={lang}\"")),
            "{}",
            page.text
        );
        assert!(!page.text.contains(make), "it is asked first");
        let before = tables::everything(&world.platform).await;
        let asks = world.opens(&format!("{path}?ask=export&lang={lang}")).await;
        assert!(asks.text.contains(make) && asks.text.contains("value=\"export\""), "{}", asks.text);
        assert_eq!(tables::everything(&world.platform).await, before, "nothing is done by looking");
    }
    let waits = world.presses(&format!("{path}?lang=en"), &[("said", "export")]).await;
    assert!(waits.status == 200 && waits.text.contains("Your data is being put together"), "{}", waits.text);
    assert_eq!(world.presses(&path, &[("said", "download")]).await.status, 409, "it is not there yet");
    world.platform.rest().await.unwrap();
    let ready = world.opens(&format!("{path}?lang=en")).await;
    assert!(
        ready.text.contains("It is kept until") && !ready.text.contains("data.zip"),
        "a scanner finds no link to it"
    );
    let page = world.presses(&format!("{path}?lang=en"), &[("said", "download")]).await;
    let url = page.text.split("href=\"").find(|rest| rest.contains("data.zip")).unwrap().split('"').next().unwrap();
    let bytes = reqwest::get(url.replace("&amp;", "&")).await.unwrap().bytes().await.unwrap();
    assert!(bytes.starts_with(b"PK\x03\x04"));
}

// rule: privacy 8, 20
#[tokio::test]
async fn a_member_is_forgotten_by_the_page_and_thinks_better_of_it() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let path = world.page_of(&mei).await;
    let asks = world.opens(&format!("{path}?ask=erasure&lang=en")).await;
    assert!(asks.text.contains("After 3 days") && asks.text.contains("value=\"erase\""), "{}", asks.text);
    assert_eq!(world.presses(&path, &[("said", "keep")]).await.status, 409, "there is nothing to take back");
    let state = async || world.member(&mei).get(&format!("/v1/members/{mei}")).await.ok()["state"].clone();
    assert_eq!(state().await, "active");
    let done = world.presses(&format!("{path}?lang=en"), &[("said", "erase")]).await;
    assert!(done.status == 200 && done.text.contains("will be deleted at <time"), "{}", done.text);
    assert_eq!(state().await, "closed");
    let kept = world.presses(&format!("{path}?lang=en"), &[("said", "keep")]).await;
    assert!(kept.status == 200 && !kept.text.contains("will be deleted at"), "{}", kept.text);
    assert_eq!(state().await, "active");
    world.presses(&path, &[("said", "erase")]).await;
    world.days_pass(4).await;
    let gone = world.opens(&format!("{path}?lang=en")).await;
    assert!(gone.text.contains("We hold nothing"), "{}", gone.text);
}

// rule: privacy 8
#[tokio::test]
async fn an_old_link_gives_nothing_away_and_deletes_nothing() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let path = world.page_of(&mei).await;
    world.days_pass(181).await;
    let before = tables::context(&world.platform, "member-jobs").await;
    for said in ["export", "download", "erase", "keep"] {
        assert_eq!(world.presses(&path, &[("said", said)]).await.status, 410, "{said}");
    }
    for ask in ["export", "erasure"] {
        let page = world.opens(&format!("{path}?ask={ask}&lang=en")).await;
        assert!(
            page.text.contains("in the app, or through our service") && !page.text.contains("?ask="),
            "{}",
            page.text
        );
    }
    assert_eq!(tables::context(&world.platform, "member-jobs").await, before);
}
