//! Message dispatch: what care has claimed becomes a mail, a text message or a text in the app, in the member's language, checked again at
//! the last moment, and its outcome known, or honestly unknown.
//!
//! Addresses and values are read, used and dropped: what is kept of a message says neither where it went nor what it said.

mod actions;
mod context;
mod deliver;
mod forget;
mod inbox;
mod messages;
mod wire;

use domain::kernel::refusal::{Missing, Refusal as _};
use domain::members::finding::Finding;
use lambda::{Access, Consumer, Function, Key, Method, Route, Scope, Shape, Whose, anything, call, reply};
use wire::{InboxReply, MessageReply, ReadReply};

pub use context::Dispatcher;

const ROUTES: &[Route<Dispatcher>] = &[
    Route {
        method: Method::Get,
        path: "/v1/messages/{message_id}",
        id: "getMessage",
        says: "What became of a message: where it stands, by what it went, in which language; never where to, or what it said.",
        access: Access::Of(Scope::CareRead, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<MessageReply>(200, "The message")]),
        refuses: &[Missing::CODES],
        call: call!(messages::get),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/inbox",
        id: "listInbox",
        says: "What a member was told in the app, the newest first.",
        access: Access::Of(Scope::InboxRead, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(&[("after", "What `next` of the last answer said")], &[reply::<InboxReply>(200, "Texts")]),
        refuses: &[Finding::CODES],
        call: call!(inbox::list),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/inbox/{text_id}/read",
        id: "readInbox",
        says: "Note that a text in the app was read; the first time counts.",
        access: Access::Of(Scope::InboxRead, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<ReadReply>(200, "It was read")]),
        refuses: &[Finding::CODES, Missing::CODES],
        call: call!(inbox::read),
    },
    Route {
        method: Method::Get,
        path: "/a/{token}",
        id: "showAction",
        says: "The page on which something can be done that a message is about: for whoever has the link. It changes nothing.",
        access: Access::Open,
        key: Key::Read,
        shape: Shape::page(&[], &[anything(200, "The page")]),
        refuses: &[],
        call: call!(actions::get),
    },
    Route {
        method: Method::Post,
        path: "/a/{token}",
        id: "takeAction",
        says: "What the page's button sends: it is done once, however often it is pressed.",
        access: Access::Open,
        key: Key::Business,
        shape: Shape::page(&[], &[anything(200, "The page, afterwards")]),
        refuses: &[],
        call: call!(actions::post),
    },
];

/// The function.
pub const FUNCTION: Function<Dispatcher> = Function {
    name: "message-dispatch",
    routes: ROUTES,
    queues: &[Consumer { queue: "DeliverQueue", wants: deliver::WANTS, work: call!(deliver::take, deadline) }],
    streams: &[],
    schedules: &[],
};
