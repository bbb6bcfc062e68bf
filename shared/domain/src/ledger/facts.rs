//! What the ledger tells others, derived from committed entries and nothing else.
//!
//! An event's id is a hash of where it comes from, so sending it again is harmless. Of members it holds the pseudonymous id alone.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::event::facts;
use crate::kernel::quantity::{Minor, Points};
use crate::ledger::entry::Initiator;
use crate::ledger::granted::GrantRefusal;
use crate::ledger::parked::Lapse;
use crate::programme::reward::RewardKind;

/// An instant at which things expire, in examples.
const EXPIRY: Timestamp = Timestamp::constant(1_827_504_000, 0);

facts! { LedgerFact:
    /// The ledger has an account for somebody, from the first entry on.
    AccountOpened = "perennial.led.accountopened.v1" {}
    /// An order was paid.
    OrderPaid = "perennial.earn.orderpaid.v1" {
        /// The shop's order id.
        order: String = "o-1001".into(),
        /// What it cost, net, in minor units, less refunds that came before it.
        net_minor: Minor = Minor(19_990),
    }
    /// An order says that points paid for it, and something else was captured.
    PointsPaidMismatch = "perennial.led.pointspaidmismatch.v1" {
        /// The shop's order id.
        order: String = "o-1001".into(),
        /// What it says, in minor units.
        reported_minor: Minor = Minor(4_300),
        /// What points did pay.
        captured_minor: Minor = Minor(0),
    }
    /// An order was returned, in part or whole.
    OrderRefunded = "perennial.earn.orderrefunded.v1" {
        /// The shop's order id.
        order: String = "o-1001".into(),
        /// How much of it, in minor units.
        amount_minor: Minor = Minor(6_663),
    }
    /// A refund that came before its order took nothing back.
    RefundLapsed = "perennial.led.refundlapsed.v1" {
        /// The shop's refund id.
        refund: String = "r-7".into(),
        /// The order that it named.
        order: String = "o-1001".into(),
        /// Why.
        because: Lapse = Lapse::NoOrder,
    }
    /// Another declared behaviour was reported.
    ActivityRecorded = "perennial.earn.activityrecorded.v1" {
        /// Its type, as declared in the programme.
        activity: String = "ugc.approved".into(),
    }
    /// Points were earned.
    PointsEarned = "perennial.led.pointsearned.v1" {
        /// How many.
        points: Points = Points(299),
        /// When they can be spent; absent if at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        activates_at: Option<Timestamp> = Some(Timestamp::constant(1_796_572_800, 0)),
        /// When they expire; absent if all of them repaid debt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp> = Some(EXPIRY),
        /// Points by rule.
        rules: BTreeMap<String, Points> = [("base-spend".into(), Points(299))].into(),
    }
    /// Pending points can be spent. It is told when the ledger records it: with the member's next entry, or at the latest
    /// `record_activation_within_days` later; `time` says since when.
    PointsActivated = "perennial.led.pointsactivated.v1" {
        /// How many.
        points: Points = Points(299),
        /// When they expire.
        expires_at: Timestamp = EXPIRY,
    }
    /// Points will expire soon.
    PointsExpiring = "perennial.led.pointsexpiring.v1" {
        /// How many.
        points: Points = Points(299),
        /// When.
        expires_at: Timestamp = EXPIRY,
        /// How many days before.
        days: i32 = 30,
    }
    /// Points expired unspent.
    PointsExpired = "perennial.led.pointsexpired.v1" {
        /// How many.
        points: Points = Points(299),
    }
    /// Points were held for an order that is being paid.
    PointsHeld = "perennial.led.pointsheld.v1" {
        /// The hold.
        hold: String = "m-1.40".into(),
        /// Which order.
        order: String = "o-1001".into(),
        /// How many.
        points: Points = Points(300),
        /// When the hold ends by itself.
        until: Timestamp = EXPIRY,
    }
    /// A hold ended and gave its points back.
    HoldReleased = "perennial.led.holdreleased.v1" {
        /// The hold.
        hold: String = "m-1.40".into(),
        /// How many points it gave back, before debt was repaid.
        points: Points = Points(300),
    }
    /// Points were spent.
    PointsRedeemed = "perennial.led.pointsredeemed.v1" {
        /// How many.
        points: Points = Points(100),
    }
    /// Spent points came back.
    PointsRestored = "perennial.led.pointsrestored.v1" {
        /// How many.
        points: Points = Points(100),
        /// How many stay expired.
        lost: Points = Points(0),
    }
    /// Earned points were taken back: after a refund, or with the fact that earned them.
    PointsReversed = "perennial.led.pointsreversed.v1" {
        /// How many, debt included.
        points: Points = Points(100),
    }
    /// Points were corrected by hand.
    PointsAdjusted = "perennial.led.pointsadjusted.v1" {
        /// How many, up or down.
        points: Points = Points(50),
        /// One of the programme's reasons.
        reason: String = "goodwill".into(),
    }
    /// A correction by hand waits for a second person.
    AdjustmentRequested = "perennial.led.adjustmentrequested.v1" {
        /// The request.
        adjustment: String = "m-1.42".into(),
        /// How many points, up or down.
        points: Points = Points(1_500),
        /// One of the programme's reasons.
        reason: String = "complaint".into(),
    }
    /// Points are owed after a refund of spent points.
    DebtIncurred = "perennial.led.debtincurred.v1" {
        /// How many.
        points: Points = Points(80),
    }
    /// Points repaid debt: those of a fact when it is recorded, those that became spendable when that is.
    DebtRepaid = "perennial.led.debtrepaid.v1" {
        /// How many.
        points: Points = Points(50),
    }
    /// Status points were credited.
    StatusCredited = "perennial.led.statuscredited.v1" {
        /// How many.
        points: Points = Points(199),
    }
    /// Status points were taken back.
    StatusReversed = "perennial.led.statusreversed.v1" {
        /// How many.
        points: Points = Points(66),
    }
    /// A reward was had.
    RedemptionConfirmed = "perennial.red.redemptionconfirmed.v1" {
        /// The redemption.
        redemption: String = "m-1.42".into(),
        /// Which reward.
        reward: String = "drink".into(),
        /// What it is.
        reward_kind: RewardKind = RewardKind::Voucher,
        /// How many.
        quantity: u32 = 1,
        /// What it was given for, in the words of the context that asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<String> = None,
    }
    /// What another context asked to be given was not: it is told once, and nothing else comes of the request.
    RewardGrantRefused = "perennial.red.rewardgrantrefused.v1" {
        /// Which reward, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reward: Option<String> = Some("drink".into()),
        /// Which benefit, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        benefit: Option<String> = None,
        /// Why not.
        code: GrantRefusal = GrantRefusal::OutOfStock,
        /// What it was asked for, in the words of the context that asked.
        cause: String = "grant-1001".into(),
    }
    /// A voucher was issued; its code is only in the answer to the member.
    VoucherIssued = "perennial.red.voucherissued.v1" {
        /// The redemption that it belongs to.
        redemption: String = "m-1.42".into(),
        /// Of which reward.
        reward: String = "drink".into(),
        /// Until when it is valid.
        expires_at: Timestamp = EXPIRY,
        /// What it was given for, in the words of the context that asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<String> = None,
    }
    /// A voucher was used.
    VoucherUsed = "perennial.red.voucherused.v1" {
        /// The redemption that it belongs to.
        redemption: String = "m-1.42".into(),
        /// Of which reward.
        reward: String = "drink".into(),
    }
    /// A redemption or a payment with points was taken back.
    RedemptionReversed = "perennial.red.redemptionreversed.v1" {
        /// What was taken back.
        redemption: String = "m-1.42".into(),
        /// Who cancelled.
        initiated_by: Initiator = Initiator::Merchant,
    }
}

/// The `source` of every event.
pub const SOURCE: &str = "/perennial/accounts";
