//! Errors as RFC 9457 problem details with a stable `code`. What the caller reads is not what the log reads.

use std::collections::BTreeMap;

use domain::kernel::refusal::{Class, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::Fault;
use crate::words::meant;

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
    /// Everything that is wrong, if that is more than one thing; the first stands above.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub errors: Box<[Fault]>,
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
        Class::Gone => 410,
        Class::TooOften => 429,
    }
}

impl Problem {
    fn new(status: u16, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            detail: detail.into(),
            pointer: None,
            errors: Box::default(),
            data: BTreeMap::new(),
        }
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

    /// 401: no token that is valid here, and why.
    #[must_use]
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(401, "unauthorized", detail)
    }

    /// 403.
    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
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

    /// 422: everything that is wrong with a body.
    #[must_use]
    pub(crate) fn faults(mut faults: Vec<Fault>) -> Self {
        let first = if faults.len() == 1 { faults.pop() } else { faults.first().cloned() };
        let Fault { pointer, detail, known } = first.unwrap_or_default();
        let data = if known.is_empty() { BTreeMap::new() } else { [("known".to_owned(), known.into())].into() };
        Self { data, errors: faults.into(), ..Self::invalid(pointer, detail) }
    }

    /// What [`Problem::faults`] was made of.
    fn into_faults(mut self) -> Vec<Fault> {
        if !self.errors.is_empty() {
            return self.errors.into_vec();
        }
        let known = self.data.remove("known").and_then(|known| serde_json::from_value(known).ok()).unwrap_or_default();
        vec![Fault { pointer: self.pointer.unwrap_or_default(), detail: self.detail, known }]
    }

    /// Everything that is wrong, of checks that do not wait for each other.
    ///
    /// # Errors
    /// What is wrong first, with the rest in it.
    pub fn unless(checks: impl IntoIterator<Item = Result<(), Self>>) -> Result<(), Self> {
        let problems: Vec<Self> = checks.into_iter().filter_map(Result::err).collect();
        if let Some(other) = problems.iter().find(|problem| problem.code != "invalid_field") {
            return Err(other.clone());
        }
        let faults: Vec<Fault> = problems.into_iter().flat_map(Self::into_faults).collect();
        if faults.is_empty() { Ok(()) } else { Err(Self::faults(faults)) }
    }

    /// 400: there is no such query parameter.
    #[must_use]
    pub fn unknown_parameter(name: &str, known: &[&str]) -> Self {
        let detail = format!("there is no parameter `{name}`{}", meant(name, known));
        Self { data: [("known".to_owned(), known.into())].into(), ..Self::new(400, "invalid_parameter", detail) }
    }

    /// 409: nothing was done, others change the same.
    pub(crate) fn busy() -> Self {
        Self::new(409, "busy", "others are changing the same account; try again")
    }

    /// 503: it is not known whether it was done.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(503, "unavailable", "try again with the same key; nothing is done twice")
    }

    /// 503: the programme is not what was published.
    pub(crate) fn programme_damaged() -> Self {
        let words = "a published programme version is not what was published; nothing is decided until that is mended";
        Self::new(503, "programme_damaged", words)
    }

    /// 503: a table was restored, and who was erased is in it again.
    pub(crate) fn replay_needed() -> Self {
        let words = "a table was restored; nobody is served until everybody who was erased is erased again";
        Self::new(503, "replay_needed", words)
    }

    /// 500: an account is not what was written; whose it is stands in the log alone.
    pub(crate) fn account_damaged() -> Self {
        let words =
            "what is stored of the account is not what was written; nothing is decided by it until that is mended";
        Self::new(500, "account_damaged", words)
    }

    /// 500: a voucher or a stock is not what was written; which one stands in the log alone.
    pub(crate) fn voucher_damaged() -> Self {
        let words =
            "what is stored of a voucher or a stock is not what was written; it is not used until that is mended";
        Self::new(500, "voucher_damaged", words)
    }

    /// 500: what is sealed of a member does not open; whose it is stands in the log alone.
    pub(crate) fn sealed_damaged() -> Self {
        let words =
            "what is stored of the member is not what was written; nothing is answered by it until that is mended";
        Self::new(500, "sealed_damaged", words)
    }

    /// 500.
    #[must_use]
    pub fn broken() -> Self {
        Self::new(500, "broken", "something is wrong on our side; it has been noted")
    }

    /// What the header `WWW-Authenticate` says of it (RFC 6750).
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        // A quoted string, in a header: neither its marks nor anything but ASCII.
        let fits = |letter: &char| (' '..='~').contains(letter) && !['"', '\\'].contains(letter);
        let why = || self.detail.chars().filter(fits).collect::<String>();
        (self.status == 401).then(|| format!("Bearer error=\"invalid_token\" error_description=\"{}\"", why()))
    }

    /// Is it gone in a moment?
    pub(crate) fn may_be_tried_again(&self) -> bool {
        matches!(self.code.as_str(), "busy" | "unavailable" | "programme_damaged" | "replay_needed")
    }

    /// After how many seconds it may be asked again, if that is known.
    pub(crate) fn retry_after(&self) -> Option<String> {
        let told = self.data.get("retry_after_s").and_then(Value::as_i64);
        told.or_else(|| self.may_be_tried_again().then_some(1)).map(|seconds| seconds.to_string())
    }

    /// About a field.
    #[must_use]
    pub fn at(self, pointer: &str) -> Self {
        Self { pointer: Some(pointer.to_owned()), ..self }
    }

    /// With the pointers of a batch's item.
    #[must_use]
    pub fn within(mut self, prefix: &str) -> Self {
        self.pointer = self.pointer.map(|pointer| format!("{prefix}{pointer}"));
        for fault in &mut self.errors {
            fault.pointer.insert_str(0, prefix);
        }
        self
    }
}
