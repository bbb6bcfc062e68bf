//! Purchases, behaviours, refunds and corrections become points.
//!
//! HTTP, and the queue `ingest` with one CloudEvent per message: a fact, or `activity.reversed`, which takes one back; those of one
//! member in a batch become one write. A message that is refused, or is no event, fails alone and ends in the dead-letter queue; a
//! redelivered one finds its entry and changes nothing.

mod activities;
mod adjustments;
mod door;
mod moves;
mod quotes;
mod refunds;
mod reversals;
pub mod wire;

use domain::kernel::refusal::Refusal as _;
use domain::ledger::activity_reversal::ReversingActivity;
use domain::ledger::adjustment::{Adjusting, Approving};
use domain::ledger::earning::earn::Earning;
use domain::ledger::hold::Holding;
use domain::ledger::membership::Gone;
use domain::ledger::moving::Moving;
use domain::ledger::redemption::Redeeming;
use domain::ledger::refund::Refunding;
use domain::ledger::refusal::{Nobody, OtherFact};
use domain::programme::source::Sourcing;
use lambda::{Access, App, Consumer, Function, Key, Method, Route, Scope, Shape, Whose, call, reply};
use wire::{
    ActivityEvent, ActivityReversalReply, ActivityReversalRequest, AdjustmentReply, AdjustmentRequest, BatchReply,
    BatchRequest, MoveReply, MoveRequest, ParkedReply, QuoteAnswer, QuoteRequest, RefundReply, RefundRequest,
    ReportReply,
};

const ROUTES: &[Route<App>] = &[
    Route {
        method: Method::Post,
        path: "/v1/activities",
        id: "reportActivity",
        says: "Report an activity: a paid order, or any behaviour that the programme declares. What it declares as a signal is noted, and earns nothing.",
        access: Access::Of(Scope::ActivitiesWrite, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<ActivityEvent>(&[reply::<ReportReply>(200, "What it earned, and why; or that it is noted")]),
        refuses: &[Earning::CODES, OtherFact::CODES, Nobody::CODES, Sourcing::CODES],
        call: |app, request| Box::pin(app.counting(request, activities::post(app, request))),
    },
    Route {
        method: Method::Post,
        path: "/v1/activities/batch",
        id: "reportActivities",
        says: "Report up to 25 activities; each is answered by itself, those of one member become one write.",
        access: Access::Of(Scope::ActivitiesWrite, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<BatchRequest>(&[reply::<BatchReply>(200, "One answer per activity, in order")]),
        refuses: &[],
        call: call!(activities::post_batch),
    },
    Route {
        method: Method::Post,
        path: "/v1/activities/reversals",
        id: "reverseActivity",
        says: "Take back what a fact that is no order has earned; the turns of limits come back. It happens once; before the fact, it waits for it.",
        access: Access::Of(Scope::ActivitiesWrite, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<ActivityReversalRequest>(&[reply::<ActivityReversalReply>(200, "What it took back")]),
        refuses: &[ReversingActivity::CODES, OtherFact::CODES, Sourcing::CODES],
        call: |app, request| Box::pin(app.counting(request, reversals::post(app, request))),
    },
    Route {
        method: Method::Post,
        path: "/v1/orders/{order_id}/refunds",
        id: "reportRefund",
        says: "Report a return of an order, in part or whole; before its order, it waits for it, and enrols nobody.",
        access: Access::Of(Scope::RefundsWrite, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<RefundRequest>(&[reply::<RefundReply>(200, "What it took back")]),
        refuses: &[Refunding::CODES, OtherFact::CODES, Sourcing::CODES],
        call: |app, request| Box::pin(app.counting(request, refunds::post(app, request))),
    },
    Route {
        method: Method::Post,
        path: "/v1/orders/{order_id}/moves",
        id: "moveOrder",
        says: "Move an order that was credited to the wrong member: it comes back whole at the one, and is earned at the other as when it was paid. Above the programme's limit a second person asks for the same.",
        access: Access::Of(Scope::OrdersMove, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<MoveRequest>(&[
            reply::<MoveReply>(200, "Moved"),
            reply::<MoveReply>(202, "Waits for a second person"),
        ]),
        refuses: &[Moving::CODES],
        call: call!(moves::post),
    },
    Route {
        method: Method::Get,
        path: "/v1/refunds/parked",
        id: "listParkedRefunds",
        says: "Refunds that wait for their orders, those that lapse first first.",
        access: Access::Of(Scope::OrdersRead, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(
            &[
                ("limit", "Of how many orders, 1 to 100; 20 if absent"),
                ("after", "What `next` of the last answer said"),
            ],
            &[reply::<ParkedReply>(200, "Refunds")],
        ),
        refuses: &[],
        call: call!(refunds::parked),
    },
    Route {
        method: Method::Post,
        path: "/v1/adjustments",
        id: "adjust",
        says: "Correct a balance by hand, with a reason. Above the programme's limit a second person approves.",
        access: Access::Of(Scope::AdjustmentsWrite, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<AdjustmentRequest>(&[
            reply::<AdjustmentReply>(200, "Posted"),
            reply::<AdjustmentReply>(202, "Waits for a second person"),
        ]),
        refuses: &[Adjusting::CODES, Gone::CODES, Nobody::CODES],
        call: call!(adjustments::post),
    },
    Route {
        method: Method::Post,
        path: "/v1/adjustments/{adjustment_id}/approvals",
        id: "approveAdjustment",
        says: "Approve a correction that somebody else asked for. It happens once.",
        access: Access::Of(Scope::AdjustmentsApprove, Whose::Entry("adjustment_id")),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<AdjustmentReply>(200, "Posted")]),
        refuses: &[Approving::CODES, Gone::CODES],
        call: call!(adjustments::approve),
    },
    Route {
        method: Method::Post,
        path: "/v1/quotes",
        id: "quote",
        says: "Ask what would happen: the same decision, written nowhere.",
        access: Access::Of(Scope::QuotesRead, Whose::Body),
        key: Key::Read,
        shape: Shape::of::<QuoteRequest>(&[reply::<QuoteAnswer>(200, "What would happen")]),
        refuses: &[
            Earning::CODES,
            Refunding::CODES,
            Redeeming::CODES,
            Holding::CODES,
            OtherFact::CODES,
            Nobody::CODES,
            Sourcing::CODES,
        ],
        call: call!(quotes::post),
    },
];

/// The function.
pub const FUNCTION: Function<App> = Function {
    name: "earn",
    routes: ROUTES,
    queues: &[Consumer { queue: "IngestQueue", wants: &[], work: call!(activities::ingest, deadline) }],
    streams: &[],
    schedules: &[],
};
