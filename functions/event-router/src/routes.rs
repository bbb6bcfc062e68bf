//! Who wants which events: one row a type.

use domain::kernel::event::Event;

/// A queue that events are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    /// Members whose scores are to be worked out anew.
    Tier,
    /// What members are told of.
    Members,
    /// What journeys begin and end by.
    Care,
    /// What is to be sent to members.
    Deliver,
    /// What members are given.
    Grants,
    /// Facts to earn from.
    Ingest,
    /// What members are asked by.
    Voice,
    /// What becomes a ticket.
    Desk,
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Tier, Self::Members, Self::Care, Self::Deliver, Self::Grants, Self::Ingest, Self::Voice, Self::Desk];

    /// Its name in the template.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Care => "CareQueue",
            Self::Deliver => "DeliverQueue",
            Self::Desk => "DeskQueue",
            Self::Grants => "GrantsQueue",
            Self::Ingest => "IngestQueue",
            Self::Members => "MembersQueue",
            Self::Tier => "TierQueue",
            Self::Voice => "VoiceQueue",
        }
    }

    /// Is an event for this one, by what it says? Steps are done by many, and their events have one type.
    pub(crate) fn takes(self, event: &Event) -> bool {
        match event.kind.as_str() {
            STEP_DUE => Self::done_by(&event.data) == Some(self),
            "perennial.voc.surveycompleted.v1" | "perennial.voc.surveyrevised.v1" if self == Self::Desk => {
                !event.data["follow_up"].is_null()
            }
            "perennial.tier.benefitgranted.v1" | "perennial.tier.benefitwithdrawn.v1" if self == Self::Desk => {
                event.data["benefit"] == "dedicated-manager"
            }
            GIVEN if self == Self::Ingest => event.data["kind"] == "points",
            GIVEN if self == Self::Grants => event.data["kind"] == "coupon",
            _ => true,
        }
    }

    /// Who does a step that is due.
    fn done_by(step: &serde_json::Value) -> Option<Self> {
        match step["do"].as_str()? {
            "benefit" => Some(Self::Grants),
            "survey" => Some(Self::Voice),
            "ticket" => Some(Self::Desk),
            _ => None,
        }
    }
}

/// What is no event, and sent by the router itself: how many facts sources have reported.
pub(crate) const FACTS_REPORTED: &str = "perennial.gov.factsreported.v1";

/// Something is given on the spot: the ledger is told so, as a fact of its own.
pub(crate) const GIVEN: &str = "perennial.svc.emergencygranted.v1";

/// Something is to be done for a member, by whom it says.
const STEP_DUE: &str = "perennial.care.stepdue.v1";

/// Journeys are begun and ended by it.
const CARE: &[Queue] = &[Queue::Care];

/// Members are asked by it, or it takes a question back.
const VOICE: &[Queue] = &[Queue::Voice];

/// So is this, and journeys are begun and ended by it.
const BOTH: &[Queue] = &[Queue::Care, Queue::Voice];

/// And so is this, and tickets follow it.
const ALL_THREE: &[Queue] = &[Queue::Care, Queue::Voice, Queue::Desk];

/// Where a fact for the ledger goes: what gives something to `grants`, all others are earned from.
pub(crate) fn of_ledger(kind: &str) -> Queue {
    if ["reward.granted", "benefit.used"].contains(&kind) { Queue::Grants } else { Queue::Ingest }
}

/// Which queues want an event, by its type. A type without a row goes nowhere; a test holds the rows against what consumers want.
pub const ROUTES: &[(&str, &[Queue])] = &[
    ("perennial.care.messagefailed.v1", BOTH),
    ("perennial.care.messageintended.v1", &[Queue::Deliver]),
    ("perennial.care.messagereturned.v1", CARE),
    ("perennial.care.messagesent.v1", VOICE),
    ("perennial.care.messageskipped.v1", BOTH),
    (STEP_DUE, &[Queue::Grants, Queue::Voice, Queue::Desk]),
    ("perennial.care.stepskipped.v1", VOICE),
    ("perennial.earn.activityrecorded.v1", CARE),
    ("perennial.earn.orderpaid.v1", CARE),
    ("perennial.earn.orderrefunded.v1", CARE),
    ("perennial.led.accountopened.v1", &[Queue::Members]),
    ("perennial.led.pointsexpiring.v1", CARE),
    ("perennial.mem.memberclosed.v1", ALL_THREE),
    ("perennial.mem.memberenrolled.v1", BOTH),
    ("perennial.mem.membererased.v1", &[Queue::Care, Queue::Deliver, Queue::Voice, Queue::Desk]),
    ("perennial.mem.memberreactivated.v1", CARE),
    ("perennial.mem.membersmerged.v1", ALL_THREE),
    ("perennial.mem.membersuspended.v1", CARE),
    ("perennial.mem.profileupdated.v1", CARE),
    ("perennial.red.redemptionconfirmed.v1", CARE),
    ("perennial.red.rewardgrantrefused.v1", CARE),
    ("perennial.seg.rescorewanted.v1", &[Queue::Tier]),
    ("perennial.seg.segmententered.v1", CARE),
    ("perennial.seg.segmentleft.v1", CARE),
    (GIVEN, &[Queue::Grants, Queue::Ingest]),
    ("perennial.svc.ticketclosed.v1", CARE),
    ("perennial.svc.ticketmerged.v1", VOICE),
    ("perennial.svc.ticketopened.v1", CARE),
    ("perennial.svc.ticketreopened.v1", BOTH),
    ("perennial.svc.ticketreplied.v1", CARE),
    ("perennial.svc.ticketresolved.v1", BOTH),
    ("perennial.tier.benefitgranted.v1", &[Queue::Desk]),
    ("perennial.tier.benefitwithdrawn.v1", &[Queue::Desk]),
    ("perennial.tier.tierdowngraded.v1", CARE),
    ("perennial.tier.tierdowngradeupcoming.v1", CARE),
    ("perennial.tier.tiergracestarted.v1", CARE),
    ("perennial.tier.tierreinstated.v1", CARE),
    ("perennial.tier.tierrenewed.v1", CARE),
    ("perennial.tier.tierrevoked.v1", CARE),
    ("perennial.tier.tierupgraded.v1", CARE),
    ("perennial.voc.promoterdetected.v1", CARE),
    ("perennial.voc.suggestionshipped.v1", CARE),
    ("perennial.voc.surveycompleted.v1", &[Queue::Desk]),
    ("perennial.voc.surveyinvited.v1", CARE),
    ("perennial.voc.surveyrevised.v1", &[Queue::Desk]),
];

/// The queues that want events of a type.
pub(crate) fn wanted_by(kind: &str) -> &'static [Queue] {
    ROUTES.iter().find(|(routed, _)| *routed == kind).map_or(&[], |(_, queues)| queues)
}
