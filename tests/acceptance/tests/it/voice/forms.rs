//! Forms that fill the profile, one question at a time, or as a whole.

use serde_json::json;

use super::asking;

/// A survey ends with one question of the form about the member.
fn changes() -> [(&'static str, &'static str); 1] {
    [(
        "id = \"post-purchase\"\nform = \"csat\"",
        "id = \"post-purchase\"\nprofile_form = \"about-you\"\nform = \"csat\"",
    )]
}

// rule: voice 4
#[tokio::test]
async fn a_form_fills_the_profile_and_says_which_it_was() {
    let world = asking(&changes()).await;
    let member = world.reachable("wang", &[]).await;
    let path = format!("/v1/members/{member}/forms/about-you");
    let own = world.member(&member);
    assert_eq!(own.get(&format!("{path}/next")).await.ok()["question"]["id"], "city");
    let done = own.post(&path, &json!({"answers": {"city": "上海", "birthday": "1990-05-17"}})).await.ok();
    assert_eq!(done["changed"], json!(["birthday", "address.city"]));
    let known = own.get(&format!("/v1/members/{member}")).await.ok();
    let city = &known["fields"]["address.city"];
    assert_eq!((&city["value"], &city["source"]), (&json!("上海"), &json!("form:about-you@1")));
    assert!(own.get(&format!("{path}/next")).await.ok()["question"].is_null());
    let wrong = own.post(&path, &json!({"answers": {"birthday": "2026-02-30", "shoe": 42}})).await;
    let wrong = wrong.refused(422, "invalid_answers");
    let birthday = &wrong["errors"][0];
    assert_eq!((&birthday["pointer"], &birthday["code"]), (&json!("/answers/birthday"), &json!("wrong_type")));
    own.post(&path, &json!({"answers": {"birthday": "2999-01-01"}})).await.refused(422, "not_a_date");
    own.post(&format!("/v1/members/{member}/forms/nps"), &json!({"answers": {}})).await.refused(404, "not_found");
    own.get(&format!("/v1/members/{member}/forms/none/next")).await.refused(404, "not_found");
    world.member("m-2").post(&path, &json!({"answers": {}})).await.refused(403, "forbidden");
    world.shop().post(&path, &json!({"answers": {"city": "北京"}})).await.refused(422, "invalid_field");
}

// rule: voice 4, 5
#[tokio::test]
async fn a_survey_ends_with_one_question_about_the_member_and_asks_it_once() {
    let world = asking(&changes()).await;
    let member = world.reachable("li", &[]).await;
    world.asks_after_purchase("0b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    let path = format!("/s/{}", world.link().await);
    let second = world.sends_form(&path, &[("_step", "1"), ("score", "5"), ("why", "很好")]).await;
    assert!(second.text.contains("您在哪个城市?") && second.text.contains("name=\"_about\""), "{}", second.text);
    let thanks = world
        .sends_form(&path, &[("_step", "2"), ("base_version", "1"), ("_asked", "address.city"), ("_about", "杭州")])
        .await;
    assert!(thanks.text.contains("谢谢您"), "{}", thanks.text);
    let own = world.member(&member);
    let known = own.get(&format!("/v1/members/{member}")).await.ok();
    assert_eq!(known["fields"]["address.city"]["value"], "杭州");
    assert!(world.survey_items().await.iter().all(|item| !item.contains("杭州")), "it is not kept with the answer");
    // The next one is asked the next time; left empty it is declined.
    let next = format!("/v1/members/{member}/forms/about-you/next");
    assert_eq!(own.get(&next).await.ok()["question"]["id"], "birthday");
    world.days_pass(31).await;
    world.asks_after_purchase("1b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    let path = format!("/s/{}", world.link().await);
    world.sends_form(&path, &[("_step", "1"), ("score", "4")]).await;
    world.sends_form(&path, &[("_step", "2"), ("base_version", "1"), ("_asked", "birthday"), ("_about", "")]).await;
    assert!(own.get(&next).await.ok()["question"].is_null(), "not for half a year");
}
