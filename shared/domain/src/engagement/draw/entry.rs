//! An entry: its prize falls with the ticket, as far as there is stock.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::facts::DrawFact;
use super::instance::{DrawState, Instance};
use super::ticket::{DrawEntryId, Seed, nominal};
use crate::engagement::scene::{Barred, Scene, Standing};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::refusals;
use crate::programme::engagement::draw::{Draw, Prize};

/// The tag of those who work here: they do not enter.
const STAFF: &str = "staff";

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which.
    pub id: DrawEntryId,
    /// Whose.
    pub member: MemberId,
    /// Its ticket; nobody is told before the seed is known.
    pub ticket: u32,
    /// The prize that the ticket falls on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nominal: Option<String>,
    /// The prize that is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prize: Option<String>,
    /// What it cost, in points.
    pub cost: i64,
    /// The points that it won.
    pub points: i64,
    /// When.
    pub at: Timestamp,
}

impl Entry {
    /// Did it fall on a prize, and was none left from there on?
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.nominal.is_some() && self.prize.is_none()
    }

    /// What is told of it, with so many pieces left before it: that the last one went is told once.
    #[must_use]
    pub fn facts(&self, draw: &str, left: &Left) -> Vec<DrawFact> {
        let (draw, entry) = (draw.to_owned(), self.id.to_string());
        let accepted =
            DrawFact::DrawEntryAccepted { draw: draw.clone(), entry: entry.clone(), prize: self.prize.clone() };
        let last = self.prize.clone().filter(|prize| left.get(prize) == Some(&1));
        let exhausted = last.map(|prize| DrawFact::DrawPrizeExhausted { draw: draw.clone(), prize });
        let won = self.prize.clone().map(|prize| DrawFact::DrawPrizeWon { draw, entry, prize });
        std::iter::once(accepted).chain(won).chain(exhausted).collect()
    }
}

/// Who enters, with what is known of the earlier entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// Who.
    pub member: MemberId,
    /// How the member stands.
    pub standing: Standing,
    /// The earlier entries of the draw: the local date of each, and whether it was free.
    pub earlier: Vec<(Date, bool)>,
}

/// How many pieces are left, by prize.
pub type Left = BTreeMap<String, u32>;

refusals! {
    /// Why an entry is not taken: nothing is spent.
    EntryRefusal {
        /// It was cancelled.
        Conflict DrawCancelled ("draw_cancelled") = "the draw was cancelled",
        /// It has not begun.
        Conflict DrawNotOpen ("draw_not_open") {
            /// When it begins.
            opens_at: Timestamp,
        } = "the draw has not begun",
        /// It is over.
        Conflict DrawClosed ("draw_closed") {
            /// Since when.
            closes_at: Timestamp,
        } = "the draw is over",
        /// The member has as many entries as one may have.
        Conflict LimitReached ("limit_reached") {
            /// How many that is.
            limit: u32,
            /// When it begins anew.
            #[serde(skip_serializing_if = "Option::is_none")]
            resets_at: Option<Timestamp>,
        } = "the member has as many entries as one may have",
        | Barred,
    }
}

impl Instance {
    /// Decides an entry whose key has none yet. Where the last piece went meanwhile it is decided again, with the same id.
    ///
    /// # Errors
    /// It is not for this member, not time, or one too many.
    pub fn enter(
        &self,
        (draw, seed): (&Draw, &Seed),
        (entrant, key): (&Entrant, &str),
        left: &Left,
        scene: Scene<'_>,
    ) -> Result<Entry, EntryRefusal> {
        self.may_enter(draw, entrant, scene)?;
        let id = DrawEntryId::of(&self.id, &entrant.member, key);
        let ticket = seed.ticket(&self.id, id);
        let nominal = nominal(&self.prizes, ticket);
        let given = nominal.and_then(|place| self.given(place, left));
        let today = scene.programme.zone().date(scene.now);
        let free = draw.free.is_some_and(|free| {
            let (first, end) = free.around(today);
            let used = entrant.earlier.iter().filter(|(date, was_free)| *was_free && within(*date, first, end));
            used.count() < usize::try_from(free.most).unwrap_or(usize::MAX)
        });
        Ok(Entry {
            id,
            member: entrant.member.clone(),
            ticket,
            nominal: nominal.and_then(|place| self.prizes.get(place)).map(|prize| prize.id.clone()),
            prize: given.map(|prize| prize.id.clone()),
            cost: if free { 0 } else { self.cost_points },
            points: given.and_then(|prize| prize.points).unwrap_or_default(),
            at: scene.now,
        })
    }

    /// The prize that is given for one at a place: itself, or the next below that is left; never a higher one.
    fn given(&self, place: usize, left: &Left) -> Option<&Prize> {
        let below = self.prizes.get(place..).unwrap_or_default();
        below.iter().find(|prize| left.get(&prize.id).is_some_and(|left| *left > 0))
    }

    fn may_enter(&self, draw: &Draw, entrant: &Entrant, scene: Scene<'_>) -> Result<(), EntryRefusal> {
        entrant.standing.meets(&draw.eligible, scene.programme)?;
        if entrant.standing.tags.contains(STAFF) {
            return Err(Barred::NotEligible { reasons: vec![STAFF] }.into());
        }
        if self.state == DrawState::Cancelled {
            return Err(EntryRefusal::DrawCancelled);
        }
        if scene.now < self.opens_at {
            return Err(EntryRefusal::DrawNotOpen { opens_at: self.opens_at });
        }
        if self.state != DrawState::Published || scene.now >= self.closes_at {
            return Err(EntryRefusal::DrawClosed { closes_at: self.closes_at });
        }
        let Some(limit) = draw.limit else { return Ok(()) };
        let zone = scene.programme.zone();
        let (first, end) = limit.around(zone.date(scene.now));
        let had = entrant.earlier.iter().filter(|(date, _)| within(*date, first, end)).count();
        if had < usize::try_from(limit.most).unwrap_or(usize::MAX) {
            return Ok(());
        }
        Err(EntryRefusal::LimitReached { limit: limit.most, resets_at: end.map(|end| zone.start_of(end)) })
    }
}

fn within(date: Date, first: Date, end: Option<Date>) -> bool {
    first <= date && end.is_none_or(|end| date < end)
}
