//! What becomes of a member's ledger when two members become one, and two again; and when the member is suspended, or comes back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::books::{Books, Moved};
use super::super::brought::{Carried, HeldTier, Lowest, Own, Posted};
use super::super::calendar::{day_named, day_of, expiry, first_of, month_named, month_of, start_of};
use super::super::entry::{Detail, Entry};
use super::super::tiers::rank;
use super::{Member, PENDING_DAYS, Waits};

impl Member {
    /// May an entry be made where the member stands?
    pub(super) fn admits(&self, entry: &Entry) -> Result<(), String> {
        let state = self.stands["state"].as_str().unwrap_or("active");
        let is_spent = matches!(
            entry.detail,
            Detail::Redeem { cause: None, .. } | Detail::Hold { .. } | Detail::Benefit { cause: None, .. }
        );
        let is_earned = matches!(entry.detail, Detail::Earn { .. });
        let is_transfer = matches!(entry.detail, Detail::TransferIn { own: None, .. });
        let waits = matches!(&entry.detail, Detail::Earn { inputs, .. } if inputs.suspended);
        let takes_back = matches!(entry.detail, Detail::Refund { .. } | Detail::ActivityReversal { .. });
        match state {
            "erased" if !takes_back => Err("is of a member who was erased".to_owned()),
            "merged" if !is_transfer => Err("is made in an account for which another stands".to_owned()),
            "suspended" | "closed" if is_spent => Err(format!("spends, and the member is {state}")),
            "closed" if is_earned => Err("earns, and the account is closed".to_owned()),
            _ if is_earned && waits != (state == "suspended") => {
                Err(format!("waits: {waits}, and the member is {state}"))
            }
            _ => Ok(()),
        }
    }

    /// Where the member stands after an entry.
    pub(super) fn stand(&mut self, entry: &Entry) {
        let since = self.stands["since"].as_u64().unwrap_or(entry.sequence);
        let standing = |state: &str| match state {
            "active" => Value::Null,
            state => json!({"state": state, "since": since}),
        };
        match &entry.detail {
            Detail::Standing { state, .. } | Detail::TransferIn { state, .. } => self.stands = standing(state),
            Detail::Closed { .. } => self.stands = json!({"state": "erased"}),
            Detail::TransferOut { state: Some(state), .. } => self.stands = standing(state),
            Detail::TransferOut { state: None, to, .. } => {
                let into = to.rsplit_once('.').map_or("", |(into, _)| into);
                self.stands = json!({"state": "merged", "into": into});
            }
            _ => {}
        }
    }

    /// What an entry moves by which the member stands elsewhere, or two become one, or two again.
    pub(super) fn stood(&mut self, entry: &Entry, now: i64) -> Result<Vec<Moved>, String> {
        let after = match &entry.detail {
            Detail::Standing { state, posted } => return self.posted(state, posted, now),
            Detail::TransferOut { carried, state: None, .. } => self.gives_all(carried, now)?,
            Detail::TransferOut { merge, carried, .. } => self.gives_back(merge, carried, now)?,
            Detail::TransferIn { carried, met, own: Some(own), .. } => {
                let met: Vec<(i64, i64)> = met.iter().map(|(lot, points)| (lot.as_millisecond(), *points)).collect();
                self.takes_all(carried, (&met, own), now)?
            }
            Detail::TransferIn { carried, .. } => self.takes_back(carried, now),
            _ => return Err("is none of those".to_owned()),
        };
        self.lands(entry, after, now)
    }

    /// What a reactivation posts: all that waits, in its order, as if it came now.
    fn posted(&mut self, state: &str, posted: &[Posted], now: i64) -> Result<Vec<Moved>, String> {
        if state != "active" {
            return if posted.is_empty() { Ok(Vec::new()) } else { Err("posts what waits".to_owned()) };
        }
        let (mut books, mut moved) = (self.books.clone(), Vec::new());
        let mut expected = Vec::new();
        for (sequence, waits) in std::mem::take(&mut self.waiting) {
            let Waits { points, status, is_order, occurred_at } = waits;
            if (points, status) == (0, 0) {
                continue;
            }
            let lot = expiry(occurred_at);
            let activates = Some(start_of(day_of(occurred_at) + PENDING_DAYS)).filter(|at| is_order && *at > now);
            let came = match activates {
                Some(at) if points > 0 => vec![Moved::Pending(at, lot, points)],
                None if lot <= now => vec![Moved::Active(lot, points)],
                _ => books.credited(lot, points),
            };
            came.iter().for_each(|moved| books.moved(*moved));
            moved.extend(came.into_iter().filter(|moved| moved.points() != 0));
            *self.months.entry(month_of(day_of(occurred_at))).or_default() += status;
            self.tiers.credit(occurred_at, now, status);
            expected.push((sequence, points, status, activates, lot));
        }
        let told = posted.iter().map(|posted| {
            let points: i64 = posted.trace.values().sum();
            let activates = posted.activates_at.map(|at| at.as_millisecond());
            (posted.entry, points, posted.status, activates, posted.expires_at.as_millisecond())
        });
        let told: Vec<_> = told.collect();
        self.turned = self.tiers.evaluate(self.segment().as_deref(), now);
        if told == expected { Ok(moved) } else { Err(format!("posts {told:?}, not {expected:?}")) }
    }

    /// Everything goes, and nothing is left.
    fn gives_all(&mut self, carried: &Carried, now: i64) -> Result<Books, String> {
        let mine = self.all();
        let books = Books { grace: self.books.grace.clone(), ..Books::default() };
        self.months.clear();
        self.paid.clear();
        self.rewarded.clear();
        self.used.clear();
        self.checkins.clear();
        (self.boost, self.score) = (None, None);
        self.turned = self.tiers.leave(now).into_iter().collect();
        if !self.books.held.is_empty() {
            return Err("leaves points held at a checkout".to_owned());
        }
        if *carried == mine { Ok(books) } else { Err(format!("takes {carried:?}, not {mine:?}")) }
    }

    /// What there is, as a transfer lists it.
    fn all(&self) -> Carried {
        if self.entries.is_empty() {
            return Carried::default();
        }
        let active = self.books.active.iter().map(|(lot, points)| (at(*lot), *points));
        let pending = self.books.pending.iter().map(|((from, lot), points)| (at(*from), at(*lot), *points));
        let newest = month_of(day_of(self.newest_at()));
        let months = self.months.iter().filter(|(month, points)| **points != 0 && **month > newest - 14);
        let months = months.map(|(month, points)| (format!("{:04}-{:02}", month / 12, month % 12 + 1), *points));
        let mut counters: Vec<_> = self.counters().into_iter().map(said).collect();
        counters.sort();
        Carried {
            active: active.collect(),
            pending: pending.collect(),
            debt: self.books.debt,
            months: months.collect(),
            counters,
            standing: self.tiers.own_tier().into_iter().collect(),
            floor: self.tiers.own_floor().into_iter().collect(),
            cutovers: self.cutovers.clone(),
        }
    }

    /// Everything of another comes in, and meets what is owed; the higher tier counts.
    fn takes_all(&mut self, carried: &Carried, (met, own): (&[(i64, i64)], &Own), now: i64) -> Result<Books, String> {
        let (standing, floor, debt) = (self.tiers.own_tier(), self.tiers.own_floor(), self.books.debt);
        let mine = Own { standing, floor, debt, cutovers: self.cutovers.clone() };
        if *own != mine {
            return Err(format!("says it had {own:?}, and it had {mine:?}"));
        }
        for (brought, as_of) in &carried.cutovers {
            let known = self.cutovers.entry(brought.clone()).or_default();
            *known = (*known).max(*as_of);
        }
        let mut books = self.books.clone();
        came(&mut books, carried, 1);
        self.counted(carried, 1);
        let repaid = meets(&mut books);
        let other = (carried.standing.first(), carried.floor.first());
        let tier = higher(mine.standing, other.0.cloned(), |held: &HeldTier| (rank(&held.tier), held.end));
        let floor = higher(mine.floor, other.1.cloned(), |floor: &Lowest| (rank(&floor.tier), floor.until));
        self.turned = self.tiers.carry(tier.as_ref(), floor.as_ref(), now).into_iter().collect();
        self.turned.extend(self.tiers.evaluate(self.segment().as_deref(), now));
        if repaid == met { Ok(books) } else { Err(format!("says {met:?} met what was owed, not {repaid:?}")) }
    }

    /// What is still there of what another had brought goes back.
    fn gives_back(&mut self, merge: &str, carried: &Carried, now: i64) -> Result<Books, String> {
        let brought = self.entries.iter().rev().find_map(|entry| match &entry.detail {
            Detail::TransferIn { merge: of, carried, met, own: Some(own), .. } if of == merge => {
                Some((carried.clone(), met.clone(), own.clone()))
            }
            _ => None,
        });
        let (brought, met, own) = brought.ok_or("gives back what never came")?;
        for (part, as_of) in &brought.cutovers {
            let had = own.cutovers.get(part);
            // What was said anew since, or taken back, stays so.
            if self.cutovers.get(part) == had.max(Some(as_of)) {
                match had {
                    Some(had) => self.cutovers.insert(part.clone(), *had),
                    None => self.cutovers.remove(part),
                };
            }
        }
        let met: Vec<(i64, i64)> = met.iter().map(|(lot, points)| (lot.as_millisecond(), *points)).collect();
        let mut back = self.present(&brought, (&met, own.debt > 0), now);
        let mut books = self.books.clone();
        came(&mut books, &back, -1);
        // What had met parts again: what is owed is owed by whoever owed it, and the points are whose they were.
        let repaid: i64 = met.iter().map(|(_, points)| points).sum();
        if own.debt > 0 {
            books.debt += repaid;
            let mut lots: BTreeMap<_, i64> = back.active.iter().copied().collect();
            for (lot, points) in &met {
                *lots.entry(at(*lot)).or_default() += points;
            }
            back.active = lots.into_iter().collect();
        } else {
            back.debt += repaid;
            met.iter().for_each(|(lot, points)| books.moved(Moved::Active(*lot, *points)));
        }
        meets(&mut books);
        self.counted(&back, -1);
        self.turned = self.tiers.carry(own.standing.as_ref(), own.floor.as_ref(), now).into_iter().collect();
        let segment = self.segment();
        self.turned.extend(self.tiers.settle(segment.as_deref(), now));
        self.turned.extend(self.tiers.evaluate(segment.as_deref(), now));
        if back == *carried { Ok(books) } else { Err(format!("gives back {carried:?}, not {back:?}")) }
    }

    /// What is there of what another had brought, of which some met what was owed.
    fn present(&self, brought: &Carried, (met, survivor_owed): (&[(i64, i64)], bool), now: i64) -> Carried {
        let mut back =
            Carried { standing: brought.standing.clone(), floor: brought.floor.clone(), ..Carried::default() };
        let mut lots: BTreeMap<i64, i64> = BTreeMap::new();
        for (lot, points) in &brought.active {
            *lots.entry(lot.as_millisecond()).or_default() += points;
        }
        for (from, lot, points) in &brought.pending {
            let key = (from.as_millisecond(), lot.as_millisecond());
            if key.0 <= now {
                *lots.entry(key.1).or_default() += points;
            } else {
                let there = self.books.pending.get(&key).copied().unwrap_or_default().min(*points);
                back.pending.extend((there > 0).then_some((*from, *lot, there)));
            }
        }
        for (lot, points) in lots {
            let met: i64 = met.iter().filter(|(of, _)| survivor_owed && *of == lot).map(|(_, points)| points).sum();
            let there = self.books.active.get(&lot).copied().unwrap_or_default().min(points - met);
            back.active.extend((there > 0).then_some((at(lot), there)));
        }
        let repaid: i64 = met.iter().filter(|_| !survivor_owed).map(|(_, points)| points).sum();
        back.debt = (brought.debt - repaid).min(self.books.debt);
        for (month, points) in &brought.months {
            let there = month_named(month).and_then(|month| self.months.get(&month)).copied().unwrap_or_default();
            let points = there.min(*points);
            back.months.extend((points > 0).then(|| (month.clone(), points)));
        }
        let counters: Vec<_> = self.counters().into_iter().map(said).collect();
        for (what, period, date, most) in &brought.counters {
            let same = |known: &&(String, String, String, i64)| (&known.0, &known.1, &known.2) == (what, period, date);
            let count = counters.iter().find(same).map_or(0, |known| known.3).min(*most);
            back.counters.extend((count > 0).then(|| (what.clone(), period.clone(), date.clone(), count)));
        }
        back
    }

    /// What had gone comes back.
    fn takes_back(&mut self, carried: &Carried, now: i64) -> Books {
        let mut books = self.books.clone();
        came(&mut books, carried, 1);
        meets(&mut books);
        self.counted(carried, 1);
        let (tier, floor) = (carried.standing.first(), carried.floor.first());
        self.turned = self.tiers.carry(tier, floor, now).into_iter().collect();
        let segment = self.segment();
        self.turned.extend(self.tiers.settle(segment.as_deref(), now));
        books
    }

    /// What an entry moves, if it leaves the books as they should be after it.
    fn lands(&self, entry: &Entry, mut after: Books, now: i64) -> Result<Vec<Moved>, String> {
        let moved: Vec<Moved> = entry.movements.iter().map(Moved::from).collect();
        let mut books = self.books.clone();
        moved.iter().for_each(|moved| books.moved(*moved));
        after.active.retain(|lot, _| *lot > now);
        if books == after { Ok(moved) } else { Err(format!("leaves {books:?}, not {after:?}")) }
    }

    /// Status points and what limits have counted.
    fn counted(&mut self, carried: &Carried, sign: i64) {
        for (month, points) in &carried.months {
            let Some(month) = month_named(month) else { continue };
            *self.months.entry(month).or_default() += sign * points;
            self.tiers.brought(month, sign * points);
        }
        for (what, period, date, count) in &carried.counters {
            let Some(day) = day_named(date) else { continue };
            let month = month_of(day);
            match (what.split_once(':'), period.as_str()) {
                (Some(("reward", reward)), _) => {
                    *self.rewarded.entry((reward.to_owned(), day)).or_default() += sign * count
                }
                (Some((_, benefit)), "ever") => *self.used.entry((benefit.to_owned(), 0)).or_default() += sign * count,
                (Some((_, benefit)), _) => {
                    *self.used.entry((benefit.to_owned(), month / 12)).or_default() += sign * count
                }
                (None, _) => {
                    let known = ["review-approved", "product-review", "survey-complete"];
                    if let Some(rule) = known.into_iter().find(|rule| rule == what) {
                        *self.paid.entry((rule, month)).or_default() += sign * count;
                    }
                }
            }
        }
    }
}

/// An instant of so many milliseconds.
pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// Points come in, or go.
fn came(books: &mut Books, carried: &Carried, sign: i64) {
    for (lot, points) in &carried.active {
        books.moved(Moved::Active(lot.as_millisecond(), sign * points));
    }
    for (from, lot, points) in &carried.pending {
        books.moved(Moved::Pending(from.as_millisecond(), lot.as_millisecond(), sign * points));
    }
    books.debt += sign * carried.debt;
}

/// Debt and points that can be spent meet, those that expire first first; which points repaid.
fn meets(books: &mut Books) -> Vec<(i64, i64)> {
    let mut repaid = Vec::new();
    for moved in books.drawn(books.debt) {
        books.moved(moved);
        if let Moved::Active(lot, points) = moved {
            books.debt += points;
            repaid.push((lot, -points));
        }
    }
    repaid
}

/// The higher; of equal ones that which holds longer; else the first.
fn higher<T, K: Ord>(own: Option<T>, other: Option<T>, key: impl Fn(&T) -> K) -> Option<T> {
    match (own, other) {
        (Some(own), Some(other)) => Some(if key(&other) > key(&own) { other } else { own }),
        (own, other) => own.or(other),
    }
}

/// A counter in the words of a transfer.
fn said(((what, letter, start), count): ((String, char, i64), i64)) -> (String, String, String, i64) {
    let words = [('d', "calendar_day"), ('m', "calendar_month"), ('y', "calendar_year"), ('e', "ever")];
    let period = words.into_iter().find(|(short, _)| *short == letter).map_or("", |(_, word)| word);
    let (month, first) = (month_of(start), first_of(month_of(start)));
    let date = format!("{:04}-{:02}-{:02}", month / 12, month % 12 + 1, start - first + 1);
    (what, period.to_owned(), date, count)
}
