//! Points are spent: rewards, donations, paying at a checkout, vouchers; and taken back.
//!
//! HTTP, and the queue `grants`, by which other contexts of the product give rewards at no price and use benefits. What cannot be given
//! is recorded and told by an event; a message that asks for nothing that can be given fails alone and ends in the dead-letter queue.

mod benefits;
mod grants;
mod holds;
mod redemptions;
mod rewards;
mod stock;
mod vouchers;
mod wire;

use domain::kernel::refusal::{InvalidField, Refusal as _};
use domain::ledger::benefit::UsingBenefit;
use domain::ledger::hold::{EndingHold, Holding};
use domain::ledger::membership::Gone;
use domain::ledger::redemption::Redeeming;
use domain::ledger::reversal::Reversing;
use domain::ledger::voucher::UsingVoucher;
use domain::programme::stock::Restocking;
use lambda::wire::{HoldRequest, RedemptionReply, RedemptionRequest, RewardsReply};
use lambda::{Access, App, Consumer, Function, Key, Method, Route, Scope, Shape, Whose, call, reply};
use wire::{
    BenefitReversalReply, BenefitUseReply, CaptureReply, DonationReply, DonationRequest, HoldReply, Nothing,
    ReleaseReply, RestockReply, RestockRequest, ReversalReply, ReversalRequest, VoucherUseReply, VouchersReply,
};

const ROUTES: &[Route<App>] = &[
    Route {
        method: Method::Post,
        path: "/v1/redemptions",
        id: "redeem",
        says: "Spend points on a reward.",
        access: Access::Of(Scope::RedemptionsWrite, Whose::Body),
        key: Key::Header,
        shape: Shape::of::<RedemptionRequest>(&[reply::<RedemptionReply>(200, "Redeemed")]),
        refuses: &[Redeeming::CODES, Gone::CODES],
        call: call!(redemptions::post),
    },
    Route {
        method: Method::Post,
        path: "/v1/redemptions/{redemption_id}/reversals",
        id: "reverseRedemption",
        says: "Take a redemption back: points return with their original expiry dates, stock and voucher with them.",
        access: Access::Of(Scope::ReversalsWrite, Whose::Entry("redemption_id")),
        key: Key::Header,
        shape: Shape::of::<ReversalRequest>(&[reply::<ReversalReply>(200, "Reversed")]),
        refuses: &[Reversing::CODES, UsingVoucher::CODES, Gone::CODES],
        call: call!(redemptions::reverse),
    },
    Route {
        method: Method::Post,
        path: "/v1/holds",
        id: "holdPoints",
        says: "Hold points for an order that is being paid.",
        access: Access::Of(Scope::HoldsWrite, Whose::Body),
        key: Key::Header,
        shape: Shape::of::<HoldRequest>(&[reply::<HoldReply>(200, "Held")]),
        refuses: &[Holding::CODES, Gone::CODES],
        call: call!(holds::post),
    },
    Route {
        method: Method::Post,
        path: "/v1/holds/{hold_id}/capture",
        id: "captureHold",
        says: "Spend held points. It happens once.",
        access: Access::Of(Scope::HoldsCapture, Whose::Entry("hold_id")),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<CaptureReply>(200, "Spent")]),
        refuses: &[EndingHold::CODES, Gone::CODES],
        call: call!(holds::capture),
    },
    Route {
        method: Method::Post,
        path: "/v1/holds/{hold_id}/release",
        id: "releaseHold",
        says: "Give held points back. It happens once.",
        access: Access::Of(Scope::HoldsWrite, Whose::Entry("hold_id")),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<ReleaseReply>(200, "Given back")]),
        refuses: &[EndingHold::CODES, Gone::CODES],
        call: call!(holds::release),
    },
    Route {
        method: Method::Post,
        path: "/v1/orders/{order_id}/hold/capture",
        id: "captureHoldOfOrder",
        says: "Spend the points that are held for an order, such as a booking that came from another programme. It happens once.",
        access: Access::Of(Scope::HoldsCapture, Whose::Nobody),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<CaptureReply>(200, "Spent")]),
        refuses: &[EndingHold::CODES, Gone::CODES],
        call: call!(holds::capture_of),
    },
    Route {
        method: Method::Post,
        path: "/v1/orders/{order_id}/hold/release",
        id: "releaseHoldOfOrder",
        says: "Give the points back that are held for an order. It happens once; then nothing is held for it.",
        access: Access::Of(Scope::HoldsWrite, Whose::Nobody),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<ReleaseReply>(200, "Given back")]),
        refuses: &[EndingHold::CODES, Gone::CODES],
        call: call!(holds::release_of),
    },
    Route {
        method: Method::Post,
        path: "/v1/donations",
        id: "donate",
        says: "Give points to a project.",
        access: Access::Of(Scope::DonationsWrite, Whose::Body),
        key: Key::Header,
        shape: Shape::of::<DonationRequest>(&[reply::<DonationReply>(200, "Given")]),
        refuses: &[Redeeming::CODES, Gone::CODES],
        call: call!(redemptions::donate),
    },
    Route {
        method: Method::Post,
        path: "/v1/vouchers/{code}/uses",
        id: "useVoucher",
        says: "Use a voucher at a till. It happens once.",
        access: Access::Of(Scope::VouchersUse, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<Nothing>(&[reply::<VoucherUseReply>(200, "Used")]),
        refuses: &[UsingVoucher::CODES, Gone::CODES],
        call: call!(vouchers::use_one),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/rewards",
        id: "listRewards",
        says: "The catalogue as a member sees it: prices, availability, and every reason why not.",
        access: Access::Of(Scope::RewardsRead, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<RewardsReply>(200, "The catalogue")]),
        refuses: &[Gone::CODES],
        call: call!(rewards::get),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/vouchers",
        id: "listVouchers",
        says: "The vouchers of a member, newest first: whichever can still be used, and what became of the others of that time.",
        access: Access::Of(Scope::RewardsRead, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<VouchersReply>(200, "The vouchers")]),
        refuses: &[Gone::CODES],
        call: call!(vouchers::get),
    },
    Route {
        method: Method::Post,
        path: "/v1/rewards/{reward}/stock",
        id: "restock",
        says: "Lay in pieces of a reward (of a benefit: `benefit:ID`), or take some out; never those that were issued.",
        access: Access::Of(Scope::RewardsWrite, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<RestockRequest>(&[reply::<RestockReply>(200, "Laid in")]),
        refuses: &[Restocking::CODES, InvalidField::CODES],
        call: call!(stock::post),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/benefits/{benefit}/uses",
        id: "useBenefit",
        says: "Use a benefit of the member's tier once.",
        access: Access::Of(Scope::BenefitsUse, Whose::Path("member_id")),
        key: Key::Header,
        shape: Shape::of::<Nothing>(&[reply::<BenefitUseReply>(200, "Used")]),
        refuses: &[UsingBenefit::CODES, Gone::CODES],
        call: call!(benefits::use_one),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/benefits/{benefit}/uses/{use_id}/reversals",
        id: "reverseBenefitUse",
        says: "Take the use of a benefit back: the turn of its period returns, and the piece of stock. It happens once.",
        access: Access::Of(Scope::ReversalsWrite, Whose::Path("member_id")),
        key: Key::Header,
        shape: Shape::of::<Nothing>(&[reply::<BenefitReversalReply>(200, "Taken back")]),
        refuses: &[Reversing::CODES, Gone::CODES],
        call: call!(benefits::reverse),
    },
];

/// The function.
pub const FUNCTION: Function<App> = Function {
    name: "redeem",
    routes: ROUTES,
    queues: &[Consumer { queue: "GrantsQueue", wants: &[], work: call!(grants::take, deadline) }],
    streams: &[],
    schedules: &[],
};
