//! No command: run the platform until it is told to stop.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{bail, ensure};
use local::Settings;
use operator::{programme, say};
use sam::Role;
use sam::machine::Clock;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::welcome::welcome;

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
        let programme = programme::read(&self.programme)?;
        let (currency, zone) = (programme.programme.currency.clone(), programme.programme.timezone.clone());
        let settings = Settings {
            template: self.template,
            programme: Some(programme),
            data_dir: Some(data.clone()),
            port: self.port,
            clock: Clock::System,
        };
        let platform = settings.start().await?;
        let mut signals = Signals::new()?;
        let token = platform.token(Role::Admin, "me");
        // Who reads it or not, the platform runs.
        let today = Clock::System.now().in_tz(&zone)?.start_of_day()?;
        say!("{}", welcome(&platform, &data.display().to_string(), &token, (&currency, &today))).ok();
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
