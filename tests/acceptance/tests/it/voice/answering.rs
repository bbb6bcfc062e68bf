//! Answers over the API: given once, repeated, changed; what follows; and who reads what was written.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::asking;
use crate::publication::{FIRST, SECOND};
use crate::world::{World, answer};

const WORDS: &str = "安装太慢，说明书看不懂，非常失望";

/// Somebody who was asked after a purchase, and the link.
async fn asked(world: &World, name: &str) -> (String, String) {
    let member = world.reachable(name, &[]).await;
    world.asks_after_purchase(&format!("{:032x}", name.bytes().map(u32::from).sum::<u32>()), &member).await;
    (member, world.link().await)
}

// rule: voice 11, 15, 16, 17, 18
#[tokio::test]
async fn an_answer_is_taken_once_repeated_for_ever_and_changed_for_a_day() {
    let world = asking(&[]).await;
    let (member, token) = asked(&world, "wang").await;
    let said = json!({"score": 2, "why": WORDS});
    let first = world.answers(&token, &said).await;
    assert_eq!((first.status, &first.body["version"], &first.body["complete"]), (201, &json!(1), &json!(true)));
    assert!(!first.body.to_string().contains("安装"), "the page never shows what was written");
    assert_eq!(world.answers(&token, &said).await.again()["version"], 1);
    let other = world.answers(&token, &json!({"score": 5})).await.refused(409, "already_answered");
    assert_eq!(other["first"], json!({"score": 2}), "without words");
    assert_eq!(world.changes(&token, 1, &json!({"score": 4})).await.ok()["version"], 2);
    assert_eq!(world.changes(&token, 1, &json!({"score": 4})).await.again()["version"], 2);
    world.changes(&token, 1, &json!({"score": 3})).await.refused(409, "edited_meanwhile");
    let wrong = world.changes(&token, 2, &json!({"score": 6, "colour": "red"})).await.refused(422, "invalid_answers");
    let score = json!({"pointer": "/answers/score", "detail": "lies outside the scale", "question": "score", "code": "out_of_range"});
    assert_eq!((&wrong["errors"][0], &wrong["errors"][1]["code"]), (&score, &json!("unknown_question")));
    world.time_passes(SignedDuration::from_hours(24)).await;
    world.changes(&token, 2, &json!({"score": 1})).await.refused(409, "edit_window_closed");
    assert_eq!(world.answers(&token, &said).await.again()["version"], 2, "of any version, for ever");
    // Once complete it has earned, once.
    assert_eq!(world.pockets(&member).await, [10, 0, 0, 0]);
    let last = if token.ends_with('A') { 'Q' } else { 'A' };
    let another = format!("{}{last}", &token[..token.len() - 1]);
    for forged in ["1.1.x.y", "nonsense", &another, &token.replace("1.1.", "1.2.")] {
        world.answers(forged, &said).await.refused(404, "unknown_link");
        assert_eq!(world.sees(&format!("/s/{forged}")).await.status, 404);
    }
}

// rule: voice 15
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_answers_at_once_one_is_the_first() {
    let world = asking(&[]).await;
    let (member, token) = asked(&world, "racer").await;
    let mut all = tokio::task::JoinSet::new();
    for number in 0..64 {
        let (world, token) = (world.clone(), token.clone());
        all.spawn(async move {
            world.answers(&token, &json!({"score": number % 5 + 1, "why": format!("{}", number % 8)})).await
        });
    }
    let answers = all.join_all().await;
    let firsts = answers.iter().filter(|answer| answer.status == 201).count();
    let others = answers.iter().all(|answer| [200, 201, 409].contains(&answer.status) || answer.status == 503);
    assert!(firsts == 1 && others, "{answers:?}");
    assert_eq!(world.surveys_of(&member).await[0]["version"], 1);
    assert_eq!(world.pockets(&member).await[0], 10, "it earns once");
}

// rule: voice 19, 21, 24, 27
#[tokio::test]
async fn words_are_read_by_the_member_and_by_who_may_and_can_be_taken_out() {
    let world = asking(&[]).await;
    let (member, token) = asked(&world, "mei").await;
    world.answers(&token, &json!({"score": 2, "why": WORDS})).await;
    let own = &world.surveys_of(&member).await[0];
    assert_eq!((&own["words"]["why"], &own["sentiment"]), (&json!(WORDS), &json!("negative")));
    assert_eq!(own["themes"], json!(["installation", "late"]), "{own}");
    let agent = world.caller(sam::Role::Agent, "ann");
    let shown = agent.get(&format!("/v1/members/{member}/surveys")).await.ok();
    assert!(shown["surveys"][0]["words"].is_null() && !shown.to_string().contains("安装太慢"), "{shown}");
    let view = agent.get(&format!("/v1/members/{member}/view?parts=surveys")).await.ok();
    assert_eq!(view["parts"]["surveys"]["data"][0]["answers"], json!({"score": 2}), "{view}");
    let path = format!("/v1/responses/{}/text", own["invitation"].as_str().unwrap());
    assert_eq!(agent.get(&path).await.ok()["text"], json!({"why": WORDS}));
    world.shop().get(&path).await.refused(403, "forbidden");
    world.member(&member).get(&path).await.refused(403, "forbidden");
    agent.delete(&path).await.refused(403, "forbidden");
    // Nothing of it lies anywhere in the open.
    assert!(world.survey_items().await.iter().all(|item| !item.contains("安装太慢")));
    assert_eq!(world.admin("ada").delete(&path).await.ok()["text"], json!({}));
    assert_eq!(agent.get(&path).await.ok()["text"], json!({}));
    let after = &world.surveys_of(&member).await[0];
    assert_eq!((&after["answers"], &after["themes"]), (&own["answers"], &own["themes"]), "they stay");
    agent.get("/v1/responses/5d41402abc4b2a76b9719d911017c592/text").await.refused(404, "not_found");
}

// rule: voice 27
#[tokio::test]
async fn words_are_read_anew_when_themes_have_changed() {
    let world = asking(&[]).await;
    let (member, token) = asked(&world, "sun").await;
    world.answers(&token, &json!({"score": 2, "why": "包装盒子破了一个角"})).await;
    assert!(world.surveys_of(&member).await[0]["themes"].is_null());
    let theme = "[[theme]]\nid = \"packaging\"\nkind = \"cause\"\nzh = [\"包装盒\"]\n\n[voice]";
    world.publishes(&[("[voice]", theme), (FIRST, SECOND)]).await;
    let key = world.platform.stack().functions.iter().find_map(|function| function.environment.get("MEMBER_KEY"));
    let keys = lambda::keys_under(world.platform.aws(), key.unwrap().clone());
    let (store, dictionaries) = (world.store(), surveys::Dictionaries::default());
    let programmes = store.programmes(&domain::programme::compiled::Programmes::default()).await.unwrap();
    let programmes = std::sync::Arc::new(programmes);
    let (answers, next) = store.answered(None).await.unwrap();
    assert_eq!((answers.len(), next), (1, None));
    for changes in [true, false] {
        let now = world.now();
        let (programmes, dictionaries) = (programmes.clone(), &dictionaries);
        let surveys = surveys::Surveys { store: &store, keys: &keys, programmes, dictionaries, now };
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
        let mut patience = store::Patience::until(deadline, store::Jitter::random());
        assert_eq!(surveys.reanalyse(answers[0], &mut patience).await.unwrap(), changes);
    }
    let after = &world.surveys_of(&member).await[0];
    assert_eq!((&after["themes"], &after["words"]["why"]), (&json!(["packaging"]), &json!("包装盒子破了一个角")));
}

// rule: voice 12, 13
#[tokio::test]
async fn what_is_asked_is_shown_in_a_language_and_kept_by_nobody() {
    let world = asking(&[]).await;
    let (_, token) = asked(&world, "liu").await;
    for (query, accept, ask) in [
        ("", "", "您对这次服务满意吗?"),
        ("?lang=en", "", "How satisfied are you with this help?"),
        ("?lang=fr", "de-DE,en;q=0.5", "How satisfied are you with this help?"),
    ] {
        let request =
            world.request(Method::GET, &format!("/v1/surveys/{token}{query}")).header("accept-language", accept);
        let response = request.send().await.unwrap();
        for (name, value) in
            [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex")]
        {
            assert_eq!(response.headers()[name], value);
        }
        let shown: Value = response.json().await.unwrap();
        assert_eq!(shown["questions"][0]["ask"], ask, "{query}");
        assert_eq!((&shown["questions"][0]["min"], &shown["questions"][0]["max"]), (&json!(1), &json!(5)));
    }
    let refused = world.request(Method::GET, "/v1/surveys/1.1.a.b").send().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["referrer-policy"]),
        (404, &"no-referrer".parse().unwrap())
    );
    let many = json!({"answers": {"score": 5}, "base_version": 1});
    let path = format!("/v1/surveys/{token}/responses");
    answer(world.request(Method::POST, &path).json(&many)).await.refused(422, "invalid_field");
    answer(world.request(Method::PUT, &path).json(&json!({"answers": {}}))).await.refused(422, "invalid_field");
    answer(world.request(Method::POST, &path).body("no json")).await.refused(400, "invalid_json");
}
