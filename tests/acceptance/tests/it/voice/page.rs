//! The form as a page: two steps, without a script; looking at it changes nothing.

use serde_json::json;

use super::asking;
use crate::world::World;

/// An NPS, which asks further by what is answered.
const NPS: (&str, &str) =
    ("[[survey]]\nid = \"post-purchase\"\nform = \"csat\"", "[[survey]]\nid = \"post-purchase\"\nform = \"nps\"");

async fn asked(world: &World, name: &str) -> (String, String) {
    let member = world.reachable(name, &[]).await;
    world.asks_after_purchase(&format!("{:032x}", name.bytes().map(u32::from).sum::<u32>()), &member).await;
    (member, format!("/s/{}", world.link().await))
}

// rule: voice 12
#[tokio::test]
async fn a_scanner_that_follows_every_link_answers_nothing() {
    let world = asking(&[NPS]).await;
    let (member, path) = asked(&world, "wang").await;
    let before = world.survey_items().await;
    for query in ["", "?lang=en", "?q.score=9", "?q.score=9&q.why=no&edit=1", "?lang=zh-CN&q.score=0"] {
        for _ in 0..20 {
            assert_eq!(world.sees(&format!("{path}{query}")).await.status, 200, "{query}");
        }
    }
    let head = world.request(reqwest::Method::HEAD, &path).send().await.unwrap();
    assert!(head.status().as_u16() < 500);
    assert_eq!(world.survey_items().await, before, "byte for byte");
    assert_eq!(world.surveys_of(&member).await[0]["state"], "invited");
    assert!(world.sees(&format!("{path}?q.score=9")).await.text.contains("value=\"9\" checked"), "only chosen");
    assert_eq!(world.sees(&format!("{path}?other=1")).await.status, 400);
}

// rule: voice 12, 13
#[tokio::test]
async fn a_page_is_plain_small_and_told_to_nobody() {
    let world = asking(&[NPS]).await;
    let (member, path) = asked(&world, "li").await;
    for (lang, ask) in [("zh-CN", "您有多大可能向朋友推荐我们?"), ("en", "How likely are you to recommend us")]
    {
        let page = world.sees(&format!("{path}?lang={lang}")).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains(&format!("<html lang=\"{lang}\">")) && page.text.contains(ask), "{}", page.text);
        assert!(page.text.contains("<legend>") && !page.text.contains("<script"), "{}", page.text);
        assert!(page.text.len() <= 20 * 1_024, "{} bytes", page.text.len());
        assert!(!page.text.contains(&member) && !page.text.contains("example.com"), "{}", page.text);
        let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
        assert_eq!(
            [header("cache-control"), header("referrer-policy"), header("x-robots-tag")],
            ["no-store", "no-referrer", "noindex"]
        );
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'sha256-",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
    }
}

// rule: voice 14, 18
#[tokio::test]
async fn a_page_asks_what_everybody_is_asked_then_what_has_become_visible() {
    let world = asking(&[NPS]).await;
    let (member, path) = asked(&world, "zhao").await;
    let empty = world.sends_form(&path, &[("_step", "1")]).await;
    assert!(empty.status == 422 && empty.text.contains("href=\"#q-score\""), "{}", empty.text);
    let redirect = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = world.form(&path, &[("_step", "1"), ("score", "3")]).build().unwrap();
    let response = redirect.execute(request).await.unwrap();
    assert_eq!(response.status().as_u16(), 303);
    assert!(response.headers()["location"].to_str().unwrap().starts_with(&path));
    let shown = &world.surveys_of(&member).await[0];
    assert_eq!((&shown["state"], &shown["complete"]), (&json!("answered"), &json!(false)));
    let second = world.sees(&path).await;
    assert!(second.text.contains("哪里让您失望?") && !second.text.contains("您最喜欢什么?"), "{}", second.text);
    let hidden = [("_step", "2"), ("base_version", "1"), ("why", "<script>太慢</script>\r\n说明书"), ("praise", "no")];
    assert_eq!(world.sends_form(&path, &hidden).await.status, 422, "what is not asked is not answered");
    let thanks = world.sends_form(&path, &hidden[..3]).await;
    assert!(
        thanks.status == 200 && thanks.text.contains("谢谢您") && thanks.text.contains("edit=1"),
        "{}",
        thanks.text
    );
    let shown = &world.surveys_of(&member).await[0];
    assert_eq!((&shown["complete"], &shown["version"]), (&json!(true), &json!(2)));
    assert_eq!(shown["words"]["why"], "<script>太慢</script>\n说明书");
    // A change shows numbers as they were, and no words; left empty they stay.
    let change = world.sees(&format!("{path}?edit=1")).await;
    assert!(change.text.contains("value=\"3\" checked") && !change.text.contains("太慢"), "{}", change.text);
    let changed = [("_step", "change"), ("base_version", "2"), ("score", "4"), ("why", "")];
    assert_eq!(world.sends_form(&path, &changed).await.status, 200);
    let shown = &world.surveys_of(&member).await[0];
    assert_eq!((&shown["answers"]["score"], &shown["version"]), (&json!(4), &json!(3)));
    assert_eq!(shown["words"]["why"], "<script>太慢</script>\n说明书");
    // One that hides them takes them out.
    let up = [("_step", "change"), ("base_version", "3"), ("score", "9"), ("why", "")];
    assert_eq!(world.sends_form(&path, &up).await.status, 200);
    assert!(world.surveys_of(&member).await[0]["words"].is_null());
    assert_eq!(world.sends_form(&path, &changed).await.status, 409, "the page was an old one");
    world.days_pass(2).await;
    assert!(!world.sees(&path).await.text.contains("edit=1"));
}

// rule: voice 18
#[tokio::test]
async fn an_answer_that_is_left_alone_is_complete_by_itself() {
    let world = asking(&[NPS]).await;
    let (member, path) = asked(&world, "qian").await;
    world.sends_form(&path, &[("_step", "1"), ("score", "10")]).await;
    assert!(world.surveys_of(&member).await[0]["complete"] != true, "there may be more to come");
    world.time_passes(jiff::SignedDuration::from_mins(16)).await;
    world.platform.rest().await.unwrap();
    assert_eq!(world.surveys_of(&member).await[0]["complete"], true);
    assert_eq!(world.pockets(&member).await[0], 10);
    assert!(world.sees(&path).await.text.contains("谢谢您"));
}
