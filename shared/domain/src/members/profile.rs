//! What is known of a member as a whole, and what a write makes of it (rules: members 13-16).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value as Json;

use crate::kernel::refusal::refusals;
use crate::members::birthday::{BirthdayLocked, Edits};
use crate::members::facts::MemberFact;
use crate::members::field::{FieldType, Outcome, Provenance, TEXT, Value, decide, latest};
use crate::programme::members::{FIELDS, MemberAttribute, MemberAttributeType};

/// Who writes what a member says.
pub const BY_MEMBER: &str = "member";

/// Who writes what an agent says.
pub const BY_AGENT: &str = "agent";

/// The rank of what a member says; what an agent says has 30, and a source what it is declared to have.
const OF_MEMBERS: u8 = 40;

refusals! {
    /// What is said of a member cannot be written.
    Profiling {
        /// Nobody has declared such a field.
        Invalid UndeclaredField ("undeclared_field") {
            /// Which.
            field: String,
        } = "nobody has declared this field; what is not declared is not kept",
        /// It is no date, or none on which somebody is born.
        Invalid NotADate ("not_a_date") {
            /// Of which field.
            field: String,
        } = "must be a date such as 1990-05-17, from 1900-01-01 to today",
        /// The field takes other values.
        Invalid NotAValue ("invalid_value") {
            /// Of which field.
            field: String,
            /// What it takes.
            expected: String,
        } = "the field takes other values",
        /// It was true in the future.
        Invalid InFuture ("in_future" at "at") {
            /// The latest accepted.
            latest: Timestamp,
        } = "what is said is not true yet",
        /// It is kept only with the member's consent.
        Invalid ConsentNeeded ("consent_needed") {
            /// Which field.
            field: String,
            /// To what the member must agree.
            purpose: String,
        } = "this is kept only while the member agrees to it",
        | BirthdayLocked,
    }
}

/// A value, or that it was cleared, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// None: it was cleared.
    pub value: Option<Value>,
    /// Who said so, and since when it is true.
    pub provenance: Provenance,
}

/// What is known of a member, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The values.
    pub fields: BTreeMap<String, Known>,
    /// What is remembered of the birthday beside its date.
    pub birthday: Edits,
}

/// A value that was not written, for another is known from somewhere better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which field.
    pub field: String,
    /// Who said what is kept, and since when it is true.
    pub provenance: Provenance,
}

/// What a write came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The fields whose values are others now.
    pub changed: Vec<String>,
    /// Those that are not, because another value counts more.
    pub kept: Vec<Kept>,
}

impl Written {
    /// What others are told of it, if a value is another now.
    pub(super) fn fact(&self, source: &str) -> Option<MemberFact> {
        let fields = self.changed.clone();
        (!fields.is_empty()).then(|| MemberFact::ProfileUpdated { fields, source: source.to_owned() })
    }
}

/// The fields that there are.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'a> {
    /// What the programme knows of members beside the usual.
    pub attributes: &'a [MemberAttribute],
}

impl Schema<'_> {
    /// What a field takes, and the purpose that the member must agree to; none if nobody has declared it.
    #[must_use]
    pub fn takes(&self, field: &str) -> Option<(FieldType, Option<&str>)> {
        if FIELDS.contains(&field) {
            return Some((usual(field), None));
        }
        let attribute = self.attributes.iter().find(|attribute| attribute.id == field)?;
        let options = || attribute.options.clone();
        let takes = match attribute.r#type {
            MemberAttributeType::Text => {
                FieldType::Text { longest: attribute.max_characters.map_or(TEXT, usize::from) }
            }
            MemberAttributeType::Integer => FieldType::Integer,
            MemberAttributeType::Boolean => FieldType::Boolean,
            MemberAttributeType::Date => FieldType::Date,
            MemberAttributeType::Choice => FieldType::Choice(options()),
            MemberAttributeType::Choices => FieldType::Choices(options()),
        };
        Some((takes, attribute.needs.as_deref()))
    }
}

fn usual(field: &str) -> FieldType {
    match field {
        BIRTHDAY => FieldType::Date,
        "address.country" => FieldType::Country,
        _ => FieldType::Text { longest: TEXT },
    }
}

/// The field that says when somebody was born.
pub const BIRTHDAY: &str = "birthday";

/// Who writes, when, and what the member agrees to.
#[derive(Clone, Copy)]
pub struct Writing<'a> {
    /// Who says so, and since when it is true.
    pub says: &'a Provenance,
    /// Now.
    pub now: Timestamp,
    /// The local date of now.
    pub today: Date,
    /// Does the member agree that something is kept for a purpose?
    pub agrees: &'a dyn Fn(&str) -> bool,
}

impl Profile {
    /// The birthday, if it is known.
    #[must_use]
    pub fn birthday(&self) -> Option<Date> {
        match self.fields.get(BIRTHDAY)?.value {
            Some(Value::Date(date)) => Some(date),
            _ => None,
        }
    }

    /// Writes values; `null` clears. All are written, or none.
    ///
    /// # Errors
    /// A field is not declared, a value is none that it takes, it lies in the future, the member does not agree, or the birthday
    /// is locked.
    pub fn write<'a>(
        &mut self,
        schema: Schema<'_>,
        writing: Writing<'_>,
        values: impl IntoIterator<Item = (&'a str, &'a Json)>,
    ) -> Result<Written, Profiling> {
        let latest = latest(writing.now);
        if writing.says.at > latest {
            return Err(Profiling::InFuture { latest });
        }
        let mut after = self.clone();
        let mut written = Written::default();
        for (field, value) in values {
            let value = read(schema, writing, field, value)?;
            after.set(field, value, writing, &mut written)?;
        }
        *self = after;
        Ok(written)
    }

    fn set(
        &mut self,
        field: &str,
        value: Option<Value>,
        writing: Writing<'_>,
        written: &mut Written,
    ) -> Result<(), Profiling> {
        let known = self.fields.get(field);
        let mut says = writing.says.clone();
        if field == BIRTHDAY && says.source == BY_AGENT {
            says.rank = OF_MEMBERS; // for the member, who may not for now
        }
        let outcome = decide(known.map(|known| (&known.value, &known.provenance)), &value, &says);
        match outcome {
            Outcome::Same => return Ok(()),
            Outcome::Kept => {
                let provenance = known.map(|known| known.provenance.clone());
                written.kept.extend(provenance.map(|provenance| Kept { field: field.to_owned(), provenance }));
                return Ok(());
            }
            Outcome::Changes => {
                if field == BIRTHDAY && known.is_some() {
                    self.birthday = self.birthday.edited(value.is_some(), says.source == BY_MEMBER, writing.today)?;
                }
                written.changed.push(field.to_owned());
            }
            Outcome::Follows => {}
        }
        self.fields.insert(field.to_owned(), Known { value, provenance: says });
        Ok(())
    }

    /// Clears what was kept for a purpose that the member no longer agrees to. Returns the fields.
    pub fn forget(&mut self, schema: Schema<'_>, says: &Provenance, agrees: &dyn Fn(&str) -> bool) -> Vec<String> {
        let needs = |field: &str| schema.attributes.iter().find(|known| known.id == field)?.needs.as_deref();
        let mut cleared = Vec::new();
        for (field, known) in &mut self.fields {
            if known.value.is_some() && needs(field).is_some_and(|purpose| !agrees(purpose)) {
                *known = Known { value: None, provenance: says.clone() };
                cleared.push(field.clone());
            }
        }
        cleared
    }
}

fn read(schema: Schema<'_>, writing: Writing<'_>, field: &str, value: &Json) -> Result<Option<Value>, Profiling> {
    let named = || field.to_owned();
    let (takes, needs) = schema.takes(field).ok_or_else(|| Profiling::UndeclaredField { field: named() })?;
    if value.is_null() {
        return Ok(None);
    }
    let read = takes.read(value, writing.today).map_err(|expected| match takes {
        FieldType::Date => Profiling::NotADate { field: named() },
        _ => Profiling::NotAValue { field: named(), expected },
    })?;
    match needs.filter(|purpose| !(writing.agrees)(purpose)) {
        Some(purpose) => Err(Profiling::ConsentNeeded { field: named(), purpose: purpose.to_owned() }),
        None => Ok(Some(read)),
    }
}
