//! What a row says.

use domain::members::bringing::{Brought, Stands};
use domain::members::identifier::Identifier;
use domain::members::telling::Told;
use serde_json::Value as Json;

use crate::columns::EXTERNAL_ID;
use crate::fault::Fault;

/// What a row says of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// What the source calls the member.
    pub named: Identifier,
    /// Identifiers, the most certain first, and whether the source has verified them.
    pub identifiers: Vec<(Identifier, bool)>,
    /// What is said.
    pub told: Told,
    /// What is brought beside it.
    pub brought: Brought,
    /// Where the member stands, if that is said.
    pub stands: Option<Stands>,
}

impl MemberRow {
    /// Does it say nothing by which somebody new could be known?
    #[must_use]
    pub fn is_bare(&self) -> bool {
        let a_name = |(field, value): &(String, Json)| field.ends_with("name") && !value.is_null();
        self.identifiers.is_empty() && !self.told.fields.iter().any(a_name)
    }

    /// Why nobody new is enrolled by it.
    #[must_use]
    pub fn nobody() -> Fault {
        let words =
            "nobody is called so, and neither an identifier nor a name is there by which somebody new could be known";
        Fault::new(EXTERNAL_ID, "missing_value", words)
    }
}
