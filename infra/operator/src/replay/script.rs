//! A history that is ready to be played.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::history::History;
use super::player::Player;
use super::progress::Progress;
use super::stage::Stage;
use super::summary::Played;

/// What is played.
pub struct Script {
    /// The history, which has at least one event.
    pub history: History,
    /// The name of its file.
    pub file: String,
    /// The hash of its file.
    pub sha256: String,
    /// The currency of the amounts.
    pub currency: String,
    /// Where its times are local times.
    pub zone: TimeZone,
    /// When it begins.
    pub from: Timestamp,
    /// Until when time goes on.
    pub until: Timestamp,
}

impl Script {
    /// Plays it and sums up what the ledger says. What the platform refuses is left out, as what the file does not say is.
    ///
    /// # Errors
    /// The platform cannot be reached, or fails.
    pub async fn play(&self, stage: &impl Stage) -> anyhow::Result<Played> {
        let mut player = Player::new(stage, &self.currency, &self.zone, self.from)?;
        let mut progress = Progress::new(self.history.events.len());
        for event in &self.history.events {
            player.play(event).await?;
            progress.step(event.at);
        }
        player.end(self.until).await?;
        progress.end();
        player.sum_up(&self.history).await
    }
}
