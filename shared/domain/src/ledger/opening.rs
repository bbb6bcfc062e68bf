//! What a member brings over from another programme: lots with their own dates, a debt, a tier, status points (rules: ledger 8).
//!
//! Each part is a fact once per member and source, and is told by an import alone: [`Open`] is decided like any command, under the import's
//! own operation for the row, and [`Withdraw`] takes it back while nothing of it is spent. What a row may say is checked by
//! `opening_rows`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::kernel::canonical::Hash;
use crate::kernel::id::{ContentHash, OperationId};
use crate::kernel::quantity::Points;
use crate::kernel::refusal::{Missing, refusals};
use crate::kernel::time::Month;
use crate::ledger::books::{Books, Change};
use crate::ledger::brought::{Elsewhere, OpenedTier, Part, Replaced};
use crate::ledger::case::Case;
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::held_over::{HeldOver, came_with};
use crate::ledger::membership::{Gone, Membership};
use crate::ledger::pockets::Movement;
use crate::ledger::settlement::Settlement;
use crate::planted;
use crate::standing::qualification::{Reached, Standing};

/// What is brought over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// Points by the instants at which they can be spent, if that is not yet, and at which they expire. Equal ones are added up.
    Lots(BTreeMap<(Option<Timestamp>, Timestamp), Points>),
    /// Points that are owed, as a positive number.
    Debt(Points),
    /// A tier that was reached there, on which local date, and its last one.
    Tier {
        /// The tier.
        tier: String,
        /// Since which date.
        since: Date,
        /// The last date on which it holds, whatever the points say.
        until: Date,
    },
    /// Status points by month.
    Status(BTreeMap<Month, Points>),
}

impl Opening {
    /// Which part it is.
    #[must_use]
    pub const fn part(&self) -> Part {
        match self {
            Self::Lots(_) => Part::Lots,
            Self::Debt(_) => Part::Debt,
            Self::Tier { .. } => Part::Tiers,
            Self::Status(_) => Part::Status,
        }
    }

    /// A hash of what it says, whatever the order in which it was said: to tell the same again from something else.
    #[must_use]
    pub fn content(&self) -> ContentHash {
        let said: Value = match self {
            Self::Lots(lots) => {
                lots.iter().map(|((activates, expires), points)| json!([activates, expires, points.0])).collect()
            }
            Self::Debt(points) => json!(points.0),
            Self::Tier { tier, since, until } => json!([tier, since, until]),
            Self::Status(months) => months.iter().map(|(month, points)| json!([month.to_string(), points.0])).collect(),
        };
        ContentHash::of(&json!({"part": self.part().name(), "says": said}))
    }
}

/// Brings something over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// From which source of the programme.
    pub source: String,
    /// What that is called, for the statement.
    pub name: String,
    /// The file that says so.
    pub file: Hash,
    /// How many rows of it this comes from.
    pub rows: u32,
    /// What.
    pub opening: Opening,
    /// Which of its points are held for a booking of there.
    pub holds: Vec<HeldOver>,
    /// What else is said of the member there. If it is when the cutover was, it takes the place of what was brought over before, while the member
    /// has no facts of its own.
    pub elsewhere: Elsewhere,
}

impl Open {
    /// A hash of what it says, whatever the order in which it was said: to tell the same again from something else.
    #[must_use]
    pub fn content(&self) -> ContentHash {
        if self.holds.is_empty() && self.elsewhere.lifetime.is_none() {
            return self.opening.content();
        }
        let holds: Value = self.holds.iter().map(HeldOver::said).collect();
        let (opening, lifetime) = (self.opening.content().to_string(), self.elsewhere.lifetime.map(|points| points.0));
        ContentHash::of(&json!({"opening": opening, "holds": holds, "lifetime": lifetime}))
    }
}

/// Takes back what was brought over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdraw {
    /// From which source.
    pub source: String,
    /// Which part.
    pub part: Part,
    /// By what it had been brought; whatever brought it if absent.
    pub brought: Option<OperationId>,
}

refusals! {
    /// Nothing is brought over, or taken back.
    Bringing {
        /// Something else was brought over before: it is to be withdrawn first.
        Conflict OpeningExists ("opening_exists") {
            /// The entry.
            entry: u64,
        } = "something else was brought over before; withdraw it first",
        /// Some of it is spent.
        Conflict OpeningSpent ("opening_spent") {
            /// How much.
            spent: Points,
        } = "some of what was brought over is spent",
        /// The programme has no such tier.
        Invalid UnknownTier ("unknown_tier" at "tier") {
            /// Those it has.
            known: Vec<String>,
        } = "the programme has no such tier",
        | Missing,
        | Gone,
    }
}

/// By what the account remembers a part that was brought over.
#[must_use]
pub fn remembered_as(source: &str, part: Part) -> String {
    format!("{source}/{part}")
}

/// The entry that brought a part over and was neither withdrawn nor replaced, as far as entries go back.
#[must_use]
pub fn opened<'a>(history: &'a [Entry], source: &str, part: Part) -> Option<&'a Entry> {
    if planted!("bug-opening-twice") {
        return None;
    }
    let newest = history.iter().rev().find_map(|entry| match &entry.detail {
        Detail::Opening { source: from, part: which, .. } if from == source && *which == part => Some(Some(entry)),
        Detail::OpeningWithdrawn { source: from, part: which, .. } if from == source && *which == part => Some(None),
        _ => None,
    });
    newest.flatten()
}

/// Decides what is brought over. `history` reaches back to what was brought over before.
///
/// # Errors
/// Something else was, or the tier is none.
pub fn open(open: &Open, case: Case<'_>) -> Result<Change, Bringing> {
    if matches!(case.account.membership, Membership::Closed { .. }) {
        return Err(Gone::MemberClosed.into());
    }
    let Open { source, name, file, rows, opening, holds: _, elsewhere } = open.clone();
    let as_of = elsewhere.as_of;
    let part = opening.part();
    let mut books = case.books();
    let before = opened(case.history, &source, part);
    let mut replaced = None;
    if let Some(before) = before {
        if as_of.is_none() || has_facts(case.history, before) {
            return Err(Bringing::OpeningExists { entry: before.sequence });
        }
        take_back(&mut books, before, case.history)?;
        replaced = Some(Replaced { entry: before.sequence, movements: books.moved() });
    }
    let (mut tier, mut status) = (None, BTreeMap::new());
    match opening {
        Opening::Lots(lots) => {
            for ((activates_at, expires_at), points) in lots {
                let activates_at = activates_at.filter(|at| *at > books.now);
                books.earned(activates_at, expires_at, points);
            }
        }
        Opening::Debt(points) => books.owes(points),
        Opening::Tier { tier: id, since, until } => {
            let opened = OpenedTier { tier: id, since, until };
            books.brings_tier(&opened)?;
            tier = Some(opened);
        }
        Opening::Status(months) => {
            books.brings_status(&months, false);
            status = months;
        }
    }
    books.account.lifetime += elsewhere.lifetime.unwrap_or_default();
    books.lift(case.setting.programmes);
    let (remembered, sequence) = (remembered_as(&source, part), books.next_sequence());
    match as_of {
        Some(as_of) => books.account.cutovers.insert(remembered.clone(), as_of),
        None => books.account.cutovers.remove(&remembered),
    };
    books.account.openings.insert(remembered, sequence);
    let detail = Detail::Opening { source, name, part, rows, file, tier, status, replaces: replaced, elsewhere };
    Ok(books.close(case.stamp, detail))
}

/// Decides that what was brought over is taken back. `history` reaches back to it.
///
/// # Errors
/// Nothing was brought over, or some of it is spent.
pub fn withdraw(withdraw: &Withdraw, case: Case<'_>) -> Result<Change, Bringing> {
    let Withdraw { source, part, brought } = withdraw.clone();
    let before = opened(case.history, &source, part);
    let before = before
        .filter(|before| brought.is_none_or(|brought| before.operation == brought))
        .ok_or(Missing::NotFound { what: "opening" })?;
    let mut books = case.books();
    take_back(&mut books, before, case.history)?;
    books.lift(case.setting.programmes);
    let remembered = remembered_as(&source, part);
    books.account.openings.remove(&remembered);
    books.account.cutovers.remove(&remembered);
    Ok(books.close(case.stamp, Detail::OpeningWithdrawn { source, part, opening: before.sequence }))
}

/// Has anything happened since an opening but what is brought over, and what time does?
fn has_facts(history: &[Entry], opening: &Entry) -> bool {
    let held: Vec<u64> = history.iter().filter(|entry| came_with(opening, entry)).map(|entry| entry.sequence).collect();
    let held_over = |entry: &Entry| match entry.detail {
        Detail::Hold { .. } => held.contains(&entry.sequence),
        Detail::Release { hold } => held.contains(&hold),
        _ => false,
    };
    let of_time = |entry: &Entry| {
        matches!(
            entry.detail,
            Detail::Opening { .. }
                | Detail::OpeningWithdrawn { .. }
                | Detail::Standing { .. }
                | Detail::Settle
                | Detail::Evaluate { .. }
        )
    };
    history.iter().any(|entry| entry.sequence > opening.sequence && !of_time(entry) && !held_over(entry))
}

/// Takes an opening back: what is there of it, and what has expired of it is gone.
fn take_back(books: &mut Books<'_>, opening: &Entry, history: &[Entry]) -> Result<(), Bringing> {
    let Detail::Opening { tier, status, elsewhere, .. } = &opening.detail else { return Ok(()) };
    let brought = opening.brought();
    let mut spent = Points::ZERO;
    for movement in brought {
        spent += books.unspent(movement, opening.sequence, history);
    }
    if spent.is_positive() {
        return Err(Bringing::OpeningSpent { spent });
    }
    for movement in brought.iter().rev() {
        books.takes(movement);
    }
    if let Some(tier) = tier {
        books.drops_tier(tier);
    }
    books.brings_status(status, true);
    let lifetime = elsewhere.lifetime.unwrap_or_default();
    books.account.lifetime = (books.account.lifetime - lifetime).or_zero();
    Ok(())
}

impl Entry {
    /// What an opening has moved, less what takes another back in whose place it comes.
    #[must_use]
    pub fn brought(&self) -> &[Movement] {
        let Detail::Opening { replaces, .. } = &self.detail else { return &[] };
        let others = replaces.map_or(0, |replaced| usize::try_from(replaced.movements).unwrap_or(usize::MAX));
        self.movements.get(others..).unwrap_or_default()
    }
}

/// The line of a statement that says from where something came: `Brought over from Old programme, 4 lots`.
#[must_use]
pub fn line(name: &str, part: Part, rows: u32) -> String {
    let what = match part {
        Part::Lots if rows == 1 => "1 lot".to_owned(),
        Part::Lots => format!("{rows} lots"),
        Part::Debt => "a debt".to_owned(),
        Part::Tiers => "a tier".to_owned(),
        Part::Status => "status points".to_owned(),
    };
    format!("Brought over from {name}, {what}")
}

impl Books<'_> {
    /// Adds a debt: what can be spent repays it, the earliest first.
    fn owes(&mut self, points: Points) {
        let left = points - self.draw(points);
        if left.is_positive() {
            self.post(Movement::Debt { points: -left });
        }
    }

    /// How much of what a movement brought over is neither there nor expired.
    fn unspent(&self, movement: &Movement, since: u64, history: &[Entry]) -> Points {
        let pockets = &self.account.pockets;
        let expired = |lot: Timestamp| -> Points {
            let later = history.iter().filter(|entry| entry.sequence > since).flat_map(|entry| &entry.settled);
            let all = later.chain(self.settled());
            let of_lot = all.filter_map(|settled| match *settled {
                Settlement::Expired { expires_at, points } if expires_at == lot => Some(points),
                _ => None,
            });
            of_lot.sum()
        };
        let active = |lot: Timestamp| pockets.active.get(&lot).copied().unwrap_or_default();
        match *movement {
            Movement::Active { expires_at, points } if points.is_positive() => {
                (points - active(expires_at) - expired(expires_at)).or_zero()
            }
            Movement::Pending { activates_at, expires_at, points } if points.is_positive() => {
                let waits = pockets.pending.get(&(activates_at, expires_at)).copied().unwrap_or_default();
                (points - waits - active(expires_at) - expired(expires_at)).or_zero()
            }
            Movement::Debt { points } if points < Points::ZERO => (-points - pockets.debt).or_zero(),
            _ => Points::ZERO,
        }
    }

    /// Takes back what a movement brought over, as far as it is there; a debt that it repaid is owed again, and points that repaid a debt
    /// which it brought are there again.
    fn takes(&mut self, movement: &Movement) {
        let of = |there: Option<&Points>, points: Points| there.copied().unwrap_or_default().min(points);
        match *movement {
            Movement::Active { expires_at, points } if points.is_positive() => {
                let points = of(self.account.pockets.active.get(&expires_at), points);
                if points.is_positive() {
                    self.post(Movement::Active { expires_at, points: -points });
                }
            }
            Movement::Active { expires_at, points } => self.earned(None, expires_at, -points),
            Movement::Pending { activates_at, expires_at, points } => {
                let waits = of(self.account.pockets.pending.get(&(activates_at, expires_at)), points);
                if waits.is_positive() {
                    self.post(Movement::Pending { activates_at, expires_at, points: -waits });
                }
                let matured = of(self.account.pockets.active.get(&expires_at), points - waits);
                if matured.is_positive() {
                    self.post(Movement::Active { expires_at, points: -matured });
                }
            }
            Movement::Debt { points } if points.is_positive() => self.owes(points),
            Movement::Debt { points } => self.post(Movement::Debt { points: -points }),
            Movement::Held { .. } => {}
        }
    }

    /// The tier that was brought over is held until its last date; a higher one is kept.
    fn brings_tier(&mut self, opened: &OpenedTier) -> Result<(), Bringing> {
        let programme = self.programme;
        let rank = programme.rank(&opened.tier);
        let Some(tier) = programme.tier(&opened.tier) else {
            let known = programme.tiers().map(|tier| tier.id.clone()).collect();
            return Err(Bringing::UnknownTier { known });
        };
        let standing = self.standing_of(tier.id.clone(), opened);
        let known = self.account.tiers.standing();
        let higher = known.is_some_and(|known| (programme.rank(&known.tier), known.end) >= (rank, standing.end));
        if rank > 0 && !higher {
            self.carry(Some(standing), self.account.tiers.floor.clone());
        }
        Ok(())
    }

    fn drops_tier(&mut self, opened: &OpenedTier) {
        let tier = self.programme.tier_name(&opened.tier).to_owned();
        let brought = self.standing_of(tier, opened);
        let same =
            |known: &Standing| (known.start, known.end, &known.tier) == (brought.start, brought.end, &brought.tier);
        if self.account.tiers.standing().is_some_and(same) {
            self.carry(None, self.account.tiers.floor.clone());
        }
    }

    fn standing_of(&self, tier: String, opened: &OpenedTier) -> Standing {
        let zone = self.programme.zone();
        let start = zone.start_of(opened.since);
        let end = zone.start_of_day_after(zone.start_of(opened.until), 1);
        let months = self.account.qualifying.range(Month::of(opened.since)..);
        let points = months.map(|(_, points)| *points).sum();
        Standing {
            tier,
            reached: start,
            reached_by: Reached::Kept,
            start,
            end,
            points,
            grace_points: Points::ZERO,
            in_grace: false,
        }
    }

    /// Adds status points of months, or takes them back.
    fn brings_status(&mut self, months: &BTreeMap<Month, Points>, back: bool) {
        for (month, points) in months {
            let there = self.account.qualifying.get(month).copied().unwrap_or_default();
            let points = if back { -there.min(*points) } else { *points };
            let at = self.programme.zone().start_of(month.last_date()).min(self.now);
            self.account.qualify(*month, points);
            self.account.tiers.credit(at, self.now, points);
        }
    }
}
