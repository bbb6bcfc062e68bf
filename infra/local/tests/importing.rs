//! Spreadsheets that become members, at a terminal; and a platform that is killed at it.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::fmt::Write as _;
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

/// An old programme, as a hand has kept it: every 97th phone is none, every 89th member is there twice; everybody has two lots with dates
/// of their own, every fifth a tier, every second agreed to be written to.
struct Old {
    members: Vec<[String; 9]>,
    lots: Vec<[String; 4]>,
    tiers: Vec<[String; 4]>,
    /// Members, lots and tiers that are accepted, unchanged, refused.
    expected: [[u32; 3]; 3],
    /// What those have that are accepted.
    points: u64,
}

impl Old {
    fn of(count: u32) -> Self {
        let mut old = Self { members: vec![], lots: vec![], tiers: vec![], expected: [[0; 3]; 3], points: 0 };
        for n in 0..count {
            let refused = n % 97 == 96;
            let phone = if refused { "1380".to_owned() } else { format!("{}", 13_800_000_000_u64 + u64::from(n)) };
            let phone = if n % 3 == 0 { format!("+86 {phone}") } else { phone };
            let birthday = format!("{}-{:02}-{:02}", 1950 + n % 50, 1 + n % 12, 1 + n % 28);
            let consent = if n % 2 == 0 { ["given", "marketing", "1", "2026-02-01T09:00:00+08:00"] } else { [""; 4] };
            let called = format!("OLD-{n:06}");
            let row = [called.clone(), phone, format!("王小{n}"), birthday, format!("m{n}@example.com")];
            let row = [row.to_vec(), consent.map(str::to_owned).to_vec()].concat().try_into().unwrap();
            let of = usize::from(refused) * 2;
            old.expected[0][of] += 1;
            if !refused && n % 89 == 88 {
                old.expected[0][1] += 1;
                old.members.push(Clone::clone(&row));
            }
            old.members.push(row);
            for (points, until) in [(n * 3 + 1, format!("2030-{:02}-28", 1 + n % 12)), (500, "2031-06-30".to_owned())] {
                old.lots.push([called.clone(), points.to_string(), "2025-04-17".to_owned(), until]);
                old.expected[1][of] += 1;
                old.points += if refused { 0 } else { u64::from(points) };
            }
            if n % 5 == 0 {
                old.tiers.push([called, "gold".to_owned(), "2026-01-01".to_owned(), "2030-12-31".to_owned()]);
                old.expected[2][of] += 1;
            }
        }
        old
    }

    /// As text files of a Chinese Excel.
    fn gbk(&self, members: &Path) {
        let lines: Vec<String> = self.members.iter().map(|row| row.join(";")).collect();
        let all = format!("{}\r\n{}\r\n", MEMBERS.join(";"), lines.join("\r\n"));
        std::fs::write(members, GBK.encode(&all).0).unwrap();
    }

    /// As a workbook: phones are numbers where they look like it, days are dates.
    fn xlsx(&self, file: &Path) {
        let mut book = Workbook::new();
        sheet(&mut book, "会员", MEMBERS, &self.members);
        sheet(&mut book, "积分", ["客户编号", "积分", "获得日期", "到期日"], &self.lots);
        sheet(&mut book, "等级", ["客户编号", "等级", "since", "until"], &self.tiers);
        sheet(&mut book, "说明", ["谁做的"], &[["小王".to_owned()]]);
        book.save(file).unwrap();
    }

    /// What is said when all of it has been taken in.
    fn said(&self) -> [String; 3] {
        let [members, lots, tiers] = self.expected.map(summary);
        [format!("会员 (members):\n{members}"), format!("积分 (lots):\n{lots}"), format!("等级 (tiers):\n{tiers}")]
    }
}

const MEMBERS: [&str; 9] = [
    "客户编号",
    "手机号",
    "姓名",
    "生日",
    "邮箱",
    "consent.marketing.email",
    "consent_text",
    "consent_version",
    "consent_at",
];

fn sheet<const N: usize>(book: &mut Workbook, name: &str, header: [&str; N], rows: &[[String; N]]) {
    let sheet = book.add_worksheet();
    sheet.set_name(name).unwrap();
    let dates = Format::new().set_num_format("yyyy-mm-dd");
    for (column, name) in (0..).zip(header) {
        sheet.write(0, column, name).unwrap();
    }
    for (line, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            match (ExcelDateTime::parse_from_str(cell), cell.parse::<f64>()) {
                (_, Ok(number)) => sheet.write(line, column, number).unwrap(),
                (Ok(date), _) if cell.len() == 10 => sheet.write_with_format(line, column, &date, &dates).unwrap(),
                _ => sheet.write(line, column, cell).unwrap(),
            };
        }
    }
}

fn summary([accepted, unchanged, refused]: [u32; 3]) -> String {
    let rows = accepted + unchanged + refused;
    format!("{rows} rows: {accepted} accepted, {unchanged} unchanged, {refused} refused\n")
}

/// Imports a file while the platform is killed again and again; what the last try says.
fn killed_and_resumed(data: &Path, file: &Path, more: &[&str], kills: u32, every: Duration) -> String {
    for _ in 0..kills {
        let platform = Running::on(data);
        let mut at_work = import(data, file, more).spawn().unwrap();
        let since = Instant::now();
        while since.elapsed() < every && at_work.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(platform);
        at_work.kill().ok(); // it may have ended
        at_work.wait().unwrap();
    }
    let _platform = Running::on(data);
    imported(data, file, more)
}

/// What a ledger holds, as its proof says it.
fn active(data: &Path) -> u64 {
    let directory = tempfile::tempdir().unwrap();
    let files = directory.path().join("ledger");
    let run = |verb: &str| {
        let Output { status, stdout, stderr } = program(data, &[verb, files.to_str().unwrap()]).output().unwrap();
        assert!(status.success(), "{}{}", text(&stdout), text(&stderr));
        text(&stdout)
    };
    run("export");
    let proved = run("verify");
    let line = proved.lines().find(|line| line.starts_with("active ")).unwrap();
    line.split_whitespace().nth(1).unwrap().replace(',', "").parse().unwrap()
}

/// Moves so many members in, and once more while the platform is killed so often.
fn moves_in(count: u32, kills: u32) {
    let directory = tempfile::tempdir().unwrap();
    let old = Old::of(count);
    let (book, lines) = (directory.path().join("old.xlsx"), directory.path().join("members.csv"));
    old.xlsx(&book);
    old.gbk(&lines);
    let (whole, broken) = (directory.path().join("whole"), directory.path().join("broken"));
    let points = old.points.to_string();
    let all = ["--kind", "all", "--expect-points", &points];
    {
        let _platform = Running::on(&whole);
        let said = imported(&whole, &book, &all);
        for part in old.said() {
            assert!(said.contains(&part), "{part} is not in {said}");
        }
        assert!(said.contains("Left out, for they are named after no kind: 说明"), "{said}");
        // The same again, and the same members as another file: nothing is new.
        let again = imported(&whole, &book, &["--kind", "all"]);
        assert_eq!(again.matches("nothing is to be done").count(), 3, "{again}");
        let [accepted, unchanged, refused] = old.expected[0];
        let again = imported(&whole, &lines, &[]);
        assert!(again.starts_with(&summary([0, accepted + unchanged, refused])), "{again}");
    }
    let resumed = killed_and_resumed(&broken, &book, &all, kills, Duration::from_millis(1_500));
    for part in old.said() {
        let part = part.split_once('\n').unwrap().1;
        assert!(resumed.contains(part), "{part} is not in {resumed}");
    }
    assert_eq!([active(&whole), active(&broken)], [old.points; 2]);
}

// rule: import 5, 6, 7
#[test]
fn an_old_programme_moves_in_though_the_platform_is_killed() {
    moves_in(600, 2);
}

/// `cargo test --release -p local --test importing -- --ignored`
// rule: import 5, 6, 7
#[test]
#[ignore = "takes minutes in a debug build"]
fn ten_thousand_members_move_in_though_the_platform_is_killed() {
    moves_in(10_000, 10);
}

/// `cargo test --release -p local --test importing -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn two_hundred_thousand_rows_are_taken_in_with_512_mb() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("members.csv"));
    let rows = 200_000_u64;
    let mut all = "external_id,phone,email,name\n".to_owned();
    for n in 0..rows {
        writeln!(all, "F-{n:06},{},f{n}@example.com,李小{n}", 13_800_000_000_u64 + n).unwrap();
    }
    std::fs::write(&file, all).unwrap();
    let platform = Running::on(&data);
    let said = imported(&data, &file, &[]);
    assert_eq!(said, format!("{rows} rows: {rows} accepted, 0 unchanged, 0 refused\n"));
    let status = std::fs::read_to_string(format!("/proc/{}/status", platform.0.id())).unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let most: u64 = most.trim().trim_end_matches(" kB").parse().unwrap();
    eprintln!("at most {} MB", most / 1_024);
    assert!(most < 512 * 1_024, "{most} kB");
}
