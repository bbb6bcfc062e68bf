//! What a source sent day by day, and what of it was refused.

use std::collections::BTreeMap;

use domain::quality::score::Shares;
use domain::quality::traffic::Traffic;
use futures_util::future::try_join;
use jiff::civil::Date;
use lambda::Private;
use store::{Refusals, StoreError};

/// A source's days: what it sent, and what of it was refused.
pub(crate) struct Days {
    pub(crate) traffic: BTreeMap<Date, Traffic>,
    pub(crate) refused: BTreeMap<Date, Refusals>,
}

impl Days {
    /// All days from one to another.
    pub(crate) async fn of(app: &Private, source: &str, dates: &[Date]) -> Result<Self, StoreError> {
        let (Some(from), Some(to)) = (dates.first(), dates.last()) else {
            return Ok(Self { traffic: BTreeMap::new(), refused: BTreeMap::new() });
        };
        let store = app.store();
        let read = try_join(store.traffic_of(source, dates), store.refusals(source, *from, *to)).await?;
        Ok(Self { traffic: read.0, refused: read.1 })
    }

    /// How it kept on a day to what is expected of it.
    pub(crate) fn shares(&self, date: Date) -> Shares {
        let refused = self.refused.get(&date).map_or(0, |refusals| refusals.codes.values().sum());
        self.traffic.get(&date).cloned().unwrap_or_default().shares(refused)
    }
}

/// Dates from one to another.
pub(crate) fn dates(from: Date, to: Date) -> Vec<Date> {
    std::iter::successors(Some(from), |date| date.tomorrow().ok()).take_while(|date| *date <= to).collect()
}
