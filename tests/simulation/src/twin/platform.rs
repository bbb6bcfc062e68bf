//! The platform as a process of its own, which can be killed, and how it is reached.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use local::Settings;
use sam::Role;
use sam::machine::{Clock, Issuer, Ports, url};
use serde_json::{Value, json};

use super::request::{Answer, Request, Way};

/// How long a platform may take to start, to answer everything, to empty its queue.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the platform on a free port until it is killed, or until who started it is gone.
///
/// # Errors
/// It cannot be started.
pub fn serve(data: &Path) -> anyhow::Result<()> {
    // The starter holds the other end and says nothing; the end comes when it ends, however that happens.
    std::thread::spawn(|| {
        std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()).ok();
        std::process::exit(0);
    });
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let settings = Settings {
        template: root.join("template.yaml"),
        programme: Some(operator::programme::read(&root.join("programme.toml"))?),
        data_dir: Some(data.to_owned()),
        port: 0,
        clock: Clock::System,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let _platform = settings.start().await?;
        std::future::pending().await
    })
}

/// A platform in a process of its own, which ends with this.
pub(super) struct Process(Child);

impl Process {
    pub(super) fn start(program: &Path, data: &Path) -> anyhow::Result<Self> {
        let ports = data.join("ports.json");
        if ports.exists() {
            std::fs::remove_file(ports)?; // of the one that was killed
        }
        let mut command = Command::new(program);
        command.arg("platform").arg(data).stdin(Stdio::piped()).stdout(Stdio::null());
        Ok(Self(command.spawn().with_context(|| format!("{} cannot be started", program.display()))?))
    }

    /// Waits until it serves, and returns how it is reached.
    pub(super) async fn ready(&mut self, data: &Path) -> anyhow::Result<Access> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.0.try_wait()? {
                bail!("the platform does not start: {status}");
            }
            if let Ok(ports) = Ports::of(data) {
                let api = url(ports.api);
                let issuer = Issuer::open(Some(&data.join("issuer.key")), &api, Clock::System)?;
                let (token, sqs) = (issuer.token(Role::Admin, "me"), url(ports.sqs));
                // A proxy of the shell's has no business here; a platform that hangs is noticed.
                let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(15)).build()?;
                return Ok(Access { client, api, sqs, token });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("the platform does not start within {} s", PATIENCE.as_secs())
    }
}

impl Drop for Process {
    /// SIGKILL.
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// How a platform is reached.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) client: reqwest::Client,
    pub(super) api: String,
    pub(super) sqs: String,
    pub(super) token: String,
}

impl Access {
    /// Sends a request; nothing if no answer was heard to its end.
    pub(super) async fn send(&self, request: &Request) -> Option<Answer> {
        let post = match &request.way {
            Way::Api { path, key } => {
                let post = self.client.post(format!("{}{path}", self.api)).bearer_auth(&self.token);
                let post = post.header("content-type", "application/json").body(request.body.clone());
                if let Some(key) = key { post.header("idempotency-key", key) } else { post }
            }
            Way::Queue => {
                let queue = format!("{}/{}/IngestQueue", self.sqs, sam::machine::ACCOUNT);
                let post = self.client.post(&self.sqs).header("content-type", "application/x-amz-json-1.0");
                let message = json!({ "QueueUrl": queue, "MessageBody": request.body });
                post.header("x-amz-target", "AmazonSQS.SendMessage").body(message.to_string())
            }
        };
        let response = post.send().await.ok()?;
        let status = response.status().as_u16();
        Some(Answer { status, body: response.json().await.ok()? })
    }

    /// A member's statement, all its pages, newest first.
    pub(super) async fn statement(&self, member: &str) -> anyhow::Result<Vec<Value>> {
        let (mut entries, mut after) = (Vec::new(), String::new());
        loop {
            let get = self.client.get(format!("{}/v1/members/{member}/entries?limit=100{after}", self.api));
            let response = get.bearer_auth(&self.token).send().await?;
            if response.status() == 404 {
                return Ok(entries);
            }
            let mut page: Value = response.error_for_status()?.json().await?;
            if let Value::Array(more) = page["entries"].take() {
                entries.extend(more);
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(entries),
            }
        }
    }
}
