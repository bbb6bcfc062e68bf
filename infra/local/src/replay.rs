//! A history, replayed on a platform of its own whose clock follows the file.

use std::path::PathBuf;

use emulator::Platform;
use jiff::Timestamp;
use operator::replay::{Arguments, Script, Stage, Summary};
use sam::Role;
use sam::machine::{Clock, VirtualClock};

use crate::Settings;

/// A platform, and its clock that the replay moves.
struct Moved {
    platform: Platform,
    clock: VirtualClock,
}

impl Stage for Moved {
    fn url(&self) -> &str {
        self.platform.url()
    }

    fn token(&self, role: Role) -> String {
        self.platform.token(role, "replay")
    }

    fn set(&self, to: Timestamp) {
        self.clock.set(to);
    }

    async fn advance(&self, to: Timestamp) -> anyhow::Result<()> {
        self.platform.advance(to).await
    }

    async fn rest(&self) -> anyhow::Result<()> {
        self.platform.rest().await
    }
}

/// The platform that a history has to itself.
pub struct Own {
    /// The template that is deployed.
    pub template: PathBuf,
    /// Where it keeps its data; a replay that was ended goes on there.
    pub data_dir: Option<PathBuf>,
    /// Until when the clock goes on after the last event.
    pub until: Option<Timestamp>,
}

impl Own {
    /// Replays a history and sums up what the ledger says.
    ///
    /// # Errors
    /// A file cannot be read, the platform cannot start, or it answers something unexpected.
    pub async fn replay(self, arguments: &Arguments) -> anyhow::Result<(Summary, Script)> {
        let Self { template, data_dir, until } = self;
        let (document, script) = arguments.read(until)?;
        let clock = VirtualClock::new(script.from);
        let settings =
            Settings { template, programme: Some(document), data_dir, port: 0, clock: Clock::Virtual(clock.clone()) };
        let stage = Moved { platform: settings.start().await?, clock };
        let summary = script.play(&stage, !arguments.json).await?;
        stage.platform.stop().await?;
        Ok((summary, script))
    }
}
