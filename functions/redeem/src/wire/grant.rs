//! What other contexts say when they give a member something.

use domain::kernel::id::MemberId;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::grant::{BENEFIT_USED, Grant, REWARD_GRANTED};
use domain::ledger::granted::{Granted, MAX_VALID_DAYS};
use lambda::Problem;
use lambda::wire::{FactEvent, short, within};
use serde::Deserialize;

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
