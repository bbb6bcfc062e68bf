//! `keys --rotate-index`: identifiers are looked up under another key from tomorrow on, and under those before as long as something lies there.

use std::path::Path;

use anyhow::Context as _;
use jiff::SignedDuration;
use sam::machine::Clock;

use super::tables::Everything;
use crate::say;

/// How long processes that run may know nothing of a new key.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

#[derive(clap::Args)]
pub struct Keys {
    /// New identifiers are written under a new key, a day from now. Start the functions that hold keys of members anew until then: they learn of
    /// it when they start.
    #[arg(long, required = true)]
    rotate_index: bool,
    #[command(flatten)]
    pub(super) tables: Everything,
}

impl Keys {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        anyhow::ensure!(self.rotate_index, "say `--rotate-index`: no other key is made by hand");
        let store = self.tables.store(data).await?;
        let now = Clock::System.now();
        let from = now.saturating_add(AHEAD)?;
        let number = store.rotate_index(now, from).await?;
        let number = number.context("nothing is indexed yet, or the rotation before has not begun")?;
        say!("identifiers are written under key {number} from {from} on; start `member` and `import` anew until then")
    }
}
