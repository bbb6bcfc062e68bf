//! A history, replayed on a platform of its own whose clock follows the file.

use std::path::PathBuf;

use emulator::Platform;
use jiff::Timestamp;
use operator::replay::kept::Kept;
use operator::replay::{Arguments, Played, Stage, Until};
use sam::Role;
use sam::machine::{Clock, VirtualClock};

use crate::Settings;

/// A platform, and its clock that the replay moves.
struct Moved {
    platform: Platform,
    clock: VirtualClock,
    /// They last as long as the history does.
    tokens: [(Role, String); Role::ALL.len()],
}

impl Stage for Moved {
    fn url(&self) -> &str {
        self.platform.url()
    }

    fn token(&self, role: Role) -> String {
        self.tokens.iter().find(|(known, _)| *known == role).map(|(_, token)| token.clone()).unwrap_or_default()
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
    pub data_dir: PathBuf,
    /// Until when the clock goes on after the last event.
    pub until: Option<Until>,
}

impl Own {
    /// Replays a history and sums up what the ledger says.
    ///
    /// # Errors
    /// A file cannot be read, the folder keeps another replay, the platform cannot start, or it fails.
    pub async fn replay(self, arguments: &Arguments) -> anyhow::Result<Played> {
        let Self { template, data_dir, until } = self;
        let (document, script) = arguments.read(until, &data_dir)?;
        Kept::new(&script, &document)?.claim(&data_dir)?;
        let clock = VirtualClock::new(script.from);
        let settings = Settings {
            template,
            programme: Some(document),
            data_dir: Some(data_dir),
            port: 0,
            clock: Clock::Virtual(clock.clone()),
        };
        let platform = settings.start().await?;
        let token = |role| platform.token_between(role, "replay", script.from, script.until);
        eprintln!("The replay runs at {} until it ends. An administrator's token for it:", platform.url());
        eprintln!("TOKEN={}", token(Role::Admin));
        let tokens = Role::ALL.map(|role| (role, token(role)));
        let stage = Moved { platform, clock, tokens };
        let played = script.play(&stage).await?;
        stage.platform.stop().await?;
        Ok(played)
    }
}
