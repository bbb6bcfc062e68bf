//! Replays an order history through the HTTP API, of a platform whose clock follows the file or of one that runs elsewhere.

mod arguments;
mod columns;
pub mod history;
pub mod kept;
pub mod left_out;
mod player;
mod progress;
mod remote;
mod returns;
pub mod row;
mod summary;
pub mod table;

use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sam::Role;

pub use arguments::{Arguments, Until};
use history::History;
use left_out::LeftOut;
use player::Player;
use progress::Progress;
pub use remote::Remote;
pub use summary::{Member, Summary};

/// Where a history is played.
pub trait Stage {
    /// Where the HTTP API is.
    fn url(&self) -> &str;

    /// A token for the replay in a role.
    fn token(&self, role: Role) -> String;

    /// Shows another time, if the clock is the replay's; what is due by then waits.
    fn set(&self, to: Timestamp);

    /// Shows another time, and does what is due by then.
    fn advance(&self, to: Timestamp) -> impl Future<Output = anyhow::Result<()>>;

    /// Waits until what follows from the calls so far has been done.
    fn rest(&self) -> impl Future<Output = anyhow::Result<()>>;
}

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

/// What came of a script.
pub struct Played {
    /// The totals.
    pub summary: Summary,
    /// What each member has.
    pub members: Vec<Member>,
    /// What was left out, by the reader or by the platform, the largest first.
    pub left_out: Vec<LeftOut>,
}

impl Script {
    /// Plays it and sums up what the ledger says. What the platform refuses is left out, as what the file does not say is.
    ///
    /// # Errors
    /// The platform cannot be reached, or fails.
    pub async fn play(&self, stage: &impl Stage) -> anyhow::Result<Played> {
        let mut player = Player::new(stage, self)?;
        let mut progress = Progress::new(self.history.events.len());
        for event in &self.history.events {
            player.play(event).await?;
            progress.step(event.at);
        }
        player.time_passes(self.until).await?;
        stage.advance(self.until).await?;
        stage.rest().await?;
        progress.end();
        player.sum_up(&self.history).await
    }
}

impl Played {
    /// Writes what each member has.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_members(&self, path: &Path) -> anyhow::Result<()> {
        let write = || {
            let mut file = csv::Writer::from_path(path)?;
            self.members.iter().try_for_each(|member| file.serialize(member))?;
            Ok::<_, csv::Error>(file.flush()?)
        };
        write().with_context(|| format!("{} cannot be written", path.display()))
    }
}
