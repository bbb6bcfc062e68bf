//! Files that flow in, over HTTP, bucket and queue.

use domain::members::import::{Counts, State};
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use jiff::SignedDuration;
use reqwest::Method;
use sam::Role;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::members::crm;
use crate::tables;
use crate::world::{Answer, World};

/// A file of members of the source `crm`.
fn asked(more: &Value) -> Value {
    let mut body = json!({"kind": "members", "source": "crm"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl World {
    /// Asks for an import and uploads its file; its id.
    pub(super) async fn uploads(&self, more: &Value, bytes: &[u8]) -> String {
        let created = crm(self).post("/v1/imports", &asked(more)).await;
        assert_eq!(created.status, 201, "{created:?}");
        let url = created.body["upload"]["url"].as_str().unwrap();
        let put = reqwest::Client::new().request(Method::PUT, url).body(bytes.to_vec()).send().await.unwrap();
        assert!(put.status().is_success(), "{put:?}");
        created.body["import"].as_str().unwrap().to_owned()
    }

    /// Starts it and waits for its end; the import.
    pub(super) async fn runs(&self, import: &str) -> Value {
        crm(self).post_nothing(&format!("/v1/imports/{import}/start")).await.ok();
        self.platform.rest().await.unwrap();
        self.import(import).await
    }

    async fn import(&self, import: &str) -> Value {
        crm(self).get(&format!("/v1/imports/{import}")).await.ok()
    }

    pub(super) async fn takes_in(&self, more: &Value, bytes: &[u8]) -> Value {
        let import = self.uploads(more, bytes).await;
        self.runs(&import).await
    }
}

/// State, then rows accepted, unchanged, refused, and warnings.
pub(super) fn came(import: &Value) -> (&str, [u64; 4]) {
    let of = |name: &str| import["result"][name].as_u64().unwrap();
    let counts = ["accepted", "unchanged", "refused", "warnings"].map(of);
    assert_eq!(of("rows"), counts[0] + counts[1] + counts[2], "{import}");
    (import["state"].as_str().unwrap(), counts)
}

const FILE: &str = "会员号;手机号;姓名;生日\nk1;13800138000;王芳;1990-02-03\nk2;139-0013-9000;李雷;\nk3;12345;韩梅梅;32907\n\nk1;13800138000;王芳;1990-02-03\n";

// rule: import 5, 7
#[tokio::test]
async fn a_file_of_a_spreadsheet_becomes_members() {
    let world = World::new().await;
    let gbk = encoding_rs::GBK.encode(FILE).0.into_owned();
    let import = world.takes_in(&json!({}), &gbk).await;
    assert_eq!(came(&import), ("done", [2, 1, 1, 0]));
    assert_eq!(import["result"]["by_code"], json!({"ambiguous_date": 1, "not_a_phone": 1}));
    assert_eq!(import["progress"], json!({"rows": 4, "parts": 1, "done": 1}));
    let member = world.finds("phone", "13800138000").await;
    assert_eq!(world.finds("external:crm", "k1").await, member);
    let shown = crm(&world).get(&format!("/v1/members/{member}")).await.ok();
    assert_eq!(shown["fields"]["name"]["value"], "王芳", "{shown}");
    // The file of errors says what is wrong with which row, and goes in when it is repaired.
    let id = import["import"].as_str().unwrap();
    let errors = crm(&world).get(&format!("/v1/imports/{id}/errors")).await.ok();
    let text = reqwest::get(errors["url"].as_str().unwrap()).await.unwrap().text().await.unwrap();
    let expected = "会员号,手机号,姓名,生日,row,column,field,code,message\r\n\
        k3,12345,韩梅梅,32907,4,手机号,phone,not_a_phone,this is no phone number of its country's plan\r\n\
        k3,12345,韩梅梅,32907,4,生日,birthday,ambiguous_date,";
    assert!(text.trim_start_matches('\u{feff}').starts_with(expected), "{text}");
    let repaired = text.replace("12345", "13700137000").replace("32907", "1990-02-03");
    assert_eq!(came(&world.takes_in(&json!({}), repaired.as_bytes()).await), ("done", [1, 1, 0, 0]));
    world.finds("phone", "13700137000").await;
}

// rule: import 6
#[tokio::test]
async fn the_file_that_was_imported_last_is_not_taken_in_again() {
    let world = World::new().await;
    let (a, b) = (b"external_id,name\nk1,Ann\n".as_slice(), b"external_id,name\nk1,Anna\n".as_slice());
    let known = |bytes| json!({"sha256": sha256(bytes)});
    let first = world.takes_in(&known(a), a).await;
    assert_eq!(came(&first), ("done", [1, 0, 0, 0]));
    let before = tables::members(&world.platform).await;
    let again = crm(&world).post("/v1/imports", &asked(&known(a))).await;
    assert_eq!((again.status, &again.body["import"], &again.body["upload"]), (200, &first["import"], &Value::Null));
    assert_eq!(tables::members(&world.platform).await, before);
    // Read otherwise it is another; and sheet A, then B, then A again ends as A.
    let otherwise = json!({"sha256": sha256(a), "mapping": {"date_format": "dmy"}});
    assert_eq!(crm(&world).post("/v1/imports", &asked(&otherwise)).await.status, 201);
    for file in [b, a] {
        world.time_passes(SignedDuration::from_mins(1)).await;
        assert_eq!(came(&world.takes_in(&known(file), file).await), ("done", [1, 0, 0, 0]));
    }
    let other = world.takes_in(&known(b), a).await;
    assert_eq!((came(&other).0, &other["refused"]["code"]), ("refused", &json!("file_differs")));
}

// rule: import 5, 8
#[tokio::test]
async fn nothing_is_written_of_what_is_only_looked_at_or_not_expected() {
    let world = World::new().await;
    let before = tables::members(&world.platform).await;
    let dry = world.takes_in(&json!({"dry_run": true}), FILE.as_bytes()).await;
    assert_eq!(came(&dry), ("checked", [2, 1, 1, 0]));
    let wrong = world.takes_in(&json!({"expect": {"rows": 3}}), FILE.as_bytes()).await;
    assert_eq!(came(&wrong).0, "refused");
    let refused = &wrong["refused"];
    assert_eq!(
        (&refused["code"], &refused["expected"], &refused["found"]),
        (&json!("total_differs"), &json!(3), &json!(2))
    );
    let unmapped = world.takes_in(&json!({}), b"external_id,name,religion\nk1,Ann,x\n").await;
    assert_eq!(
        (&unmapped["refused"]["code"], &unmapped["refused"]["columns"]),
        (&json!("unmapped_column"), &json!(["religion"]))
    );
    assert_eq!(tables::members(&world.platform).await, before);
    let nobody = json!({"identifier": {"kind": "phone", "value": "13800138000"}});
    assert_eq!(crm(&world).post("/v1/members/lookups", &nobody).await.status, 404);
    let right = world.takes_in(&json!({"expect": {"rows": 2}}), FILE.as_bytes()).await;
    assert_eq!(came(&right), ("done", [2, 1, 1, 0]));
}

// rule: import 5, 6
#[tokio::test]
async fn an_import_of_many_parts_is_started_again_and_does_nothing_twice() {
    let world = World::new().await;
    let rows: String = (0..1_100).map(|n| format!("k{n},Ann\n")).collect();
    let file = format!("external_id,name\n{rows}k3,Ann\nk7,Bob\n");
    let import = world.uploads(&json!({}), file.as_bytes()).await;
    for _ in 0..3 {
        crm(&world).post_nothing(&format!("/v1/imports/{import}/start")).await.ok();
    }
    world.platform.rest().await.unwrap();
    let done = world.import(&import).await;
    assert_eq!(came(&done), ("done", [1_100, 1, 1, 0]));
    assert_eq!(done["progress"], json!({"rows": 1_102, "parts": 3, "done": 3}));
    let ended = crm(&world).post_nothing(&format!("/v1/imports/{import}/start")).await;
    assert_eq!((ended.status, &ended.body["code"]), (409, &json!("wrong_state")));
}

// rule: import 5
#[tokio::test]
async fn what_was_written_when_a_kill_came_is_counted_once() {
    let world = World::new().await;
    let known = "external_id,phone,name\nk4,13900139000,Cid\n";
    assert_eq!(came(&world.takes_in(&json!({}), known.as_bytes()).await), ("done", [1, 0, 0, 0]));
    let file = format!("{known}k1,13800138000,Ann\nk2,13800138000,\nk3,12345,Bob\n");
    let import = world.uploads(&json!({}), file.as_bytes()).await;
    let before = world.runs(&import).await;
    assert_eq!(came(&before), ("done", [2, 1, 1, 0]));
    let members = tables::members(&world.platform).await;
    // All of the part is written, and nothing of it noted.
    let store = world.store();
    let (mut job, version) = store.import(&import).await.unwrap().unwrap();
    (job.state, job.done, job.begun) = (State::Applying, 0, true);
    (job.counts, job.faulty) = (Counts::default(), Vec::new());
    let programmes = store.programmes(&Programmes::default()).await.unwrap();
    let setting = Setting { programmes: &programmes, now: world.now() };
    assert!(store.keep_import(&job, version, setting).await.unwrap());
    let after = world.runs(&import).await;
    assert_eq!((&after["state"], &after["result"]), (&before["state"], &before["result"]));
    assert_eq!(tables::members(&world.platform).await, members, "nothing is written again");
}

// rule: import 5
#[tokio::test]
async fn an_import_is_its_own_and_waits_for_its_file() {
    let world = World::new().await;
    let created = crm(&world).post("/v1/imports", &asked(&json!({}))).await.body;
    let import = created["import"].as_str().unwrap();
    let path = |step: &str| format!("/v1/imports/{import}{step}");
    let code = |answer: Answer| (answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned());
    assert_eq!(code(crm(&world).post_nothing(&path("/start")).await), (409, "no_file".to_owned()));
    assert_eq!(code(crm(&world).get(&path("/errors")).await), (404, "not_found".to_owned()));
    let shop = world.shop();
    assert_eq!(code(shop.get(&path("")).await), (404, "not_found".to_owned()), "another partner's");
    assert_eq!(world.admin("ada").get(&path("")).await.status, 200);
    assert_eq!(world.caller(Role::Agent, "mia").get(&path("")).await.status, 403);
    assert_eq!(crm(&world).post_nothing(&path("/cancel")).await.ok()["state"], "cancelled");
    assert_eq!(code(crm(&world).post_nothing(&path("/cancel")).await), (409, "wrong_state".to_owned()));
    for (wrong, status) in [
        (json!({"source": "fax"}), 422),
        (json!({"source": "desk"}), 422),
        (json!({"kind": "songs"}), 422),
        (json!({"mapping": {"encoding": "klingon"}}), 422),
        (json!({"mapping": {"colour": "red"}}), 422),
    ] {
        assert_eq!(crm(&world).post("/v1/imports", &asked(&wrong)).await.status, status, "{wrong}");
    }
    let unsigned = created["upload"]["url"].as_str().unwrap().split('?').next().unwrap().to_owned();
    let put = reqwest::Client::new().put(unsigned).body("x").send().await.unwrap();
    assert_eq!(put.status(), 403);
}
