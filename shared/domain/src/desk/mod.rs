//! The service desk: a concern becomes a ticket with an owner and a due time, is measured in working time, and ends (rules: desk).
//!
//! A [`Ticket`] is one piece of state. Its [`History`] is what states it was in; everything that its [`Clock`]s say follows from that.
//! Each command first does what time has done, so nothing depends on whoever looks every few minutes.

mod agents;
mod aggregate;
mod changing;
mod clock;
mod command;
mod deciding;
mod facts;
mod grant;
mod handing;
mod history;
mod kind;
mod naming;
mod pack;
mod refusal;
mod routing;
mod ticket;
mod working;

pub use self::agents::{AgentRefusal, Dedication, Record, Said, Status};
pub use self::clock::{Clock, Reading, Verdict};
pub use self::command::{
    CODES, Dissatisfied, Messaged, Opening, Resolving, assign, change_policy, dissatisfied, merge, message, move_to,
    note, open, reconsidered, reopen, reply, resolve, tick, wait_for,
};
pub use self::deciding::Scene;
pub use self::facts::DeskFact;
pub use self::grant::{Agent as Granter, Asked, Moves, Used, approve, denied, grant, is_for, lapsing, take_back};
pub use self::handing::{follow, give_back, offer};
pub use self::history::{History, State};
pub use self::kind::Kind;
pub use self::naming::{is_name, is_ticket};
pub use self::pack::{Grant, GrantState};
pub use self::refusal::DeskRefusal;
pub use self::routing::{Acquainted, Agent, Concern, Routed, candidates, route, ticket_of};
pub use self::ticket::{About, Link, LinkKind, Ticket};
pub use self::working::Working;
