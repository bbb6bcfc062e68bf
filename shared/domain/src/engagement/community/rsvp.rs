//! Seats at an event: who asks first, and who waits, in order.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::facts::CommunityFact;
use crate::engagement::scene::{Barred, Scene, Standing};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{Missing, Reused, refusals};
use crate::programme::engagement::community::Event;

/// How long after the end a guest may still be reported.
const LATE: SignedDuration = SignedDuration::from_hours(48);
/// How many are given a seat in one transaction.
const AT_ONCE: usize = 20;

/// The seats of an event. Where there is no limit they are not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guests {
    /// How many there are; 0: as many as want to.
    pub capacity: u32,
    /// How many are taken.
    pub taken: u32,
    /// How many wait.
    pub waiting: u32,
    /// The position of the next who waits, from 1; none is used again.
    pub next_position: u64,
}

/// A guest, or one who would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rsvp {
    /// Who.
    pub member: MemberId,
    /// Counts the times the member asked, from 1: tokens of before do not open.
    pub version: u32,
    /// How it stands.
    pub state: RsvpState,
}

/// How a seat stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum RsvpState {
    /// The seat is the member's.
    Confirmed,
    /// The member waits.
    Waiting {
        /// Where in the order.
        position: u64,
    },
    /// The member does not come.
    Cancelled,
    /// The member came.
    Attended {
        /// When.
        at: Timestamp,
    },
    /// The member did not come.
    NoShow,
}

impl RsvpState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Waiting { .. } => "waiting",
            Self::Cancelled => "cancelled",
            Self::Attended { .. } => "attended",
            Self::NoShow => "no_show",
        }
    }
}

refusals! {
    /// Why a member gets no seat, and no place among those who wait.
    RsvpRefusal {
        /// One cannot ask yet.
        Conflict EventNotOpen ("event_not_open") {
            /// From when on.
            opens_at: Timestamp,
        } = "one cannot ask for a seat yet",
        /// It has begun.
        Conflict EventOver ("event_over") {
            /// When.
            starts_at: Timestamp,
        } = "the event has begun",
        | Missing,
        | Barred,
        | Reused,
    }
}

/// Seats and a guest, written together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The seats afterwards; unchanged where they are not counted.
    pub guests: Guests,
    /// The guest afterwards.
    pub rsvp: Rsvp,
    /// What is told.
    pub facts: Vec<CommunityFact>,
}

/// Seats, the guest who does not come, and the one who comes instead, written together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// The seats and the guest who does not come.
    pub seat: Seat,
    /// The one who waited first, if the seat goes there: still waiting, or it is decided again with the next.
    pub promoted: Option<Promoted>,
}

/// Somebody who waited, and has a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promoted {
    /// Afterwards.
    pub rsvp: Rsvp,
    /// What is told.
    pub fact: CommunityFact,
}

impl Promoted {
    fn of(waiting: &Rsvp, event: &Event) -> Self {
        let rsvp = Rsvp { state: RsvpState::Confirmed, ..waiting.clone() };
        Self { rsvp, fact: CommunityFact::RsvpPromoted { event: event.id.clone() } }
    }
}

impl Guests {
    /// Of a new event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self { capacity: event.capacity, taken: 0, waiting: 0, next_position: 1 }
    }

    pub(super) fn has_seat(&self) -> bool {
        self.capacity == 0 || self.taken < self.capacity
    }

    pub(super) fn seated(&self, was_waiting: bool) -> Self {
        if self.capacity == 0 {
            return self.clone();
        }
        let waiting = self.waiting.saturating_sub(u32::from(was_waiting));
        Self { taken: self.taken.saturating_add(1), waiting, ..self.clone() }
    }

    /// Gives a seat, or a place among those who wait. Who has one keeps it.
    ///
    /// # Errors
    /// It is not time, or not for this member.
    pub fn rsvp(
        &self,
        (member, before): (&MemberId, Option<&Rsvp>),
        event: &Event,
        standing: &Standing,
        scene: Scene<'_>,
    ) -> Result<Seat, RsvpRefusal> {
        standing.meets(&event.eligible, scene.programme)?;
        if scene.now < event.opens_at {
            return Err(RsvpRefusal::EventNotOpen { opens_at: event.opens_at });
        }
        if scene.now >= event.starts_at {
            return Err(RsvpRefusal::EventOver { starts_at: event.starts_at });
        }
        // From then on a seat is whoever's who asks, waiting or new; before, nobody comes between.
        let late = scene.now >= event.promote_until();
        let waits = before.is_some_and(|before| matches!(before.state, RsvpState::Waiting { .. }));
        let free = self.has_seat() && (late || self.waiting == 0);
        if let Some(before) = before.filter(|before| before.state != RsvpState::Cancelled)
            && !(waits && free)
        {
            return Ok(Seat { guests: self.clone(), rsvp: before.clone(), facts: Vec::new() });
        }
        let version = before.map_or(1, |before| before.version.saturating_add(u32::from(!waits)));
        let (guests, state) = if free {
            (self.seated(waits), RsvpState::Confirmed)
        } else {
            let position = self.next_position;
            let (waiting, next_position) = (self.waiting.saturating_add(1), position.saturating_add(1));
            (Self { waiting, next_position, ..self.clone() }, RsvpState::Waiting { position })
        };
        let told = CommunityFact::EventRsvped { event: event.id.clone(), state: state.name().to_owned() };
        let rsvp = Rsvp { member: member.clone(), version, state };
        Ok(Seat { guests, rsvp, facts: vec![told] })
    }

    /// A guest does not come; the seat goes to the first who waits, while it is time.
    ///
    /// # Errors
    /// The member has no seat and does not wait.
    pub fn cancel(
        &self,
        rsvp: &Rsvp,
        first: Option<&Rsvp>,
        event: &Event,
        now: Timestamp,
    ) -> Result<Cancelled, RsvpRefusal> {
        let (confirmed, waiting) = match rsvp.state {
            RsvpState::Confirmed => (true, false),
            RsvpState::Waiting { .. } => (false, true),
            RsvpState::Cancelled => {
                let seat = Seat { guests: self.clone(), rsvp: rsvp.clone(), facts: Vec::new() };
                return Ok(Cancelled { seat, promoted: None });
            }
            RsvpState::Attended { .. } | RsvpState::NoShow => return Err(Missing::NotFound { what: "rsvp" }.into()),
        };
        let counted = self.capacity > 0;
        let passes = counted && confirmed && now < event.promote_until() && self.taken <= self.capacity;
        let promoted = first.filter(|_| passes).map(|first| Promoted::of(first, event));
        let frees = counted && confirmed && promoted.is_none();
        let guests = Self {
            taken: self.taken.saturating_sub(u32::from(frees)),
            waiting: self.waiting.saturating_sub(u32::from(waiting || promoted.is_some())),
            ..self.clone()
        };
        let told = CommunityFact::RsvpCancelled { event: event.id.clone() };
        let rsvp = Rsvp { state: RsvpState::Cancelled, ..rsvp.clone() };
        Ok(Cancelled { seat: Seat { guests, rsvp, facts: vec![told] }, promoted })
    }
}

/// There are more seats, or fewer: more go to those who wait, in order, some at a time; fewer take none away.
#[must_use]
pub fn widened(
    guests: &Guests,
    capacity: u32,
    waiting: &[Rsvp],
    event: &Event,
    now: Timestamp,
) -> (Guests, Vec<Promoted>) {
    let mut guests = Guests { capacity, ..guests.clone() };
    let position = |rsvp: &&Rsvp| match rsvp.state {
        RsvpState::Waiting { position } => position,
        _ => u64::MAX,
    };
    let mut waiting: Vec<&Rsvp> =
        waiting.iter().filter(|rsvp| matches!(rsvp.state, RsvpState::Waiting { .. })).collect();
    waiting.sort_by_key(position);
    let mut promoted = Vec::new();
    for rsvp in waiting.into_iter().take(AT_ONCE) {
        if now >= event.promote_until() || !guests.has_seat() {
            break;
        }
        guests = guests.seated(true);
        promoted.push(Promoted::of(rsvp, event));
    }
    (guests, promoted)
}

impl Rsvp {
    /// A guest who was not seen long after the end.
    #[must_use]
    pub fn no_show(&self, event: &Event, now: Timestamp) -> Option<(Self, CommunityFact)> {
        let over = event.ends_at.saturating_add(LATE).is_ok_and(|last| now >= last);
        let told = CommunityFact::NoShow { event: event.id.clone() };
        let unseen = self.state == RsvpState::Confirmed && over;
        unseen.then(|| (Self { state: RsvpState::NoShow, ..self.clone() }, told))
    }
}
