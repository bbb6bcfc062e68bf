//! The service desk: a concern becomes a ticket that reaches the right department, always has an owner and a due time, is measured in working
//! time and ends with a question; an agent can put things right on the spot, within budgets.
//!
//! Each command is one transaction: the ticket, a row of its log, the places of agents, and budgets. Facts come from the queue `desk`; what
//! time does is written every five minutes, each with its own instant, and nothing depends on that.

mod commands;
mod desk;
mod grants;
mod opening;
mod people;
mod queue;
mod reading;
mod tick;
mod wire;

use domain::desk::{AgentRefusal, DeskRefusal};
use domain::kernel::refusal::{Codes, Missing, Refusal as _};
use domain::members::finding::Finding;
use lambda::{Access, Consumer, Function, Key, Method, Private, Route, Run, Scope, Shape, Whose, call, reply};
use wire::asked::{
    AssignmentRequest, DecisionRequest, GrantRequest, MergeRequest, MessageRequest, NoteRequest, OpenRequest,
    PriorityRequest, ReopeningRequest, ResolutionRequest, RouteRequest, StateRequest,
};
use wire::desk::{AgentReply, AgentRequest, BudgetsReply, ManagerReply, QueuesReply, StatusRequest};
use wire::ticket::{LogReply, TicketReply, TicketsReply};

const REFUSED: &[Codes] = &[DeskRefusal::CODES];
const MISSING: &[Codes] = &[Missing::CODES, Finding::CODES];
const WORK: Access = Access::Of(Scope::TicketsWork, Whose::Nobody);
const READ: Access = Access::Of(Scope::TicketsRead, Whose::Nobody);
const OWN: Access = Access::Of(Scope::TicketsRead, Whose::Path("member_id"));

const ROUTES: &[Route<Private>] = &[
    Route {
        method: Method::Post,
        path: "/v1/tickets",
        id: "openTicket",
        says: "Open a ticket: the routes of the programme say which department answers for it and until when, and somebody of it is found.",
        access: Access::Of(Scope::TicketsOpen, Whose::Body),
        key: Key::Header,
        shape: Shape::of::<OpenRequest>(&[reply::<TicketReply>(201, "The ticket")]),
        refuses: REFUSED,
        call: call!(opening::post),
    },
    Route {
        method: Method::Get,
        path: "/v1/tickets",
        id: "listTickets",
        says: "Tickets of a department (`queue`), of an agent (`owner`, `me` oneself), or those that nobody owns (`unassigned`), by due time.",
        access: WORK,
        key: Key::Read,
        shape: Shape::asked(
            &[
                ("queue", "A department"),
                ("owner", "An agent, or `me`"),
                ("unassigned", "A department, of which those that nobody owns"),
                ("state", "A state; what is in another one is passed over"),
                ("after", "What `next` of the last answer said"),
                ("limit", "1 to 100, 50 if absent"),
            ],
            &[reply::<TicketsReply>(200, "Tickets")],
        ),
        refuses: MISSING,
        call: call!(reading::list),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/tickets",
        id: "listMemberTickets",
        says: "Tickets of a member, the newest first.",
        access: OWN,
        key: Key::Read,
        shape: Shape::asked(
            &[("after", "What `next` of the last answer said")],
            &[reply::<TicketsReply>(200, "Tickets")],
        ),
        refuses: MISSING,
        call: call!(reading::of_member),
    },
    Route {
        method: Method::Get,
        path: "/v1/tickets/{ticket_id}",
        id: "getTicket",
        says: "A ticket, with its clocks. A member sees its own.",
        access: READ,
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<TicketReply>(200, "The ticket")]),
        refuses: MISSING,
        call: call!(reading::get),
    },
    Route {
        method: Method::Get,
        path: "/v1/tickets/{ticket_id}/log",
        id: "getTicketLog",
        says: "What was said and done, the first first. A member sees what was said to it, and by it.",
        access: READ,
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<LogReply>(200, "The log")]),
        refuses: MISSING,
        call: call!(reading::log),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/messages",
        id: "writeMessage",
        says: "The member writes, or an agent answers. On what is closed another ticket goes on.",
        access: Access::Of(Scope::TicketsReply, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<MessageRequest>(&[reply::<TicketReply>(200, "The ticket, or the one that goes on with it")]),
        refuses: REFUSED,
        call: call!(commands::message),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/notes",
        id: "writeNote",
        says: "Write something down that members do not see.",
        access: Access::Of(Scope::TicketsWork, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<NoteRequest>(&[reply::<TicketReply>(200, "The ticket")]),
        refuses: REFUSED,
        call: call!(commands::note),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/state",
        id: "setTicketState",
        says: "Say whom the ticket waits for, or that it waits no more.",
        access: Access::Of(Scope::TicketsWork, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<StateRequest>(&[reply::<TicketReply>(200, "The ticket")]),
        refuses: REFUSED,
        call: call!(commands::state),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/assignment",
        id: "assignTicket",
        says: "Give the ticket to an agent, or back to its queue, which offers it again.",
        access: Access::Of(Scope::TicketsWork, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<AssignmentRequest>(&[reply::<TicketReply>(200, "The ticket")]),
        refuses: REFUSED,
        call: call!(commands::assignment),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/route",
        id: "routeTicket",
        says: "Give the ticket to another department, where somebody is found for it.",
        access: Access::Of(Scope::TicketsWork, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<RouteRequest>(&[reply::<TicketReply>(200, "The ticket")]),
        refuses: REFUSED,
        call: call!(commands::route),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/priority",
        id: "setTicketPriority",
        says: "Give the ticket another service level from now on. None of its clocks is breached by that alone.",
        access: Access::Of(Scope::TicketsWork, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<PriorityRequest>(&[reply::<TicketReply>(200, "The ticket")]),
        refuses: REFUSED,
        call: call!(commands::priority),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/resolution",
        id: "resolveTicket",
        says: "Resolve the ticket: with an answer, now or earlier, or a reason for being silent.",
        access: Access::Of(Scope::TicketsWork, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<ResolutionRequest>(&[reply::<TicketReply>(200, "The ticket")]),
        refuses: REFUSED,
        call: call!(commands::resolution),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/reopening",
        id: "reopenTicket",
        says: "Open a resolved ticket again, with a reason.",
        access: Access::Of(Scope::TicketsWork, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<ReopeningRequest>(&[reply::<TicketReply>(200, "The ticket")]),
        refuses: REFUSED,
        call: call!(commands::reopening),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/merge",
        id: "mergeTicket",
        says: "Make the ticket part of another one of the same member that was opened before.",
        access: Access::Of(Scope::TicketsWork, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<MergeRequest>(&[reply::<TicketReply>(200, "The ticket, which is part of the other now")]),
        refuses: REFUSED,
        call: call!(commands::merge_into),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/grants",
        id: "giveOnTheSpot",
        says: "Give something of the emergency pack, or propose it where a second person must agree.",
        access: Access::Of(Scope::GrantsWrite, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<GrantRequest>(&[reply::<TicketReply>(200, "The ticket, the grant among its grants")]),
        refuses: REFUSED,
        call: call!(grants::give),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/grants/{grant_id}/approval",
        id: "approveGrant",
        says: "Agree, as the second person, to what was proposed.",
        access: Access::Of(Scope::GrantsApprove, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<DecisionRequest>(&[reply::<TicketReply>(200, "The ticket")]),
        refuses: REFUSED,
        call: call!(grants::approve),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/grants/{grant_id}/rejection",
        id: "rejectGrant",
        says: "Refuse what was proposed: what was kept for it is given back.",
        access: Access::Of(Scope::GrantsApprove, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<DecisionRequest>(&[reply::<TicketReply>(200, "The ticket")]),
        refuses: REFUSED,
        call: call!(grants::reject),
    },
    Route {
        method: Method::Post,
        path: "/v1/tickets/{ticket_id}/grants/{grant_id}/cancellation",
        id: "cancelGrant",
        says: "Take back what was proposed, or given and is not sent yet.",
        access: Access::Of(Scope::GrantsApprove, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<DecisionRequest>(&[reply::<TicketReply>(200, "The ticket")]),
        refuses: REFUSED,
        call: call!(grants::cancel),
    },
    Route {
        method: Method::Get,
        path: "/v1/desk/budgets",
        id: "getBudgets",
        says: "What one may still give on the spot.",
        access: WORK,
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<BudgetsReply>(200, "Budgets")]),
        refuses: MISSING,
        call: call!(people::budgets),
    },
    Route {
        method: Method::Get,
        path: "/v1/desk/queues",
        id: "getQueues",
        says: "Of each department how many tickets are at work, unassigned and overdue, and how many agents are there.",
        access: WORK,
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<QueuesReply>(200, "Departments")]),
        refuses: MISSING,
        call: call!(people::queues),
    },
    Route {
        method: Method::Put,
        path: "/v1/desk/agents/{agent}",
        id: "putAgent",
        says: "Say for which departments somebody works, in which languages, how many tickets may be open, and which members the agent is.",
        access: Access::Of(Scope::DeskManage, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<AgentRequest>(&[reply::<AgentReply>(200, "The agent")]),
        refuses: &[AgentRefusal::CODES, Missing::CODES],
        call: call!(people::put),
    },
    Route {
        method: Method::Put,
        path: "/v1/desk/agents/me/status",
        id: "putStatus",
        says: "Say that one is available, away or offline. Whoever is available is offered what waits.",
        access: WORK,
        key: Key::Business,
        shape: Shape::of::<StatusRequest>(&[reply::<AgentReply>(200, "The agent")]),
        refuses: &[Missing::CODES],
        call: call!(people::status),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/manager",
        id: "getManager",
        says: "The agent of a member's own.",
        access: OWN,
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<ManagerReply>(200, "The agent")]),
        refuses: MISSING,
        call: call!(people::manager),
    },
];

/// The function.
pub const FUNCTION: Function<Private> = Function {
    name: "service-desk",
    routes: ROUTES,
    queues: &[Consumer { queue: "DeskQueue", wants: queue::WANTS, work: call!(queue::take, deadline) }],
    streams: &[],
    schedules: &[Run { work: call!(tick::run) }],
};
