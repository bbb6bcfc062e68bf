//! A serving platform is killed under load: what was acknowledged is there, and asking again changes nothing.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use local::clock::Clock;
use local::data::Ports;
use local::issuer::{Issuer, Role};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const CALLERS: usize = 16;
const ROUNDS: usize = 3;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A platform in a process of its own, and where it answers.
async fn start(data: &Path) -> (Child, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.current_dir(root()).args(["--port", "0", "--data", data.to_str().unwrap()]).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if let Ok(ports) = Ports::of(data) {
            let url = local::platform::url(ports.api);
            let issuer = Issuer::open(Some(&data.join("issuer.key")), &url, Clock::System).unwrap();
            let token = issuer.token(Role::Admin, "me");
            return (child, url, token);
        }
    }
    child.kill().unwrap();
    panic!("the platform does not start: {}", child.wait().unwrap());
}

fn order(number: usize) -> Value {
    let id = format!("order-{number}");
    json!({
        "specversion": "1.0", "type": "order.paid", "source": "shop", "id": id, "subject": format!("m-{}", number % 7),
        "time": Clock::System.now(), "data": {"order_id": id, "currency": "CNY", "lines": [{"amount_minor": 10_000}]},
    })
}

async fn post(client: &reqwest::Client, url: &str, token: &str, body: &Value) -> Option<Value> {
    let response = client.post(format!("{url}/v1/activities")).bearer_auth(token).json(body).send().await.ok()?;
    let acknowledged = response.status() == 200;
    response.json().await.ok().filter(|_| acknowledged)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let client = reqwest::Client::new();
    let count = Arc::new(AtomicUsize::new(0));
    let mut acknowledged: Vec<(Value, Value)> = Vec::new();
    for _ in 0..ROUNDS {
        let (mut child, url, token) = start(directory.path()).await;
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let (client, url, token, count) = (client.clone(), url.clone(), token.clone(), Arc::clone(&count));
            callers.spawn(async move {
                let mut heard = Vec::new();
                loop {
                    let body = order(count.fetch_add(1, Ordering::Relaxed));
                    let retried = post(&client, &url, &token, &body).await;
                    match retried {
                        Some(answer) => heard.push((body, answer)),
                        None if client.get(&url).send().await.is_err() => return heard, // killed
                        None => {}                                                      // busy: nothing was promised
                    }
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(900)).await;
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        while let Some(heard) = callers.join_next().await {
            acknowledged.extend(heard.unwrap());
        }
        std::fs::remove_file(directory.path().join("ports.json")).unwrap();
    }
    assert!(acknowledged.len() > CALLERS * ROUNDS, "only {} answers before the kills", acknowledged.len());

    let (mut child, url, token) = start(directory.path()).await;
    let get = async |path: &str| -> Value {
        client.get(format!("{url}{path}")).bearer_auth(&token).send().await.unwrap().json().await.unwrap()
    };
    let members = (0..7).map(|number| format!("/v1/members/m-{number}/balance"));
    let total = async |paths: Vec<String>| -> i64 {
        let mut sum = 0;
        for path in paths {
            sum += get(&path).await["total"].as_i64().unwrap();
        }
        sum
    };
    let paths: Vec<String> = members.collect();
    let before = total(paths.clone()).await;
    assert!(before >= i64::try_from(acknowledged.len()).unwrap() * 100, "{before}");
    for (body, answer) in &acknowledged {
        assert_eq!(
            post(&client, &url, &token, body).await.as_ref(),
            Some(answer),
            "the same answer as before the kill"
        );
    }
    assert_eq!(total(paths).await, before, "asking again changes nothing");
    child.kill().unwrap();
    child.wait().unwrap();
}
