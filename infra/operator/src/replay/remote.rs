//! A platform that runs elsewhere, by its own clock.

use jiff::Timestamp;
use sam::Role;

use super::stage::Stage;

/// It is only spoken to: what is due, it does when it is due.
pub struct Remote {
    /// Where the HTTP API is, without a slash at the end.
    pub url: String,
    /// A token that may post activities and refunds, and read statements.
    pub token: String,
}

impl Stage for Remote {
    fn url(&self) -> &str {
        self.url.trim_end_matches('/')
    }

    fn token(&self, _: Role) -> String {
        self.token.clone()
    }

    fn set(&self, _: Timestamp) {}

    async fn advance(&self, _: Timestamp) -> anyhow::Result<()> {
        Ok(())
    }

    async fn rest(&self) -> anyhow::Result<()> {
        Ok(())
    }
}
