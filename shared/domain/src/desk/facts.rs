//! What is told of tickets (svc). No words of members.

use jiff::Timestamp;

use super::clock::Verdict;
use super::kind::Kind;
use super::ticket::{About, Ticket};
use crate::kernel::event::facts;

/// Which ticket.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Of {
    /// The ticket.
    pub ticket: String,
    /// What it belongs to.
    pub correlation: String,
    /// Its department.
    pub queue: String,
    /// Its service level.
    pub policy: String,
    /// The agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
}

impl Of {
    /// Of a ticket.
    #[must_use]
    pub fn new(ticket: &Ticket) -> Self {
        Self {
            ticket: ticket.id.clone(),
            correlation: ticket.correlation.clone(),
            queue: ticket.queue.clone(),
            policy: ticket.policy.clone(),
            agent: ticket.owner.clone(),
            about: ticket.about.clone(),
        }
    }

    fn example() -> Self {
        Self {
            ticket: "0b7c5f1be1b94a5f9a3fd5ce2b1e3c44".into(),
            correlation: "b1946ac92492d2347c6235b4d2611184".into(),
            queue: "technical-support".into(),
            policy: "p2".into(),
            agent: Some("ann".into()),
            about: About {
                topic: "install".into(),
                channel: "app".into(),
                locale: "zh-CN".into(),
                source: "survey".into(),
                ..About::default()
            },
        }
    }
}

/// Which clock.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct OfClock {
    /// What it measures.
    pub clock: Kind,
    /// Which of its kind it is, from 1.
    pub instance: u32,
    /// When it is due, or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// What it has counted, in milliseconds.
    pub spent_ms: i64,
    /// How much it may count.
    pub target_ms: i64,
}

impl OfClock {
    fn example() -> Self {
        let (spent_ms, target_ms) = (11_520_000, 14_400_000);
        Self { clock: Kind::FirstResponse, instance: 1, due: Some(at()), spent_ms, target_ms }
    }
}

/// A grant of an emergency pack.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct OfGrant {
    /// Which.
    pub grant: String,
    /// Of what.
    pub item: String,
    /// `points`, `coupon`, `gift` or `expedite`.
    pub kind: String,
    /// Of which reward it is a voucher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reward: Option<String>,
    /// What it costs, in minor units.
    pub cost_minor: i64,
    /// What the case costs with it.
    pub case_total_minor: i64,
    /// Who gives it.
    pub giver: String,
}

impl OfGrant {
    fn example() -> Self {
        Self {
            grant: "g-1".into(),
            item: "gift-medium".into(),
            kind: "gift".into(),
            reward: None,
            cost_minor: 3_000,
            case_total_minor: 3_000,
            giver: "ann".into(),
        }
    }
}

fn at() -> Timestamp {
    Timestamp::constant(1_772_416_800, 0)
}

facts! { DeskFact:
    /// A ticket was opened.
    TicketOpened = "perennial.svc.ticketopened.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// The member's tier.
        tier: String = "gold".into(),
    }
    /// A ticket went to another department.
    TicketRouted = "perennial.svc.ticketrouted.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Whence.
        from: String = "customer-service".into(),
    }
    /// A ticket has another owner.
    TicketAssigned = "perennial.svc.ticketassigned.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// `dedicated`, `recent`, `load`, `follows`, `agent`, `lead` or `queue`.
        because: String = "load".into(),
    }
    /// Somebody wrote, for the other to see.
    TicketReplied = "perennial.svc.ticketreplied.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// `member` or `agent`.
        by: String = "agent".into(),
    }
    /// A ticket waits for somebody else.
    TicketPaused = "perennial.svc.ticketpaused.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// `pending_customer` or `pending_third_party`.
        state: String = "pending_customer".into(),
    }
    /// A ticket is resolved.
    TicketResolved = "perennial.svc.ticketresolved.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Which resolution of it, from 1.
        resolution: u32 = 1,
        /// How.
        code: String = "fixed".into(),
        /// How long it took, in milliseconds that count.
        spent_ms: i64 = 11_520_000,
        /// How many public answers agents gave.
        replies: u32 = 2,
    }
    /// A ticket was opened again.
    TicketReopened = "perennial.svc.ticketreopened.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Which resolution does not hold.
        resolution: u32 = 1,
        /// `message`, `agent` or `csat`.
        because: String = "csat".into(),
    }
    /// A ticket is over.
    TicketClosed = "perennial.svc.ticketclosed.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
    }
    /// A ticket became part of another.
    TicketMerged = "perennial.svc.ticketmerged.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Of which.
        into: String = "5d41402abc4b2a76b9719d911017c592".into(),
        /// Which resolution is asked after no more.
        resolution: u32 = 0,
    }
    /// A ticket was handed up.
    TicketEscalated = "perennial.svc.ticketescalated.v1" {
        /// Which.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// How far.
        level: u32 = 1,
        /// `breach`, `reopened` or `csat`.
        because: String = "breach".into(),
        /// Who answers for the department.
        #[serde(skip_serializing_if = "Option::is_none")]
        lead: Option<String> = Some("lead-technical".into()),
    }
    /// A clock has counted four fifths of what it may.
    SlaWarned = "perennial.svc.slawarned.v1" {
        /// Which ticket.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Which clock.
        #[serde(flatten)]
        clock: OfClock = OfClock::example(),
        /// When that was.
        at: Timestamp = at(),
    }
    /// A clock has counted more than it may.
    SlaBreached = "perennial.svc.slabreached.v1" {
        /// Which ticket.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Which clock.
        #[serde(flatten)]
        clock: OfClock = OfClock::example(),
        /// When that was: a millisecond after it was due.
        at: Timestamp = at(),
    }
    /// A clock ended.
    ClockEnded = "perennial.svc.clockended.v1" {
        /// Which ticket.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Which clock.
        #[serde(flatten)]
        clock: OfClock = OfClock::example(),
        /// What came of it.
        verdict: Verdict = Verdict::Met,
    }
    /// A second person is to approve a grant.
    EmergencyProposed = "perennial.svc.emergencyproposed.v1" {
        /// Which ticket.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Which grant.
        #[serde(flatten)]
        grant: OfGrant = OfGrant::example(),
        /// Until when.
        lapses_at: Timestamp = at(),
    }
    /// Something is given on the spot.
    EmergencyGranted = "perennial.svc.emergencygranted.v1" {
        /// Which ticket.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Which grant.
        #[serde(flatten)]
        grant: OfGrant = OfGrant::example(),
        /// Who approved it.
        #[serde(skip_serializing_if = "Option::is_none")]
        approver: Option<String> = None,
    }
    /// Nothing is given.
    EmergencyDenied = "perennial.svc.emergencydenied.v1" {
        /// Which ticket.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Of what.
        item: String = "gift-medium".into(),
        /// Who asked.
        giver: String = "ann".into(),
        /// Why not.
        code: String = "self_benefit".into(),
    }
    /// What was kept for a grant is given back.
    EmergencyReturned = "perennial.svc.emergencyreturned.v1" {
        /// Which ticket.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Which grant.
        #[serde(flatten)]
        grant: OfGrant = OfGrant::example(),
        /// `rejected`, `lapsed` or `cancelled`.
        because: String = "lapsed".into(),
    }
    /// A member has an agent of their own.
    ManagerAssigned = "perennial.svc.managerassigned.v1" {
        /// Who.
        manager: String = "ann".into(),
    }
}
