//! No command: run the platform until it is told to stop.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{bail, ensure};
use emulator::Platform;
use jiff::{Timestamp, tz::TimeZone};
use local::Settings;
use operator::{programme, say};
use sam::Role;
use sam::machine::{Clock, LIFETIME_SECONDS};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The port of the HTTP API, unless another is asked for.
const PORT: u16 = 8080;

#[derive(clap::Args)]
pub(super) struct Run {
    /// The port of the HTTP API; 0 takes any free one.
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// The template to run.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
    /// The programme to publish at the first start; later versions go in force with `publish`.
    #[arg(long, value_name = "FILE", default_value = "programme.toml")]
    programme: PathBuf,
}

impl Run {
    pub(super) async fn perform(self, data: PathBuf) -> anyhow::Result<()> {
        ensure!(
            self.template.exists() && self.programme.exists(),
            "this is not the folder of the project: there is no {} or no {}; go there, or name them with --template and --programme",
            self.template.display(),
            self.programme.display(),
        );
        let settings = Settings {
            template: self.template,
            programme: Some(programme::read(&self.programme)?),
            data_dir: Some(data.clone()),
            port: self.port,
            clock: Clock::System,
        };
        let platform = settings.start().await?;
        let mut signals = Signals::new()?;
        let token = platform.token(Role::Admin, "me");
        // Who reads it or not, the platform runs.
        say!("{}", welcome(&platform, &data.display().to_string(), &token, Clock::System.now())).ok();
        signals.next().await;
        writeln!(std::io::stderr(), "Finishing what is under way; once more stops at once.").ok();
        tokio::select! {
            stopped = platform.stop() => stopped,
            () = signals.next() => bail!("stopped at once; what was acknowledged is kept"),
        }
    }
}

/// Ctrl-C, and what process managers send.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What a newcomer reads first.
fn welcome(platform: &Platform, data: &str, token: &str, now: Timestamp) -> String {
    let (url, dynamodb, sqs) = (platform.url(), platform.dynamodb_url(), platform.sqs_url());
    let day = now.to_zoned(TimeZone::UTC).date();
    let hours = LIFETIME_SECONDS / 3600;
    format!(
        r#"
Perennial runs at {url}, its data is in {data}/ (DynamoDB {dynamodb}, SQS {sqs}). Ctrl-C stops it.

An administrator's token for the next {hours} hours (others: cargo run -- token --role member --sub m-1):

TOKEN={token}

A member pays for an order and is featured for a review; takes a reward; sees the statement. Again, each line is answered the same:

curl -X POST {url}/v1/activities/batch -H "Authorization: Bearer $TOKEN" -d '{{"activities":[{{"specversion":"1.0","type":"order.paid","source":"shop","id":"paid-{day}","subject":"m-1","time":"{day}T00:00:00Z","data":{{"order_id":"{day}","currency":"CNY","lines":[{{"sku":"tea","quantity":1,"amount_minor":19990}}]}}}},{{"specversion":"1.0","type":"ugc.featured","source":"shop","id":"one-{day}","subject":"m-1","time":"{day}T00:00:00Z"}}]}}'
curl -X POST {url}/v1/redemptions -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: drink-{day}" -d '{{"member":"m-1","reward":"drink"}}'
curl {url}/v1/members/m-1/entries -H "Authorization: Bearer $TOKEN"
"#
    )
}
