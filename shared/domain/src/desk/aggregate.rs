//! A ticket is one piece of state, changed as a whole.

use super::facts::DeskFact;
use super::refusal::DeskRefusal;
use super::ticket::Ticket;
use crate::kernel::change::{Aggregate, Effect};
use crate::kernel::id::MemberId;

impl Aggregate for Ticket {
    type Fact = DeskFact;
    type Refusal = DeskRefusal;

    fn member(&self) -> Option<&MemberId> {
        self.member.as_ref()
    }

    fn denied(_: &Effect) -> DeskRefusal {
        DeskRefusal::Busy
    }
}
