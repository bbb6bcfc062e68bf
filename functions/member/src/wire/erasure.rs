//! Erasures: what is asked, and how far they are.

use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use domain::kernel::time::add_days;
use domain::members::erasing::Request;
use domain::members::receipt::{BACKUPS_DAYS, LEDGER_YEARS, Receipt, Step};
use domain::members::telling::Rules;
use jiff::Timestamp;
use jiff::civil::Date;
use lambda::{NamesMember, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Erasure;

use crate::wire::reason::StatedReason;

/// Somebody wants a member erased.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErasureRequest {
    /// Whom.
    member: String,
    /// Why: who asks on behalf of a member says so.
    #[serde(default)]
    pub(crate) reason: Option<StatedReason>,
    /// At once, without days to think it over; administrators' are at once unless they say `false`.
    #[serde(default)]
    pub(crate) now: Option<bool>,
}

impl NamesMember for ErasureRequest {
    fn member(&self) -> Result<MemberId, Problem> {
        self.member.parse().map_err(|error: String| Problem::invalid("/member", error))
    }
}

/// An erasure is kept waiting.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldRequest {
    /// Why.
    pub(crate) reason: StatedReason,
    /// The last local date on which it waits.
    pub(crate) until: Date,
}

/// An erasure.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ErasureReply {
    /// Its name.
    erasure: String,
    /// Of whom.
    member: String,
    /// `held` before anybody has asked, `waiting`, `revoked`, `erasing`, `partial` if a context has not answered in 24 hours, `complete`.
    state: &'static str,
    /// Why: `asked`, `closed` or `dormant`.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'static str>,
    /// When it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_at: Option<Timestamp>,
    /// When it is carried out, if nobody takes it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// The last local date of a hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_until: Option<Date>,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
    /// Once the member is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptView>,
}

/// The receipt.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ReceiptView {
    /// When the member was gone.
    erased_at: Timestamp,
    /// For whom the member stood, and who went with it.
    absorbed: Vec<String>,
    /// What was done.
    steps: Vec<StepView>,
    /// The contexts that were told, with what they have answered.
    contexts: BTreeMap<String, Option<DoneView>>,
    /// What stays, and why.
    stays: Vec<StaysView>,
    /// When the last copy ends that was made before. The keys are gone from copies a day after the member was.
    backups_end: Timestamp,
}

/// A step.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct StepView {
    /// `members`, `keys`, `claims`, `account` or `signals`.
    step: &'static str,
    /// When.
    at: Timestamp,
    /// How many.
    count: u64,
}

/// What a context has deleted.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct DoneView {
    /// When it said so.
    at: Timestamp,
    /// How much it was.
    deleted: u64,
}

/// What stays.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct StaysView {
    /// What.
    what: &'static str,
    /// Why.
    why: &'static str,
    /// Until when at the latest.
    until: Date,
}

impl ErasureReply {
    pub(crate) fn new(erasure: &Erasure, rules: Rules<'_>) -> Self {
        match erasure {
            Erasure::Waits(request) => Self::waiting(request, rules),
            Erasure::Done(receipt) => Self::done(receipt, rules),
        }
    }

    fn waiting(request: &Request, rules: Rules<'_>) -> Self {
        let Request { member, asked, held_until, revoked_at, .. } = request;
        Self {
            erasure: request.id(),
            member: member.to_string(),
            state: request.state(),
            because: asked.as_ref().map(|asked| asked.because.name()),
            requested_at: asked.as_ref().map(|asked| asked.at),
            due: request.due(rules.terms.zone).filter(|_| revoked_at.is_none()),
            held_until: *held_until,
            revoked_at: *revoked_at,
            receipt: None,
        }
    }

    fn done(receipt: &Receipt, rules: Rules<'_>) -> Self {
        Self {
            erasure: receipt.id(),
            member: receipt.member.to_string(),
            state: receipt.stage().name(),
            because: Some(receipt.because.name()),
            requested_at: Some(receipt.asked_at),
            due: None,
            held_until: None,
            revoked_at: None,
            receipt: Some(ReceiptView::new(receipt, rules)),
        }
    }
}

impl ReceiptView {
    fn new(receipt: &Receipt, rules: Rules<'_>) -> Self {
        let (steps, on) = (&receipt.steps, rules.terms.zone.date(receipt.erased_at));
        let step =
            |step: Step| steps.get(&step).map(|did| StepView { step: step.name(), at: did.at, count: did.count });
        let answers = receipt
            .answers
            .iter()
            .map(|(context, said)| (context.clone(), said.map(|said| DoneView { at: said.at, deleted: said.count })));
        let years = jiff::Span::new().years(LEDGER_YEARS);
        let days = jiff::Span::new().days(rules.privacy.consent_keep_days);
        let stays = [
            ("ledger", "accounting; it names the member by an id that leads to nobody", years),
            ("consents", "proof of what was agreed to and taken back", days),
            ("audit", "proof of who did and saw what", years),
        ];
        Self {
            erased_at: receipt.erased_at,
            absorbed: receipt.absorbed.iter().map(ToString::to_string).collect(),
            steps: Step::ALL.into_iter().filter_map(step).collect(),
            contexts: answers.collect(),
            stays: stays.map(|(what, why, span)| StaysView { what, why, until: on.saturating_add(span) }).to_vec(),
            backups_end: add_days(receipt.erased_at, BACKUPS_DAYS),
        }
    }
}
