//! What a file of each kind holds, and who does its rows.

use domain::members::import::Kind;
use domain::programme::compiled::Programme;
use intake::{ActivityRow, OrderRow, Parted, TagRow, columns};
use sheet::{Column, Row};
use store::StoreError;

use crate::work::{Loaded, Work};
use crate::{members, openings, orders, tags};

/// The columns that a file of a kind may have.
pub(crate) fn columns_of(kind: Kind, programme: &Programme) -> Vec<Column> {
    match kind {
        Kind::Members => columns(programme),
        Kind::Lots => Parted::Lots.columns(),
        Kind::Tiers => Parted::Tiers.columns(),
        Kind::Status => Parted::Status.columns(),
        Kind::Tags => TagRow::columns(),
        Kind::Orders => OrderRow::columns(),
        Kind::Activities => ActivityRow::columns(),
    }
}

/// Judges rows and does what they say.
///
/// # Errors
/// What the store says; what is done by then is found when they are done again.
pub(crate) async fn load(work: &Work<'_>, rows: &[Row]) -> Result<Loaded, StoreError> {
    match (work.import.kind, parted(work.import.kind)) {
        (_, Some(parted)) => openings::rows(work, parted, rows).await,
        (Kind::Orders | Kind::Activities, None) => orders::rows(work, rows).await.map(Loaded::of),
        (Kind::Tags, None) => tags::rows(work, rows).await.map(Loaded::of),
        (_, None) => members::rows(work, rows).await.map(Loaded::of),
    }
}

/// Which part of what members had elsewhere such a file has, if it has one.
pub(crate) const fn parted(kind: Kind) -> Option<Parted> {
    match kind {
        Kind::Lots => Some(Parted::Lots),
        Kind::Tiers => Some(Parted::Tiers),
        Kind::Status => Some(Parted::Status),
        Kind::Members | Kind::Tags | Kind::Orders | Kind::Activities => None,
    }
}
