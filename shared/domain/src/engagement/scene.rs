//! What a decision rests on beside the state.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::kernel::membership::MemberState;
use crate::kernel::refusal::refusals;
use crate::programme::compiled::Programme;
use crate::programme::engagement::eligible::Eligible;

/// The programme in force, and the time.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The programme in force.
    pub programme: &'a Programme,
    /// Now.
    pub now: Timestamp,
}

/// How a member stands, read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Active, suspended, closed.
    pub state: MemberState,
    /// The tier; none: the lowest.
    pub tier: Option<String>,
    /// The segments that the member is in.
    pub segments: BTreeSet<String>,
    /// The tags that the member has.
    pub tags: BTreeSet<String>,
}

refusals! {
    /// Why a member may not take part.
    Barred {
        /// A suspended or closed member takes no part.
        Forbidden MemberNotActive ("member_not_active") {
            /// `suspended` or `closed`.
            state: MemberState,
        } = "a suspended or closed member takes no part",
        /// It is not for this member.
        Forbidden NotEligible ("not_eligible") {
            /// What does not hold: `min_tier`, `segments`, `tags_any`.
            reasons: Vec<&'static str>,
        } = "it is not for this member",
    }
}

impl Standing {
    /// Of a member who is active, and of whom nothing else is known.
    #[must_use]
    pub fn active() -> Self {
        Self { state: MemberState::Active, tier: None, segments: BTreeSet::new(), tags: BTreeSet::new() }
    }

    /// # Errors
    /// The member is suspended or closed.
    pub fn takes_part(&self) -> Result<(), Barred> {
        if self.state == MemberState::Active { Ok(()) } else { Err(Barred::MemberNotActive { state: self.state }) }
    }

    /// Is the member's tier this one, or a higher one?
    #[must_use]
    pub fn reaches(&self, tier: &str, programme: &Programme) -> bool {
        let own = programme.tier_or_base(self.tier.as_deref());
        programme.rank(own) >= programme.rank(tier)
    }

    /// # Errors
    /// The member is not active, or something that must hold does not; all of it is named.
    pub fn meets(&self, eligible: &Eligible, programme: &Programme) -> Result<(), Barred> {
        self.takes_part()?;
        let any = |wanted: &[String], own: &BTreeSet<String>| {
            wanted.is_empty() || wanted.iter().any(|wanted| own.contains(wanted))
        };
        let tier = eligible.min_tier.as_ref().is_none_or(|tier| self.reaches(tier, programme));
        let held = [
            ("min_tier", tier),
            ("segments", any(&eligible.segments, &self.segments)),
            ("tags_any", any(&eligible.tags_any, &self.tags)),
        ];
        let reasons: Vec<_> = held.into_iter().filter(|(_, holds)| !holds).map(|(reason, _)| reason).collect();
        if reasons.is_empty() { Ok(()) } else { Err(Barred::NotEligible { reasons }) }
    }
}
