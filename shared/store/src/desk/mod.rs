//! Tickets, agents and budgets. A command on a ticket is one transaction: the ticket under its version, a row of its log put if absent, the
//! agents whose places it takes or frees under theirs, and the budgets that it uses up, each under its limit.
//!
//! | item of `desk` | |
//! |---|---|
//! | `a#AGENT` | an agent, see `agent_item.rs` |
//! | `d#MEMBER` | whose own an agent is, see `agent_item.rs` |
//! | `b#month#2026-11` | `n` what was spent in a local month, in minor units |
//! | `b#agent#2026-11-27#AGENT` | `n` how often an agent gave on a local date |
//! | `b#member#MEMBER` | `n` the number of the local date on which a member got something last |
//! | `s#ITEM` | `n` how many of a gift were given |
//!
//! Budgets go 400 days after they were last moved (`ttl`), gifts do not.

mod agent_item;
mod agents;
mod budgets;
mod forget;
mod items;
mod lists;
mod log;
mod run;
mod ticket_item;

pub use budgets::{Gives, Moved};
pub use items::{decode_agent, decode_dedication, decode_ticket, encode_agent, encode_dedication, encode_ticket};
pub use lists::{ListedTicket, TicketPlace, Tickets, TicketsOf};
pub use log::LogRow;
pub use run::{SeenTicket, TicketAsked, TicketDecided, TicketDone, Words};
