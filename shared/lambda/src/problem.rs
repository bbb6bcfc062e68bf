//! Errors as RFC 9457 problem details with a stable `code`. What the caller reads is not what the log reads.

use std::collections::BTreeMap;

use domain::ledger::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::StoreError;

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

impl Problem {
    fn new(status: u16, code: &str, detail: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), detail: detail.into(), pointer: None, data: BTreeMap::new() }
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

    /// Is it nobody's fault, and gone in a moment?
    #[must_use]
    pub fn may_be_tried_again(&self) -> bool {
        matches!(self.code.as_str(), "busy" | "unavailable")
    }

    /// With the pointers of a batch's item.
    #[must_use]
    pub fn within(mut self, prefix: &str) -> Self {
        self.pointer = self.pointer.map(|pointer| format!("{prefix}{pointer}"));
        self
    }
}

/// The HTTP status of a refusal.
fn status(refusal: &Refusal) -> u16 {
    match refusal {
        Refusal::NotFound { .. } | Refusal::UnknownReward => 404,
        Refusal::SameApprover => 403,
        Refusal::ConflictingDuplicate { .. }
        | Refusal::Unavailable { .. }
        | Refusal::HoldNotOpen { .. }
        | Refusal::TooManyHolds { .. }
        | Refusal::TooManyParkedRefunds { .. }
        | Refusal::DebtLimitExceeded { .. }
        | Refusal::ReversalWindowClosed { .. }
        | Refusal::NothingToReverse { .. }
        | Refusal::VoucherUsed
        | Refusal::VoucherNotValid { .. }
        | Refusal::RefundWindowClosed { .. }
        | Refusal::ApprovalExpired { .. } => 409,
        Refusal::InvalidField { .. }
        | Refusal::UnknownActivity { .. }
        | Refusal::TooOld { .. }
        | Refusal::InFuture { .. }
        | Refusal::IdempotencyKeyReused { .. }
        | Refusal::BelowMinimum { .. }
        | Refusal::OnlyWhole { .. } => 422,
    }
}

fn words(code: &str) -> &'static str {
    match code {
        "conflicting_duplicate" => "this fact was reported before with other content",
        "idempotency_key_reused" => "this Idempotency-Key was used for another request",
        "unknown_activity" => "the programme does not declare this activity",
        "too_old" => "the fact lies too far in the past",
        "in_future" => "the fact lies in the future",
        "unknown_reward" => "there is no such reward",
        "insufficient_points" => "too few points can be spent",
        "in_debt" => "the member owes points",
        "out_of_stock" => "there are none left",
        "tier_too_low" => "the member's tier is too low",
        "limit_reached" => "the member had as many as one may",
        "not_started" => "it is not offered yet",
        "ended" => "it is no longer offered",
        "below_minimum" => "fewer points than one can pay with",
        "not_found" => "there is no such thing",
        "hold_not_open" => "the hold is no longer open",
        "too_many_holds" => "too many holds are open",
        "too_many_parked_refunds" => "too many refunds wait for their orders",
        "debt_limit_exceeded" => "the refund would leave too large a debt; a person must decide",
        "reversal_window_closed" => "the time for reversing it is over",
        "nothing_to_reverse" => "no more than what is left can be reversed",
        "only_whole" => "it can only be reversed whole",
        "voucher_used" => "the voucher was used; its points do not come back",
        "voucher_not_valid" => "the voucher is not valid",
        "refund_window_closed" => "the order was paid too long ago",
        "same_approver" => "the one who asked may not approve",
        "approval_expired" => "the request was not approved in time",
        _ => "the request is refused",
    }
}

/// Where fields that refusals are about stand in a request.
fn pointer_of(code: &str) -> Option<&'static str> {
    match code {
        "too_old" | "in_future" => Some("/time"),
        "unknown_activity" => Some("/type"),
        "unknown_reward" => Some("/reward"),
        "below_minimum" | "only_whole" => Some("/points"),
        _ => None,
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        if let Refusal::InvalidField { field, message } = &refusal {
            return Self::invalid(format!("/{field}"), message);
        }
        let status = status(&refusal);
        let code = refusal.code();
        let mut data = match serde_json::to_value(&refusal) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        if let Some(Value::Object(first)) = data.get("reasons").and_then(|reasons| reasons.get(0)).cloned() {
            data.extend(first); // the first reason's data stands at the top, as its code does
        }
        data.remove("code");
        let problem = Self::new(status, &code, words(&code));
        Self { pointer: pointer_of(&code).map(str::to_owned), data: data.into_iter().collect(), ..problem }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::new(409, "busy", "others are changing the same account; try again"),
            StoreError::Unavailable(cause) => {
                tracing::warn!(cause, "the store is unavailable");
                Self::new(503, "unavailable", "try again with the same key; nothing is done twice")
            }
            StoreError::Broken(_) | StoreError::UnknownProgramme(_) => {
                tracing::error!(error = %error, "a bug or a damaged item");
                Self::new(500, "broken", "something is wrong on our side; it has been noted")
            }
        }
    }
}
