//! Care of a member is one piece of state, changed as a whole.

use super::facts::CareFact;
use super::state::Care;
use crate::kernel::change::{Aggregate, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{Reused, refusals};

refusals! {
    /// Why a command on care is refused.
    CareRefusal {
        | Reused,
    }
}

impl Aggregate for Care {
    type Fact = CareFact;
    type Refusal = CareRefusal;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.member)
    }

    fn denied(_: &Effect) -> CareRefusal {
        unreachable!("care changes nothing beside itself")
    }
}
