//! Where points are, and how they move.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::quantity::{Minor, Points};
use crate::planted;
use crate::standing::record::TierChange;

/// Where points are. All amounts are positive; an empty pocket is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pockets {
    /// Spendable, by the instant at which they expire.
    pub active: BTreeMap<Timestamp, Points>,
    /// Not yet spendable, by the instants at which they activate and expire.
    pub pending: BTreeMap<(Timestamp, Timestamp), Points>,
    /// Held at a checkout, by hold and expiry.
    pub held: BTreeMap<(u64, Timestamp), Points>,
    /// Owed after a refund of spent points.
    pub debt: Points,
}

/// Points held for an order that is being paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Which order.
    pub order: String,
    /// What the held points pay, in minor units.
    pub value: Minor,
    /// When the hold ends by itself.
    pub until: Timestamp,
}

/// Points added to (or, negative, taken from) a pocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Spendable points.
    Active {
        /// The lot.
        expires_at: Timestamp,
        /// How many.
        points: Points,
    },
    /// Points not yet spendable.
    Pending {
        /// When they can be spent.
        activates_at: Timestamp,
        /// When they expire.
        expires_at: Timestamp,
        /// How many.
        points: Points,
    },
    /// Points held at a checkout.
    Held {
        /// The hold's entry.
        hold: u64,
        /// The lot they came from.
        expires_at: Timestamp,
        /// How many.
        points: Points,
    },
    /// Debt: positive repays, negative incurs.
    Debt {
        /// How many.
        points: Points,
    },
}

impl Movement {
    /// What it adds to the balance.
    #[must_use]
    pub fn points(&self) -> Points {
        match *self {
            Self::Active { points, .. }
            | Self::Pending { points, .. }
            | Self::Held { points, .. }
            | Self::Debt { points } => points,
        }
    }

    /// The same in a lot that expires at a later instant; `None` if it does not expire before.
    #[must_use]
    pub fn slid(&self, to: Timestamp) -> Option<Self> {
        let mut slid = *self;
        let expires_at = match &mut slid {
            Self::Active { expires_at, .. } | Self::Pending { expires_at, .. } | Self::Held { expires_at, .. } => {
                expires_at
            }
            Self::Debt { .. } => return None,
        };
        (std::mem::replace(expires_at, to) < to).then_some(slid)
    }

    /// The same with the sign changed.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let mut reversed = *self;
        match &mut reversed {
            Self::Active { points, .. }
            | Self::Pending { points, .. }
            | Self::Held { points, .. }
            | Self::Debt { points } => {
                *points = -*points;
            }
        }
        reversed
    }
}

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
    /// The member is to be told that points will expire.
    Expiring {
        /// When.
        expires_at: Timestamp,
        /// How many.
        points: Points,
        /// How many days before.
        days: i32,
    },
    /// The member is to be told that the tier will fall.
    DowngradeUpcoming {
        /// Which.
        tier: String,
        /// When.
        at: Timestamp,
        /// How many status points are missing to keep it.
        missing: Points,
        /// How many days before.
        days: i32,
    },
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
            Self::Tier(_) | Self::Expiring { .. } | Self::DowngradeUpcoming { .. } => Vec::new(),
        }
    }
}

impl Pockets {
    /// Moves points.
    ///
    /// # Panics
    /// If a pocket would hold less than nothing: the caller took what is not there.
    pub fn apply(&mut self, movement: &Movement) {
        assert!(self.try_apply(movement), "{movement:?} takes points that are not there");
    }

    /// Moves points; `false`, and nothing is moved, if a pocket would hold less than nothing.
    #[must_use]
    pub fn try_apply(&mut self, movement: &Movement) -> bool {
        fn put<K: Ord>(pocket: &mut BTreeMap<K, Points>, key: K, points: Points) -> bool {
            let sum = pocket.get(&key).copied().unwrap_or_default() + points;
            if sum.is_positive() {
                pocket.insert(key, sum);
            } else if sum.is_zero() {
                pocket.remove(&key);
            }
            sum >= Points::ZERO
        }
        match *movement {
            Movement::Active { expires_at, points } => put(&mut self.active, expires_at, points),
            Movement::Pending { activates_at, expires_at, points } => {
                put(&mut self.pending, (activates_at, expires_at), points)
            }
            Movement::Held { hold, expires_at, points } => put(&mut self.held, (hold, expires_at), points),
            Movement::Debt { points } if points > self.debt => false, // more is repaid than owed
            Movement::Debt { points } => {
                self.debt -= points;
                true
            }
        }
    }

    /// Takes a movement back.
    pub fn undo(&mut self, movement: &Movement) {
        self.apply(&movement.reversed());
    }

    /// Spendable points.
    #[must_use]
    pub fn active_points(&self) -> Points {
        self.active.values().copied().sum()
    }

    /// Points not yet spendable.
    #[must_use]
    pub fn pending_points(&self) -> Points {
        self.pending.values().copied().sum()
    }

    /// Points held at a checkout.
    #[must_use]
    pub fn held_points(&self) -> Points {
        self.held.values().copied().sum()
    }

    /// Active + pending + held - debt: what the entries of the account sum to.
    #[must_use]
    pub fn total(&self) -> Points {
        self.active_points() + self.pending_points() + self.held_points() - self.debt
    }

    /// The next points to become spendable, and when.
    #[must_use]
    pub fn next_activation(&self) -> Option<(Timestamp, Points)> {
        let (&(at, _), _) = self.pending.first_key_value()?;
        let points =
            self.pending.iter().take_while(|((activates, _), _)| *activates == at).map(|(_, points)| *points).sum();
        Some((at, points))
    }

    /// Movements that take `points` from the active lots, those that expire first first; takes what there is.
    #[must_use]
    pub fn draw(&self, points: Points) -> Vec<Movement> {
        let mut left = points;
        let mut movements = Vec::new();
        let mut lots = self.active.iter();
        while let Some((&expires_at, &available)) =
            if planted!("bug-newest-lot-first") { lots.next_back() } else { lots.next() }
        {
            let taken = left.min(available);
            if taken.is_zero() {
                break;
            }
            movements.push(Movement::Active { expires_at, points: -taken });
            left -= taken;
        }
        movements
    }

    /// Movements that add `points` to a lot, after repaying the debt.
    #[must_use]
    pub fn credit(&self, expires_at: Timestamp, points: Points) -> Vec<Movement> {
        let repaid = self.debt.min(points);
        let mut movements = Vec::new();
        if repaid.is_positive() {
            movements.push(Movement::Debt { points: repaid });
        }
        if points > repaid {
            movements.push(Movement::Active { expires_at, points: points - repaid });
        }
        movements
    }

    /// When the last of the points expire, wherever they are.
    #[must_use]
    pub fn last_expiry(&self) -> Option<Timestamp> {
        let active = self.active.keys().copied();
        let pending = self.pending.keys().map(|(_, expires_at)| *expires_at);
        active.chain(pending).chain(self.held.keys().map(|(_, expires_at)| *expires_at)).max()
    }

    /// Movements after which no points expire before an instant.
    #[must_use]
    pub fn slide(&self, to: Timestamp) -> Vec<Movement> {
        let active = self.active.iter().map(|(&expires_at, &points)| Movement::Active { expires_at, points });
        let pending = self.pending.iter().map(|(&(activates_at, expires_at), &points)| Movement::Pending {
            activates_at,
            expires_at,
            points,
        });
        let held = self.held.iter().map(|(&(hold, expires_at), &points)| Movement::Held { hold, expires_at, points });
        let slid = active.chain(pending).chain(held).filter_map(|there| Some([there.reversed(), there.slid(to)?]));
        slid.flatten().collect()
    }

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

    /// What a hold holds, by expiry.
    pub fn held_by(&self, hold: u64) -> impl Iterator<Item = (Timestamp, Points)> {
        let range = self.held.range((hold, Timestamp::MIN)..=(hold, Timestamp::MAX));
        range.map(|(&(_, expires_at), &points)| (expires_at, points))
    }
}
