//! The program at a terminal: what it refuses and says, the folder it keeps, and how it ends when nobody reads on.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use aws_sdk_sqs::Client;
use sam::machine::{FORMAT, Ports, config, url};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `cargo run -- LINE`, in the folder of the project, on some data.
fn program(data: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.current_dir(root()).args(line.split_whitespace()).arg("--data").arg(data);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn done(data: &Path, line: &str) -> String {
    let Output { status, stdout, stderr } = program(data, line).output().unwrap();
    assert!(status.success(), "{line}: {}", text(&stderr));
    text(&stdout)
}

#[track_caller]
fn refused(data: &Path, line: &str) -> String {
    let Output { status, stdout, stderr } = program(data, line).output().unwrap();
    assert!(!status.success() && stdout.is_empty(), "{line}: {}", text(&stdout));
    text(&stderr)
}

/// A platform that was started at a terminal.
struct Running(Child);

impl Running {
    fn on(data: &Path) -> Self {
        let mut child = program(data, "--port 0").spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let welcome = lines.map(Result::unwrap).find(|line| line.starts_with("TOKEN="));
        assert!(welcome.is_some(), "it does not start");
        Self(child)
    }

    fn stop(mut self) {
        assert!(Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().unwrap().success());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok(); // it may have stopped
        self.0.wait().ok();
    }
}

/// Nobody reads what it says.
#[track_caller]
fn ends_quietly(data: &Path, line: &str) {
    let mut child = program(data, line).spawn().unwrap();
    drop(child.stdout.take());
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert!(status.success() && stderr.is_empty(), "{line}: {status} {}", text(&stderr));
}

/// A fact of a type, now.
fn fact(kind: &str) -> String {
    let now = Command::new("date").args(["-u", "+%FT%TZ"]).output().unwrap();
    let now = text(&now.stdout);
    let time = now.trim();
    format!(r#"{{"specversion":"1.0","type":"{kind}","source":"app","id":"x","subject":"m-1","time":"{time}"}}"#)
}

/// Sends messages to a queue of the platform on some data.
async fn send(data: &Path, queue: &str, bodies: &[String]) {
    let client = Client::new(&config(["", &url(Ports::of(data).unwrap().sqs), "", "", ""]));
    let queue = client.get_queue_url().queue_name(queue).send().await.unwrap().queue_url.unwrap();
    for body in bodies {
        client.send_message().queue_url(&queue).message_body(body).send().await.unwrap();
    }
}

#[tokio::test]
async fn every_verb_ends_quietly_on_a_closed_pipe() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let platform = Running::on(&data);
    send(&data, "IngestQueue", &[fact("ugc.featured")]).await;
    while !program(&data, "entries m-1").output().unwrap().status.success() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for line in [
        "openapi",
        "programme list",
        "programme show 1",
        "events",
        "--help",
        "queue list",
        "status",
        "token --role admin --sub me",
        "publish --check",
        "entries m-1",
        "entries m-1 --json",
    ] {
        ends_quietly(&data, line);
    }
    let export = directory.path().join("export");
    ends_quietly(&data, &format!("export {}", export.display()));
    ends_quietly(&data, &format!("verify {}", export.display()));
    platform.stop();
}

#[test]
fn a_token_is_given_where_a_platform_has_run_and_to_whom_there_can_be() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let told = refused(&data, "token --role admin --sub me");
    assert!(told.contains("no platform has ever run on"), "{told}");
    assert!(!data.exists(), "to ask leaves nothing behind");
    Running::on(&data).stop();
    assert_eq!(done(&data, "token --role admin --sub me").matches('.').count(), 2);
    for (line, says) in [
        ("token --role king --sub me", "[possible values: member, partner, agent, lead, admin, auditor]"),
        ("token --role member --sub m.1", "a member id is 1 to 64 characters"),
        ("token --role admin --sub ", "a value is required"),
    ] {
        let told = refused(&data, line);
        assert!(told.contains(says), "{line}: {told}");
    }
    let help = done(&data, "token --help");
    assert!(help.contains("member, partner, agent, lead, admin, auditor"), "{help}");
}

#[test]
fn a_start_that_cannot_be_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let told = refused(&data, &format!("--port {}", taken.local_addr().unwrap().port()));
    assert!(told.contains("is taken") && told.contains("--port"), "{told}");
    let elsewhere = program(&data, "--port 0").current_dir(directory.path()).output().unwrap();
    let told = text(&elsewhere.stderr);
    assert!(!elsewhere.status.success() && told.contains("this is not the folder of the project"), "{told}");
}

#[test]
fn a_folder_is_told_of_backed_up_and_restored() {
    let directory = tempfile::tempdir().unwrap();
    let (data, backup) = (directory.path().join("data"), directory.path().join("backup"));
    let (back, restore) = (format!("backup {}", backup.display()), format!("restore {}", backup.display()));
    for line in ["status", back.as_str()] {
        let told = refused(&data, line);
        assert!(told.contains("no platform has ever run on"), "{told}");
    }
    let platform = Running::on(&data);
    let told = done(&data, "status");
    assert!(told.contains(&format!("format {FORMAT}")) && told.contains("running    at http://127.0.0.1:"), "{told}");
    assert!(told.contains("number 1") && told.contains("dynamodb.sqlite"), "{told}");
    for line in [back.as_str(), restore.as_str()] {
        let told = refused(&data, line);
        assert!(told.contains("stop it first") || told.contains("is no backup"), "{told}");
    }
    platform.stop();
    let told = done(&data, "status");
    assert!(told.contains("running    no") && told.contains("number 1"), "{told}");
    done(&data, &back);
    let told = refused(&data, &back);
    assert!(told.contains("is there already"), "{told}");

    // What happens after the backup is gone with the restore, and kept aside.
    let platform = Running::on(&data);
    let shown = directory.path().join("shown.toml");
    std::fs::write(&shown, done(&data, "programme show 1")).unwrap();
    let told = done(&data, &format!("publish {}", shown.display()));
    assert!(told.contains("is what was published last, as number 1"), "{told}");
    let programme = std::fs::read_to_string(root().join("programme.toml")).unwrap();
    let changed = programme.replacen("rules_version = \"", "rules_version = \"changed-", 1);
    assert_ne!(changed, programme);
    let file = directory.path().join("changed.toml");
    std::fs::write(&file, changed).unwrap();
    done(&data, &format!("publish {}", file.display()));
    platform.stop();
    assert!(done(&data, "status").contains("number 2"));
    let told = done(&data, &restore);
    assert!(told.contains("data.before-1"), "{told}");
    assert!(done(&data, "status").contains("number 1"));
    assert!(done(&directory.path().join("data.before-1"), "status").contains("number 2"));
    Running::on(&data).stop();

    std::fs::write(data.join("dynamodb.sqlite"), "nonsense").unwrap();
    let told = refused(&data, "--port 0");
    assert!(told.contains("is damaged: restore it") && told.contains("or move the folder away"), "{told}");
    done(&data, &restore);
    std::fs::write(data.join("format"), "7\n").unwrap();
    let told = refused(&data, "--port 0");
    let both = format!("is of format 7, and this program keeps format {FORMAT}");
    assert!(told.contains(&both), "{told}");
    done(&data, &restore);
    Running::on(&data).stop();
}

#[tokio::test]
async fn a_dead_letter_is_shown_with_what_stands_against_it() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let platform = Running::on(&data);
    let checks = [
        (fact("no.such.thing"), "unknown_activity"),
        (fact("ugc.featured"), "it would be done now: redrive it"),
        (fact("ugc.featured").replace("m-1", "m 1"), "at /subject"),
        ("nonsense".to_owned(), "invalid_json"),
        (r#"{"specversion":"1.0"}"#.to_owned(), "`id` is missing"),
    ];
    send(&data, "IngestDlq", &checks.each_ref().map(|(body, _)| body.clone())).await;
    let told = done(&data, "queue peek IngestDlq");
    let lines: Vec<&str> = told.lines().collect();
    for (body, says) in &checks {
        let place =
            lines.iter().position(|line| line.ends_with(body.as_str())).unwrap_or_else(|| panic!("{body}: {told}"));
        assert!(lines[place + 1].contains(says), "{body}: {}", lines[place + 1]);
    }
    platform.stop();
}

/// Is an export proved, and what is said of it?
fn verified(data: &Path, export: &Path) -> (bool, String) {
    let Output { status, stdout, stderr } = program(data, &format!("verify {}", export.display())).output().unwrap();
    (status.success(), text(&stdout) + &text(&stderr))
}

#[tokio::test]
async fn what_is_wrong_with_an_export_is_an_error_that_names_the_member_or_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let (data, export) = (directory.path().join("data"), directory.path().join("export"));
    let platform = Running::on(&data);
    let of = |member: &str| fact("ugc.featured").replace("m-1", member).replace("\"x\"", &format!("\"{member}\""));
    send(&data, "IngestQueue", &[of("m-1"), of("m-2")]).await;
    for member in ["m-1", "m-2"] {
        while !program(&data, &format!("entries {member}")).output().unwrap().status.success() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    done(&data, &format!("export {}", export.display()));
    platform.stop();
    assert!(verified(&data, &export).0);
    let file = export.join("accounts.json");
    let whole = std::fs::read_to_string(&file).unwrap();
    let with = |name: &str, instead: Option<serde_json::Value>| -> String {
        let items = whole.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let changed = items.map(|mut line| {
            let item = line["Item"].as_object_mut().unwrap();
            if item["member"]["S"] == "m-1" {
                item.remove(name).expect("it is there");
                item.extend(instead.clone().map(|instead| (name.to_owned(), instead)));
            }
            format!("{line}\n")
        });
        changed.collect()
    };
    for (changed, names) in [
        (with("l", Some(serde_json::json!({"L": [{"N": "4102444800"}, {"N": "100"}]}))), "m-1: "),
        (with("q", None), "m-1: "),
        (with("member", None), "accounts.json, line "),
        (format!("{whole}{whole}"), "m-1: "),
        (whole[..whole.len() - 50].to_owned(), "accounts.json, line 2"),
        (whole.replace("\"Item\"", "\"Thing\""), "accounts.json, line 1"),
        (String::new(), "accounts"),
    ] {
        std::fs::write(&file, &changed).unwrap();
        let (proved, told) = verified(&data, &export);
        assert!(!proved && told.contains(names), "{changed}: {told}");
    }
}

#[test]
fn a_publication_that_is_refused_is_an_error_and_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let programme = std::fs::read_to_string(root().join("programme.toml")).unwrap();
    let file = directory.path().join("changed.toml");
    let edited = |changes: &[(&str, &str)]| {
        let changed = changes.iter().fold(programme.clone(), |text, (from, to)| {
            assert!(text.contains(from), "the default programme has no `{from}`");
            text.replacen(from, to, 1)
        });
        std::fs::write(&file, changed).unwrap();
    };
    let publish = format!("publish {}", file.display());
    edited(&[("odds_ppm = 500 }", "odds_ppm = 9000000 }")]);
    let told = refused(&data, &format!("{publish} --check"));
    assert!(told.contains("weekly-draw") && told.contains("line "), "{told}");

    let platform = Running::on(&data);
    let silver = ("threshold = 1000", "threshold = 1100");
    let named = |name: &'static str| ("rules_version = \"2026-01-01.1\"", name);
    edited(&[silver]);
    let told = refused(&data, &publish);
    assert!(told.contains("version_taken") && told.contains("next_free: \"2026-01-01.2\""), "{told}");
    edited(&[silver, named("rules_version = \"second\"")]);
    for verb in ["publish", "programme publish"] {
        let told = refused(&data, &format!("{verb} {} --from 2020-01-01T00:00:00Z", file.display()));
        assert!(
            told.contains("older") && told.contains("2020-01-01T00:00:00Z") && told.contains("newest_from"),
            "{told}"
        );
    }
    done(&data, &format!("{publish} --from 2099-01-01T00:00:00Z"));
    edited(&[silver, named("rules_version = \"third\"")]);
    let told = refused(&data, &publish);
    assert!(told.contains("2099-01-01T00:00:00Z"), "not before one that is yet to come: {told}");
    assert_eq!(done(&data, "programme list").lines().count(), 2, "what was refused is not there");
    platform.stop();
}
