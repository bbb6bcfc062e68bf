//! What rows say that give tags by hand (rule: import 5).

use domain::members::identifier::Identifier;
use jiff::civil::Date;
use sheet::{Cells, Column, Row};

use crate::columns::EXTERNAL_ID;
use crate::fault::Fault;
use crate::naming::Naming;

/// A tag for a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRow {
    /// What the source calls the member.
    pub named: Identifier,
    /// Which.
    pub tag: String,
    /// Its last local day, if it is said.
    pub until: Option<Date>,
}

impl TagRow {
    /// The columns that a file of tags may have.
    #[must_use]
    pub fn columns() -> Vec<Column> {
        let all = [(EXTERNAL_ID, true), ("tag", true), ("until", false)];
        all.map(|(field, required)| Column { field: field.to_owned(), required }).to_vec()
    }

    /// Reads a row.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(naming: &Naming<'_>, row: &Row) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        if let Err(fault) = row.fits(naming.header) {
            faults.push(Fault::cell("", fault));
        }
        let named = naming.named(row).map_err(|fault| faults.push(fault)).ok();
        let tag = naming.needed(row, "tag", &mut faults, Cells::text);
        let until = naming.stated(row, "until", &mut faults, Cells::date);
        let read = named.zip(tag).map(|(named, tag)| Self { named, tag, until });
        read.filter(|_| faults.is_empty()).ok_or(faults)
    }
}
