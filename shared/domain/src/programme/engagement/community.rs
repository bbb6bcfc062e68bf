//! `[[community]]`, `[digest]`, `[ugc]`, `[[contest]]`, `[[cohort]]`, `[[event]]`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::eligible::Eligible;
use crate::kernel::time::Zone;
use crate::programme::later::community as written;
use crate::programme::later::moment::{Clock, Weekly};

/// `[[community]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Community {
    /// A short name, unique.
    pub id: String,
    /// How one joins.
    pub join: Joining,
}

/// How one joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joining {
    /// Whoever wants to.
    Open,
    /// Who has one of these tags, and is joined by it.
    Tag(Vec<String>),
    /// Who is invited.
    Invite,
}

/// `[digest]`: when the digest of a week is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// The day, Monday being 0.
    pub day: i64,
    /// The time.
    pub at: Clock,
}

/// `[ugc]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ugc {
    /// Why content may be turned down.
    pub reasons: Vec<String>,
    /// How long points for it can be taken back, in days of 24 hours.
    pub clawback_days: i32,
    /// Where images may lie.
    pub hosts: Vec<String>,
}

/// `[[contest]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contest {
    /// A short name, unique.
    pub id: String,
    /// From when on entries are taken.
    pub opens_at: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// How many a member may hand in.
    pub per_member: usize,
    /// Rewards by rank.
    pub prizes: BTreeMap<u32, String>,
}

/// `[[cohort]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// A short name, unique.
    pub id: String,
    /// How many there are.
    pub seats: u32,
    /// For how many months.
    pub term: i32,
    /// May members ask for a seat?
    pub apply: bool,
    /// Who may be in it.
    pub eligible: Eligible,
    /// What they do.
    pub tasks: Vec<Duty>,
    /// Their badge.
    pub badge: Option<String>,
}

/// A task of a cohort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// A short name, unique in the cohort.
    pub id: String,
    /// The fact that shows that it is done.
    pub fact: String,
    /// Until when, in dates from the first.
    pub due_days: i64,
}

/// `[[event]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// A short name, unique.
    pub id: String,
    /// From when on one can ask for a seat.
    pub opens_at: Timestamp,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// How many can come; 0: as many as want to.
    pub capacity: u32,
    /// May one come without having asked?
    pub walk_ins: bool,
    /// Who may come.
    pub eligible: Eligible,
}

impl Event {
    /// How long before it begins seats are no longer given to who waits, and guests are let in.
    const BEFORE: SignedDuration = SignedDuration::from_hours(2);

    /// Until when seats that become free go to who waits, exclusive; from then on guests are let in.
    #[must_use]
    pub fn promote_until(&self) -> Timestamp {
        self.starts_at.saturating_sub(Self::BEFORE).expect("a duration suits a timestamp")
    }

    pub(super) fn compile(event: &written::Event, zone: &Zone) -> Option<Self> {
        Some(Self {
            id: event.id.clone(),
            opens_at: event.opens_at.instant(zone)?,
            starts_at: event.starts_at.instant(zone)?,
            ends_at: event.ends_at.instant(zone)?,
            capacity: u32::try_from(event.capacity.unwrap_or_default()).ok()?,
            walk_ins: event.walk_ins,
            eligible: Eligible::tier(event.min_tier.as_ref()),
        })
    }
}

impl Community {
    pub(super) fn compile(community: &written::Community) -> Self {
        let join = match community.join.as_deref() {
            Some("tag") => Joining::Tag(community.tags.clone()),
            Some("invite") => Joining::Invite,
            _ => Joining::Open,
        };
        Self { id: community.id.clone(), join }
    }
}

impl Digest {
    pub(super) fn compile(digest: &written::Digest) -> Option<Self> {
        let text = format!("{} {}", digest.day, String::from(digest.at));
        let (day, at) = Weekly(text).parts()?;
        Some(Self { day, at })
    }
}

impl Contest {
    pub(super) fn compile(contest: &written::Contest, zone: &Zone) -> Self {
        let start = |date: Date| zone.start_of(date);
        let prize = |(rank, reward): (&String, &String)| Some((rank.parse().ok()?, reward.clone()));
        Self {
            id: contest.id.clone(),
            opens_at: start(contest.from),
            until: start(contest.until),
            per_member: contest.per_member.and_then(|n| usize::try_from(n).ok()).unwrap_or(3),
            prizes: contest.prizes.iter().filter_map(prize).collect(),
        }
    }
}

impl Cohort {
    pub(super) fn compile(cohort: &written::Cohort) -> Option<Self> {
        let duty =
            |duty: &written::Duty| Duty { id: duty.id.clone(), fact: duty.fact.clone(), due_days: duty.due_days };
        Some(Self {
            id: cohort.id.clone(),
            seats: u32::try_from(cohort.seats).ok()?,
            term: i32::try_from(cohort.term.0).ok()?,
            apply: cohort.apply,
            eligible: Eligible {
                min_tier: cohort.min_tier.clone(),
                segments: cohort.segments.clone(),
                tags_any: cohort.tags_any.clone(),
            },
            tasks: cohort.tasks.iter().map(duty).collect(),
            badge: cohort.badge.clone(),
        })
    }
}

impl Ugc {
    pub(super) fn compile(ugc: Option<&written::Ugc>, hosts: Vec<String>) -> Self {
        let days = ugc.and_then(|ugc| ugc.clawback_days).and_then(|days| i32::try_from(days).ok());
        Self {
            reasons: ugc.map(|ugc| ugc.reject_reasons.clone()).unwrap_or_default(),
            clawback_days: days.unwrap_or(30),
            hosts,
        }
    }
}
