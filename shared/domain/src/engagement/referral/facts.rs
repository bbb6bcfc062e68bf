//! What is told of referrals. No event says who brought whom.

use jiff::Timestamp;

use crate::kernel::event::facts;
use crate::kernel::quantity::Minor;

facts! { ReferralFact:
    /// A member has a code.
    ReferralCodeIssued = "perennial.ref.referralcodeissued.v1" {
        /// Which.
        code: String = "MAMA2026".into(),
    }
    /// A friend said who brought them.
    ReferralClaimed = "perennial.ref.referralclaimed.v1" {
        /// Until when an order qualifies.
        expires_at: Timestamp = Timestamp::constant(1_798_340_400, 0),
    }
    /// A claim does not stand, or brings nothing.
    ReferralRejected = "perennial.ref.referralrejected.v1" {
        /// Why.
        code: String = "below_minimum".into(),
    }
    /// Somebody has to look at a claim.
    ReferralFlagged = "perennial.ref.referralflagged.v1" {
        /// Why.
        flags: Vec<String> = vec!["household".into()],
    }
    /// The friend's order was good.
    ReferralQualified = "perennial.ref.referralqualified.v1" {
        /// The commission.
        minor: Minor = Minor(500),
    }
    /// A commission was accrued.
    CommissionAccrued = "perennial.ref.commissionaccrued.v1" {
        /// How much.
        minor: Minor = Minor(500),
    }
    /// A commission is to be paid.
    CommissionPayable = "perennial.ref.commissionpayable.v1" {
        /// How much.
        minor: Minor = Minor(500),
    }
    /// A commission is not to be paid, or less of it.
    CommissionReversed = "perennial.ref.commissionreversed.v1" {
        /// How much less.
        minor: Minor = Minor(500),
    }
    /// No claims are taken: they cost too much.
    ReferralPaused = "perennial.ref.referralpaused.v1" {
        /// The cost against what a new customer costs otherwise, in basis points.
        ratio_bp: i64 = 5_000,
    }
    /// Claims cost much.
    ReferralCostWarned = "perennial.ref.referralcostwarned.v1" {
        /// The cost against what a new customer costs otherwise, in basis points.
        ratio_bp: i64 = 4_001,
    }
}
