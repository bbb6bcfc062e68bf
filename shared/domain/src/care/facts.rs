//! What is told of journeys: to those who send, do and count.

use jiff::Timestamp;

use super::ids::MessageId;
use super::scene::Stage;
use super::state::Enrolment;
use super::when::Plan;
use crate::kernel::event::facts;
use crate::kernel::id::MemberId;
use crate::programme::condition::Scalar;
use crate::programme::journey::step::Does;

/// Which enrolment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Of {
    /// The enrolment.
    pub enrolment: String,
    /// The journey.
    pub journey: String,
    /// The values that tell it from others of the journey.
    pub key: Vec<Scalar>,
}

impl Of {
    /// Of an enrolment.
    #[must_use]
    pub fn new(member: &MemberId, enrolment: &Enrolment) -> Self {
        Self {
            enrolment: enrolment.id(member).to_string(),
            journey: enrolment.journey.clone(),
            key: enrolment.key.clone(),
        }
    }

    fn example() -> Self {
        Self {
            enrolment: "0b7c5f1be1b94a5f9a3fd5ce2b1e3c44".into(),
            journey: "after-sale".into(),
            key: vec![Scalar::Text("2026-1001".into())],
        }
    }
}

/// A message, or an action, as its receiver knows it.
fn message() -> String {
    "5d41402abc4b2a76b9719d911017c592".into()
}

fn planned() -> Timestamp {
    Timestamp::constant(1_772_416_800, 0)
}

facts! { CareFact:
    /// A member entered a journey.
    JourneyEntered = "perennial.care.journeyentered.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// `treated`, or `holdout`: nothing is done, to compare with.
        group: String = "treated".into(),
        /// Which form the member gets.
        #[serde(skip_serializing_if = "Option::is_none")]
        variant: Option<String> = None,
    }
    /// A message is to be sent.
    MessageIntended = "perennial.care.messageintended.v1" {
        /// Of which enrolment.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// The message: the same however often it is told.
        message: String = message(),
        /// By which step.
        step: String = "video".into(),
        /// `service` or `marketing`.
        purpose: String = "service".into(),
        /// By which channel.
        channel: String = "email".into(),
        /// With which text.
        template: Option<String> = Some("install-video".into()),
        /// In which form.
        #[serde(skip_serializing_if = "Option::is_none")]
        variant: Option<String> = None,
        /// What can be done in it.
        #[serde(skip_serializing_if = "Option::is_none")]
        action: Option<String> = None,
        /// The first instant at which it is of no use any more.
        latest_at: Timestamp = planned(),
        /// When it was planned.
        planned: Timestamp = planned(),
    }
    /// Something is to be done for a member.
    StepDue = "perennial.care.stepdue.v1" {
        /// Of which enrolment.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// `ticket`, `fulfil`, `benefit`, `task_offer` or `survey`.
        r#do: String = "ticket".into(),
        /// What it is known by: it is done once.
        origin: String = message(),
        /// By which step.
        step: String = "call".into(),
        /// What it names.
        #[serde(flatten)]
        names: StepNames = StepNames::example(),
        /// The first instant at which it is of no use any more.
        latest_at: Timestamp = planned(),
        /// When it was planned.
        planned: Timestamp = planned(),
    }
    /// A step is not done.
    StepSkipped = "perennial.care.stepskipped.v1" {
        /// Of which enrolment.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Which step.
        step: String = "tips".into(),
        /// Why.
        reason: String = "no_consent".into(),
        /// When it was planned.
        planned: Timestamp = planned(),
    }
    /// A journey ended before its last step.
    JourneyExited = "perennial.care.journeyexited.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// What ended it.
        reason: String = "order.refunded".into(),
    }
    /// A journey came to its end.
    JourneyCompleted = "perennial.care.journeycompleted.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
    }
}

/// What a step that is no message names.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct StepNames {
    /// The text of a ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Its queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Its service level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reward: Option<String>,
    /// Which benefit that uses up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benefit: Option<String>,
    /// What is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// For how many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_days: Option<i32>,
    /// Which survey is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub survey: Option<String>,
    /// What is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

impl StepNames {
    fn example() -> Self {
        Self { template: Some("dedicated-callback".into()), queue: Some("care-desk".into()), ..Self::default() }
    }
}

impl CareFact {
    /// That a step was handed on.
    pub(super) fn claimed(of: Of, stage: Stage<'_>, name: String, what: (MessageId, Does), plan: Plan) -> Self {
        let (step, (id, does)) = (stage.step, what);
        let (latest_at, planned) = (plan.latest_at, plan.at);
        if does.is_message() {
            return Self::MessageIntended {
                of,
                message: id.to_string(),
                step: name,
                purpose: stage.journey.written.purpose.name().to_owned(),
                channel: does.name().to_owned(),
                template: stage.template().cloned(),
                variant: None,
                action: step.action.clone(),
                latest_at,
                planned,
            };
        }
        let names = StepNames {
            template: step.template.clone(),
            queue: step.queue.clone(),
            policy: step.policy.clone(),
            reward: step.reward.clone(),
            benefit: step.benefit.clone(),
            task: step.task.clone(),
            valid_days: step.valid_days,
            survey: step.survey.clone(),
            item: step.item.clone(),
        };
        let (r#do, origin) = (does.name().to_owned(), id.to_string());
        Self::StepDue { of, r#do, origin, step: name, names, latest_at, planned }
    }
}
