//! What a member brings over from elsewhere, and what of it is taken back.

use super::super::books::{Books, Moved};
use super::super::brought::{HeldTier, OpenedTier};
use super::super::calendar::{day_named, first_of, month_named, month_of, start_of};
use super::super::entry::{Detail, Entry};
use super::super::tiers::rank;
use super::Member;
use super::transfer::at;

impl Member {
    /// What an entry moves by which something is brought over; whether a file says so is followed where files are.
    pub(super) fn opened(&mut self, entry: &Entry, now: i64) -> Result<Vec<Moved>, String> {
        match &entry.detail {
            Detail::Opening { source, part, tier, status, replaces, as_of, .. } => {
                let brought = format!("{source}/{part}");
                let before = self.openings.insert(brought.clone(), entry.sequence);
                if before != *replaces {
                    return Err(format!("takes the place of {replaces:?}; {before:?} has brought something over"));
                }
                match as_of {
                    Some(as_of) => drop(self.cutovers.insert(brought, *as_of)),
                    None => drop(self.cutovers.remove(&brought)),
                }
                let mut all = self.makes_room(entry, now)?;
                let mut books = self.books.clone();
                all.iter().for_each(|moved| books.moved(*moved));
                let came = Moved::brought(entry);
                self.takes_tier(tier.as_ref(), now);
                self.takes_status(status, 1, now);
                all.extend(match part.as_str() {
                    "lots" => came_in(&books, came)?,
                    "debt" => owes(&books, -came.iter().map(|moved| moved.points()).sum::<i64>()),
                    _ => Vec::new(),
                });
                Ok(all)
            }
            Detail::OpeningWithdrawn { source, part, opening } => {
                let brought = format!("{source}/{part}");
                if self.openings.remove(&brought) != Some(*opening) {
                    return Err(format!("takes back {opening}, which brings nothing over"));
                }
                self.cutovers.remove(&brought);
                self.withdrawn(*opening, now)
            }
            _ => Err("brings nothing over".to_owned()),
        }
    }

    /// What is taken back because something else comes in its place: only of who has done nothing since.
    fn makes_room(&mut self, entry: &Entry, now: i64) -> Result<Vec<Moved>, String> {
        let Detail::Opening { replaces: Some(before), took_back, as_of, .. } = &entry.detail else {
            return Ok(Vec::new());
        };
        let since = self.entries.iter().filter(|entry| entry.sequence > *before);
        let mut facts = since.filter(|entry| !entry.is_of_time());
        if as_of.is_none() || facts.next().is_some() {
            return Err(format!("takes the place of {before}, and nobody said when the cutover was, or it has facts"));
        }
        let gone = self.withdrawn(*before, now)?;
        let said = took_back.and_then(|count| usize::try_from(count).ok());
        if said == Some(gone.len()) { Ok(gone) } else { Err(format!("takes {gone:?} back, not {took_back:?} of them")) }
    }

    /// A tier that is brought over is held until its last day, unless a higher one is, or the same for longer.
    fn takes_tier(&mut self, opened: Option<&OpenedTier>, now: i64) {
        let Some(held) = opened.and_then(|opened| self.held_by_opening(opened)) else { return };
        let own = self.tiers.own_tier();
        let higher = own.is_some_and(|own| (rank(&own.tier), own.end) >= (rank(&held.tier), held.end));
        if rank(&held.tier) > 0 && !higher {
            let floor = self.tiers.own_floor();
            self.turned.extend(self.tiers.carry(Some(&held), floor.as_ref(), now));
        }
    }

    fn held_by_opening(&self, opened: &OpenedTier) -> Option<HeldTier> {
        let (since, until) = (day_named(&opened.since)?, day_named(&opened.until)?);
        let (start, end) = (at(start_of(since)), at(start_of(until + 1)));
        Some(HeldTier {
            tier: opened.tier.clone(),
            reached: start,
            reached_by: "kept".to_owned(),
            start,
            end,
            points: self.months.range(month_of(since)..).map(|(_, points)| points).sum(),
            grace_points: 0,
            in_grace: false,
        })
    }

    /// Status points of months: they count as facts of their last day, or of now.
    fn takes_status(&mut self, status: &[(String, i64)], sign: i64, now: i64) {
        for (month, points) in status {
            let Some(month) = month_named(month) else { continue };
            let there = self.months.entry(month).or_default();
            let points = if sign > 0 { *points } else { -(*there).min(*points) };
            *there += points;
            self.tiers.credit(start_of(first_of(month + 1) - 1).min(now), now, points);
        }
    }

    /// What was brought over goes, whole: nothing of it may be spent.
    fn withdrawn(&mut self, opening: u64, now: i64) -> Result<Vec<Moved>, String> {
        let place = usize::try_from(opening).unwrap_or_default().saturating_sub(1);
        let brought = self.entries.get(place).cloned().ok_or("takes back what is not there")?;
        let Detail::Opening { tier, status, .. } = &brought.detail else {
            return Err("takes back what is no opening".to_owned());
        };
        let (mut books, mut moved) = (self.books.clone(), Vec::new());
        for one in Moved::brought(&brought).into_iter().rev() {
            let goes = match one {
                Moved::Active(lot, points) if points > 0 => {
                    vec![Moved::Active(lot, -books.active.get(&lot).copied().unwrap_or_default().min(points))]
                }
                Moved::Active(lot, points) => books.credited(lot, -points),
                Moved::Pending(from, lot, points) => {
                    let waits = books.pending.get(&(from, lot)).copied().unwrap_or_default().min(points);
                    let active = books.active.get(&lot).copied().unwrap_or_default().min(points - waits);
                    vec![Moved::Pending(from, lot, -waits), Moved::Active(lot, -active)]
                }
                Moved::Debt(points) if points < 0 => vec![Moved::Debt(-points)],
                Moved::Debt(points) => owes(&books, points),
                Moved::Held(..) => Vec::new(),
            };
            for goes in goes.into_iter().filter(|moved| moved.points() != 0) {
                books.moved(goes);
                moved.push(goes);
            }
        }
        if let Some(held) = tier.as_ref().and_then(|tier| self.held_by_opening(tier)) {
            let own = self.tiers.own_tier();
            if own.is_some_and(|own| (own.start, own.end, own.tier) == (held.start, held.end, held.tier)) {
                let floor = self.tiers.own_floor();
                self.turned.extend(self.tiers.carry(None, floor.as_ref(), now));
            }
        }
        self.takes_status(status, -1, now);
        Ok(moved)
    }
}

/// Something is owed: what can be spent meets it.
fn owes(books: &Books, points: i64) -> Vec<Moved> {
    let mut moved = books.drawn(points);
    let left = points + moved.iter().map(|moved| moved.points()).sum::<i64>();
    moved.extend((left > 0).then_some(Moved::Debt(-left)));
    moved
}

/// Lots come in: what can be spent repays what is owed first.
fn came_in(books: &Books, moved: Vec<Moved>) -> Result<Vec<Moved>, String> {
    let mut sums = (0, 0);
    for moved in &moved {
        match *moved {
            Moved::Active(_, points) if points > 0 => sums.1 += points,
            Moved::Debt(points) if points > 0 => sums.0 += points,
            Moved::Pending(_, _, points) if points > 0 => {}
            other => return Err(format!("brings over {other:?}")),
        }
    }
    let repaid = books.debt.min(sums.0 + sums.1);
    if repaid == sums.0 { Ok(moved) } else { Err(format!("repays {} of what is owed, not {repaid}", sums.0)) }
}
