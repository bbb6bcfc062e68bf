//! The product's own platform: its functions, on the emulator.

use std::path::PathBuf;

use domain::programme::document::Document;
use emulator::Platform;
use sam::machine::Clock;

use crate::functions;

/// What a platform is started with.
pub struct Settings {
    /// The template that is deployed.
    pub template: PathBuf,
    /// The programme, published before the functions start; `None` leaves that to others.
    pub programme: Option<Document>,
    /// Where data is kept; `None` keeps it in memory.
    pub data_dir: Option<PathBuf>,
    /// The port of the HTTP API; 0 is any free one.
    pub port: u16,
    /// The time.
    pub clock: Clock,
}

impl Settings {
    /// Starts it.
    ///
    /// # Errors
    /// The template is wrong, or something of it does not start.
    pub async fn start(self) -> anyhow::Result<Platform> {
        let Self { template, programme, data_dir, port, clock } = self;
        let by = clock.clone();
        let seed = programme.map(|document| -> emulator::Seed { Box::new(operator::programme::seed(document, by)) });
        Platform::start(emulator::Settings { template, seed, data_dir, port, clock, registry: functions::registry() })
            .await
    }
}
