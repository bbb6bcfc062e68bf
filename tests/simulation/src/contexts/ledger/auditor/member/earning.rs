//! What orders and behaviours give.

use std::collections::BTreeSet;

use super::super::books::Moved;
use super::super::calendar::{DAY, day_of, expiry, month_of, start_of};
use super::super::entry::{Detail, Entry, Inputs};
use super::super::tiers::Tiers;
use super::{BACKDATE_DAYS, DAY_CAP, Member, Order, PENDING_DAYS, Trace, trace};

impl Member {
    /// How earned points come in.
    pub(super) fn credited(&self, entry: &Entry, points: i64, pends: bool) -> Vec<Moved> {
        let (occurred, now) = (entry.occurred_at.as_millisecond(), entry.recorded_at.as_millisecond());
        let activates = start_of(day_of(occurred) + PENDING_DAYS);
        let expires = expiry(occurred);
        match points {
            0 => Vec::new(),
            _ if pends && activates > now => vec![Moved::Pending(activates, expires, points)],
            _ if expires <= now => vec![Moved::Active(expires, points)],
            _ => self.books.credited(expires, points),
        }
    }

    /// The rank of the tier at an instant: the one told, or what the facts up to then are good for.
    fn rank_at(&self, at: i64, now: i64) -> usize {
        let later = self.entries.iter().filter(|entry| entry.occurred_at.as_millisecond() > at);
        let later: i64 = later
            .map(|entry| match &entry.detail {
                Detail::Earn { status, .. } => *status,
                Detail::Refund { status, .. } | Detail::ActivityReversal { status, .. } => -status,
                _ => 0,
            })
            .sum();
        let reached = Tiers::best(self.tiers.rolling(at) - later);
        let open = now - (BACKDATE_DAYS + 1) * DAY;
        if reached > self.tiers.highest(open, at) { reached } else { self.tiers.at(at) }
    }

    /// What an order gives: points and status points.
    pub(super) fn order(
        &mut self,
        id: &str,
        inputs: &Inputs,
        before: i64,
        entry: &Entry,
    ) -> Result<(Trace, i64), String> {
        let (occurred_at, recorded_at) = (entry.occurred_at.as_millisecond(), entry.recorded_at.as_millisecond());
        let net = inputs.net.unwrap_or(0);
        let boost = self.boost.filter(|(from, until)| (*from..*until).contains(&occurred_at));
        if boost.is_some() && (before == 0 || before < net) {
            self.boost = None;
        }
        let used = self.by_day.get(&day_of(occurred_at)).copied().unwrap_or_default();
        let headroom = (DAY_CAP - used).max(0);
        let order = Order {
            entry: entry.sequence,
            net,
            netted: before.min(net),
            boost,
            headroom,
            rank: self.rank_at(occurred_at, recorded_at),
            occurred_at,
            recorded_at,
            refunded: 0,
            clawed: 0,
            status_taken: 0,
        };
        let given = (order.by_rule(0), order.status(0));
        match self.orders.insert(id.to_owned(), order) {
            None => Ok(given),
            Some(_) => Err(format!("lets order {id} earn twice")),
        }
    }

    /// What a behaviour gives.
    pub(super) fn behaviour(&mut self, activity: &str, inputs: &Inputs, entry: &Entry) -> Result<Trace, String> {
        let occurred_at = entry.occurred_at.as_millisecond();
        let day = day_of(occurred_at);
        let (rule, points, most) = match activity {
            "checkin" => ("checkin", self.checkin(day), None),
            "ugc.approved" => ("review-approved", 20, Some(5)),
            "survey.completed" => ("survey-complete", 10, Some(2)),
            "ugc.featured" => ("ugc-featured", 100, None),
            "suggestion.shipped" => ("suggestion-shipped", 100, None),
            "review.completed" => ("product-review", 20, Some(4)),
            "referral.qualified" => ("", 0, None),
            "task.completed" => {
                if inputs.attributes.get("task").is_some_and(|task| task == "watch_tutorial") {
                    self.grant(occurred_at, occurred_at + 14 * DAY);
                }
                ("tutorial-double", 0, None)
            }
            other => return Err(format!("is of an activity {other} that the auditor does not know")),
        };
        let used = self.by_day.get(&day).copied().unwrap_or_default();
        let points = points.min((DAY_CAP - used).max(0));
        let Some(most) = most.filter(|_| points > 0) else { return Ok(trace([(rule, points)])) };
        let paid = self.paid.entry((rule, month_of(day))).or_default();
        if *paid == most {
            return Ok(Trace::new());
        }
        *paid += 1;
        Ok(trace([(rule, points)]))
    }

    /// One point a day, and ten more for every seventh day in a row.
    pub(super) fn checkin(&mut self, day: i64) -> i64 {
        let bonuses = |days: &BTreeSet<i64>, day: i64| -> i64 {
            if !days.contains(&day) {
                return 0;
            }
            let before = (1..).take_while(|back| days.contains(&(day - back))).count();
            let after = (1..).take_while(|on| days.contains(&(day + on))).count();
            i64::try_from((before + after + 1) / 7).unwrap_or_default()
        };
        let before = bonuses(&self.checkins, day - 1) + bonuses(&self.checkins, day + 1);
        if !self.checkins.insert(day) {
            return 0;
        }
        1 + 10 * (bonuses(&self.checkins, day) - before).max(0)
    }

    /// Two grants that meet are one.
    pub(super) fn grant(&mut self, from: i64, until: i64) {
        self.boost = Some(match self.boost {
            None => (from, until),
            Some(waiting) => {
                let (earlier, later) =
                    if waiting.1 <= until { (waiting, (from, until)) } else { ((from, until), waiting) };
                (if later.0 <= earlier.1 { later.0.min(earlier.0) } else { later.0 }, later.1)
            }
        });
    }
}
