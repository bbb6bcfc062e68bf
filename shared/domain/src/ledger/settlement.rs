//! What time alone does to an account: points activate and expire, holds end.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::quantity::Points;
use crate::ledger::pockets::{Hold, Movement, Pockets};
use crate::planted;
use crate::standing::record::TierChange;

/// What time alone did to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Pending points became spendable at `activates_at`.
    Activated {
        /// When.
        activates_at: Timestamp,
        /// When they expire.
        expires_at: Timestamp,
        /// How many.
        points: Points,
        /// How many of them repaid debt.
        repaid: Points,
    },
    /// A lot expired.
    Expired {
        /// When.
        expires_at: Timestamp,
        /// How many points were left.
        points: Points,
    },
    /// A hold ended and gave its points back.
    Released {
        /// The hold's entry.
        hold: u64,
        /// When.
        until: Timestamp,
        /// Points by lot.
        parts: Vec<(Timestamp, Points)>,
        /// How many of them repaid debt.
        repaid: Points,
    },
    /// The tier's period, its grace or a floor ended.
    Tier(TierChange),
}

impl Settlement {
    /// Where it moved points.
    #[must_use]
    pub fn movements(&self) -> Vec<Movement> {
        let debt = |points: Points| points.is_positive().then_some(Movement::Debt { points });
        match *self {
            Self::Activated { activates_at, expires_at, points, repaid } => {
                let mut movements = vec![Movement::Pending { activates_at, expires_at, points: -points }];
                movements.extend(debt(repaid));
                movements.extend((points > repaid).then(|| Movement::Active { expires_at, points: points - repaid }));
                movements
            }
            Self::Expired { expires_at, points } => {
                vec![Movement::Active { expires_at, points: -points }]
            }
            Self::Released { hold, ref parts, repaid, .. } => {
                let mut movements: Vec<_> = debt(repaid).into_iter().collect();
                let mut owed = repaid;
                for &(expires_at, points) in parts {
                    let kept = points - owed.min(points);
                    owed -= points - kept;
                    movements.push(Movement::Held { hold, expires_at, points: -points });
                    movements.extend(kept.is_positive().then_some(Movement::Active { expires_at, points: kept }));
                }
                movements
            }
            Self::Tier(_) => Vec::new(),
        }
    }
}

impl Pockets {
    /// What time has done by `now`, in the order in which it happened: pending points activate (and repay debt), lots
    /// expire, holds that ended give their points back.
    pub(crate) fn pass(&mut self, holds: &BTreeMap<u64, Hold>, now: Timestamp) -> Vec<Settlement> {
        let mut settled = Vec::new();
        while let Some(next) = self.next_settlement(holds, now) {
            for movement in next.movements() {
                self.apply(&movement);
            }
            settled.push(next);
        }
        settled
    }

    fn next_settlement(&self, holds: &BTreeMap<u64, Hold>, now: Timestamp) -> Option<Settlement> {
        let expiry = self.active.first_key_value().map(|(&at, _)| at).filter(|&at| at <= now);
        let expiry = expiry.filter(|_| !planted!("bug-expiry-waits"));
        let activation = self.pending.first_key_value().map(|(&(at, _), _)| at).filter(|&at| at <= now);
        let release = holds
            .iter()
            .filter(|(hold, open)| {
                open.until <= now
                    && self.held.range((**hold, Timestamp::MIN)..).next().is_some_and(|((of, _), _)| of == *hold)
            })
            .map(|(&hold, open)| (open.until, hold))
            .min()
            .filter(|_| !planted!("bug-hold-never-ends"));
        let first = [expiry, activation, release.map(|(at, _)| at)].into_iter().flatten().min()?;
        if expiry == Some(first) {
            let (&expires_at, &points) = self.active.first_key_value()?;
            return Some(Settlement::Expired { expires_at, points });
        }
        if let Some((at, hold)) = release.filter(|(at, _)| *at == first) {
            return Some(self.release(hold, at));
        }
        let (&(activates_at, expires_at), &points) = self.pending.first_key_value()?;
        let repaid = if planted!("bug-debt-not-repaid") { Points::ZERO } else { self.debt.min(points) };
        Some(Settlement::Activated { activates_at, expires_at, points, repaid })
    }

    /// The end of a hold: its points go back to their lots, repaying debt first.
    #[must_use]
    pub fn release(&self, hold: u64, until: Timestamp) -> Settlement {
        let parts: Vec<_> = self.held_by(hold).collect();
        let repaid = self.debt.min(parts.iter().map(|(_, points)| *points).sum());
        Settlement::Released { hold, until, parts, repaid }
    }
}
