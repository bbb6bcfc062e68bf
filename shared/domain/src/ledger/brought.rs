//! What an account has from elsewhere: parts that a member brings over from another programme, and what goes from one account to another.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::kernel::quantity::{Minor, Points};
use crate::kernel::time::Month;
use crate::ledger::counter::Counter;
use crate::standing::qualification::{Floor, Standing};

/// When the cutover was, by what was brought over: source and part.
pub type Cutovers = BTreeMap<String, Timestamp>;

/// A part of what is brought over. Each is a fact of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Points, by their dates.
    Lots,
    /// Points that are owed.
    Debt,
    /// A tier.
    Tiers,
    /// Status points, by month.
    Status,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Lots, Self::Debt, Self::Tiers, Self::Status];

    /// As a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lots => "lots",
            Self::Debt => "debt",
            Self::Tiers => "tiers",
            Self::Status => "status",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A tier that was brought over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedTier {
    /// The tier.
    pub tier: String,
    /// Since which local date.
    pub since: Date,
    /// Its last local date.
    pub until: Date,
}

/// What is said of a member elsewhere beside a part that is brought over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Elsewhere {
    /// When the cutover was: what happened before is told by nobody else.
    pub as_of: Option<Timestamp>,
    /// How many points the member had earned there in all.
    pub lifetime: Option<Points>,
    /// Since which local date the member was one there.
    pub joined_on: Option<Date>,
}

/// What an order came to that was paid in another programme, before its members moved here: nothing is earned by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Its net amount as it was paid, in minor units.
    pub net: Minor,
    /// What it had earned there.
    pub earned: Points,
    /// When those points expire, if that is said: they are among those that were brought over.
    pub expires_at: Option<Timestamp>,
}

impl Past {
    /// What of the points it still stands for when so much of it is left: of what comes back the share is rounded down, and the last of it
    /// takes the rest.
    #[must_use]
    pub(crate) fn worth(self, left: Minor, returned: bool) -> Points {
        if returned {
            return Points::ZERO;
        }
        let back = i128::from((self.net - left).or_zero().0).saturating_mul(i128::from(self.earned.0));
        let taken = back.checked_div(i128::from(self.net.0)).and_then(|taken| i64::try_from(taken).ok());
        self.earned - Points(taken.unwrap_or_default())
    }
}

/// What was brought over before and makes room for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The entry that had brought it.
    pub entry: u64,
    /// How many movements take it back; those after them bring what is new.
    pub movements: u32,
}

/// What goes from one account to another when members are merged, or back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carried {
    /// Points that can be spent, by expiry.
    pub active: BTreeMap<Timestamp, Points>,
    /// Points that cannot yet, by activation and expiry.
    pub pending: BTreeMap<(Timestamp, Timestamp), Points>,
    /// Points that are owed.
    pub debt: Points,
    /// Status points by month.
    pub months: BTreeMap<Month, Points>,
    /// What limits have counted.
    pub counters: BTreeMap<Counter, i64>,
    /// The tier reached, and its period.
    pub standing: Option<Standing>,
    /// A lowest tier set by hand.
    pub floor: Option<Floor>,
    /// When it was brought over from another programme, if it was.
    pub cutovers: Cutovers,
    /// What was earned there in all.
    pub lifetime: Points,
}

impl Carried {
    /// Points, less those owed.
    #[must_use]
    pub fn points(&self) -> Points {
        let active: Points = self.active.values().copied().sum();
        active + self.pending.values().copied().sum() - self.debt
    }
}

/// What an account had before another became one with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The tier reached.
    pub standing: Option<Standing>,
    /// A lowest tier set by hand.
    pub floor: Option<Floor>,
    /// What it owed.
    pub debt: Points,
    /// When it was brought over from another programme, if it was.
    pub cutovers: Cutovers,
}
