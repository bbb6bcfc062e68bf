//! What was done for a member and is to come.

use std::fmt;
use std::str::FromStr;

use domain::care::{EnrolmentId, Shown};
use domain::kernel::id::MemberId;
use domain::programme::condition::Scalar;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// The most that is shown at once.
const MOST: usize = 50;

/// What was done for a member and is to come.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct CareReply {
    /// The member.
    member: String,
    /// The id that was asked for, if another member stands for that one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_from: Option<String>,
    /// Steps, what was planned last first.
    steps: Vec<StepView>,
    /// Give it as `after` to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A step of a journey.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct StepView {
    /// The journey.
    journey: String,
    /// The enrolment, as events name it.
    enrolment: String,
    /// The values that tell it from others of the journey.
    key: Vec<Scalar>,
    /// The version of the programme that the enrolment keeps.
    version: u32,
    /// `treated`, or `holdout`: nothing is done, to compare with.
    group: &'static str,
    /// Which form it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    /// The step; with `.tell` the message that follows it.
    step: String,
    /// When it was planned.
    planned: Timestamp,
    /// The first instant at which it is of no use any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_at: Option<Timestamp>,
    /// When it is decided, if it is to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// `pending`, `claimed`, `skipped`, `failed`, `exited`, `overtaken` or `sent_before`.
    outcome: &'static str,
    /// When that was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    /// The channel, or what is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    /// The message, or what the action is known by.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What that rests on: what filled the cap, the values that the condition read, purpose and channel, until when it would have been held.
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<String>,
}

/// After which step to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    planned: Timestamp,
    enrolment: EnrolmentId,
    step: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.planned.as_millisecond(), self.enrolment, self.step)
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "no place of a list".to_owned();
        let (planned, rest) = text.split_once('.').ok_or_else(wrong)?;
        let (enrolment, step) = rest.split_once('.').ok_or_else(wrong)?;
        let planned = planned.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok()).ok_or_else(wrong)?;
        Ok(Self { planned, enrolment: enrolment.parse().map_err(|_no_id: String| wrong())?, step: step.to_owned() })
    }
}

impl StepView {
    pub(crate) fn new(shown: &Shown) -> Self {
        let outcome = shown.outcome.as_ref();
        Self {
            journey: shown.journey.clone(),
            enrolment: shown.enrolment.to_string(),
            key: shown.key.clone(),
            version: shown.version,
            group: shown.group.name(),
            variant: shown.variant.clone(),
            step: shown.step.clone(),
            planned: shown.planned,
            latest_at: shown.latest_at,
            due: shown.due,
            outcome: outcome.map_or("pending", |outcome| outcome.what.name()),
            at: outcome.map(|outcome| outcome.at),
            channel: outcome.and_then(|outcome| outcome.channel).map(|does| does.name()),
            message: outcome.and_then(|outcome| outcome.message).map(|message| message.to_string()),
            reason: outcome.and_then(|outcome| outcome.reason.clone()),
            ground: outcome.and_then(|outcome| outcome.ground.clone()),
        }
    }
}

impl CareReply {
    pub(crate) fn new(member: &MemberId, asked: &MemberId, steps: &[Shown], after: Option<&Place>) -> Self {
        // A step that has moved meanwhile is looked for by its time alone.
        let place = |step: &Shown| Place { planned: step.planned, enrolment: step.enrolment, step: step.step.clone() };
        let from = after.map_or(0, |after| {
            let itself = steps.iter().position(|step| place(step) == *after).map(|found| found + 1);
            itself.unwrap_or_else(|| steps.iter().take_while(|step| step.planned >= after.planned).count())
        });
        let page = steps.get(from..).unwrap_or_default();
        let (page, more) = page.split_at_checked(MOST).unwrap_or((page, &[]));
        Self {
            member: member.to_string(),
            merged_from: (member != asked).then(|| asked.to_string()),
            steps: page.iter().map(StepView::new).collect(),
            next: page.last().filter(|_| !more.is_empty()).map(|last| place(last).to_string()),
        }
    }
}
