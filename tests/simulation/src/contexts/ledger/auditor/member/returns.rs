//! What refunds take back, and what reversals and corrections give.

use std::collections::BTreeSet;

use super::super::books::Moved;
use super::super::calendar::{DAY, boundary, day_of, expiry, month_of, start_of};
use super::super::entry::{Detail, Entry, Initiator};
use super::{GRACE_DAYS, Member, PENDING_DAYS, RETURN_DAYS};

impl Member {
    pub(super) fn refund(&mut self, entry: &Entry) -> Result<Vec<Moved>, String> {
        let Detail::Refund { order: id, amount_minor, asked_minor, expired, shortfall, status, withheld, .. } =
            &entry.detail
        else {
            return Ok(Vec::new());
        };
        let order = self.orders.get_mut(id).ok_or("is of an order that never came")?;
        let asked = asked_minor.unwrap_or(*amount_minor);
        let amount = asked.min((order.net - order.netted - order.refunded).max(0));
        let due = (order.worth(0) - order.worth(order.refunded + amount) - order.clawed).max(0);
        let credit = (order.status(0) - order.status(order.refunded + amount) - order.status_taken).max(0);
        let whole = amount > 0 && order.refunded + amount == order.net - order.netted;
        order.refunded += amount;
        order.clawed += due;
        order.status_taken += credit;
        // What waits for the end of a suspension is less from then on, and nothing else moves.
        let waits = self.waiting.get_mut(&order.entry);
        let kept = waits.is_some().then_some(due);
        if let Some(waits) = waits {
            (waits.points, waits.status) = (waits.points - due, waits.status - credit);
        } else {
            *self.months.entry(month_of(day_of(order.occurred_at))).or_default() -= credit;
            self.tiers.credit(order.occurred_at, order.recorded_at, -credit);
        }
        // An order that is cancelled whole gives back the day's limit, and the boost that it used up.
        let (day, given, boost) = (day_of(order.occurred_at), order.worth(0), order.boost.filter(|_| whole));
        *self.by_day.entry(day).or_default() -= if whole && kept.is_none() { given } else { 0 };
        if (amount, credit, 0, kept) != (*amount_minor, *status, *shortfall, *withheld) {
            return Err(format!("takes {amount_minor} and {status} status of {id}, not {amount} and {credit}"));
        }
        if kept.is_some() {
            if let Some((from, until)) = boost {
                self.grant(from, until);
            }
            return Ok(Vec::new());
        }
        let lot = expiry(order.occurred_at);
        let freed = *expired;
        if lot > order.recorded_at {
            let left = self.expired.entry(lot).or_default();
            if freed != due.min((*left).max(0)) {
                return Err(format!("frees {freed} of {due} points, where {left} had expired"));
            }
            *left -= freed;
        } else if freed != due {
            return Err(format!("takes {} points that had expired when they were earned", due - freed));
        }
        let mut owed = due - freed;
        let mut moved = Vec::new();
        let activates = start_of(day_of(order.occurred_at) + PENDING_DAYS);
        let own = self.books.pending.get(&(activates, lot)).copied().unwrap_or_default().min(owed);
        if own > 0 {
            moved.push(Moved::Pending(activates, lot, -own));
            owed -= own;
        }
        if let Some((from, until)) = boost {
            self.grant(from, until);
        }
        moved.extend(self.owed_from(Some(lot), owed));
        Ok(moved)
    }

    /// What is owed is taken from a lot, then from others in their order, and then becomes a debt.
    fn owed_from(&self, lot: Option<i64>, mut owed: i64) -> Vec<Moved> {
        let (mut books, mut moved) = (self.books.clone(), Vec::new());
        if let Some(lot) = lot {
            let own = books.active.get(&lot).copied().unwrap_or_default().min(owed);
            if own > 0 {
                books.moved(Moved::Active(lot, -own));
                moved.push(Moved::Active(lot, -own));
                owed -= own;
            }
        }
        for drawn in books.drawn(owed) {
            if let Moved::Active(_, points) = drawn {
                owed += points;
            }
            moved.push(drawn);
        }
        if owed > 0 {
            moved.push(Moved::Debt(-owed));
        }
        moved
    }

    /// A fact that is no order is taken back: once, within a year, all that it earned, and the turns that it took.
    pub(super) fn take_back(&mut self, entry: &Entry, now: i64) -> Result<Vec<Moved>, String> {
        let Detail::ActivityReversal { earning, activity: of, expired: freed, shortfall, status } = &entry.detail
        else {
            return Ok(Vec::new());
        };
        let before =
            |other: &&Entry| matches!(other.detail, Detail::ActivityReversal { earning: of, .. } if of == *earning);
        if let Some(other) = self.entries.iter().find(before) {
            return Err(format!("takes entry {earning} back, as entry {} did", other.sequence));
        }
        let place = usize::try_from(*earning).unwrap_or_default().checked_sub(1);
        let earned = place.and_then(|place| self.entries.get(place)).ok_or("takes back what is not there")?;
        let Detail::Earn { activity, order: None, trace, status: credited, .. } = &earned.detail else {
            return Err(format!("takes back {:?}", earned.detail));
        };
        let (occurred, recorded) = (earned.occurred_at.as_millisecond(), earned.recorded_at.as_millisecond());
        if entry.occurred_at.as_millisecond() - occurred >= RETURN_DAYS * DAY {
            return Err("takes back what is more than a year old".to_owned());
        }
        if (activity, credited, 0) != (of, status, *shortfall) {
            return Err(format!("takes {status} status of a {of}, not {credited} of a {activity}"));
        }
        let due: i64 = trace.values().sum();
        let (day, lot) = (day_of(occurred), expiry(occurred));
        let in_lot =
            earned.movements.iter().any(|moved| matches!(Moved::from(moved), Moved::Active(_, points) if points > 0));
        let limited = ["review-approved", "survey-complete", "product-review"];
        let turns: Vec<&'static str> = limited.into_iter().filter(|rule| trace.contains_key(*rule)).collect();
        for rule in turns {
            *self.paid.entry((rule, month_of(day))).or_default() -= 1;
        }
        *self.by_day.entry(day).or_default() -= due;
        *self.months.entry(month_of(day)).or_default() -= status;
        self.tiers.credit(occurred, recorded, -status);
        let gone = match (in_lot, lot > recorded) {
            (false, _) => 0, // all of it repaid a debt
            (true, false) => due,
            (true, true) => {
                let left = self.expired.entry(lot).or_default();
                let gone = due.min((*left).max(0));
                *left -= gone;
                gone
            }
        };
        if *freed != gone {
            return Err(format!("frees {freed} of {due} points at {now}, not {gone}"));
        }
        Ok(self.owed_from(Some(lot).filter(|_| in_lot), due - gone))
    }

    pub(super) fn reverse(
        &mut self,
        redemption: u64,
        points: i64,
        by: Initiator,
        now: i64,
    ) -> Result<Vec<Moved>, String> {
        let spent = usize::try_from(redemption).ok().and_then(|place| self.entries.get(place.checked_sub(1)?));
        let spent = spent.ok_or("reverses what is not there")?;
        let (Detail::Redeem { .. } | Detail::Capture { .. }) = &spent.detail else {
            return Err("reverses what is no redemption".to_owned());
        };
        let parts: Vec<(i64, i64)> = spent
            .movements
            .iter()
            .rev()
            .filter_map(|movement| match Moved::from(movement) {
                Moved::Active(at, points) | Moved::Held(_, at, points) if points < 0 => Some((at, -points)),
                _ => None,
            })
            .collect();
        let earlier = self.entries.iter().filter_map(|entry| match &entry.detail {
            Detail::Reverse { redemption: of, points, .. } if *of == redemption => Some(*points),
            _ => None,
        });
        let mut skip: i64 = earlier.sum();
        let given = matches!(&spent.detail, Detail::Redeem { cause: Some(_), .. });
        let reversed =
            |entry: &Entry| matches!(entry.detail, Detail::Reverse { redemption: of, .. } if of == redemption);
        if given && self.entries.iter().any(reversed) {
            return Err("reverses a grant twice".to_owned());
        }
        if skip + points > parts.iter().map(|(_, points)| points).sum() {
            return Err("reverses more than was spent".to_owned());
        }
        if let Detail::Redeem { reward, quantity, .. } = &spent.detail {
            let day = day_of(spent.recorded_at.as_millisecond());
            let taken = self.rewarded.entry((reward.clone(), day)).or_default();
            *taken = (*taken - i64::from(*quantity)).max(0);
        }
        let second = boundary(now, GRACE_DAYS);
        let graced: BTreeSet<i64> = match &spent.detail {
            Detail::Redeem { grace, .. } | Detail::Capture { grace, .. } => {
                grace.iter().map(|lot| lot.as_millisecond()).collect()
            }
            _ => BTreeSet::new(),
        };
        let mut left = points;
        let mut back: Vec<(i64, i64)> = Vec::new();
        for (lot, part) in parts {
            let skipped = skip.min(part);
            skip -= skipped;
            let part = (part - skipped).min(left);
            left -= part;
            let late = part > 0 && lot <= now;
            if late && by == Initiator::Merchant && !graced.contains(&lot) {
                self.books.grace.insert(second);
                back.push((second, part));
            } else if part > 0 {
                back.push((lot, part));
            }
        }
        let moved = self.repaying(&back);
        self.too_late(&moved, now);
        Ok(moved)
    }

    /// Points come back to lots; those that expire first repay what is owed.
    fn repaying(&self, back: &[(i64, i64)]) -> Vec<Moved> {
        let mut first: Vec<usize> = (0..back.len()).collect();
        first.sort_by_key(|place| back[*place].0);
        let (mut owed, mut repays) = (self.books.debt, vec![0; back.len()]);
        for place in first {
            repays[place] = owed.min(back[place].1);
            owed -= repays[place];
        }
        let both = back
            .iter()
            .zip(repays)
            .flat_map(|(&(lot, points), repaid)| [Moved::Debt(repaid), Moved::Active(lot, points - repaid)]);
        both.filter(|moved| moved.points() != 0).collect()
    }

    /// What comes back to a lot that has expired has expired, too.
    pub(super) fn too_late(&mut self, moved: &[Moved], now: i64) {
        for moved in moved {
            if let Moved::Active(lot, points) = moved
                && *lot <= now
            {
                *self.expired.entry(*lot).or_default() += points;
            }
        }
    }

    pub(super) fn adjust(&self, entry: &Entry, request: Option<u64>, now: i64) -> Result<Vec<Moved>, String> {
        let asked = match request {
            None => entry.movements.iter().map(|movement| Moved::from(movement).points()).sum(),
            Some(request) => {
                let approved = self
                    .entries
                    .iter()
                    .any(|entry| matches!(entry.detail, Detail::Adjust { request: of, .. } if of == Some(request)));
                let asked = usize::try_from(request).ok().and_then(|place| self.entries.get(place.checked_sub(1)?));
                match asked.map(|asked| &asked.detail) {
                    Some(Detail::AdjustmentRequest { points, .. }) if !approved => *points,
                    _ => return Err("approves what is not there, or was approved".to_owned()),
                }
            }
        };
        if request.is_none() && asked.abs() > 1_000 {
            return Err("corrects more than one person may".to_owned());
        }
        if asked > 0 { Ok(self.books.credited(expiry(now), asked)) } else { self.spent(-asked) }
    }
}
