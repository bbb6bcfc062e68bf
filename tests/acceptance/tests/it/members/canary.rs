//! What is personal is nowhere in the open: marked members, and every table searched for the marks.

use std::fmt::Write as _;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::members::imports_told::Lines;
use crate::members::{crm, known_as};
use crate::tables;
use crate::world::World;

/// How a text can stand in an item: as it is, without its prefix, in hex, in base64, escaped, in UTF-16.
pub(super) fn written(text: &str) -> Vec<String> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let json = serde_json::to_string(text).unwrap();
    // Of base64 the middle, wherever in an item the text begins.
    let base64 = |skip: usize| {
        let padded = [vec![b' '; skip], text.as_bytes().to_vec()].concat();
        let encoded = STANDARD.encode(padded);
        encoded[4..encoded.len().saturating_sub(4).max(4)].to_owned()
    };
    let mut ways = vec![text.to_owned(), hex(text.as_bytes()), hex(&utf16), json.trim_matches('"').to_owned()];
    ways.extend((0..3).map(base64).filter(|way| way.len() > 6));
    ways.extend(text.strip_prefix("+86").map(str::to_owned));
    ways
}

// rule: privacy 11
#[tokio::test]
async fn every_table_holds_personal_data_sealed_or_not_at_all() {
    let world = World::new().await;
    let marks = [
        "+8613812345678",
        "canary.mei@example.com",
        "CARD77001122",
        "金丝雀王",
        "1987-06-05",
        "金丝雀路十七号",
        "EXT-CANARY-31",
    ];
    let [phone, email, card, name, birthday, street, external] = marks;
    let mut body =
        known_as("crm", external, &[&format!("phone {phone}!"), &format!("email {email}"), &format!("card {card}")]);
    body["fields"] = json!({"name": name, "birthday": birthday, "address.lines": street});
    let member = crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned();
    // Somebody else says that the number is theirs, and the member changes, buys and agrees.
    world.presents("shop", "s-2", &[&format!("phone {phone}")]).await;
    world.pays(&member, "1001", 10_000).await.ok();
    let refused = known_as("crm", external, &[&format!("email {email}@")]);
    crm(&world).post("/v1/members", &refused).await.refused(422, "not_an_email");
    world.platform.rest().await.unwrap();
    let all = tables::everything(&world.platform).await;
    assert!(all.len() > 8, "there is something to search: {}", all.len());
    for mark in marks {
        for way in written(mark) {
            let found = all.iter().find(|line| line.contains(&way));
            assert!(found.is_none(), "`{way}` of {mark} stands in {found:?}");
        }
    }
    // And it is there, for who may see it.
    let own = world.member(&member).get(&format!("/v1/members/{member}")).await.ok();
    assert!([name, birthday, street].iter().all(|mark| own["fields"].to_string().contains(mark)), "{own}");
}

// rule: privacy 11
#[tokio::test]
async fn what_is_sealed_does_not_open_elsewhere_and_is_said_to_be_damaged() {
    let world = World::new().await;
    let mut members = Vec::new();
    for number in 1..=2 {
        let mut body = known_as("crm", &format!("c-{number}"), &[]);
        body["fields"] = json!({"name": format!("Mei {number}"), "given_name": "Mei"});
        members.push(crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned());
    }
    let client = Client::new(world.platform.aws());
    let table = tables::names(&world.platform).contexts["members"].clone();
    let read = async |member: &str| {
        let key = AttributeValue::S(member.to_owned());
        client.get_item().table_name(&table).key("member", key).send().await.unwrap().item.unwrap()
    };
    let whole = read(&members[0]).await;
    let field = |item: &store::Item, name: &str| item["f"].as_m().unwrap()[name].as_m().unwrap()["y"].clone();
    let other = field(&read(&members[1]).await, "name");
    for value in [other, field(&whole, "given_name")] {
        let mut changed = whole.clone();
        let Some(AttributeValue::M(fields)) = changed.get_mut("f") else { panic!("fields") };
        let Some(AttributeValue::M(name)) = fields.get_mut("name") else { panic!("a name") };
        name.insert("y".to_owned(), value);
        client.put_item().table_name(&table).set_item(Some(changed)).send().await.unwrap();
        let path = format!("/v1/members/{}", members[0]);
        world.member(&members[0]).get(&path).await.refused(500, "sealed_damaged");
    }
    client.put_item().table_name(&table).set_item(Some(whole)).send().await.unwrap();
    world.member(&members[0]).get(&format!("/v1/members/{}", members[0])).await.ok();
}

/// Marked people: what each is known by and called begins alike.
fn marked(number: usize) -> [String; 4] {
    [
        format!("1391234{number:04}"),
        format!("kanarienvogel{number:04}@example.com"),
        format!("金丝雀鸟{number:04}"),
        format!("EXT-KANARIE-{number:04}"),
    ]
}

/// What all of them have in common, and what their birthday is.
const COMMON: [&str; 6] = ["1391234", "kanarienvogel", "金丝雀鸟", "EXT-KANARIE", "1987-06-05", "金丝雀路十七号"];

/// A thousand of them as a file. Of every tenth the e-mail is none, and the row goes into the file of errors.
fn marked_file() -> String {
    let mut file = "external_id,phone,email,name,birthday,address.lines\n".to_owned();
    for number in 0..1_000 {
        let [phone, email, name, external] = marked(number);
        let at = if number % 10 == 9 { "@" } else { "" };
        writeln!(file, "{external},{phone},{email}{at},{name},1987-06-05,金丝雀路十七号").unwrap();
    }
    file
}

// rule: privacy 11, 18, 21, 30
#[tokio::test]
async fn whatever_is_done_with_members_nothing_of_them_lies_in_the_open_and_of_who_is_erased_nothing_opens() {
    let (lines, _guards) = Lines::followed();
    let world = World::new().await;
    let import = world.uploads(&json!({}), marked_file().as_bytes()).await;
    assert_eq!(world.runs(&import).await["result"]["accepted"], 900);
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(world.finds("phone", &marked(number)[0]).await);
    }
    let [mei, li, wu, he, lu, gu] = &ids[..] else { panic!("six") };
    let why = |what: &str| format!("{what} of {}", marked(0)[2]);
    let (ada, agent) = (world.admin("ada"), world.caller(sam::Role::Agent, "agent-7"));
    let of = |member: &str, rest: &str| format!("/v1/members/{member}/{rest}");
    // Looked at, agreed, tagged, verified, bought, contested, made one, given everything, by the page, forgotten; and refused.
    agent.post(&of(mei, "unmasking"), &json!({"fields": ["phone", "name"], "reason": why("a call")})).await.ok();
    let given = json!({"consents": [{"purpose": "marketing", "channel": "email", "said": "given", "version": 1}]});
    world.member(mei).post(&of(mei, "consents"), &given).await.ok();
    ada.put(&of(mei, "tags/vip-care"), &json!({"reason": why("a complaint")})).await.ok();
    world.member(li).post_nothing(&of(li, "identifiers/2/verifications")).await;
    for (number, member) in ids.iter().enumerate() {
        world.pays(member, &format!("o-{number}"), 10_000).await.ok();
        world.presents("shop", &format!("s-{number}"), &[&format!("phone {}", marked(number)[0])]).await;
    }
    let merge = json!({"absorb": li, "reason": why("one person")});
    ada.keyed("k-1", &of(wu, "merge"), &merge).await.ok();
    for member in [mei, wu, he] {
        let asked = agent.post("/v1/privacy/exports", &json!({"member": member, "reason": why("a letter")})).await;
        assert_eq!(asked.status, 202);
    }
    world.platform.rest().await.unwrap();
    let page = world.member(he).get(&of(he, "consents?page=true")).await.ok()["page"].as_str().unwrap().to_owned();
    for (field, body) in [("", ""), ("?ask=export", ""), ("", "said=download"), ("", "said=nonsense")] {
        let path = format!("{page}{field}");
        let method = if body.is_empty() { reqwest::Method::GET } else { reqwest::Method::POST };
        let request = world.request(method, &path).header("content-type", "application/x-www-form-urlencoded");
        let text = request.body(body).send().await.unwrap().text().await.unwrap();
        assert!(!COMMON.iter().any(|mark| text.contains(mark)), "the page shows hints: {text}");
    }
    let bad = json!({"fields": {"name": format!("{}\u{7}", marked(4)[2])}});
    let patch = world.member(lu).prepared(reqwest::Method::PATCH, &format!("/v1/members/{lu}")).json(&bad);
    world.member(lu).send_as(reqwest::Method::PATCH, &format!("/v1/members/{lu}"), Some(&bad), patch).await;
    let lookup = json!({"identifier": {"kind": "email", "value": format!("{}@@", marked(5)[1])}});
    crm(&world).post("/v1/members/lookups", &lookup).await.refused(422, "not_an_email");
    let sealed = tables::context(&world.platform, "members").await;
    for member in [mei, wu, gu] {
        let ask = json!({"member": member, "reason": why("a letter"), "now": true});
        assert_eq!(ada.post("/v1/privacy/erasures", &ask).await.body["state"], "complete");
    }
    ada.put(&format!("/v1/privacy/erasures/{he}.1/hold"), &json!({"reason": why("a lawsuit"), "until": "2026-12-31"}))
        .await;
    world.time_passes(jiff::SignedDuration::from_hours(2)).await;
    let text = lines.text();
    assert!(text.len() > 1_000, "there is something to search: {text}");
    let mut all = tables::everything(&world.platform).await;
    all.extend(sealed.iter().cloned());
    all.extend(text.lines().map(str::to_owned));
    for mark in COMMON {
        for way in written(mark) {
            let found = all.iter().find(|line| line.contains(&way));
            assert!(found.is_none(), "`{way}` of {mark} stands in {found:?}");
        }
    }
    // Of who is erased, and of whom she stood for, there is no key; and what was sealed for them lies in no table any more.
    let keys = tables::context(&world.platform, "member-keys").await;
    for gone in [mei, li, wu, gu] {
        let key = keys.iter().find(|key| key.contains(gone.as_str())).unwrap();
        assert!(!key.contains("\"w\""), "{key}");
    }
    let kept = keys.iter().find(|key| key.contains(he.as_str())).unwrap();
    assert!(kept.contains("\"w\""), "{kept}");
}
