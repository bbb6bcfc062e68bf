//! What a replay does to its folder and its platform: which replay a folder keeps, what is refused on the way, who may look.

use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use clap::Parser;
use local::Settings;
use operator::replay::left_out::Cause;
use operator::replay::{Arguments, Remote};
use sam::Role;
use sam::machine::Clock;

use super::files::{HEADER, Shop};
use super::root;

const ROWS: &str = "1,tea,,2,2011-03-01 10:00:00,15.00,7,GB\n2,tea,,1,2011-03-02 10:00:00,15.00,8,GB\n\
                    C3,tea,,-1,2011-03-03 10:00:00,15.00,7,GB\n";

#[test]
fn a_folder_keeps_one_replay_and_says_which() {
    let shop = Shop::new();
    shop.write("first.csv", format!("{HEADER}{ROWS}").replace('\n', "\r\n"));
    let again = |file: &str| {
        let said = shop.replay(file, &["--currency", "GBP"]);
        assert!(said.done, "{}", said.error);
        let line = said.out.lines().find(|line| line.starts_with("already recorded")).unwrap().to_owned();
        line.split_whitespace().last().unwrap().to_owned()
    };
    assert_eq!(again("first.csv"), "0");
    let before = shop.read("data/replay/members.csv");
    let backwards: Vec<&str> = ROWS.lines().rev().collect();
    shop.write("copy.csv", format!("{HEADER}{}\n", backwards.join("\n")));
    assert_eq!(again("copy.csv"), "3");
    assert_eq!(shop.read("data/replay/members.csv"), before);
    shop.write("longer.csv", format!("{HEADER}0,cup,,1,2011-03-01 09:00:00,9.00,9,GB\n{ROWS}"));
    assert_eq!(again("longer.csv"), "3");
    assert_eq!(shop.read("data/replay/members.csv"), format!("{before}9,1,0,9,0,0,0,9,0\n"));

    let other = |file: &str, arguments: &[&str]| {
        let said = shop.replay(file, arguments);
        let words = "another replay is kept here: longer.csv (sha256 ";
        assert!(!said.done && said.error.contains(words), "{}", said.error);
    };
    shop.write("other.csv", format!("{HEADER}{}", ROWS.replace("15.00", "16.00")));
    other("other.csv", &["--currency", "GBP"]);
    other("first.csv", &["--currency", "GBP"]); // it lacks what the longer one has told
    other("longer.csv", &["--currency", "EUR"]);
    let text = std::fs::read_to_string(root().join("programme.toml")).unwrap();
    let programme = shop.write("programme.toml", text.replace("pending_days = 14", "pending_days = 15"));
    other("longer.csv", &["--currency", "GBP", "--programme", programme.to_str().unwrap()]);
}

#[test]
fn returns_outside_the_refund_window_are_left_out_by_cause() {
    let shop = Shop::new();
    let rows = "1,tea,,2,2010-01-01 10:00:00,15.00,7,GB\nC2,tea,,-1,2011-03-01 10:00:00,15.00,7,GB\n\
                C3,M,,-1,2011-03-01 10:00:00,99.00,7,GB\n";
    shop.write("history.csv", format!("{HEADER}{rows}"));
    let said = shop.replay("history.csv", &["--currency", "GBP"]);
    assert!(said.done, "{}", said.error);
    let place = |words: &str| said.out.find(words).unwrap_or_else(|| panic!("{} lacks {words}", said.out));
    assert!(place("not sold before") < place("outside the refund window"), "the largest first");
    let left_out = shop.read("data/replay/left-out.csv");
    let rows: Vec<&str> = left_out.lines().skip(1).collect();
    assert_eq!(rows[0], "4,C3,7,9900,never_sold,no earlier invoice has M");
    assert!(rows[1].starts_with("3,C2,7,1500,window_closed,the refund of 1: "), "{left_out}");
}

#[test]
fn what_a_replay_has_left_is_read_as_of_then_or_as_of_now() {
    let shop = Shop::new();
    shop.write("history.csv", format!("{HEADER}{ROWS}"));
    assert!(shop.replay("history.csv", &["--currency", "GBP"]).done);
    for (as_of, points) in [
        ("2011-03-05T00:00:00Z", "as of 2011-03-05T00:00:00Z: active 0, pending 15, held 0, debt 0"),
        ("2011-04-01T00:00:00Z", "as of 2011-04-01T00:00:00Z: active 15, pending 0, held 0, debt 0"),
    ] {
        let said = shop.entries(&["7", "--as-of", as_of]);
        assert!(said.out.contains(points), "{} {}", said.out, said.error);
    }
    assert!(shop.entries(&["7"]).out.contains(": active 0, pending 0, held 0, debt 0"), "all has expired since");
    let early = shop.entries(&["7", "--as-of", "2011-03-01T00:00:00Z"]);
    assert!(!early.done && early.error.contains("the newest entry is of 2011-03-03T"), "{}", early.error);
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_names_invoice_and_line_and_ends_nothing() {
    let shop = Shop::new();
    let now = "2011-03-04T00:00:00Z".parse().unwrap();
    let settings = Settings {
        template: root().join("template.yaml"),
        programme: Some(operator::programme::read(&root().join("programme.toml")).unwrap()),
        data_dir: None,
        port: 0,
        clock: Clock::starting_at(now),
    };
    let platform = settings.start().await.unwrap();
    let data = shop.path("data");
    let programme = root().join("programme.toml");
    let play = async |rows: String| {
        let file = shop.write("history.csv", format!("{HEADER}{rows}"));
        let line = ["replay", file.to_str().unwrap(), "--programme", programme.to_str().unwrap()];
        let arguments = Line::parse_from(line).arguments;
        let (_, script) = arguments.read(None, &data).unwrap();
        let remote = Remote { url: platform.url().to_owned(), token: platform.token(Role::Admin, "me") };
        script.play(&remote).await.unwrap()
    };
    assert_eq!(play(ROWS.to_owned()).await.left_out, []);
    let cups = "4,cup,,1,2011-03-03 11:00:00,9.00,8,GB\n5,cup,,2,2010-03-03 11:00:00,9.00,9,GB\nC6,cup,,-1,2011-03-03 12:00:00,9.00,9,GB\n";
    let played = play(ROWS.replace("2,2011-03-01 10:00:00,15.00", "2,2011-03-01 10:00:00,16.00") + cups).await;
    let left_out: Vec<_> =
        played.left_out.iter().map(|row| (row.line, row.invoice.as_str(), row.cause, row.value_minor)).collect();
    let expected = [
        (2, "1", Cause::Conflict, 3200),
        (6, "5", Cause::Refused, 1800),
        (7, "C6", Cause::OrderRefused, 900), // it would wait there for an order that never comes
    ];
    assert_eq!(left_out, expected);
    assert_eq!((played.summary.replayed, played.summary.orders), (2, 3), "the others are as they were, and one is new");
    platform.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_replay_says_where_it_is_and_lets_one_look() {
    let shop = Shop::new();
    let rows = "1,tea,,2,2010-03-01 10:00:00,15.00,7,GB\n2,tea,,1,2011-12-02 10:00:00,15.00,8,GB\n";
    shop.write("history.csv", format!("{HEADER}{rows}"));
    let mut child = shop.command("history.csv", &["--currency", "GBP", "--json"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut line = |start: &str| lines.by_ref().map(Result::unwrap).find(|line| line.starts_with(start)).unwrap();
    let url = line("The replay runs at ").split_whitespace().nth(4).unwrap().to_owned();
    let token = line("TOKEN=").split_once('=').unwrap().1.to_owned();
    let client = reqwest::Client::new();
    loop {
        let answer = client.get(format!("{url}/v1/members/7/balance")).bearer_auth(&token).send().await.unwrap();
        if answer.status().is_success() {
            break;
        }
        assert_eq!(answer.status(), 404, "the token is good however far the clock has moved");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(child.wait().unwrap().success());
}
