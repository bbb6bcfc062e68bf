//! A minimal Lambda Runtime API, and a bootstrap that it runs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::tables::now;

/// How long a bootstrap may take for anything; under an instrument it is fifty times slower.
const PATIENCE: Duration = Duration::from_secs(300);

/// A running bootstrap.
pub(crate) struct Process {
    child: Child,
    events: mpsc::UnboundedSender<String>,
    answers: mpsc::UnboundedReceiver<Result<Value, String>>,
    began: Instant,
    ready: Arc<Mutex<Option<Instant>>>,
}

struct Shared {
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<String>>,
    answers: mpsc::UnboundedSender<Result<Value, String>>,
    ready: Arc<Mutex<Option<Instant>>>,
    clock: Arc<Clock>,
}

impl Process {
    /// Starts a command, under an instrument if one is given, with these variables and no others.
    pub(crate) async fn start(
        instrument: &[String],
        command: &[PathBuf],
        environment: &BTreeMap<String, String>,
        clock: &Arc<Clock>,
    ) -> anyhow::Result<Self> {
        let tcp = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = tcp.local_addr()?;
        let (events, received) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let ready = Arc::new(Mutex::new(None));
        let shared = Shared {
            events: tokio::sync::Mutex::new(received),
            answers: answered,
            ready: Arc::clone(&ready),
            clock: Arc::clone(clock),
        };
        let router = Router::new().fallback(serve).with_state(Arc::new(shared));
        tokio::spawn(async move { axum::serve(tcp, router).await });
        let mut words = instrument.iter().map(AsRef::as_ref).chain(command.iter().map(|word| word.as_os_str()));
        let program = words.next().context("a program")?;
        let mut command = Command::new(program);
        command.args(words).env_clear().envs(environment).env("AWS_LAMBDA_RUNTIME_API", address.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let began = now();
        let child = command.spawn().with_context(|| format!("{} does not start", program.display()))?;
        Ok(Self { child, events, answers, began, ready })
    }

    /// Waits until it asks for its first event; how long that took from its start.
    pub(crate) async fn ready(&mut self) -> anyhow::Result<Duration> {
        let deadline = now() + PATIENCE;
        loop {
            if let Some(ready) = *self.ready.lock().unwrap_or_else(PoisonError::into_inner) {
                return Ok(ready.duration_since(self.began));
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended: {status}");
            }
            if now() > deadline {
                bail!("it asks for no event");
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }

    /// Since when it runs.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Hands it an event; its answer.
    pub(crate) async fn invoke(&mut self, event: &Value) -> anyhow::Result<Value> {
        self.events.send(event.to_string())?;
        let answer = tokio::time::timeout(PATIENCE, self.answers.recv()).await.context("it does not answer")?;
        answer.context("it is gone")?.map_err(|error| anyhow::anyhow!("{error}"))
    }

    /// Memory in KiB: the most that was resident, and what of it now is its own, not pages of the program's file.
    pub(crate) fn resident(&self) -> anyhow::Result<(u64, u64)> {
        let pid = self.child.id().context("it has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let of = |name: &str| -> anyhow::Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
            Ok(line.trim().trim_end_matches(" kB").parse()?)
        };
        Ok((of("VmHWM:")?, of("RssAnon:")?))
    }

    /// Ends it as Lambda does.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().context("it has ended")?;
        Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
        tokio::time::timeout(PATIENCE, self.child.wait()).await??;
        Ok(())
    }
}

async fn serve(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let path = uri.path();
    if method == Method::GET && path.ends_with("/next") {
        shared.ready.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(now);
        let Some(event) = shared.events.lock().await.recv().await else { return StatusCode::GONE.into_response() };
        let deadline = shared.clock.now() + PATIENCE;
        let header = |name: &'static str, value: &str| (HeaderName::from_static(name), value.to_owned());
        let headers = [
            header("content-type", "application/json"),
            header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
            header("lambda-runtime-deadline-ms", &deadline.as_millisecond().to_string()),
            header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:bench"),
        ];
        return (headers, event).into_response();
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    let answer = if path.ends_with("/response") {
        serde_json::from_str(&text).map_err(|error| error.to_string())
    } else {
        Err(text)
    };
    // Nobody may be waiting any more.
    shared.answers.send(answer).ok();
    StatusCode::ACCEPTED.into_response()
}
