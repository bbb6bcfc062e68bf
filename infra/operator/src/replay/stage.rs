//! Where a history is played.

use jiff::Timestamp;
use sam::Role;

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
