//! A member is erased: what goes, what stays, who may ask, until when it can be taken back; and that nothing brings the member back but
//! the person.

use jiff::SignedDuration;
use reqwest::Method;
use sam::Role;
use serde_json::{Value, json};

use crate::members::{crm, known_as};
use crate::queue::Queue;
use crate::tables;
use crate::world::{AT_ONCE, Answer, Caller, World, fact, order};

const PHONE: &str = "13800138000";

impl Caller {
    async fn erases(&self, member: &str) -> Answer {
        self.post("/v1/privacy/erasures", &json!({"member": member, "reason": "asked for by letter"})).await
    }
}

impl World {
    /// Somebody of whom everything is known that can go.
    async fn mei(&self) -> String {
        let known = [&format!("phone {PHONE}!"), "email mei@example.com", "card AB1234", "device d-12345678"];
        let mut body = known_as("crm", "c-1", &known.map(|known: &str| known));
        body["fields"] = json!({"name": "王小明", "birthday": "1990-05-17"});
        crm(self).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned()
    }

    async fn erasure(&self, member: &str) -> Value {
        self.auditor().get(&format!("/v1/privacy/erasures/{member}.1")).await.ok()
    }

    async fn state(&self, member: &str) -> String {
        self.member(member).get(&format!("/v1/members/{member}")).await.ok()["state"].as_str().unwrap().to_owned()
    }

    /// The rows of a table of a context that name somebody.
    async fn rows(&self, table: &str, of: &str) -> Vec<String> {
        let all = tables::context(&self.platform, table).await;
        all.into_iter().filter(|row| row.contains(of)).collect()
    }
}

// rule: privacy 20, 21, 22
#[tokio::test]
async fn everything_that_is_known_goes_and_the_ledger_stays() {
    let world = World::with(&[AT_ONCE]).await;
    let mei = world.mei().await;
    world.pays(&mei, "o-1", 50_000).await.ok();
    let hold = json!({"member": mei, "order_id": "o-2", "order_net_minor": 50_000, "points": 200});
    world.member(&mei).keyed("k-1", "/v1/holds", &hold).await.ok();
    for login in 0..30 {
        world.shop().post("/v1/activities", &fact("login", &format!("l-{login}"), &mei, world.now())).await.ok();
    }
    assert_eq!(tables::signals(&world.platform).await.len(), 30);
    let asked = world.admin("ada").erases(&mei).await;
    assert_eq!(
        (asked.status, &asked.body["erasure"], &asked.body["state"]),
        (202, &json!(format!("{mei}.1")), &json!("complete"))
    );
    let receipt = &asked.body["receipt"];
    let steps = receipt["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["step"].as_str().unwrap(), step["count"].as_u64().unwrap()));
    let steps: Vec<_> = steps.collect();
    assert_eq!(steps, [("members", 1), ("keys", 1), ("claims", 4), ("account", 1), ("signals", 30), ("files", 0)]);
    assert_eq!(receipt["stays"].as_array().unwrap().len(), 3);
    assert_eq!(world.erasure(&mei).await, asked.body, "as auditors read it");
    // Of the member nothing is left but that there was one.
    let [row] = world.rows("members", &mei).await.try_into().unwrap();
    let row: Value = serde_json::from_str(&row).unwrap();
    let mut names: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["member", "news", "rc", "si", "st", "v", "w"]);
    let [key] = world.rows("member-keys", &mei).await.try_into().unwrap();
    assert!(!key.contains("\"w\""), "the key is gone: {key}");
    assert_eq!(world.rows("claims", &mei).await, Vec::<String>::new());
    let mut kept = tables::context(&world.platform, "claims").await;
    kept.retain(|row| !row.contains("#mark")); // up to which erasure the table is
    let kinds: Vec<&str> = kept
        .iter()
        .filter_map(|row| {
            ["email", "external", "phone", "card"].into_iter().find(|kind| row.contains(&format!("{kind}#")))
        })
        .collect();
    assert_eq!((kept.len(), kinds.contains(&"card")), (3, false), "{kept:?}");
    assert_eq!(tables::signals(&world.platform).await, Vec::<String>::new());
    // The account says so, and proves itself as before.
    let ledger = world.ledger(&mei).await;
    let closed = ledger.last().unwrap();
    let said = ["kind", "because", "released", "expired"].map(|name| closed[name].clone());
    assert_eq!(said, [json!("closed"), json!("erased"), json!(200), json!(500)]);
    assert_eq!(world.auditor().get(&format!("/v1/members/{mei}/balance")).await.ok()["active"], 0);
    world.proves_itself().await;
    let again = world.admin("ada").erases(&mei).await;
    assert_eq!((again.status, again.body), (202, asked.body), "asked again it is answered the same");
}

// rule: privacy 20
#[tokio::test]
async fn a_member_thinks_it_over_for_three_days() {
    let world = World::with(&[AT_ONCE]).await;
    let (mei, ask) = (world.mei().await, json!({"member": world.finds("phone", PHONE).await}));
    let me = world.member(&mei);
    let asked = me.post("/v1/privacy/erasures", &ask).await;
    assert_eq!((asked.status, &asked.body["state"]), (202, &json!("waiting")));
    assert_eq!(world.state(&mei).await, "closed");
    assert_eq!(me.post("/v1/privacy/erasures", &ask).await.body, asked.body, "who has asked has asked");
    world.pays(&mei, "o-1", 10_000).await.refused(409, "member_closed");
    world.time_passes(SignedDuration::from_secs(3 * 24 * 3600 - 1)).await;
    let path = format!("/v1/privacy/erasures/{mei}.1/revocation");
    assert_eq!(me.post_nothing(&path).await.ok()["state"], "revoked");
    assert_eq!(me.post_nothing(&path).await.ok()["state"], "revoked");
    assert_eq!(world.state(&mei).await, "active");
    world.pays(&mei, "o-1", 10_000).await.ok();
    world.days_pass(4).await;
    assert_eq!(world.state(&mei).await, "active", "what was taken back does not happen");
    // Asked again it is another one, and happens by itself.
    let asked = me.post("/v1/privacy/erasures", &ask).await;
    assert_eq!(asked.body["erasure"], format!("{mei}.2"));
    world.days_pass(2).await;
    assert_eq!(world.state(&mei).await, "closed");
    world.days_pass(2).await;
    me.get(&format!("/v1/members/{mei}")).await.refused(410, "member_erased");
    let receipt = me.get(&format!("/v1/privacy/erasures/{mei}.2")).await.ok();
    assert_eq!((&receipt["state"], &receipt["because"]), (&json!("complete"), &json!("asked")));
    me.post_nothing(&format!("/v1/privacy/erasures/{mei}.2/revocation")).await.refused(410, "member_erased");
    world.auditor().get(&format!("/v1/privacy/erasures/{mei}.1")).await.refused(404, "not_found");
}

// rule: privacy 20
#[tokio::test]
async fn it_can_be_at_once_on_behalf_of_somebody_and_held_for_a_lawsuit() {
    let world = World::new().await;
    let (mei, li) = (world.mei().await, world.somebody("c-2").await);
    let agent = world.caller(Role::Agent, "agent-7");
    let refused = agent.post("/v1/privacy/erasures", &json!({"member": li})).await.refused(422, "invalid_field");
    assert_eq!(refused["pointer"], "/reason");
    assert_eq!(agent.erases(&li).await.body["state"], "waiting");
    let now = world.member(&li).post("/v1/privacy/erasures", &json!({"member": li, "now": true})).await;
    assert_eq!(now.body["state"], "complete");
    // What is held waits, whoever asks, and happens by itself.
    let (ada, path) = (world.admin("ada"), format!("/v1/privacy/erasures/{mei}.1/hold"));
    let until = world.now().to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).date();
    let until = until.saturating_add(jiff::Span::new().days(9));
    let hold = json!({"reason": "a lawsuit about order 1001", "until": until});
    let held = ada.put(&path, &hold).await;
    assert_eq!((held.status, &held.body["state"]), (202, &json!("held")));
    let asked = ada.erases(&mei).await;
    assert_eq!(
        (asked.status, &asked.body["state"], &asked.body["held_until"]),
        (202, &json!("waiting"), &json!(until))
    );
    world.days_pass(9).await;
    assert_eq!(world.state(&mei).await, "closed");
    world.days_pass(1).await;
    world.member(&mei).get(&format!("/v1/members/{mei}")).await.refused(410, "member_erased");
    ada.put(&path, &hold).await.refused(410, "member_erased");
    ada.put("/v1/privacy/erasures/m-nobody.1/hold", &hold).await.refused(404, "unknown_member");
    for role in [Role::Member, Role::Partner, Role::Agent, Role::Auditor] {
        world.caller(role, &li).put(&path, &hold).await.refused(403, "forbidden");
    }
    world.member(&li).post("/v1/privacy/erasures", &json!({"member": mei})).await.refused(403, "forbidden");
}

// rule: members 26
#[tokio::test]
async fn who_has_closed_the_account_for_thirty_days_is_erased() {
    let world = World::new().await;
    let mei = world.mei().await;
    world.member(&mei).keyed("k-1", &format!("/v1/members/{mei}/closing"), &json!({})).await.ok();
    world.days_pass(30).await;
    assert_eq!(world.state(&mei).await, "closed");
    world.days_pass(1).await;
    let erasure = world.erasure(&mei).await;
    assert_eq!((&erasure["state"], &erasure["because"]), (&json!("complete"), &json!("closed")));
}

// rule: privacy 23
#[tokio::test]
async fn whoever_names_an_erased_member_is_told_so_and_the_shop_goes_on() {
    let world = World::with(&[AT_ONCE]).await;
    let mei = world.mei().await;
    let link = world.member(&mei).get(&format!("/v1/members/{mei}/consents?page=true")).await.ok()["page"].clone();
    world.pays(&mei, "o-1", 10_000).await.ok();
    world.admin("ada").erases(&mei).await;
    let before = world.ledger(&mei).await.len();
    let shop = world.shop();
    shop.post("/v1/activities", &order("o-2", &mei, 10_000, world.now())).await.refused(410, "member_erased");
    shop.post("/v1/activities", &fact("login", "l-1", &mei, world.now())).await.refused(410, "member_erased");
    let batch =
        json!({"activities": [order("o-2", &mei, 10_000, world.now()), fact("login", "l-1", &mei, world.now())]});
    let results = shop.post("/v1/activities/batch", &batch).await.ok()["results"].clone();
    assert_eq!([&results[0]["status"], &results[1]["status"]], [&json!(410), &json!(410)]);
    let ada = world.admin("ada");
    for part in ["", "/consents", "/view", "/trail", "/looks", "/balance", "/lots", "/tier", "/entries"] {
        ada.get(&format!("/v1/members/{mei}{part}")).await.refused(410, "member_erased");
    }
    ada.get(&format!("/v1/entries/{mei}.1")).await.refused(410, "member_erased");
    for part in ["/balance", "/lots", "/entries"] {
        world.auditor().get(&format!("/v1/members/{mei}{part}")).await.ok();
    }
    crm(&world).send_patch(&mei).await.refused(410, "member_erased");
    ada.stands(&mei, "suspension", "k-1", "because").await.refused(410, "member_erased");
    world.redeems(&mei, "drink", "k-2").await.refused(410, "member_erased");
    let refunded = world.refunds("o-1", "r-1", &mei, 10_000).await.ok();
    assert_eq!((&refunded["taken"], world.pockets_of_auditor(&mei).await), (&json!(0), 0));
    // From a queue it is dropped, for nothing can mend it.
    let ingest = Queue::of(&world, "IngestQueue").await;
    ingest
        .send(&[
            order("o-3", &mei, 10_000, world.now()).to_string(),
            fact("login", "l-2", &mei, world.now()).to_string(),
        ])
        .await;
    ingest.settles(0).await;
    assert_eq!((ingest.dead().await, tables::signals(&world.platform).await.len()), (0, 0));
    assert_eq!(world.ledger(&mei).await.len(), before + 1, "the refund alone is noted");
    let page = world.request(Method::GET, &format!("{}?lang=en", link.as_str().unwrap())).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("nothing"), "nothing is held");
}

impl Caller {
    async fn send_patch(&self, member: &str) -> Answer {
        let path = format!("/v1/members/{member}");
        let body = json!({"source": "crm", "fields": {"gender": "female"}});
        self.send(&path, self.prepared(Method::PATCH, &path).json(&body)).await
    }
}

impl World {
    async fn pockets_of_auditor(&self, member: &str) -> i64 {
        self.auditor().get(&format!("/v1/members/{member}/balance")).await.ok()["active"].as_i64().unwrap()
    }
}

// rule: privacy 24
#[tokio::test]
async fn a_nightly_synchronisation_brings_nobody_back_and_the_person_does() {
    let world = World::with(&[("suppress_days = 730", "suppress_days = 9")]).await;
    let mei = world.mei().await;
    world.admin("ada").erases(&mei).await;
    let source = crm(&world);
    for body in [
        known_as("crm", "c-1", &[]),
        known_as("crm", "c-7", &[&format!("phone {PHONE}!")]),
        known_as("shop", "s-7", &["email MEI@example.com"]),
    ] {
        source.post("/v1/members", &body).await.refused(410, "erased_identity");
    }
    let li = world.somebody("c-2").await;
    let phone = json!({"source": "crm", "identifier": {"kind": "phone", "value": PHONE}});
    source.post(&format!("/v1/members/{li}/identifiers"), &phone).await.refused(410, "erased_identity");
    let lookup = json!({"identifier": {"kind": "phone", "value": PHONE}});
    source.post("/v1/members/lookups", &lookup).await.refused(404, "unknown_member");
    // A card is plastic: it is given to somebody else.
    assert_eq!(source.post("/v1/members", &known_as("crm", "c-8", &["card AB1234"])).await.status, 201);
    // By an app of the person's own, or by the person's own token.
    let own = known_as("app", "a-1", &[&format!("phone {PHONE}!")]);
    let back = source.post("/v1/members", &own).await;
    assert_eq!(back.status, 201);
    assert_ne!(back.body["member"], mei.as_str(), "without a link to the old one");
    assert_eq!(world.finds("phone", PHONE).await, back.body["member"].as_str().unwrap());
    // From then on it is theirs, whoever names it.
    let known = source.post("/v1/members", &known_as("crm", "c-9", &[&format!("phone {PHONE}!")])).await;
    assert_eq!((known.status, &known.body["member"]), (200, &back.body["member"]));
    world.member(&mei).post("/v1/members", &json!({"notice": 1})).await.refused(410, "member_erased");
    // What nobody has brought back is free again after the days of the programme.
    world.days_pass(9).await;
    assert_eq!(source.post("/v1/members", &known_as("shop", "s-7", &["email mei@example.com"])).await.status, 201);
}

// rule: privacy 26
#[tokio::test]
async fn who_stands_for_another_is_erased_with_it_and_who_is_absorbed_not_alone() {
    let world = World::new().await;
    let mei = world.mei().await;
    let other = world.presents("crm", "c-2", &["phone 13900139000!"]).await["member"].as_str().unwrap().to_owned();
    let ada = world.admin("ada");
    let merge = json!({"absorb": other, "reason": "one person, as the member says"});
    ada.keyed("k-1", &format!("/v1/members/{mei}/merge"), &merge).await.ok();
    let refused = ada.erases(&other).await.refused(409, "merged");
    assert_eq!(refused["survivor"], mei.as_str());
    let erased = ada.erases(&mei).await;
    assert_eq!(erased.body["receipt"]["absorbed"], json!([other]));
    for member in [&mei, &other] {
        world.member(member).get(&format!("/v1/members/{member}")).await.refused(410, "member_erased");
        let [key] = world.rows("member-keys", member).await.try_into().unwrap();
        assert!(!key.contains("\"w\""), "the key of {member} is gone: {key}");
        world.pays(member, "o-9", 10_000).await.refused(410, "member_erased");
    }
    assert_eq!(world.rows("claims", "\"m\"").await, Vec::<String>::new());
    let unmerge = json!({"absorbed": other, "reason": "two people after all"});
    ada.keyed("k-2", &format!("/v1/members/{mei}/unmerge"), &unmerge).await.refused(410, "member_erased");
    world.proves_itself().await;
}

// rule: privacy 21
#[tokio::test]
async fn an_answer_that_nobody_waits_for_changes_nothing() {
    let world = World::new().await;
    let mei = world.mei().await;
    let members = Queue::of(&world, "MembersQueue").await;
    let answer = |member: &str| json!({"member": member, "context": "care", "deleted": 3}).to_string();
    let before = tables::everything(&world.platform).await;
    members.send(&[answer(&mei), answer("m-nobody")]).await;
    members.settles(0).await;
    assert_eq!((members.dead().await, tables::everything(&world.platform).await), (0, before));
    world.admin("ada").erases(&mei).await;
    let complete = world.erasure(&mei).await;
    members.send(&[answer(&mei)]).await;
    members.settles(0).await;
    assert_eq!(world.erasure(&mei).await, complete);
}
