//! What other contexts say when they give a member something.

use domain::kernel::event::Event;
use domain::kernel::id::MemberId;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::grant::{BENEFIT_USED, Grant, REWARD_GRANTED};
use domain::ledger::granted::{Granted, MAX_VALID_DAYS};
use lambda::Problem;
use lambda::wire::{FactEvent, short, within};
use serde::Deserialize;
use serde_json::json;

/// The data of `reward.granted`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RewardGranted {
    /// Which reward.
    reward: String,
    /// What it is given for; the answering events say it again.
    cause: String,
    /// For how many days its voucher is valid, 1 to 730; as the programme says if absent.
    #[serde(default)]
    valid_days: Option<i64>,
}

/// The data of `benefit.used`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct BenefitUsed {
    /// Which benefit.
    benefit: String,
    /// What it is used for; the answering events say it again.
    cause: String,
}

/// A message of the queue `grants` as an instruction.
///
/// # Errors
/// 422 with a pointer to the field: it asks for nothing that can be given.
pub(crate) fn to_grant(event: &FactEvent) -> Result<(MemberId, Instruction), Problem> {
    let command = match event.r#type.as_str() {
        REWARD_GRANTED => event.data().and_then(RewardGranted::into_grant),
        BENEFIT_USED => event.data().and_then(BenefitUsed::into_grant),
        _ => Err(Problem::invalid("/type", format!("must be `{REWARD_GRANTED}` or `{BENEFIT_USED}`"))),
    };
    event.to_instruction(command.map(Command::Grant))
}

/// A step of a journey that gives something.
pub(crate) const STEP_DUE: &str = "perennial.care.stepdue.v1";

/// A step of a journey as an instruction: it gives its reward once, by what the step is known by, which the answering events say again.
///
/// # Errors
/// 422 with a pointer to the field: it gives nothing, or to nobody.
pub(crate) fn of_step(event: &Event) -> Result<(MemberId, Instruction), Problem> {
    let member = event.member.as_ref().ok_or_else(|| Problem::invalid("/member", "the event is about no member"))?;
    let said = |field: &str| {
        let text = event.data[field].as_str().map(str::to_owned);
        text.ok_or_else(|| Problem::invalid(format!("/data/{field}"), "is missing"))
    };
    let origin = said("origin")?;
    let mut data = json!({"reward": said("reward")?, "cause": origin});
    if !event.data["valid_days"].is_null() {
        data["valid_days"] = event.data["valid_days"].clone();
    }
    to_grant(&FactEvent {
        specversion: "1.0".to_owned(),
        id: origin,
        source: event.source.clone(),
        r#type: REWARD_GRANTED.to_owned(),
        subject: member.to_string(),
        time: event.time,
        datacontenttype: None,
        dataschema: None,
        traceparent: None,
        tracestate: None,
        data,
    })
}

impl RewardGranted {
    fn into_grant(self) -> Result<Grant, Problem> {
        let days = self.valid_days.unwrap_or(1);
        Problem::unless([
            short("/data/reward", &self.reward),
            short("/data/cause", &self.cause),
            within("/data/valid_days", days, 1..=MAX_VALID_DAYS.into()),
        ])?;
        let valid_days = self.valid_days.and_then(|days| i32::try_from(days).ok());
        Ok(Grant { what: Granted::Reward(self.reward), valid_days, cause: self.cause })
    }
}

impl BenefitUsed {
    fn into_grant(self) -> Result<Grant, Problem> {
        Problem::unless([short("/data/benefit", &self.benefit), short("/data/cause", &self.cause)])?;
        Ok(Grant { what: Granted::Benefit(self.benefit), valid_days: None, cause: self.cause })
    }
}
