//! By which way a member is reached (rules: care 14).

use super::person::Person;
use crate::programme::channel::Channel;
use crate::programme::journey::Purpose;
use crate::programme::journey::step::Does;

/// Why a member cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreachable {
    pub(super) reason: &'static str,
    pub(super) ground: String,
}

/// The first way that is there and allowed.
pub(super) fn reach(person: &Person, purpose: Purpose, does: &[Does]) -> Result<Does, Unreachable> {
    let mut stopped: Option<Unreachable> = None;
    for does in does {
        let Some(unreachable) = stops(person, purpose, *does) else { return Ok(*does) };
        // What consent alone stopped says more than an address that letters come back from, and that more than none.
        let rank = |stopped: &Unreachable| {
            ["no_consent", "suppressed", "no_address"].iter().position(|reason| *reason == stopped.reason)
        };
        if stopped.as_ref().is_none_or(|worse| rank(&unreachable) < rank(worse)) {
            stopped = Some(unreachable);
        }
    }
    Err(stopped.unwrap_or(Unreachable { reason: "no_address", ground: String::new() }))
}

impl Person {
    /// What stands against reaching a member by a way that was chosen, in a word; none if nothing does.
    #[must_use]
    pub fn stops(&self, purpose: Purpose, does: Does) -> Option<&'static str> {
        stops(self, purpose, does).map(|stopped| stopped.reason)
    }
}

/// What stands against a way.
fn stops(person: &Person, purpose: Purpose, does: Does) -> Option<Unreachable> {
    let consent = |channel: Channel| {
        let allowed = match purpose {
            Purpose::Marketing => person.agreed.contains(&channel),
            Purpose::Service => !person.refused.contains(&channel),
        };
        let ground = format!("{}/{}", purpose.name(), channel.name());
        (!allowed).then_some(Unreachable { reason: "no_consent", ground })
    };
    let Some(channel) = does.channel() else {
        // Who is called agreed to calls. Other actions reach nobody by themselves.
        return if does == Does::Ticket && purpose == Purpose::Marketing { consent(Channel::Phone) } else { None };
    };
    match person.addresses.get(&channel) {
        None => Some(Unreachable { reason: "no_address", ground: channel.name().to_owned() }),
        Some(true) => Some(Unreachable { reason: "suppressed", ground: channel.name().to_owned() }),
        Some(false) => consent(channel),
    }
}
