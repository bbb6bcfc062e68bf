//! What is known of an order, or of another fact, beside its entry: it stands in its own row, whoever's it turns out to be.

use jiff::Timestamp;

use crate::kernel::id::EntryId;
use crate::kernel::quantity::Minor;
use crate::ledger::lines::PaidLines;
use crate::ledger::parked::Parked;

/// What an order's row says; of another fact there is only what takes it back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderRow {
    /// It is in the ledger as paid.
    pub paid: bool,
    /// How often its claim was renewed, if somebody claimed it.
    pub claimed: Option<u64>,
    /// Its lines as they were paid, if they were kept.
    pub lines: Option<PaidLines>,
    /// What was held for it last; of what was given back nothing but whose it was.
    pub hold: Option<OrderHold>,
    /// What came before it to take it back; it stays there, whatever became of it.
    pub parked: Vec<Parked>,
}

/// Points that were held to pay for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderHold {
    /// Its entry.
    pub hold: EntryId,
    /// What the points pay, in minor units; less what was reversed of it.
    pub value: Minor,
    /// What the order came to, as the share that points may pay was worked out.
    pub order_net: Minor,
    /// When it ends by itself, unless it is captured.
    pub until: Timestamp,
    /// The points were spent.
    pub captured: bool,
}

impl OrderHold {
    /// Until when what was given back stands: it does not.
    pub const GIVEN_BACK: Timestamp = Timestamp::UNIX_EPOCH;

    /// Does it count against the order? Until it ends by itself, or if its points were spent.
    #[must_use]
    pub fn stands(&self, now: Timestamp) -> bool {
        self.captured || self.until > now
    }
}

/// That an order went from one member to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedOrder {
    /// The entry of the other.
    pub other: EntryId,
    /// Why, in words.
    pub reason: String,
}

/// Points that an order says were paid for it, where the ledger knows otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointsPaid {
    /// What the order says that points paid, in minor units.
    pub reported: Minor,
    /// What points of this member did pay for it.
    pub captured: Minor,
    /// What the order comes to before them.
    pub net: Minor,
    /// What it was said to come to when they were held; zero if none were.
    pub held_for: Minor,
}

impl PointsPaid {
    /// What an order says, beside what was captured for it.
    #[must_use]
    pub fn compared(reported: Minor, net: Minor, captured: Option<&OrderHold>) -> Self {
        let (captured, held_for) = captured.map_or((Minor::ZERO, Minor::ZERO), |hold| (hold.value, hold.order_net));
        Self { reported, captured, net, held_for }
    }

    /// What points paid is not what was captured.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.reported != self.captured
    }

    /// The share that points may pay was worked out on more than the order comes to.
    #[must_use]
    pub fn is_over_cap(&self) -> bool {
        self.net < self.held_for
    }

    /// Nothing is to be told.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        !self.differs() && !self.is_over_cap()
    }
}
