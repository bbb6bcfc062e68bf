//! Items of the desk for whoever holds their bytes against what they were.

use domain::desk::{Dedication, Record, Ticket};
use domain::kernel::change::Key;
use domain::kernel::id::MemberId;

use super::agent_item::{AGENT, DEDICATED};
use crate::aggregate::Stored;
use crate::attribute::Item;
use crate::error::Damage;

fn encode(state: &impl Stored) -> Item {
    let mut item = Item::new();
    state.encode(&mut item);
    item
}

/// A ticket, as the state's part of its item.
#[must_use]
pub fn encode_ticket(ticket: &Ticket) -> Item {
    encode(ticket)
}

/// The same back.
///
/// # Errors
/// The item is damaged.
pub fn decode_ticket(ticket: &str, item: &Item) -> Result<Ticket, Damage> {
    Ticket::decode(&Key::of(ticket), item)
}

/// An agent, as the state's part of its item.
#[must_use]
pub fn encode_agent(agent: &Record) -> Item {
    encode(agent)
}

/// The same back.
///
/// # Errors
/// The item is damaged.
pub fn decode_agent(agent: &str, item: &Item) -> Result<Record, Damage> {
    Record::decode(&Key::of(format!("{AGENT}{agent}")), item)
}

/// Whose own an agent is, as the state's part of its item.
#[must_use]
pub fn encode_dedication(dedication: &Dedication) -> Item {
    encode(dedication)
}

/// The same back.
///
/// # Errors
/// The item is damaged.
pub fn decode_dedication(member: &MemberId, item: &Item) -> Result<Dedication, Damage> {
    Dedication::decode(&Key::of(format!("{DEDICATED}{member}")), item)
}
