//! What an entry says, as the auditor reads it: structs of its own over the text that is hashed. What it has no rule for it
//! does not read; the hash covers it all the same.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::brought::{Carried, OpenedTier, Own, Posted};
use super::canonical::canonical;

/// One line of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    pub(crate) operation: String,
    pub(crate) content: String,
    pub(crate) occurred_at: Timestamp,
    pub(crate) recorded_at: Timestamp,
    /// What time had done before.
    #[serde(default)]
    pub(crate) settled: Vec<Settlement>,
    #[serde(default)]
    pub(crate) movements: Vec<Movement>,
    pub(crate) balance: i64,
    /// What the fact made of the tier.
    #[serde(default)]
    pub(crate) then: Vec<TierChange>,
    #[serde(flatten)]
    pub(crate) detail: Detail,
    /// Everything that it says: what is hashed.
    #[serde(skip)]
    pub(crate) text: String,
    /// Who caused it; only its hash is hashed.
    #[serde(skip)]
    pub(crate) who: Option<String>,
}

/// Points added to a pocket; taken from it, if negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "pocket", rename_all = "snake_case")]
pub(crate) enum Movement {
    Active { expires_at: Timestamp, points: i64 },
    Pending { activates_at: Timestamp, expires_at: Timestamp, points: i64 },
    Held { hold: u64, expires_at: Timestamp, points: i64 },
    Debt { points: i64 },
}

/// What time alone did.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum Settlement {
    Activated { activates_at: Timestamp, expires_at: Timestamp, points: i64, repaid: i64 },
    Expired { expires_at: Timestamp, points: i64 },
    Released { hold: u64, parts: Vec<(Timestamp, i64)>, repaid: i64 },
    Tier(TierChange),
}

/// That an order went from one member to another: the other's entry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct MovedOrder {
    pub(crate) other: String,
}

/// What an entry records, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Detail {
    Earn {
        activity: String,
        order: Option<String>,
        #[serde(default)]
        inputs: Inputs,
        #[serde(default)]
        trace: BTreeMap<String, i64>,
        #[serde(default)]
        status: i64,
        points_paid: Option<PointsPaid>,
        moved: Option<MovedOrder>,
    },
    Refund {
        order: String,
        amount_minor: i64,
        asked_minor: Option<i64>,
        #[serde(default)]
        expired: i64,
        #[serde(default)]
        shortfall: i64,
        #[serde(default)]
        status: i64,
        /// Points that waited for the end of a suspension, and come no more.
        withheld: Option<i64>,
        moved: Option<MovedOrder>,
    },
    Redeem {
        reward: String,
        quantity: u32,
        voucher_expires_at: Option<Timestamp>,
        #[serde(default)]
        grace: Vec<Timestamp>,
        cause: Option<String>,
    },
    Reverse {
        redemption: u64,
        #[serde(rename = "asked_points")]
        points: i64,
        initiated_by: Initiator,
    },
    Hold {
        order: String,
        value_minor: i64,
        until: Timestamp,
    },
    Capture {
        hold: u64,
        #[serde(default)]
        grace: Vec<Timestamp>,
    },
    Release {
        hold: u64,
    },
    Adjust {
        request: Option<u64>,
    },
    AdjustmentRequest {
        #[serde(rename = "asked_points")]
        points: i64,
    },
    Settle,
    Evaluate {
        #[serde(default)]
        tiers: Vec<TierChange>,
        score: Option<ScoreChange>,
    },
    Benefit {
        benefit: String,
        tier: String,
        cause: Option<String>,
    },
    BenefitReversal {
        used: u64,
        benefit: String,
    },
    VoucherUse {
        redemption: u64,
        reward: String,
    },
    GrantRefused {
        reward: Option<String>,
        benefit: Option<String>,
        code: String,
        cause: String,
    },
    ActivityReversal {
        earning: u64,
        activity: String,
        #[serde(default)]
        expired: i64,
        #[serde(default)]
        shortfall: i64,
        #[serde(default)]
        status: i64,
    },
    Floor {
        tier: String,
        until: Timestamp,
        change: Option<TierChange>,
    },
    Standing {
        state: String,
        #[serde(default)]
        posted: Vec<Posted>,
    },
    TransferOut {
        to: String,
        merge: String,
        carried: Box<Carried>,
        state: Option<String>,
    },
    TransferIn {
        from: String,
        merge: String,
        carried: Box<Carried>,
        #[serde(default)]
        met: Vec<(Timestamp, i64)>,
        own: Option<Box<Own>>,
        state: String,
    },
    Opening {
        source: String,
        part: String,
        rows: u64,
        /// The SHA-256 of the file.
        file: String,
        tier: Option<OpenedTier>,
        #[serde(default)]
        status: Vec<(String, i64)>,
        /// The entry whose place it takes, and how many movements take that back.
        replaces: Option<u64>,
        took_back: Option<u64>,
        /// When the cutover was.
        as_of: Option<Timestamp>,
    },
    OpeningWithdrawn {
        source: String,
        part: String,
        opening: u64,
    },
    Closed {
        #[serde(default)]
        released: i64,
        #[serde(default)]
        expired: i64,
        #[serde(default)]
        forgiven: i64,
    },
}

/// Who cancelled a redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Initiator {
    Member,
    Merchant,
}

/// What an order says of points that paid for it, where something else was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct PointsPaid {
    pub(crate) reported_minor: i64,
    pub(crate) captured_minor: i64,
    pub(crate) net_minor: i64,
}

/// What was read to decide an earning.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub(crate) struct Inputs {
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, Value>,
    pub(crate) net: Option<i64>,
    #[serde(default)]
    pub(crate) netted: i64,
    /// The member was suspended: it waits.
    #[serde(default)]
    pub(crate) suspended: bool,
}

/// Something that happened to a tier.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct TierChange {
    pub(crate) change: Transition,
    pub(crate) from: String,
    pub(crate) tier: String,
    pub(crate) at: Timestamp,
    pub(crate) until: Option<Timestamp>,
    pub(crate) status: i64,
    pub(crate) needed: i64,
    pub(crate) segment: Option<String>,
    #[serde(default)]
    pub(crate) regained: bool,
}

/// What can happen to a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Transition {
    Upgraded,
    Renewed,
    GraceStarted,
    Downgraded,
    Revoked,
    Reinstated,
    FloorSet,
    FloorEnded,
    Carried,
}

/// Five scores, each from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Scores {
    pub(crate) r: u8,
    pub(crate) f: u8,
    pub(crate) m: u8,
    pub(crate) l: u8,
    pub(crate) s: u8,
}

/// New scores, segment or tags.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct ScoreChange {
    pub(crate) scores: Scores,
    pub(crate) before: Option<Scores>,
    pub(crate) segment: String,
    pub(crate) left: Option<String>,
    #[serde(default)]
    pub(crate) tagged: Vec<String>,
    #[serde(default)]
    pub(crate) untagged: Vec<String>,
}

impl Movement {
    /// What it adds to the balance.
    pub(crate) fn points(self) -> i64 {
        match self {
            Self::Active { points, .. }
            | Self::Pending { points, .. }
            | Self::Held { points, .. }
            | Self::Debt { points } => points,
        }
    }
}

impl Entry {
    /// The entry of another member by which the order left, or came.
    pub(crate) fn moved(&self) -> Option<&str> {
        match &self.detail {
            Detail::Earn { moved: Some(moved), .. } | Detail::Refund { moved: Some(moved), .. } => Some(&moved.other),
            _ => None,
        }
    }

    /// Did everything go to another account, or come from one?
    pub(crate) fn is_transfer(&self) -> bool {
        matches!(self.detail, Detail::TransferIn { .. } | Detail::TransferOut { .. })
    }

    /// Who was absorbed by it.
    pub(super) fn absorbs(&self) -> Option<&str> {
        let Detail::TransferIn { from, own: Some(_), .. } = &self.detail else { return None };
        from.rsplit_once('.').map(|(from, _)| from)
    }

    /// Is it what comes from elsewhere, or what time or a person makes of a member, and no fact of the member?
    pub(super) fn is_of_time(&self) -> bool {
        matches!(
            self.detail,
            Detail::Opening { .. }
                | Detail::OpeningWithdrawn { .. }
                | Detail::Standing { .. }
                | Detail::Settle
                | Detail::Evaluate { .. }
        )
    }

    /// Reads an entry from all that it says.
    pub(crate) fn read(said: Value) -> Result<Self, String> {
        let text = canonical(&said);
        let entry: Self = serde_json::from_value(said).map_err(|error| format!("{text} is no entry: {error}"))?;
        Ok(Self { text, ..entry })
    }

    /// What happened to the tier, in order: by time, then by the operation.
    pub(crate) fn tier_changes(&self) -> impl Iterator<Item = &TierChange> {
        let by_time = self.settled.iter().filter_map(|settlement| match settlement {
            Settlement::Tier(change) => Some(change),
            _ => None,
        });
        let (tiers, floor) = match &self.detail {
            Detail::Evaluate { tiers, .. } => (&tiers[..], None),
            Detail::Floor { change, .. } => (&[][..], change.as_ref()),
            _ => (&[][..], None),
        };
        by_time.chain(&self.then).chain(tiers).chain(floor)
    }
}
