//! The real purchase history, replayed: totals as worked out from the file alone, nothing changed by a second run, and
//! nothing lost by kills.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::civil::{Date, DateTime, date};
use jiff::{Timestamp, ToSpan};
use local::replay::Own;
use operator::replay::{Arguments, Summary};

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

async fn replay(data: &Path) -> Summary {
    let arguments =
        Arguments { file: file(), programme: flat(data), currency: Some("GBP".to_owned()), errors: None, json: true };
    let until = Some(UNTIL.parse().unwrap());
    let own = Own { template: root().join("template.yaml"), data_dir: Some(data.to_owned()), until };
    own.replay(&arguments).await.unwrap().0
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

/// One invoice of the file.
struct Invoice {
    at: DateTime,
    customer: String,
    /// Pence.
    net: i64,
    refunded: i64,
    /// Points it is worth with what was refunded of it.
    clawed_back: i64,
}

/// When, on which invoice, and how many are left.
type Sale = (DateTime, String, i64);

/// The totals from the file alone: one point per pound, rounded down once per invoice; a cancellation takes back what the
/// rest of the invoice is no longer worth; points expire at the end of the month a year later.
fn expected() -> Summary {
    let text = std::fs::read_to_string(file()).unwrap();
    let mut invoices: BTreeMap<String, Invoice> = BTreeMap::new();
    let mut sold: HashMap<(String, String), Vec<Sale>> = HashMap::new();
    let mut cancellations = Vec::new();
    for row in text.lines().skip(1) {
        let fields = fields(row);
        let [invoice, stock, _, quantity, at, price, customer, _] = fields.as_slice() else { panic!("{row}") };
        let quantity: i64 = quantity.parse().unwrap();
        let (pounds, pence) = price.split_once('.').unwrap();
        let amount = quantity * (pounds.parse::<i64>().unwrap() * 100 + format!("{pence:0<2}").parse::<i64>().unwrap());
        let at: DateTime = at.replace(' ', "T").parse().unwrap();
        if quantity < 0 {
            cancellations.push((at, customer.clone(), stock.clone(), -quantity, -amount));
            continue;
        }
        let entry = invoices.entry(invoice.clone()).or_insert_with(|| Invoice {
            at,
            customer: customer.clone(),
            net: 0,
            refunded: 0,
            clawed_back: 0,
        });
        entry.net += amount;
        sold.entry((customer.clone(), stock.clone())).or_default().push((at, invoice.clone(), quantity));
    }
    for sales in sold.values_mut() {
        sales.sort();
        sales.dedup_by(|later, earlier| {
            let same = later.1 == earlier.1;
            earlier.2 += if same { later.2 } else { 0 };
            same
        });
    }
    cancellations.sort_by_key(|(at, ..)| *at); // stable: lines of the same instant stay in the order of the file
    let mut summary = Summary::default();
    for (at, customer, stock, quantity, amount) in cancellations {
        let sales = sold.get_mut(&(customer, stock));
        let sale = sales.and_then(|sales| sales.iter_mut().rev().find(|sale| sale.0 <= at && sale.2 >= quantity));
        let Some((_, invoice, left)) = sale else {
            summary.unmatched_cancellations += 1;
            continue;
        };
        *left -= quantity;
        let invoice = invoices.get_mut(invoice).unwrap();
        invoice.refunded += amount.min(invoice.net - invoice.refunded);
        invoice.clawed_back = invoice.net / 100 - (invoice.net - invoice.refunded) / 100;
        summary.refunds += 1;
    }
    let today = UNTIL.parse::<Timestamp>().unwrap().in_tz("Asia/Shanghai").unwrap().date();
    let mut members = Vec::new();
    for invoice in invoices.values() {
        summary.orders += 1;
        summary.issued += invoice.net / 100;
        summary.clawed_back += invoice.clawed_back;
        let left = invoice.net / 100 - invoice.clawed_back;
        if last_day(invoice.at.date()) < today {
            summary.expired += left
        } else {
            summary.active += left
        }
        members.push(invoice.customer.as_str());
    }
    members.sort_unstable();
    members.dedup();
    summary.members = members.len().try_into().unwrap();
    summary
}

/// The last day on which points earned on a day are valid.
fn last_day(earned: Date) -> Date {
    earned.saturating_add(1.year()).last_of_month()
}

fn fields(row: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for letter in row.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().unwrap().push(other),
        }
    }
    fields
}

/// The times of a run are its own.
fn without_times(summary: Summary) -> Summary {
    Summary { replayed: 0, slowest_ms: 0, ..summary }
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_are_those_of_the_file_and_a_second_run_changes_nothing() {
    assert_eq!(last_day(date(2010, 12, 1)), date(2011, 12, 31));
    let directory = tempfile::tempdir().unwrap();
    let first = replay(directory.path()).await;
    assert_eq!(first.replayed, 0);
    assert_eq!(without_times(first.clone()), expected());
    assert!(first.expired > 0 && first.clawed_back > 0, "{first}");
    let before = ledger(directory.path()).await;
    let second = replay(directory.path()).await;
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
    let totals: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(totals, serde_json::to_value(expected()).unwrap());
}
