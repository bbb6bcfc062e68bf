//! Something that happened, as journeys read it.

use jiff::Timestamp;

use crate::programme::condition::{Scalar, Variables};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// What journeys call it; one thing can have several names.
    pub names: Vec<String>,
    /// When it happened.
    pub at: Timestamp,
    /// What it says.
    pub data: Variables,
}

impl Happening {
    /// Is it called so?
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }

    /// A text that it says.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        match self.data.get(field)? {
            Scalar::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The values of a key; none if one is not said.
    #[must_use]
    pub fn key(&self, fields: &[String]) -> Option<Vec<Scalar>> {
        fields.iter().map(|field| self.data.get(field).cloned()).collect()
    }
}
