//! Where points are, and how they move.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::quantity::{Minor, Points};
use crate::planted;

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

    /// What a hold holds, by expiry.
    pub fn held_by(&self, hold: u64) -> impl Iterator<Item = (Timestamp, Points)> {
        let range = self.held.range((hold, Timestamp::MIN)..=(hold, Timestamp::MAX));
        range.map(|(&(_, expires_at), &points)| (expires_at, points))
    }
}
