//! The digest of a week: one message a member, whatever the communities.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::{Timestamp, ToSpan};

use super::facts::CommunityFact;
use super::membership::{Membership, members};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::refusals;
use crate::kernel::time::Zone;
use crate::programme::engagement::community::Digest;

/// An ISO week of the programme's zone, `2026-W48`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week {
    year: i16,
    week: i8,
}

impl Week {
    /// That of a date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        let week = date.iso_week_date();
        Self { year: week.year(), week: week.week() }
    }

    /// Its Monday.
    #[must_use]
    pub fn monday(self) -> Date {
        ISOWeekDate::new(self.year, self.week, Weekday::Monday).expect("a week has a Monday").date()
    }

    /// When its digest is sent.
    #[must_use]
    pub fn due_at(self, digest: Digest, zone: &Zone) -> Timestamp {
        zone.instant(self.monday().saturating_add(digest.day.days()), digest.at.time())
    }

    /// The first instant after it.
    #[must_use]
    pub fn ends_at(self, zone: &Zone) -> Timestamp {
        zone.start_of(self.monday().saturating_add(7.days()))
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}

impl FromStr for Week {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no week; one is \"2026-W48\"");
        let (year, week) =
            text.split_once("-W").filter(|(year, week)| year.len() == 4 && week.len() == 2).ok_or_else(wrong)?;
        let week = Self { year: year.parse().ok().ok_or_else(wrong)?, week: week.parse().ok().ok_or_else(wrong)? };
        let known = ISOWeekDate::new(week.year, week.week, Weekday::Monday).is_ok();
        if known { Ok(week) } else { Err(wrong()) }
    }
}

refusals! {
    /// Why a digest is not sent.
    DigestRefusal {
        /// Its week is over.
        Conflict WeekOver ("week_over") {
            /// Since when.
            ended_at: Timestamp,
        } = "the week is over",
        /// It was sent.
        Conflict AlreadySent ("already_sent") = "the digest was sent",
    }
}

/// A member who is told of a week: once, by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Who.
    pub member: MemberId,
    /// What it is known by: `community-digest|member|week`.
    pub key: String,
    /// What is told.
    pub fact: CommunityFact,
}

/// What the run of a week does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Who is told.
    pub enrolments: Vec<Enrolment>,
    /// The communities with members whose digest is not ready.
    pub missing: BTreeSet<String>,
}

impl Enrolment {
    fn of(member: &MemberId, week: Week) -> Self {
        Self {
            member: member.clone(),
            key: format!("community-digest|{member}|{week}"),
            fact: CommunityFact::CommunityDigestDue { week: week.to_string() },
        }
    }

    /// What the message is made of when it is sent: the communities that are ready and that the member is still in, in the order of joining.
    #[must_use]
    pub fn parts<'a>(member: &MemberId, all: &'a [Membership], ready: &BTreeSet<String>) -> Vec<&'a str> {
        let own = Membership::of(all, member);
        own.into_iter().map(|m| m.community.as_str()).filter(|community| ready.contains(*community)).collect()
    }
}

/// The run of a week: every member of a community that is ready is told, once.
#[must_use]
pub fn run(week: Week, all: &[Membership], ready: &BTreeSet<String>) -> Run {
    let told = |member: &&MemberId| !Enrolment::parts(member, all, ready).is_empty();
    let enrolments = members(all).into_iter().filter(told).map(|member| Enrolment::of(member, week)).collect();
    let in_use = all.iter().filter(|m| m.left_at.is_none()).map(|m| m.community.clone());
    Run { enrolments, missing: in_use.filter(|community| !ready.contains(community)).collect() }
}

/// May a digest still be sent, by hand?
///
/// # Errors
/// It was, or its week is over.
pub fn send(week: Week, sent: bool, now: Timestamp, zone: &Zone) -> Result<(), DigestRefusal> {
    let ended_at = week.ends_at(zone);
    if now >= ended_at {
        return Err(DigestRefusal::WeekOver { ended_at });
    }
    if sent { Err(DigestRefusal::AlreadySent) } else { Ok(()) }
}
