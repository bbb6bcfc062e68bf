//! What is told of imports, and what is not.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use store::table::MEMBER_JOBS;
use store::told;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::members::canary::written;
use crate::members::crm;
use crate::tables;
use crate::world::World;

/// Lines of the log.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Follows what this thread logs, as long as the guards are there. Two follow it: with one alone, a line that another thread meets first
    /// is taken for one that nobody wants.
    pub(super) fn followed() -> (Self, impl Sized) {
        let lines = Self::default();
        let follow =
            |lines: Self| tracing_subscriber::fmt().with_ansi(false).with_writer(move || lines.clone()).finish();
        let guards = [Self::default(), lines.clone()].map(|lines| follow(lines).set_default());
        (lines, guards)
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is told of the import, as the stream of jobs tells it.
pub(super) async fn facts(world: &World, import: &str) -> Vec<(String, Value)> {
    let jobs = tables::jobs(&world.platform).await;
    let job = jobs.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let job = job.into_iter().find(|job| job["job"]["S"] == format!("import#{import}")).unwrap();
    let events = told(&MEMBER_JOBS, &json!({"dynamodb": {"NewImage": job}})).unwrap();
    events.into_iter().map(|event| (event.kind, event.data)).collect()
}

// rule: import 5, 7
#[tokio::test]
async fn the_end_of_an_import_is_told_by_its_counts() {
    let world = World::new().await;
    let file = "external_id,phone,name\nk1,13800138000,Ann\nk1,13800138000,Ann\nk2,12,Bob\n";
    let end = |state: &str, counts: [u32; 4], import: &str| {
        let [rows, accepted, unchanged, refused] = counts;
        let data = json!({
            "import": import, "kind": "members", "source": "crm", "state": state,
            "rows": rows, "accepted": accepted, "unchanged": unchanged, "refused": refused,
        });
        vec![("perennial.gov.importfinished.v1".to_owned(), data)]
    };
    let looked = world.uploads(&json!({"dry_run": true}), file.as_bytes()).await;
    assert_eq!(facts(&world, &looked).await, [], "it has not ended");
    world.runs(&looked).await;
    assert_eq!(facts(&world, &looked).await, end("checked", [3, 1, 1, 1], &looked));
    let import = world.uploads(&json!({}), file.as_bytes()).await;
    world.runs(&import).await;
    assert_eq!(facts(&world, &import).await, end("done", [3, 1, 1, 1], &import));
    let cancelled = world.uploads(&json!({}), file.as_bytes()).await;
    crm(&world).post_nothing(&format!("/v1/imports/{cancelled}/cancel")).await.ok();
    assert_eq!(facts(&world, &cancelled).await, end("cancelled", [0, 0, 0, 0], &cancelled));
}

// rule: import 7
#[tokio::test]
async fn no_cell_of_a_file_reaches_a_log_a_table_or_an_event() {
    let (lines, _guards) = Lines::followed();
    let world = World::new().await;
    let marks = ["13812345678", "canary.li@example.com", "金丝雀李", "1987-06-05", "EXT-CANARY-77", "金丝雀路十九号"];
    let [phone, email, name, birthday, external, street] = marks;
    let file = format!(
        "external_id,phone,email,name,birthday,address.lines\n{external},{phone},{email},{name},{birthday},{street}\n\
         {external},{phone},{email},{name}x,{birthday},{street}\n{external}-2,{phone}0,{email}@,{name},{birthday}0,{street}\n"
    );
    for more in [json!({"dry_run": true}), json!({}), json!({"expect": {"rows": 9}})] {
        let import = world.uploads(&more, file.as_bytes()).await;
        world.runs(&import).await;
        crm(&world).post_nothing(&format!("/v1/imports/{import}/cancel")).await.refused(409, "wrong_state");
    }
    let member = world.finds("external:crm", external).await;
    let shown = world.member(&member).get(&format!("/v1/members/{member}")).await.ok();
    assert!(shown.to_string().contains(street), "it was taken in: {shown}");
    let text = lines.text();
    assert!(text.contains("wrong_state"), "there is something to search: {text}");
    let mut all = tables::everything(&world.platform).await;
    all.extend(text.lines().map(str::to_owned));
    for mark in marks {
        for way in written(mark) {
            let found = all.iter().find(|line| line.contains(&way));
            assert!(found.is_none(), "`{way}` of {mark} stands in {found:?}");
        }
    }
}
