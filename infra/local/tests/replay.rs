//! The real purchase history, replayed: totals as worked out from the file alone, nothing changed by a second run, and
//! nothing lost by kills.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

#[path = "replay/expected.rs"]
mod expected;
#[path = "replay/files.rs"]
mod files;
#[path = "replay/folder.rs"]
mod folder;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use expected::{Expected, last_day};
use files::{HEADER, Shop};
use jiff::civil::date;
use local::replay::Own;
use operator::replay::{Arguments, Played, Summary};

const UNTIL: &str = "2012-02-01T00:00:00Z";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn file() -> PathBuf {
    root().join("tests/data/online_retail_60customers.csv")
}

/// The default programme without multipliers, so that the totals follow from the file alone.
fn flat(directory: &Path) -> PathBuf {
    let text = std::fs::read_to_string(root().join("programme.toml")).unwrap();
    let tiers = r#"tier_multiplier = { member = "1", silver = "6/5", gold = "3/2", black = "2" }"#;
    assert!(text.contains(tiers));
    let file = directory.join("flat.toml");
    std::fs::write(&file, text.replace(tiers, "")).unwrap();
    file
}

async fn replay(data: &Path) -> Played {
    let (programme, currency) = (flat(data), Some("GBP".to_owned()));
    let (map, dates, errors) = (Vec::new(), None, None);
    let arguments = Arguments { file: file(), map, dates, currency, errors, json: true, programme };
    let until = Some(UNTIL.parse().unwrap());
    let own = Own { template: root().join("template.yaml"), data_dir: data.to_owned(), until };
    own.replay(&arguments).await.unwrap()
}

fn expected() -> Summary {
    Expected::of(&file()).totals(UNTIL.parse().unwrap())
}

/// What each member has, as the file says that a run leaves: name, orders, refunds, issued, clawed back.
#[track_caller]
fn check_members(found: &str, expected: &Expected) {
    let found: Vec<String> =
        found.lines().skip(1).map(|line| line.split(',').take(5).collect::<Vec<_>>().join(",")).collect();
    let expected = expected.members().into_values();
    let expected: Vec<String> = expected
        .map(|one| format!("{},{},{},{},{}", one.member, one.orders, one.refunds, one.issued, one.clawed_back))
        .collect();
    assert_eq!(found, expected);
}

/// What is stored, byte for byte.
async fn ledger(data: &Path) -> Vec<String> {
    let database = data.join("dynamodb.sqlite");
    let database = dynoxide::Database::new(database.to_str().unwrap()).unwrap();
    let mut items = Vec::new();
    for table in ["AccountsTable", "PagesTable"] {
        let scan = serde_json::from_value(serde_json::json!({ "TableName": table })).unwrap();
        let found = serde_json::to_value(database.scan(scan).unwrap()).unwrap();
        items.extend(found["Items"].as_array().unwrap().iter().map(ToString::to_string));
    }
    items.sort();
    items
}

/// The times of a run are its own.
fn without_times(summary: Summary) -> Summary {
    Summary { replayed: 0, slowest_ms: 0, left_out: Vec::new(), ..summary }
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_are_those_of_the_file_and_a_second_run_changes_nothing() {
    assert_eq!(last_day(date(2010, 12, 1)), date(2011, 12, 31));
    let directory = tempfile::tempdir().unwrap();
    let first = replay(directory.path()).await.summary;
    assert_eq!(first.replayed, 0);
    assert_eq!(without_times(first.clone()), expected());
    assert!(first.expired > 0 && first.clawed_back > 0, "{first}");
    let before = ledger(directory.path()).await;
    let second = replay(directory.path()).await.summary;
    assert_eq!(second.replayed, second.orders + second.refunds, "every event had been recorded");
    assert_eq!(without_times(second), without_times(first));
    assert_eq!(ledger(directory.path()).await, before, "not a byte has changed");
}

#[test]
fn a_replay_that_is_killed_again_and_again_ends_with_the_same_totals() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().to_str().unwrap();
    let programme = flat(directory.path());
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.current_dir(root()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.args([
            "replay",
            file().to_str().unwrap(),
            "--currency",
            "GBP",
            "--until",
            UNTIL,
            "--json",
            "--data",
            data,
            "--programme",
            programme.to_str().unwrap(),
        ]);
        command
    };
    for pause in [700, 1100, 400, 1500, 900] {
        let mut child = command().spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
    }
    let output = command().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut totals: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(totals["left_out"].as_array().map(Vec::len), Some(1), "all for one cause");
    totals["left_out"] = serde_json::json!([]);
    assert_eq!(totals, serde_json::to_value(expected()).unwrap());
    check_members(
        &std::fs::read_to_string(directory.path().join("replay/members.csv")).unwrap(),
        &Expected::of(&file()),
    );
}

/// What real shops send: several times on an invoice, ids with decimals, returns that name no order, rows that are nobody's.
#[test]
fn the_awkward_rows_of_the_real_file_give_what_the_file_alone_says() {
    let shop = Shop::new();
    let awkward = root().join("tests/data/online_retail_awkward.csv");
    let text = std::fs::read_to_string(&awkward).unwrap();
    shop.write("history.csv", &text);
    let programme = flat(&shop.path(""));
    let arguments = ["--currency", "GBP", "--programme", programme.to_str().unwrap()];
    let said = shop.replay("history.csv", &arguments);
    assert!(said.done, "{}", said.error);
    let members = shop.read("data/replay/members.csv");
    let expected = Expected::of(&awkward);
    check_members(&members, &expected);
    assert_eq!((expected.rejected, expected.unmatched), (8, 18));
    let points = |found: &str| -> i64 {
        let number = |line: &str, place| line.split(',').nth(place).unwrap().parse::<i64>().unwrap();
        found.lines().skip(1).map(|line| number(line, 3) - number(line, 4)).sum()
    };
    assert_eq!(points(&members), 48_300);
    for nobody in ["12503", "12943", "14239"] {
        assert!(!members.contains(nobody), "returns alone make no member");
    }
    let left_out = shop.read("data/replay/left-out.csv");
    assert!(left_out.lines().nth(1).unwrap().starts_with("75,C556445,15098,3897000,never_sold,"), "{left_out}");
    assert!(left_out.contains("\n4,536589,,0,no_customer,"), "{left_out}");

    // The very rows with other ends of lines, in another order, with what the cancellation by hand takes back.
    let rows: Vec<&str> = text.lines().skip(1).collect();
    let backwards: Vec<&str> = rows.iter().rev().copied().collect();
    shop.write("history.csv", format!("{HEADER}{}\n", backwards.join("\n")));
    let said = shop.replay("history.csv", &arguments);
    assert!(
        said.done && said.out.contains("already recorded by an earlier run            60\n"),
        "{} {}",
        said.out,
        said.error
    );
    assert_eq!(shop.read("data/replay/members.csv"), members, "nothing has changed");

    let tiers = Shop::new();
    let named = rows.iter().map(|row| format!("{row},{}\n", if row.starts_with("C556445") { "556444" } else { "" }));
    tiers.write("history.csv", format!("{},Cancels\n{}", HEADER.trim_end(), named.collect::<String>()));
    let said = tiers.replay("history.csv", &["--currency", "GBP"]);
    assert!(said.done, "{}", said.error);
    let members = tiers.read("data/replay/members.csv");
    let one = members.lines().find(|line| line.starts_with("15098,")).unwrap();
    assert_eq!(points(&format!("\n{one}")), 649, "{one}");
    assert_eq!(points(&members), 49_641 - 40_269 + 649, "with the tiers of the default programme");
}
