//! What an enrolment carries of its facts: what conditions and templates read, and not more than fits.

use crate::programme::condition::{Condition, Scalar, Variables};
use crate::programme::journey::{CompiledJourney, Reentry};

/// The most bytes, names and values together.
const MOST_BYTES: usize = 256;

/// Which of what is said is carried: first what the journey reads, then the others by name.
pub(super) fn carried(journey: &CompiledJourney, said: &Variables) -> Variables {
    let written = &journey.written;
    let field = match &written.reentry {
        Reentry::Field(field) => Some(field),
        _ => None,
    };
    let read = journey.steps.iter().flatten().flat_map(Condition::reads);
    let first = written.key.iter().chain(&written.anchor).chain(field).chain(read);
    let mut kept = Variables::new();
    let mut bytes = 0_usize;
    for name in first.chain(said.keys()) {
        let Some(value) = said.get(name).filter(|_| !kept.contains_key(name)) else { continue };
        let size = name.len().saturating_add(match value {
            Scalar::Text(text) => text.len(),
            Scalar::Integer(_) | Scalar::Boolean(_) => 8,
        });
        if bytes.saturating_add(size) <= MOST_BYTES {
            bytes = bytes.saturating_add(size);
            kept.insert(name.clone(), value.clone());
        }
    }
    kept
}

/// Renews what is carried, field by field. The field that says when it may begin again stays as it was.
pub(super) fn renewed(journey: &CompiledJourney, carried_before: &Variables, said: &Variables) -> Variables {
    let mut all = carried_before.clone();
    let fixed = |name: &String| matches!(&journey.written.reentry, Reentry::Field(field) if field == name);
    for (name, value) in said {
        if !(fixed(name) && all.contains_key(name)) {
            all.insert(name.clone(), value.clone());
        }
    }
    carried(journey, &all)
}
