//! Ledger entries: what happened to an account, in order, provably.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::kernel::canonical::Hash;
use crate::kernel::id::{ContentHash, EntryId, OperationId};
use crate::kernel::membership::MemberState;
use crate::kernel::quantity::{Minor, Points};
use crate::kernel::time::Month;
use crate::ledger::brought::{Carried, Elsewhere, OpenedTier, Own, Part as OpenedPart, Past, Replaced};
use crate::ledger::doer::Doer;
use crate::ledger::granted::{GrantRefusal, Granted};
use crate::ledger::lines::Returned;
use crate::ledger::membership::Membership;
use crate::ledger::order_row::{MovedOrder, PointsPaid};
use crate::ledger::pockets::{Movement, Pockets};
use crate::ledger::settlement::Settlement;
use crate::programme::condition::Variables;
use crate::programme::reward::RewardKind;
use crate::standing::record::{ScoreChange, TierChange};

/// One line of the ledger. Entries are numbered without gaps and never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counted from 1 per account.
    pub sequence: u64,
    /// The operation that made it; a repeat of the operation finds it by this.
    pub operation: OperationId,
    /// What the operation asked; tells a repeat from a conflict.
    pub content: ContentHash,
    /// When the fact happened; decides rule version, limits, tier period and expiry.
    pub occurred_at: Timestamp,
    /// When it was written; decides what can be spent.
    pub recorded_at: Timestamp,
    /// The number of the programme version that decided it.
    pub programme: u32,
    /// What time had done before: activations, expiries, ended holds.
    pub settled: Vec<Settlement>,
    /// Where this operation moved points.
    pub movements: Vec<Movement>,
    /// Active + pending + held - debt afterwards.
    pub balance: Points,
    /// What the fact made of the tier, in order.
    pub then: Vec<TierChange>,
    /// Who caused it, if somebody else than the member did.
    pub by: Option<Doer>,
    /// What it was.
    pub detail: Detail,
}

/// What an entry records, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// An activity was reported.
    Earn {
        /// Its CloudEvents type.
        activity: String,
        /// The order, if it was one.
        order: Option<String>,
        /// Everything the rules read, so that the decision can be made again.
        inputs: Inputs,
        /// Points by rule, without those that gave none.
        trace: BTreeMap<String, Points>,
        /// Status points credited.
        status: Points,
        /// What the order says of points that paid for it, if that is not what the ledger knows.
        points_paid: Option<PointsPaid>,
        /// It was another member's before.
        moved: Option<Box<MovedOrder>>,
    },
    /// An order was returned, in part or whole.
    Refund {
        /// Which order.
        order: String,
        /// How much of it this refund takes, in minor units, never more than is left of it.
        amount_minor: Minor,
        /// How much was asked, if more.
        asked_minor: Option<Minor>,
        /// Points due that had expired unspent: nothing is owed for them.
        expired: Points,
        /// The lot that they had been in.
        expired_lot: Option<Timestamp>,
        /// Points due that the return policy let go.
        shortfall: Points,
        /// Status points taken back, as a positive number.
        status: Points,
        /// What it takes of lines, if it names any or some are shipping.
        returned: Returned,
        /// Points due that were never posted, and status points with them: they wait for a suspension to end, or for nothing.
        withheld: Option<Points>,
        /// It came back because it is another member's.
        moved: Option<Box<MovedOrder>>,
    },
    /// Points were spent on a reward.
    Redeem {
        /// Which.
        reward: String,
        /// What it is.
        reward_kind: RewardKind,
        /// How many.
        quantity: u32,
        /// Until when its voucher is valid.
        voucher_expires_at: Option<Timestamp>,
        /// Lots it drew on that were already a grace: no second one.
        grace: Vec<Timestamp>,
        /// What it was given for at no price, if another context gave it.
        cause: Option<String>,
    },
    /// A redemption or captured hold was reversed, in part or whole.
    Reverse {
        /// The entry of the redemption.
        redemption: u64,
        /// How many points were to go back.
        points: Points,
        /// Who cancelled.
        initiated_by: Initiator,
        /// Points that stay expired.
        lost: Points,
    },
    /// Points were held for an order.
    Hold {
        /// Which order.
        order: String,
        /// What they pay, in minor units.
        value_minor: Minor,
        /// When the hold ends by itself.
        until: Timestamp,
    },
    /// Held points were spent.
    Capture {
        /// The hold's entry.
        hold: u64,
        /// Which order.
        order: String,
        /// What they paid, in minor units.
        value_minor: Minor,
        /// When the hold would have ended.
        until: Timestamp,
        /// As in a redemption.
        grace: Vec<Timestamp>,
    },
    /// Held points were given back.
    Release {
        /// The hold's entry.
        hold: u64,
    },
    /// A correction by hand.
    Adjust {
        /// One of the programme's reasons.
        reason: String,
        /// The entry that asked for it, if a second person approved.
        request: Option<u64>,
    },
    /// A correction that waits for a second person.
    AdjustmentRequest {
        /// How many points, up or down.
        points: Points,
        /// One of the programme's reasons.
        reason: String,
    },
    /// Nothing but the settlement of what was due.
    Settle,
    /// Tier and scores were worked out anew, and something changed.
    Evaluate {
        /// What happened to the tier, in order.
        tiers: Vec<TierChange>,
        /// New scores, segment or tags.
        score: Option<ScoreChange>,
    },
    /// A benefit of the tier was used.
    Benefit {
        /// Which.
        benefit: String,
        /// The tier that it came with.
        tier: String,
        /// What it was used for, if another context asked for it.
        cause: Option<String>,
    },
    /// The use of a benefit was taken back.
    BenefitReversal {
        /// The entry of the use.
        used: u64,
        /// Which benefit it was.
        benefit: String,
    },
    /// A voucher was used.
    VoucherUse {
        /// The entry of its redemption.
        redemption: u64,
        /// Of which reward it was.
        reward: String,
    },
    /// What another context asked for was not given.
    GrantRefused {
        /// What.
        what: Granted,
        /// Why not.
        code: GrantRefusal,
        /// What it was asked for.
        cause: String,
    },
    /// What a fact that is no order had earned was taken back; or what was recorded of the past, an order too.
    ActivityReversal {
        /// The entry of the fact.
        earning: u64,
        /// The fact's CloudEvents type.
        activity: String,
        /// Points due that had expired unspent: nothing is owed for them.
        expired: Points,
        /// The lot that they had been in.
        expired_lot: Option<Timestamp>,
        /// Points due that the return policy let go.
        shortfall: Points,
        /// Status points taken back, as a positive number.
        status: Points,
        /// Why, in words.
        reason: Option<String>,
        /// As of a refund.
        withheld: Option<Points>,
    },
    /// The lowest tier was set by hand.
    Floor {
        /// The tier.
        tier: String,
        /// Until when, exclusive.
        until: Timestamp,
        /// One of the programme's reasons.
        reason: String,
        /// What it did to the tier.
        change: Option<TierChange>,
    },
    /// The member was suspended, is active again, or has left.
    Standing {
        /// Where the member stands since.
        state: MemberState,
        /// Why, in words.
        reason: Option<String>,
        /// What was earned during a suspension that is over, and is posted now.
        posted: Vec<Posted>,
    },
    /// Something was brought over from another programme.
    Opening {
        /// By which source.
        source: String,
        /// What that is called.
        name: String,
        /// Which part.
        part: OpenedPart,
        /// How many rows of the file.
        rows: u32,
        /// The file.
        file: Hash,
        /// The tier that was brought over, if it is one.
        tier: Option<OpenedTier>,
        /// Status points that were brought over, by month.
        status: BTreeMap<Month, Points>,
        /// What it takes the place of.
        replaces: Option<Replaced>,
        /// What else is said of the member there.
        elsewhere: Elsewhere,
    },
    /// What was brought over was taken back.
    OpeningWithdrawn {
        /// By which source it had come.
        source: String,
        /// Which part.
        part: OpenedPart,
        /// The entry that had brought it.
        opening: u64,
    },
    /// Everything went to another account, or what had come from one went back.
    TransferOut {
        /// The entry there.
        to: EntryId,
        /// The name of the merge.
        merge: String,
        /// What.
        carried: Box<Carried>,
        /// Where the member stands since; nowhere: another stands for it.
        state: Option<MemberState>,
    },
    /// It came from another account, or what had gone to one came back.
    TransferIn {
        /// The entry there.
        from: EntryId,
        /// The name of the merge.
        merge: String,
        /// What.
        carried: Box<Carried>,
        /// Which points repaid a debt when they met, by expiry.
        met: Vec<(Timestamp, Points)>,
        /// What the account itself had before, to be given back.
        own: Option<Box<Own>>,
        /// Where the member stands since.
        state: MemberState,
    },
    /// The account was emptied for ever.
    Closed {
        /// Why, as a code.
        because: String,
        /// Points that were held.
        released: Points,
        /// Points that expired, those included that were held.
        expired: Points,
        /// Debt that was forgiven.
        forgiven: Points,
    },
}

/// What a fact had earned while the member was suspended, as it is posted afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The entry of the fact.
    pub entry: u64,
    /// Points by rule, without those that gave none.
    pub trace: BTreeMap<String, Points>,
    /// Status points credited.
    pub status: Points,
    /// When the points can be spent; `None` if at once.
    pub activates_at: Option<Timestamp>,
    /// When they expire.
    pub expires_at: Timestamp,
}

/// Who cancelled a redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Initiator {
    /// The member: points come back with their original dates, expired ones do not.
    Member,
    /// The merchant: expired points come back for a grace period, once.
    Merchant,
}

/// What rules read to decide an earning: kept in the entry, exactly, so that the decision can be made again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inputs {
    /// The declared attributes that the programme's rules for this activity read.
    pub attributes: Variables,
    /// The member's tier, unless it is the base tier.
    pub tier: Option<String>,
    /// The member was suspended: nothing of it was posted.
    pub suspended: bool,
    /// What the order cost, net, in minor units, before refunds that name no line.
    pub net: Option<Minor>,
    /// Lines that had come back before the order arrived - the rest is what is read - and what had been paid back for shipping.
    pub returned: Returned,
    /// What had been paid back for goods, without a line, before it arrived, in minor units.
    pub netted: Minor,
    /// The basis of rules that do not use the whole net amount.
    pub bases: BTreeMap<String, Minor>,
    /// Boosts that this order used up.
    pub boosts: Vec<crate::ledger::boost::Boost>,
    /// What was left of limits that cut something off, or that may if rules of a group or what is left of the order are
    /// compared again: by rule, or `max_earn_per_day`, `max_balance`.
    pub headroom: BTreeMap<String, i64>,
    /// What an activity did to streaks, by rule.
    pub streaks: BTreeMap<String, StreakStep>,
    /// Lines for which a rule's condition could not be decided, by rule: places, from 0.
    pub undecided: BTreeMap<String, Vec<u32>>,
    /// How many times the fixed points of a rule for some lines are given: by piece, line or order, as the rule says.
    pub pieces: BTreeMap<String, i64>,
    /// What the lines of a rule come to, net, where that is read and is not the rule's basis.
    pub lines_net: BTreeMap<String, Minor>,
    /// Lines that several rules have in common, where that matters.
    pub parts: Vec<Part>,
    /// It was paid in another programme.
    pub past: Option<Box<Past>>,
}

/// Lines of an order that the same rules for some lines admit, added up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// The rules with lines that admit them, sorted.
    pub rules: Vec<String>,
    /// They are shipping.
    pub shipping: bool,
    /// What the member paid for them, in minor units.
    pub net: Minor,
    /// Taxes contained in that, if a rate reads them.
    pub tax: Minor,
    /// What they cost before deductions, if a rate reads it.
    pub gross: Minor,
}

/// What an activity did to a streak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreakStep {
    /// Length of the streak afterwards, in days.
    pub days: i32,
    /// Bonuses reached by it.
    pub bonuses: i32,
    /// The date had been counted before: nothing is earned.
    pub repeated: bool,
}

impl Entry {
    /// What identifies a settlement or an evaluation: nobody asked for it, so its place in the ledger does.
    #[must_use]
    pub fn unasked(sequence: u64) -> (OperationId, ContentHash) {
        (OperationId::of_step(sequence, "settle"), ContentHash([0; 8]))
    }

    /// Is it the earning of an order?
    #[must_use]
    pub fn earns(&self, order_id: &str) -> bool {
        matches!(&self.detail, Detail::Earn { order: Some(order), .. } if order == order_id)
    }

    /// What the operation added to the balance (negative: took).
    #[must_use]
    pub fn points(&self) -> Points {
        self.movements.iter().map(Movement::points).sum()
    }

    /// What time had added to the balance before: expired points, negative.
    #[must_use]
    pub fn settled_points(&self) -> Points {
        self.settled.iter().flat_map(Settlement::movements).map(|movement| movement.points()).sum()
    }

    /// Moves the points of this entry.
    pub fn apply_to(&self, pockets: &mut Pockets) {
        for movement in self.all_movements() {
            pockets.apply(&movement);
        }
    }

    /// Takes this entry back: the pockets as they were before it.
    pub fn undo_from(&self, pockets: &mut Pockets) {
        for movement in self.all_movements().into_iter().rev() {
            pockets.undo(&movement);
        }
    }

    /// What happened to the tier, in order: by time, then by the operation.
    pub fn tier_changes(&self) -> impl Iterator<Item = &TierChange> {
        let by_time = self.settled.iter().filter_map(|settlement| match settlement {
            Settlement::Tier(change) => Some(change),
            _ => None,
        });
        let (tiers, floor) = match &self.detail {
            Detail::Evaluate { tiers, .. } => (&tiers[..], None),
            Detail::Floor { change, .. } => (&[][..], change.as_ref()),
            _ => (&[][..], None),
        };
        by_time.chain(tiers).chain(floor).chain(&self.then)
    }

    /// Where the member stands after it.
    #[must_use]
    pub fn membership(&self, before: &Membership) -> Membership {
        let since = before.since().unwrap_or(self.sequence);
        match self.detail {
            Detail::Standing { state: MemberState::Active, .. } => Membership::Active,
            Detail::Standing { state: MemberState::Suspended, .. } => Membership::Suspended { since },
            Detail::Standing { state: MemberState::Closed, .. } => Membership::Closed { since },
            Detail::Closed { .. } => Membership::Erased,
            Detail::TransferOut { state: None, ref to, .. } => Membership::Merged { into: to.member.clone() },
            Detail::TransferOut { state: Some(state), .. } | Detail::TransferIn { state, .. } => match state {
                MemberState::Active => Membership::Active,
                MemberState::Suspended => Membership::Suspended { since },
                MemberState::Closed => Membership::Closed { since },
            },
            _ => before.clone(),
        }
    }

    /// Where points moved, in order: by time, then by the operation.
    pub(crate) fn all_movements(&self) -> Vec<Movement> {
        let settled = self.settled.iter().flat_map(Settlement::movements);
        settled.chain(self.movements.iter().copied()).collect()
    }

    /// What became a debt with it.
    #[must_use]
    pub fn debt_incurred(&self) -> Points {
        let debts = self.movements.iter().filter_map(|movement| match *movement {
            Movement::Debt { points } => Some(-points),
            _ => None,
        });
        debts.sum()
    }

    /// What a refund of an order, or the reversal of another fact, took back from it: points that were due, whatever became of
    /// them.
    #[must_use]
    pub fn clawed_back(&self) -> Points {
        match self.detail {
            Detail::Refund { expired, shortfall, withheld, .. }
            | Detail::ActivityReversal { expired, shortfall, withheld, .. } => {
                expired + shortfall + withheld.unwrap_or_default() - self.points()
            }
            _ => Points::ZERO,
        }
    }
}
