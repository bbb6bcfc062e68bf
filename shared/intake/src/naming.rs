//! Who a row is about: what the source calls the member.

use domain::members::identifier::{Identifier, Kind, Reading};
use sheet::{CellFault, Cells, Header, Raw, Row, Stated};

use crate::columns::EXTERNAL_ID;
use crate::fault::Fault;

/// How it is read.
#[derive(Debug, Clone, Copy)]
pub struct Naming<'a> {
    /// Which column holds what.
    pub header: &'a Header,
    /// How cells are read.
    pub cells: Cells<'a>,
    /// How identifiers are.
    pub identifiers: &'a Reading,
    /// Who says so.
    pub source: &'a str,
}

impl<'a> Naming<'a> {
    /// What the source calls the member of a row.
    ///
    /// # Errors
    /// The row does not say, or it cannot be read.
    pub fn named(&self, row: &Row) -> Result<Identifier, Fault> {
        let place = self.header.place(EXTERNAL_ID).unwrap_or(usize::MAX);
        let zero_pad = self.header.fields.get(place).and_then(|field| field.as_ref()?.1);
        let stated = self.cells.external_id(row.cell(place), zero_pad);
        let Stated::Is(text) = stated.map_err(|fault| Fault::cell(EXTERNAL_ID, fault))? else {
            return Err(Fault::new(EXTERNAL_ID, "missing_value", "a row says what the source calls the member"));
        };
        let read = self.identifiers.identifier(Kind::External(self.source.to_owned()), &text, None);
        read.map_err(|refusal| Fault::refused(EXTERNAL_ID, &refusal))
    }

    /// What a cell says, if it says something and can be read.
    pub(crate) fn stated<T>(
        &self,
        row: &Row,
        field: &str,
        faults: &mut Vec<Fault>,
        read: fn(Cells<'a>, &Raw) -> Result<Stated<T>, CellFault>,
    ) -> Option<T> {
        let place = self.header.place(field)?;
        match read(self.cells, row.cell(place)) {
            Ok(Stated::Is(value)) => Some(value),
            Ok(Stated::Nothing) => None,
            Ok(Stated::Clear) => {
                faults.push(Fault::new(field, "not_clearable", "what is brought over is stated, or left out"));
                None
            }
            Err(fault) => {
                faults.push(Fault::cell(field, fault));
                None
            }
        }
    }

    /// The same, of what no row does without.
    pub(crate) fn needed<T>(
        &self,
        row: &Row,
        field: &str,
        faults: &mut Vec<Fault>,
        read: fn(Cells<'a>, &Raw) -> Result<Stated<T>, CellFault>,
    ) -> Option<T> {
        let before = faults.len();
        let stated = self.stated(row, field, faults, read);
        if stated.is_none() && faults.len() == before {
            faults.push(missing(field));
        }
        stated
    }
}

fn missing(field: &str) -> Fault {
    Fault::new(field, "missing_value", "no row does without it")
}

/// The longest id of something, in characters.
const LONGEST: usize = 128;

/// What is wrong with what something is called.
pub(crate) fn identity(field: &str, id: &str) -> Option<Fault> {
    let wrong = id.chars().count() > LONGEST || id.chars().any(char::is_control);
    wrong.then(|| Fault::new(field, "invalid_value", "has 1 to 128 characters, none of them a control character"))
}

/// What somebody calls something.
pub(crate) fn number(cells: Cells<'_>, raw: &Raw) -> Result<Stated<String>, CellFault> {
    cells.external_id(raw, None)
}
