//! The attributes of a map: written one by one, what is empty left out, and read back by name.

use std::collections::BTreeMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::quantity::{Minor, Points};
use jiff::Timestamp;

use crate::attribute::{Item, as_list, as_map, as_number, as_text, number, text};
use crate::error::{Damage, damaged};
use crate::ledger::flat::list;

/// A map that is being written.
#[derive(Default)]
pub(crate) struct Fields(pub(crate) Item);

impl Fields {
    pub(crate) fn put(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn maybe(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.put(name, text(value))
    }

    pub(crate) fn number(self, name: &str, value: impl std::fmt::Display) -> Self {
        self.put(name, number(value))
    }

    /// Absent if zero.
    pub(crate) fn points_unless_zero(self, name: &str, points: Points) -> Self {
        self.maybe(name, (!points.is_zero()).then(|| number(points)))
    }

    /// Absent if zero.
    pub(crate) fn minor_unless_zero(self, name: &str, amount: Minor) -> Self {
        self.maybe(name, (!amount.is_zero()).then(|| number(amount)))
    }

    /// The word for one of a few.
    pub(crate) fn word<T: Copy + PartialEq>(self, name: &str, words: &[(T, &str)], one: T) -> Self {
        let word = words.iter().find(|(known, _)| *known == one).map(|(_, word)| text(*word));
        self.maybe(name, word)
    }

    /// Absent if it is not so.
    pub(crate) fn if_so(self, name: &str, so: bool) -> Self {
        self.maybe(name, so.then_some(AttributeValue::Bool(true)))
    }

    /// As text.
    pub(crate) fn instant(self, name: &str, at: Timestamp) -> Self {
        self.put(name, written(at))
    }

    pub(crate) fn maybe_instant(self, name: &str, at: Option<Timestamp>) -> Self {
        self.maybe(name, at.map(written))
    }

    pub(crate) fn instants(self, name: &str, instants: &[Timestamp]) -> Self {
        self.list(name, instants.iter().copied().map(written).collect())
    }

    pub(crate) fn texts(self, name: &str, texts: &[String]) -> Self {
        self.list(name, texts.iter().map(text).collect())
    }

    /// Absent if it is empty.
    pub(crate) fn list(self, name: &str, items: Vec<AttributeValue>) -> Self {
        self.maybe(name, (!items.is_empty()).then(|| list(items)))
    }

    /// Absent if it is empty.
    pub(crate) fn map<'a, T>(
        self,
        name: &str,
        map: &'a BTreeMap<String, T>,
        value: impl Fn(&'a T) -> AttributeValue,
    ) -> Self {
        let fields: Item = map.iter().map(|(name, item)| (name.clone(), value(item))).collect();
        self.maybe(name, (!fields.is_empty()).then_some(AttributeValue::M(fields)))
    }

    pub(crate) fn done(self) -> AttributeValue {
        AttributeValue::M(self.0)
    }
}

fn written(at: Timestamp) -> AttributeValue {
    text(at.to_string())
}

fn instant(value: &AttributeValue, name: &'static str) -> Result<Timestamp, Damage> {
    as_text(Some(value), name)?.parse().map_err(|_no_instant| damaged(name))
}

/// A map that is being read.
pub(crate) struct Read<'a>(pub(crate) &'a Item);

impl<'a> Read<'a> {
    pub(crate) fn of(value: &'a AttributeValue, what: &'static str) -> Result<Self, Damage> {
        value.as_m().map(Self).map_err(|_other_type| damaged(what))
    }

    /// What a function reads from an attribute, if there is one.
    pub(crate) fn maybe<T>(
        &self,
        name: &'static str,
        read: impl Fn(&'a AttributeValue) -> Result<T, Damage>,
    ) -> Result<Option<T>, Damage> {
        self.0.get(name).map(read).transpose()
    }

    pub(crate) fn text(&self, name: &'static str) -> Result<String, Damage> {
        as_text(self.0.get(name), name).map(str::to_owned)
    }

    pub(crate) fn maybe_text(&self, name: &'static str) -> Result<Option<String>, Damage> {
        self.maybe(name, |value| as_text(Some(value), name).map(str::to_owned))
    }

    pub(crate) fn number<T: FromStr>(&self, name: &'static str) -> Result<T, Damage> {
        as_number(self.0.get(name), name)
    }

    pub(crate) fn maybe_number<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Damage> {
        self.maybe(name, |value| as_number(Some(value), name))
    }

    pub(crate) fn points(&self, name: &'static str) -> Result<Points, Damage> {
        self.number(name).map(Points)
    }

    /// Zero if absent.
    pub(crate) fn points_or_zero(&self, name: &'static str) -> Result<Points, Damage> {
        Ok(self.maybe_number(name)?.map_or(Points::ZERO, Points))
    }

    /// Zero if absent.
    pub(crate) fn minor_or_zero(&self, name: &'static str) -> Result<Minor, Damage> {
        Ok(self.maybe_number(name)?.map_or(Minor::ZERO, Minor))
    }

    pub(crate) fn word<T: Copy>(&self, name: &'static str, words: &[(T, &str)]) -> Result<T, Damage> {
        let word = as_text(self.0.get(name), name)?;
        words.iter().find(|(_, known)| *known == word).map(|(one, _)| *one).ok_or_else(|| damaged(name))
    }

    pub(crate) fn if_so(&self, name: &'static str) -> Result<bool, Damage> {
        let so = self.maybe(name, |value| value.as_bool().copied().map_err(|_other_type| damaged(name)))?;
        Ok(so.unwrap_or_default())
    }

    pub(crate) fn instant(&self, name: &'static str) -> Result<Timestamp, Damage> {
        self.maybe_instant(name)?.ok_or_else(|| damaged(name))
    }

    pub(crate) fn maybe_instant(&self, name: &'static str) -> Result<Option<Timestamp>, Damage> {
        self.maybe(name, |value| instant(value, name))
    }

    pub(crate) fn instants(&self, name: &'static str) -> Result<Vec<Timestamp>, Damage> {
        self.list(name, |value| instant(value, name))
    }

    pub(crate) fn texts(&self, name: &'static str) -> Result<Vec<String>, Damage> {
        self.list(name, |value| as_text(Some(value), name).map(str::to_owned))
    }

    pub(crate) fn list<T>(
        &self,
        name: &'static str,
        read: impl Fn(&'a AttributeValue) -> Result<T, Damage>,
    ) -> Result<Vec<T>, Damage> {
        as_list(self.0.get(name), name)?.iter().map(read).collect()
    }

    pub(crate) fn map<T>(
        &self,
        name: &'static str,
        read: impl Fn(&'a AttributeValue) -> Result<T, Damage>,
    ) -> Result<BTreeMap<String, T>, Damage> {
        as_map(self.0.get(name), name)?.into_iter().map(|(name, value)| Ok((name.clone(), read(value)?))).collect()
    }
}
