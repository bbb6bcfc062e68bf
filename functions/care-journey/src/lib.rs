//! Care journeys: what members are written to about, and what is done for them, at the right moment and never twice.
//!
//! Facts come from the queue `care`; what is due is decided every five minutes, through the index of what is due. What is claimed is told, and
//! others send and do it. HTTP says of every step why it was or was not done, what will come, and stops journeys.

mod context;
mod journeys;
mod previews;
mod queue;
mod shown;
mod tick;
mod wire;

use domain::care::Pausing;
use domain::kernel::refusal::{InvalidField, Missing, Refusal as _};
use domain::members::finding::Finding;
use lambda::{Access, Consumer, Function, Key, Method, Route, Run, Scope, Shape, Whose, call, reply};
use wire::care::CareReply;
use wire::pause::{PauseReply, PauseRequest};
use wire::preview::{PreviewReply, PreviewRequest};

pub use context::Carer;

const ROUTES: &[Route<Carer>] = &[
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/care",
        id: "getCare",
        says: "What was done for a member and is to come, step by step, what was planned last first: why it was or was not done.",
        access: Access::Of(Scope::CareRead, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(&[("after", "What `next` of the last answer said")], &[reply::<CareReply>(200, "Steps")]),
        refuses: &[Finding::CODES],
        call: call!(shown::get),
    },
    Route {
        method: Method::Post,
        path: "/v1/care/preview",
        id: "previewCare",
        says: "What will be done for a member in the days to come, if nothing else happens than what is said. Nothing is written.",
        access: Access::Of(Scope::CarePreview, Whose::Body),
        key: Key::Read,
        shape: Shape::of::<PreviewRequest>(&[reply::<PreviewReply>(200, "What will come")]),
        refuses: &[Finding::CODES, InvalidField::CODES],
        call: call!(previews::post),
    },
    Route {
        method: Method::Post,
        path: "/v1/care/journeys/{journey}/pause",
        id: "pauseJourney",
        says: "Stop a journey at once: what is due meanwhile is skipped, until it is resumed.",
        access: Access::Of(Scope::CareAdmin, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<PauseRequest>(&[reply::<PauseReply>(200, "It stands still")]),
        refuses: &[Pausing::CODES, Missing::CODES],
        call: call!(journeys::pause),
    },
    Route {
        method: Method::Post,
        path: "/v1/care/journeys/{journey}/resume",
        id: "resumeJourney",
        says: "Let a journey go on that was stopped.",
        access: Access::Of(Scope::CareAdmin, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<PauseRequest>(&[reply::<PauseReply>(200, "It goes on")]),
        refuses: &[Pausing::CODES, Missing::CODES],
        call: call!(journeys::resume),
    },
];

/// The function.
pub const FUNCTION: Function<Carer> = Function {
    name: "care-journey",
    routes: ROUTES,
    queues: &[Consumer { queue: "CareQueue", wants: queue::WANTS, work: call!(queue::take, deadline) }],
    streams: &[],
    schedules: &[Run { work: call!(tick::run) }],
};
