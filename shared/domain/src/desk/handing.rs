//! Who has a ticket next, beside what a command does, and whose it is when two members become one (rules: desk 16).

use super::command::assign;
use super::deciding::{Deciding, Scene};
use super::history::State;
use super::refusal::DeskRefusal;
use super::ticket::Ticket;
use crate::kernel::change::Change;
use crate::kernel::id::MemberId;

/// Gives a ticket that a command leaves without owner to somebody, in the same change.
pub fn offer(change: Change<Ticket>, owner: &str, because: &str, scene: Scene<'_>) -> Change<Ticket> {
    let mut deciding = Deciding::of(change.state, scene);
    deciding.own(Some(owner.to_owned()), because);
    let Change { state, facts, effects, .. } = deciding.end();
    Change {
        state,
        facts: change.facts.into_iter().chain(facts).collect(),
        effects: change.effects.into_iter().chain(effects).collect(),
        said: change.said,
    }
}

/// What nobody has looked at goes back to its queue, as its owner has been gone for long; nothing if somebody has.
///
/// # Errors
/// It is over.
pub fn give_back(ticket: &Ticket, owner: &str, scene: Scene<'_>) -> Result<Option<Change<Ticket>>, DeskRefusal> {
    let waits = ticket.state() == State::New && ticket.owner.as_deref() == Some(owner);
    waits.then(|| assign(ticket, None, "queue", scene)).transpose()
}

/// A ticket of a member who became part of another is that one's; nothing if it is so already.
#[must_use]
pub fn follow(ticket: &Ticket, member: &MemberId, scene: Scene<'_>) -> Option<Change<Ticket>> {
    if ticket.member.as_ref() == Some(member) {
        return None;
    }
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.ticket.member = Some(member.clone());
    deciding.log("member merged", "-", false);
    Some(deciding.end())
}
