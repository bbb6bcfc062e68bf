//! Spreadsheets that become members, at a terminal; and a platform that is killed at it.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use encoding_rs::GBK;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn program(data: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.current_dir(root()).args(line).arg("--data").arg(data);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A platform in a process of its own.
struct Running(Child);

impl Running {
    fn on(data: &Path) -> Self {
        let mut child = program(data, &["--port", "0"]).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let welcome = lines.map(Result::unwrap).find(|line| line.starts_with("TOKEN="));
        assert!(welcome.is_some(), "it does not start");
        Self(child)
    }
}

/// It is killed, not stopped.
impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn import(data: &Path, file: &Path, more: &[&str]) -> Command {
    let mut line = vec!["import", file.to_str().unwrap(), "--source", "crm"];
    line.extend(more);
    program(data, &line)
}

#[track_caller]
fn imported(data: &Path, file: &Path, more: &[&str]) -> String {
    let Output { status, stdout, stderr } = import(data, file, more).output().unwrap();
    assert!(status.success(), "{}{}", text(&stdout), text(&stderr));
    text(&stdout)
}

// rule: import 5, 7
#[test]
fn the_sheet_of_the_readme_becomes_members() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("customers.csv"));
    let rows = "客户编号,姓名,手机号,生日\nC-1,王芳,138 0013 8000,1990-02-03\nC-2,李雷,+86-139-0013-9000,1988/5/17\n\
        C-3,韩梅梅,12345,3/2/1990\n";
    std::fs::write(&file, rows).unwrap();
    let _platform = Running::on(&data);
    let faults = "  1 ambiguous_date\n  1 not_a_phone\n";
    let errors = directory.path().join("customers.errors.csv");
    let beside = format!(
        "What is wrong with which row stands in {}; repaired, it can be imported as it is.\n",
        errors.display()
    );
    let looked = imported(&data, &file, &["--dry-run"]);
    assert_eq!(looked, format!("3 rows: 2 would be accepted, 0 unchanged, 1 refused\n{faults}{beside}"));
    let done = imported(&data, &file, &["--expect-rows", "2"]);
    assert_eq!(done, format!("3 rows: 2 accepted, 0 unchanged, 1 refused\n{faults}{beside}"));
    assert!(imported(&data, &file, &[]).contains("is what was imported last from crm: nothing is to be done."));
    // Repaired in a spreadsheet, what was wrong goes in as it is.
    let repaired =
        std::fs::read_to_string(&errors).unwrap().replace("12345", "13700137000").replace("3/2/1990", "1990-02-03");
    std::fs::write(&errors, repaired).unwrap();
    assert_eq!(imported(&data, &errors, &[]), "2 rows: 1 accepted, 1 unchanged, 0 refused\n");
    let Output { status, stderr, .. } = import(&data, &file, &["--expect-rows", "7"]).output().unwrap();
    assert!(!status.success() && text(&stderr).contains("total_differs"), "{}", text(&stderr));
}

/// Members of an old programme, as a hand has kept them: every 97th phone is none, every 89th row is there twice.
fn members(count: u32) -> (Vec<[String; 5]>, [u32; 3]) {
    let (mut rows, mut expected) = (Vec::new(), [0, 0, 0]);
    for n in 0..count {
        let phone = if n % 97 == 96 { "1380".to_owned() } else { format!("{}", 13_800_000_000_u64 + u64::from(n)) };
        let phone = if n % 3 == 0 { format!("+86 {phone}") } else { phone };
        let birthday = format!("{}-{:02}-{:02}", 1950 + n % 50, 1 + n % 12, 1 + n % 28);
        let row = [format!("OLD-{n:06}"), phone, format!("王小{n}"), birthday, format!("m{n}@example.com")];
        if n % 97 == 96 {
            expected[2] += 1;
        } else {
            expected[0] += 1;
            if n % 89 == 88 {
                expected[1] += 1;
                rows.push(row.clone());
            }
        }
        rows.push(row);
    }
    (rows, expected)
}

const HEADER: [&str; 5] = ["客户编号", "手机号", "姓名", "生日", "邮箱"];

/// As a text file of a Chinese Excel.
fn gbk(rows: &[[String; 5]], file: &Path) {
    let lines: Vec<String> = rows.iter().map(|row| row.join(";")).collect();
    let all = format!("{}\r\n{}\r\n", HEADER.join(";"), lines.join("\r\n"));
    std::fs::write(file, GBK.encode(&all).0).unwrap();
}

/// As a workbook: phones are numbers where they look like it, birthdays are dates.
fn xlsx(rows: &[[String; 5]], file: &Path) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let dates = Format::new().set_num_format("yyyy-mm-dd");
    for (column, name) in (0..).zip(HEADER) {
        sheet.write(0, column, name).unwrap();
    }
    for (line, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            match (column, cell.parse::<f64>()) {
                (1, Ok(number)) => sheet.write(line, column, number).unwrap(),
                (3, _) => {
                    let date = ExcelDateTime::parse_from_str(cell).unwrap();
                    sheet.write_with_format(line, column, &date, &dates).unwrap()
                }
                _ => sheet.write(line, column, cell).unwrap(),
            };
        }
    }
    book.save(file).unwrap();
}

fn summary([accepted, unchanged, refused]: [u32; 3]) -> String {
    let rows = accepted + unchanged + refused;
    format!("{rows} rows: {accepted} accepted, {unchanged} unchanged, {refused} refused\n")
}

/// Imports a file while the platform is killed again and again; what the last try says.
fn killed_and_resumed(data: &Path, file: &Path, kills: u32, every: Duration) -> String {
    for _ in 0..kills {
        let platform = Running::on(data);
        let mut at_work = import(data, file, &[]).spawn().unwrap();
        let since = Instant::now();
        while since.elapsed() < every && at_work.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(platform);
        at_work.kill().ok(); // it may have ended
        at_work.wait().unwrap();
    }
    let _platform = Running::on(data);
    imported(data, file, &[])
}

/// Moves so many members in, and once more while the platform is killed so often.
fn moves_in(count: u32, kills: u32) {
    let directory = tempfile::tempdir().unwrap();
    let (rows, expected) = members(count);
    let (book, lines) = (directory.path().join("members.xlsx"), directory.path().join("members.csv"));
    xlsx(&rows, &book);
    gbk(&rows, &lines);
    let (whole, broken) = (directory.path().join("whole"), directory.path().join("broken"));
    {
        let _platform = Running::on(&whole);
        let said = imported(&whole, &book, &[]);
        assert!(said.starts_with(&summary(expected)), "{said}");
        // The same members as another file: nothing is new.
        let [accepted, unchanged, refused] = expected;
        let again = imported(&whole, &lines, &[]);
        assert!(again.starts_with(&summary([0, accepted + unchanged, refused])), "{again}");
    }
    let resumed = killed_and_resumed(&broken, &lines, kills, Duration::from_millis(1_500));
    assert!(resumed.contains(&summary(expected)), "{resumed}");
}

// rule: import 5, 6, 7
#[test]
fn an_old_programme_moves_in_though_the_platform_is_killed() {
    moves_in(1_100, 3);
}

/// `cargo test --release -p local --test importing -- --ignored`
// rule: import 5, 6, 7
#[test]
#[ignore = "takes minutes in a debug build"]
fn ten_thousand_members_move_in_though_the_platform_is_killed() {
    moves_in(10_000, 10);
}
