//! What rows of files come to: looked at or written, several at once, so that a part of a file that is begun again comes to the same
//! (rules: import 5 to 8, 19 to 27). `intake` says what they say, the store keeps it.

mod members;
mod openings;
mod tags;
mod work;

use domain::members::import::Kind;
use domain::programme::compiled::Programme;
use intake::{Parted, TagRow, columns};
use sheet::{Column, Row};
use store::StoreError;

pub use work::{Loaded, Work, reading};

/// The columns that a file of a kind may have.
#[must_use]
pub fn columns_of(kind: Kind, programme: &Programme) -> Vec<Column> {
    match kind {
        Kind::Members => columns(programme),
        Kind::Lots => Parted::Lots.columns(),
        Kind::Tiers => Parted::Tiers.columns(),
        Kind::Status => Parted::Status.columns(),
        Kind::Tags => TagRow::columns(),
    }
}

/// Judges rows and does what they say.
///
/// # Errors
/// What the store says; what is done by then is found when they are done again.
pub async fn load(work: &Work<'_>, rows: &[Row]) -> Result<Loaded, StoreError> {
    match work.import.kind {
        Kind::Members => members::rows(work, rows).await.map(Loaded::of),
        Kind::Lots => openings::rows(work, Parted::Lots, rows).await,
        Kind::Tiers => openings::rows(work, Parted::Tiers, rows).await,
        Kind::Status => openings::rows(work, Parted::Status, rows).await,
        Kind::Tags => tags::rows(work, rows).await.map(Loaded::of),
    }
}
