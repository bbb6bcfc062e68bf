//! Somebody who serves a member looks at what is masked (rules: privacy 18).

use jiff::Timestamp;
use jiff::civil::Date;

use crate::kernel::refusal::refusals;
use crate::members::field::Value;
use crate::members::profile::Schema;
use crate::members::state::Member;
use crate::members::telling::Rules;
use crate::programme::members::FIELDS;

/// How often an agent looks in a local day.
pub const MOST_A_DAY: u32 = 50;

/// For how long what was seen may be shown.
pub const SHOWN: jiff::SignedDuration = jiff::SignedDuration::from_mins(30);

/// The kinds of identifiers that can be looked at, by name.
const KINDS: [&str; 6] = ["phone", "email", "card", "wecom", "device", "external"];

refusals! {
    /// What is masked stays so.
    Looking {
        /// There is nothing of this name.
        Invalid UndeclaredField ("undeclared_field" at "fields") {
            /// Which.
            field: String,
        } = "nobody has declared this field",
        /// The agent has looked as often today as may be.
        TooOften TooManyUnmaskings ("too_many_unmaskings") {
            /// How often that is.
            most: u32,
            /// After how many seconds it may be again.
            retry_after_s: i64,
        } = "that is as often as may be in a day",
    }
}

/// What is seen of a field: a value, or several identifiers of a kind.
pub type Seen = (String, Vec<Value>);

/// What is seen of a member, by name, in the order asked for.
///
/// # Errors
/// A name is none of a field or a kind of identifier.
pub fn look(
    member: &Member,
    fields: &[String],
    schema: Schema<'_>,
    retention: Retention<'_>,
) -> Result<Vec<Seen>, Looking> {
    let mut seen: Vec<Seen> = Vec::new();
    for field in fields {
        let declared = FIELDS.contains(&field.as_str()) || schema.attributes.iter().any(|known| known.id == *field);
        let values = if KINDS.contains(&field.as_str()) {
            let held = member.identifiers.iter().filter(|held| held.identifier.kind.name() == field);
            held.map(|held| Value::Text(held.identifier.value.clone())).collect()
        } else if declared {
            let known = member.profile.fields.get(field).filter(|known| retention.keeps(field, known.provenance.at));
            known.and_then(|known| known.value.clone()).into_iter().collect()
        } else {
            return Err(Looking::UndeclaredField { field: field.clone() });
        };
        if !seen.iter().any(|(known, _)| known == field) {
            seen.push((field.clone(), values));
        }
    }
    Ok(seen)
}

/// May somebody look once more today? `looked` is how often they have; who is not limited is not counted.
///
/// # Errors
/// As often as may be.
pub fn once_more(looked: u32, (now, tomorrow): (Timestamp, Timestamp)) -> Result<u32, Looking> {
    if looked >= MOST_A_DAY {
        let retry_after_s = tomorrow.duration_since(now).as_secs().max(1);
        return Err(Looking::TooManyUnmaskings { most: MOST_A_DAY, retry_after_s });
    }
    Ok(looked.saturating_add(1))
}

/// How long what is known of members is kept, as far as it is an attribute of the programme (rules: privacy 26).
#[derive(Debug, Clone, Copy)]
pub struct Retention<'a> {
    /// The programme's own attributes, which each say how long.
    pub schema: Schema<'a>,
    /// The zone of its days.
    pub zone: &'a crate::kernel::time::Zone,
    /// The local date of now.
    pub today: Date,
}

impl<'a> Retention<'a> {
    /// As of now.
    #[must_use]
    pub const fn of(rules: Rules<'a>) -> Self {
        Self { schema: rules.schema, zone: rules.terms.zone, today: rules.today }
    }

    /// Is a value of a field that was true at an instant still to be read? An attribute until `retain_days` after its local date.
    #[must_use]
    pub fn keeps(&self, field: &str, at: Timestamp) -> bool {
        let attribute = self.schema.attributes.iter().find(|known| known.id == field);
        attribute.is_none_or(|attribute| self.today <= self.zone.date(at).saturating_add(days(attribute.retain_days)))
    }
}

fn days(days: i32) -> jiff::Span {
    jiff::ToSpan::days(i64::from(days))
}
