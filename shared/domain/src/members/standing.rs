//! A member is suspended, active again, or closes the account: the member's side of it (rules: members 25, 26).

use crate::kernel::membership::MemberState;
use crate::kernel::refusal::{InvalidField, WrongState, refusals};
use crate::members::facts::{LEFT, MemberFact};
use crate::members::state::{Member, State};
use crate::members::telling::Rules;

refusals! {
    /// A member cannot come to stand there.
    Standing {
        | WrongState,
        | InvalidField,
    }
}

/// The longest reason, in characters.
pub const MOST: usize = 200;

/// Takes a member to where it stands from now on, and says what is told of it.
///
/// # Errors
/// It does not follow where the member stands: who has closed the account for longer than the programme lets one come back stays gone.
pub fn stand(member: &mut Member, state: MemberState, rules: Rules<'_>) -> Result<MemberFact, Standing> {
    let allowed: &'static [&'static str] = match &member.state {
        State::Active => MemberState::Active.next(),
        State::Suspended => MemberState::Suspended.next(),
        State::Closed { at, .. } if rules.is_within(*at, rules.members.closed_days) => MemberState::Closed.next(),
        State::Closed { .. } | State::Merged { .. } => &[],
    };
    if !allowed.contains(&state.name()) {
        return Err(WrongState::WrongState { state: member.state.name(), allowed }.into());
    }
    let (after, fact) = match state {
        MemberState::Active => (State::Active, MemberFact::MemberReactivated {}),
        MemberState::Suspended => (State::Suspended, MemberFact::MemberSuspended {}),
        MemberState::Closed => {
            (State::Closed { at: rules.now, deceased: false }, MemberFact::MemberClosed { because: LEFT.to_owned() })
        }
    };
    member.state = after;
    Ok(fact)
}

/// Is a reason one? It is kept in the ledger for ever, so it names nobody.
///
/// # Errors
/// It is too long, or has control characters, or there is none where there has to be.
pub fn reason(given: Option<&str>, needed: bool) -> Result<(), Standing> {
    let invalid = |message: &str| Err(InvalidField::new("reason", message).into());
    match given {
        None if needed => invalid("say why"),
        Some(text) if text.trim().is_empty() || text.chars().count() > MOST || text.chars().any(char::is_control) => {
            invalid("has 1 to 200 characters, none of them a control character")
        }
        _ => Ok(()),
    }
}

impl Rules<'_> {
    /// Is today at most so many local days after an instant?
    #[must_use]
    pub fn is_within(&self, at: jiff::Timestamp, days: i32) -> bool {
        self.now < self.terms.zone.start_of_day_after(at, days.saturating_add(1))
    }
}
