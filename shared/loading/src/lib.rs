//! What rows of files come to: looked at or written, several at once, so that a part of a file that is begun again comes to the same
//! (rules: import 5 to 8, 19 to 27). `intake` says what they say, the store keeps it.

mod exports;
mod members;
mod openings;
mod tags;
mod undo;
mod work;

use domain::members::import::Kind;
use domain::programme::compiled::Programme;
use intake::{Parted, TagRow, columns};
use sheet::{Column, Row};
use store::StoreError;

pub use exports::{Gathering, conflicts};
pub use undo::{Undone, look_back, take_back};
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
    match (work.import.kind, parted(work.import.kind)) {
        (_, Some(parted)) => openings::rows(work, parted, rows).await,
        (Kind::Tags, None) => tags::rows(work, rows).await.map(Loaded::of),
        (_, None) => members::rows(work, rows).await.map(Loaded::of),
    }
}

/// Which part of what members had elsewhere such a file has, if it has one.
const fn parted(kind: Kind) -> Option<Parted> {
    match kind {
        Kind::Lots => Some(Parted::Lots),
        Kind::Tiers => Some(Parted::Tiers),
        Kind::Status => Some(Parted::Status),
        Kind::Members | Kind::Tags => None,
    }
}
