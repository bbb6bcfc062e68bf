//! Spending points on rewards and donations.

use jiff::Timestamp;

use crate::kernel::quantity::Points;
use crate::kernel::refusal::refusals;
use crate::ledger::account::Account;
use crate::ledger::availability::{Unavailable, availability, limit_counter, price};
use crate::ledger::books::{Books, Change};
use crate::ledger::case::Case;
use crate::ledger::effect::Effect;
use crate::ledger::entry::Detail;
use crate::ledger::pockets::Movement;
use crate::ledger::voucher::Issued;
use crate::programme::reward::{Reward, RewardKind};
use crate::programme::setting::Setting;

/// Spends points on a reward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeem {
    /// Which reward.
    pub reward: String,
    /// How many, from 1.
    pub quantity: u32,
    /// A donation and nothing else.
    pub donation: bool,
}

refusals! {
    /// Why points cannot be spent on a reward.
    Redeeming {
        /// The reward does not exist.
        Invalid UnknownReward ("unknown_reward" at "reward") {
            /// Those that do.
            known: Vec<String>,
        } = "there is no such reward",
        | Unavailable,
    }
}

/// Lots among the movements that were a grace already.
pub(crate) fn grace_of(account: &Account, movements: &[Movement]) -> Vec<Timestamp> {
    let lots = movements.iter().filter_map(|movement| match movement {
        Movement::Active { expires_at, .. } | Movement::Held { expires_at, .. } => Some(*expires_at),
        Movement::Pending { .. } | Movement::Debt { .. } => None,
    });
    lots.filter(|lot| account.grace.contains(lot)).collect()
}

/// A reward that a member gets.
pub(crate) struct Had<'a> {
    pub(crate) reward: &'a Reward,
    pub(crate) quantity: u32,
    /// How long its voucher is valid, if it is one.
    pub(crate) valid_days: Option<i32>,
    /// Lots it drew on that were already a grace.
    pub(crate) grace: Vec<Timestamp>,
    /// What it is given for at no price, if another context gives it.
    pub(crate) cause: Option<String>,
}

impl Had<'_> {
    /// Writes the entry; its pieces leave the stock, and its voucher is issued.
    pub(crate) fn close(self, books: Books<'_>, case: Case<'_>) -> Change {
        let Self { reward, quantity, valid_days, grace, cause } = self;
        let detail = Detail::Redeem {
            reward: reward.id.clone(),
            reward_kind: reward.kind,
            quantity,
            voucher_expires_at: valid_days.map(|days| books.programme.zone().day_boundary_after(books.now, days)),
            grace,
            cause,
        };
        let mut change = books.close(case.stamp, detail);
        if reward.stock.is_some() {
            let shards = case.setting.programmes.shards_of(&reward.id);
            change.effects.push(Effect::TakeStock { reward: reward.id.clone(), quantity, shards });
        }
        change.effects.extend(Issued::by(&change.entry).map(Effect::IssueVoucher));
        change
    }
}

/// Decides a redemption.
///
/// # Errors
/// The reward does not exist, or every reason why it cannot be had. Stock is decided where it is kept, by the effect.
pub fn redeem(redeem: &Redeem, case: Case<'_>) -> Result<Change, Redeeming> {
    let Case { then: programme, setting: Setting { now, .. }, .. } = case;
    let fits = |reward: &&Reward| (reward.kind == RewardKind::Donation) == redeem.donation;
    let Some(reward) = programme.reward(&redeem.reward).filter(fits) else {
        let known = programme.document().reward.iter().filter(fits).map(|reward| reward.id.clone()).collect();
        return Err(Redeeming::UnknownReward { known });
    };
    let mut books = case.books();
    Unavailable::unless_empty(availability(&books.account, reward, redeem.quantity, programme, now))?;
    let cost = Points(price(programme, reward, books.account.tier_at(now)).0.saturating_mul(redeem.quantity.into()));
    let grace = grace_of(&books.account, &books.account.pockets.draw(cost));
    let _drawn = books.draw(cost);
    books.slide_expiry(now);
    if let Some((counter, _)) = limit_counter(programme, reward, false, now) {
        books.account.count(counter, redeem.quantity.into());
    }
    let (quantity, valid_days) = (redeem.quantity, reward.voucher_valid_days);
    Ok(Had { reward, quantity, valid_days, grace, cause: None }.close(books, case))
}
