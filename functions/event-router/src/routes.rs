//! Who wants which events: one row a type.

/// A queue that events are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    /// Members whose scores are to be worked out anew.
    Tier,
    /// What members are told of.
    Members,
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Tier, Self::Members];

    /// Its name in the template.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tier => "TierQueue",
            Self::Members => "MembersQueue",
        }
    }
}

/// What is no event, and sent by the router itself: how many facts sources have reported.
pub(crate) const FACTS_REPORTED: &str = "perennial.gov.factsreported.v1";

/// Which queues want an event, by its type. A type without a row goes nowhere; a test holds the rows against what consumers want.
pub const ROUTES: &[(&str, &[Queue])] =
    &[("perennial.led.accountopened.v1", &[Queue::Members]), ("perennial.seg.rescorewanted.v1", &[Queue::Tier])];

/// The queues that want events of a type.
pub(crate) fn wanted_by(kind: &str) -> &'static [Queue] {
    ROUTES.iter().find(|(routed, _)| *routed == kind).map_or(&[], |(_, queues)| queues)
}
