//! Using what a tier entitles to.

use jiff::Timestamp;

use crate::kernel::refusal::{Missing, refusals};
use crate::ledger::availability::{Reason, Unavailable};
use crate::ledger::books::Change;
use crate::ledger::case::Case;
use crate::ledger::counter::Counter;
use crate::ledger::effect::Effect;
use crate::ledger::entry::Detail;
use crate::programme::benefit::Benefit;
use crate::programme::compiled::Programme;
use crate::programme::tier::Tier;

/// Uses a benefit once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseBenefit {
    /// Which.
    pub benefit: String,
    /// What for, if another context asks for it.
    pub cause: Option<String>,
}

/// The counter of a benefit's uses in the period that an instant lies in, and how many there may be; `None` if it may be used
/// as often as one likes.
pub(crate) fn counter(programme: &Programme, benefit: &Benefit, at: Timestamp) -> Option<(Counter, i64)> {
    let (count, period) = benefit.count.zip(benefit.period)?;
    Some((Counter::new(&benefit.stock_name(), period, programme.zone().date(at)), count))
}

refusals! {
    /// Why a benefit cannot be used.
    UsingBenefit {
        | Missing,
        | Unavailable,
    }
}

/// Decides the use of a benefit.
///
/// # Errors
/// There is no such benefit, the member's tier does not have it, or it was used as often as it may be. Its stock is decided
/// where it is kept, by the effect.
pub fn use_benefit(command: &UseBenefit, case: Case<'_>) -> Result<Change, UsingBenefit> {
    let Case { stamp, then: programme, setting, .. } = case;
    let Some(benefit) = programme.benefit(&command.benefit) else {
        return Err(Missing::NotFound { what: "benefit" }.into());
    };
    let mut books = case.books();
    let tier = programme.tier_or_base(books.account.tier_at(setting.now)).to_owned();
    let has = |tier: &Tier| tier.benefits.contains(&benefit.id);
    if !programme.tier(&tier).is_some_and(has) {
        let min_tier = programme.tiers().find(|tier| has(tier)).map(|tier| tier.id.clone());
        return Err(match min_tier {
            Some(min_tier) => Unavailable::because(Reason::TierTooLow { min_tier }).into(),
            None => Missing::NotFound { what: "benefit" }.into(),
        });
    }
    if let Some((counter, count)) = counter(programme, benefit, setting.now) {
        if books.account.counted(&counter) >= count {
            let resets_on = counter.period.end(counter.start);
            return Err(Unavailable::because(Reason::LimitReached { per_member: count, resets_on }).into());
        }
        books.account.count(counter, 1);
    }
    let mut change =
        books.close(stamp, Detail::Benefit { benefit: benefit.id.clone(), tier, cause: command.cause.clone() });
    if benefit.stock.is_some() {
        let (reward, shards) = (benefit.stock_name(), setting.programmes.shards_of(&benefit.stock_name()));
        change.effects.push(Effect::TakeStock { reward, quantity: 1, shards });
    }
    Ok(change)
}
