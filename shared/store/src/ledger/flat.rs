//! Flat lists of values: a nested list costs four bytes more, and every byte counts towards the unit.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::quantity::Points;
use jiff::Timestamp;

use crate::attribute::{as_instant, as_list, as_number, as_text};
use crate::error::{Damage, damaged};

pub(crate) fn list(items: Vec<AttributeValue>) -> AttributeValue {
    AttributeValue::L(items)
}

/// Reads a flat list from front to back.
pub(crate) struct Flat<'a> {
    items: std::slice::Iter<'a, AttributeValue>,
    /// The attribute that it is.
    pub(crate) what: &'static str,
}

impl<'a> Flat<'a> {
    pub(crate) fn new(value: Option<&'a AttributeValue>, what: &'static str) -> Result<Self, Damage> {
        Ok(Self { items: as_list(value, what)?.iter(), what })
    }

    pub(crate) fn is_done(&self) -> bool {
        self.items.as_slice().is_empty()
    }

    pub(crate) fn tag(&mut self) -> Result<&'a str, Damage> {
        as_text(self.items.next(), self.what)
    }

    pub(crate) fn text(&mut self) -> Result<String, Damage> {
        self.tag().map(str::to_owned)
    }

    pub(crate) fn any(&mut self) -> Result<&'a AttributeValue, Damage> {
        self.items.next().ok_or_else(|| damaged(self.what))
    }

    pub(crate) fn number<T: std::str::FromStr>(&mut self) -> Result<T, Damage> {
        as_number(self.items.next(), self.what)
    }

    pub(crate) fn points(&mut self) -> Result<Points, Damage> {
        self.number().map(Points)
    }

    pub(crate) fn instant(&mut self) -> Result<Timestamp, Damage> {
        as_instant(self.items.next(), self.what)
    }

    /// Reads one thing after the other to the end.
    pub(crate) fn all<T>(mut self, read: impl Fn(&mut Self) -> Result<T, Damage>) -> Result<Vec<T>, Damage> {
        let mut things = Vec::new();
        while !self.is_done() {
            things.push(read(&mut self)?);
        }
        Ok(things)
    }

    pub(crate) fn lot(&mut self) -> Result<(Timestamp, Points), Damage> {
        Ok((self.instant()?, self.points()?))
    }
}
