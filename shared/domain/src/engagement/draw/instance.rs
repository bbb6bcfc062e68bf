//! A draw that is held: what was published of it, and how it stands.

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::facts::DrawFact;
use super::ticket::Seed;
use crate::kernel::canonical::Hash;
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{InvalidField, Reused, WrongState, refusals};
use crate::kernel::time::Zone;
use crate::programme::engagement::draw::{Draw, Held, Prize};
use crate::programme::later::moment::{Clock, Weekly};

/// How long before it opens a draw is published.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);
/// A draw that is not published this long before it opens does not open.
const LATEST: SignedDuration = SignedDuration::from_hours(1);

/// When and under which name a draw is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Its name.
    pub id: String,
    /// From when on.
    pub opens_at: Timestamp,
    /// Until when, exclusive.
    pub closes_at: Timestamp,
}

/// A draw that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its name.
    pub id: String,
    /// Of which draw of the programme.
    pub draw: String,
    /// The SHA-256 of the seed.
    pub commitment: Hash,
    /// What can be won, the highest first.
    pub prizes: Vec<Prize>,
    /// What an entry costs.
    pub cost_points: i64,
    /// From when on.
    pub opens_at: Timestamp,
    /// Until when, exclusive.
    pub closes_at: Timestamp,
    /// How it stands.
    pub state: DrawState,
}

/// How a draw stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawState {
    /// Its commitment is known; entries are taken while it is time.
    Published,
    /// Gates are being sealed.
    Closing,
    /// The seed is known.
    Revealed,
    /// It does not count: costs come back.
    Cancelled,
}

impl DrawState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Closing => "closing",
            Self::Revealed => "revealed",
            Self::Cancelled => "cancelled",
        }
    }
}

refusals! {
    /// Why a draw is not changed.
    DrawRefusal {
        /// It is published too late to open.
        Conflict TooLate ("too_late") {
            /// By when it had to be.
            latest: Timestamp,
        } = "a draw is published an hour before it opens, or does not open",
        /// A second person has to agree.
        Forbidden SameApprover ("same_approver") = "a draw with entries is cancelled by two persons",
        | WrongState,
        | InvalidField,
        | Reused,
    }
}

impl Aggregate for Instance {
    type Fact = DrawFact;
    type Refusal = DrawRefusal;

    fn member(&self) -> Option<&MemberId> {
        None
    }

    fn denied(_: &Effect) -> DrawRefusal {
        unreachable!("a draw changes nothing beside itself")
    }
}

impl Terms {
    /// The one of a draw that is to be published, or open, at an instant: the first that is not over.
    #[must_use]
    pub fn next(draw: &Draw, now: Timestamp, zone: &Zone) -> Option<Self> {
        match draw.held.as_ref()? {
            Held::Once { opens_at, closes_at } => {
                let terms = Self { id: draw.id.clone(), opens_at: *opens_at, closes_at: *closes_at };
                (now < terms.closes_at).then_some(terms)
            }
            Held::Weekly { opens, closes } => {
                let monday = zone.date(now).iso_week_date();
                let monday = ISOWeekDate::new(monday.year(), monday.week(), Weekday::Monday).ok()?.date();
                [-7_i64, 0, 7].into_iter().find_map(|days| {
                    let monday = monday.saturating_add(days.days());
                    let terms = Self::of_week(draw, monday, (opens, closes), zone)?;
                    (now < terms.closes_at).then_some(terms)
                })
            }
        }
    }

    fn of_week(draw: &Draw, monday: Date, (opens, closes): (&Weekly, &Weekly), zone: &Zone) -> Option<Self> {
        let instant = |(day, clock): (i64, Clock)| zone.instant(monday.saturating_add(day.days()), clock.time());
        let (opens_at, mut closes_at) = (instant(opens.parts()?), instant(closes.parts()?));
        if closes_at <= opens_at {
            let (day, clock) = closes.parts()?;
            closes_at = instant((day.saturating_add(7), clock));
        }
        let week = monday.iso_week_date();
        let id = format!("{}.{:04}-w{:02}", draw.id, week.year(), week.week());
        Some(Self { id, opens_at, closes_at })
    }

    /// Is it time to publish it?
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.opens_at.duration_since(now) <= AHEAD
    }
}

impl Instance {
    /// Publishes a draw with the commitment of its seed.
    ///
    /// # Errors
    /// It is too late to open it.
    pub fn publish(draw: &Draw, terms: &Terms, seed: &Seed, now: Timestamp) -> Result<Change<Self>, DrawRefusal> {
        if terms.opens_at.duration_since(now) < LATEST {
            let latest = terms.opens_at.saturating_sub(LATEST).expect("a duration suits a timestamp");
            return Err(DrawRefusal::TooLate { latest });
        }
        let instance = Self {
            id: terms.id.clone(),
            draw: draw.id.clone(),
            commitment: seed.commitment(),
            prizes: draw.prizes.clone(),
            cost_points: draw.cost_points,
            opens_at: terms.opens_at,
            closes_at: terms.closes_at,
            state: DrawState::Published,
        };
        let opened = DrawFact::DrawOpened { draw: instance.id.clone(), commitment: instance.commitment };
        Ok(Change::to(instance).telling(opened))
    }

    /// Changes what was published, to the members' good alone: more of a prize, a later end.
    ///
    /// # Errors
    /// It is over; there is no such prize; there would be fewer, or less time.
    pub fn improved(
        &self,
        (prize, more): (&str, u32),
        closes_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Change<Self>, DrawRefusal> {
        self.stands(DrawState::Published, now >= self.closes_at)?;
        let mut instance = self.clone();
        if more > 0 {
            let known = instance.prizes.iter_mut().find(|known| known.id == prize);
            let known = known.ok_or_else(|| InvalidField::new("prize", "there is no such prize"))?;
            known.stock = known.stock.saturating_add(more);
        }
        if let Some(closes_at) = closes_at {
            if closes_at < self.closes_at {
                return Err(InvalidField::new("closes_at", "a published draw closes later, never earlier").into());
            }
            instance.closes_at = closes_at;
        }
        Ok(Change::to(instance))
    }

    /// Begins to close, once it is time.
    #[must_use]
    pub fn closing(&self, now: Timestamp) -> Option<Change<Self>> {
        let due = self.state == DrawState::Published && now >= self.closes_at;
        due.then(|| Change::to(Self { state: DrawState::Closing, ..self.clone() }))
    }

    /// The seed is known: all gates are sealed.
    ///
    /// # Errors
    /// It is not closing.
    pub fn revealed(&self) -> Result<Change<Self>, DrawRefusal> {
        self.stands(DrawState::Closing, false)?;
        let told = DrawFact::DrawRevealed { draw: self.id.clone() };
        Ok(Change::to(Self { state: DrawState::Revealed, ..self.clone() }).telling(told))
    }

    /// Cancels it. Once there are entries a second person agrees.
    ///
    /// # Errors
    /// Its result is known, or it was cancelled; one person alone cancels a draw with entries.
    pub fn cancelled(&self, entries: u64, by: &str, second: Option<&str>) -> Result<Change<Self>, DrawRefusal> {
        if self.state == DrawState::Revealed || self.state == DrawState::Cancelled {
            return Err(self.wrong());
        }
        if entries > 0 && second.is_none_or(|second| second == by) {
            return Err(DrawRefusal::SameApprover);
        }
        let told = DrawFact::DrawCancelled { draw: self.id.clone() };
        Ok(Change::to(Self { state: DrawState::Cancelled, ..self.clone() }).telling(told))
    }

    fn stands(&self, state: DrawState, over: bool) -> Result<(), DrawRefusal> {
        if self.state == state && !over { Ok(()) } else { Err(self.wrong()) }
    }

    fn wrong(&self) -> DrawRefusal {
        let allowed: &[&str] = match self.state {
            DrawState::Published => &["closing", "cancelled"],
            DrawState::Closing => &["revealed", "cancelled"],
            DrawState::Revealed | DrawState::Cancelled => &[],
        };
        WrongState::WrongState { state: self.state.name(), allowed }.into()
    }
}
