//! Errors as RFC 9457 problem details with a stable `code`. What the caller reads is not what the log reads.

use std::collections::BTreeMap;

use domain::kernel::refusal::{Class, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A problem, as answered with `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable code for machines.
    pub code: String,
    /// What happened, in words.
    pub detail: String,
    /// The field that is wrong, as a JSON pointer into the request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Data for machines; depends on the code.
    #[serde(flatten)]
    pub data: BTreeMap<String, Value>,
}

/// The HTTP status of a class of refusals.
#[must_use]
pub const fn status_of(class: Class) -> u16 {
    match class {
        Class::Invalid => 422,
        Class::Forbidden => 403,
        Class::NotFound => 404,
        Class::Conflict => 409,
    }
}

impl Problem {
    fn new(status: u16, code: &str, detail: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), detail: detail.into(), pointer: None, data: BTreeMap::new() }
    }

    /// What a decision refuses.
    #[must_use]
    pub fn refused(refusal: &impl Refusal) -> Self {
        Self {
            pointer: refusal.field().map(|field| format!("/{field}")),
            data: refusal.data().into_iter().collect(),
            ..Self::new(status_of(refusal.class()), refusal.code(), refusal.words())
        }
    }

    /// 400: the request is not one.
    #[must_use]
    pub fn bad_request(code: &str, detail: impl Into<String>) -> Self {
        Self::new(400, code, detail)
    }

    /// 401: no token, or one without a role.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(401, "unauthorized", "a token with exactly one role is needed")
    }

    /// 403.
    #[must_use]
    pub fn forbidden(detail: &str) -> Self {
        Self::new(403, "forbidden", detail)
    }

    /// 404.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(404, "not_found", format!("there is no such {what}"))
    }

    /// 413.
    #[must_use]
    pub fn too_large(most: usize) -> Self {
        Self::new(413, "too_large", format!("a body has at most {most} bytes"))
    }

    /// 422: a field is wrong.
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), ..Self::new(422, "invalid_field", detail) }
    }

    /// 409: nothing was done, others change the same.
    pub(crate) fn busy() -> Self {
        Self::new(409, "busy", "others are changing the same account; try again")
    }

    /// 503: it is not known whether it was done.
    pub(crate) fn unavailable() -> Self {
        Self::new(503, "unavailable", "try again with the same key; nothing is done twice")
    }

    /// 500.
    pub(crate) fn broken() -> Self {
        Self::new(500, "broken", "something is wrong on our side; it has been noted")
    }

    /// Is it gone in a moment?
    pub(crate) fn may_be_tried_again(&self) -> bool {
        matches!(self.code.as_str(), "busy" | "unavailable")
    }

    /// With the pointers of a batch's item.
    #[must_use]
    pub fn within(mut self, prefix: &str) -> Self {
        self.pointer = self.pointer.map(|pointer| format!("{prefix}{pointer}"));
        self
    }
}
