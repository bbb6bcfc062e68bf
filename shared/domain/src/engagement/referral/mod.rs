//! Members bring friends: one level, money apart from points, and checks against abuse (rules: referral).

mod advocate;
mod claim;
mod claiming;
mod code;
mod facts;
mod guard;
mod order;
mod refund;
mod review;
mod statement;
mod touch;

pub use self::advocate::{Advocate, Identity, IdentityHash, Kind};
pub use self::claim::{Claim, ClaimState, Deciding, Flag, Reason};
pub use self::claiming::{Answer, ClaimRefusal, Claiming, Ground, IpWindow, first_touch};
pub use self::code::{CodeRefusal, ReferralCode, issue};
pub use self::facts::ReferralFact;
pub use self::guard::{Conversion, Cost, Guard, GuardRefusal, GuardState, cost_of};
pub use self::order::{PaidOrder, qualified};
pub use self::refund::{Refunded, refunded};
pub use self::review::{Decision, ReviewRefusal, approved, lapsed, one_person, payable, rejected};
pub use self::statement::{Payable, PayableState, Statement, StatementRefusal, StatementState};
pub use self::touch::Touch;
