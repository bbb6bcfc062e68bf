//! An invitation is one piece of state, changed as a whole.

use super::facts::VoiceFact;
use super::invitation::Invitation;
use super::refusal::VoiceRefusal;
use crate::kernel::change::{Aggregate, Effect};
use crate::kernel::id::MemberId;

impl Aggregate for Invitation {
    type Fact = VoiceFact;
    type Refusal = VoiceRefusal;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.member)
    }

    fn denied(_: &Effect) -> VoiceRefusal {
        unreachable!("an answer claims nothing")
    }
}
