//! What other contexts give a member: a reward at no price, the use of a benefit. Whoever asked waits for an event and not for an
//! answer; so a refusal is an entry as well, and told from it.

use crate::ledger::availability::{Reason, limit_counter};
use crate::ledger::benefit::{UseBenefit, UsingBenefit, use_benefit};
use crate::ledger::books::Change;
use crate::ledger::case::Case;
use crate::ledger::entry::Detail;
use crate::ledger::granted::{GrantRefusal, Granted};
use crate::ledger::redemption::Had;
use crate::planted;
use crate::programme::reward::RewardKind;

/// The fact that asks for a reward.
pub const REWARD_GRANTED: &str = "reward.granted";

/// The fact that asks for the use of a benefit.
pub const BENEFIT_USED: &str = "benefit.used";

/// Gives a member something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What.
    pub what: Granted,
    /// For how many days its voucher is valid, from 1 to 730; as the programme says if absent. Without a voucher it says nothing.
    pub valid_days: Option<i32>,
    /// What it is given for, in the words of whoever asks.
    pub cause: String,
}

/// Decides a grant. Stock is decided where it is kept, by the effect.
pub fn grant(grant: &Grant, case: Case<'_>) -> Change {
    let given = match &grant.what {
        Granted::Reward(reward) => give(reward, grant, case),
        Granted::Benefit(benefit) => {
            let used = UseBenefit { benefit: benefit.clone(), cause: Some(grant.cause.clone()) };
            use_benefit(&used, case).map_err(|refused| why(&refused))
        }
    };
    given.unwrap_or_else(|code| refuse(grant, code, case))
}

/// Records that something is not given. It moves nothing.
pub fn refuse(grant: &Grant, code: GrantRefusal, case: Case<'_>) -> Change {
    let Grant { what, cause, .. } = grant.clone();
    case.books().close(case.stamp, Detail::GrantRefused { what, code, cause })
}

/// Gives a reward. Who may have it at its price, and when, is not asked.
fn give(reward: &str, grant: &Grant, case: Case<'_>) -> Result<Change, GrantRefusal> {
    let programme = case.then;
    let offered = programme.reward(reward).filter(|reward| reward.kind != RewardKind::Donation);
    let reward = offered.ok_or(GrantRefusal::UnknownReward)?;
    let mut books = case.books();
    if let Some((counter, per_member)) = limit_counter(programme, reward, true, books.now) {
        if books.account.counted(&counter) >= per_member {
            return Err(GrantRefusal::LimitReached);
        }
        if !planted!("bug-grant-uncounted") {
            books.account.count(counter, 1);
        }
    }
    let valid_days = reward.voucher_valid_days.map(|usual| grant.valid_days.unwrap_or(usual));
    let had = Had { reward, quantity: 1, valid_days, grace: Vec::new(), cause: Some(grant.cause.clone()) };
    Ok(had.close(books, case))
}

/// Why a benefit is not used.
fn why(refused: &UsingBenefit) -> GrantRefusal {
    match refused {
        UsingBenefit::Missing(_) => GrantRefusal::UnknownBenefit,
        UsingBenefit::Unavailable(unavailable) => match unavailable.reasons()[0] {
            Reason::TierTooLow { .. } => GrantRefusal::TierTooLow,
            _ => GrantRefusal::LimitReached,
        },
    }
}
