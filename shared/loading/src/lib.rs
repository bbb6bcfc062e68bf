//! What rows of files come to: looked at or written, several at once, so that a part of a file that is begun again comes to the same
//! (rules: import 5 to 8, 19 to 22). `intake` says what they say, the store keeps it.

mod members;
mod work;

use intake::Came;
use sheet::Row;
use store::StoreError;

pub use work::{Work, reading};

/// Judges rows and does what they say: what came of each.
///
/// # Errors
/// What the store says; what is done by then is found when they are done again.
pub async fn load(work: &Work<'_>, rows: &[Row]) -> Result<Came, StoreError> {
    members::rows(work, rows).await
}
