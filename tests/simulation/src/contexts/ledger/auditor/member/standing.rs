//! Tier, benefits and scores of a member.

use std::collections::BTreeSet;

use super::super::calendar::{DAY, day_of, month_of, start_of};
use super::super::entry::{Detail, Entry, ScoreChange, Settlement};
use super::super::scores::{Scored, scored};
use super::super::tiers::{Changed, name};
use super::{Member, Scores, Wrong};

impl Member {
    /// A benefit is used by who has it, as often as a year, or a life, allows.
    pub(super) fn used(&mut self, benefit: &str, tier: &str, now: i64) -> Result<(), String> {
        let rank = self.tiers.at(now);
        let Some((least, most, yearly)) = terms(benefit) else {
            return Err(format!("uses a benefit {benefit} that the auditor does not know"));
        };
        let year = year_of(yearly, now);
        let used = self.used.entry((benefit.to_owned(), year)).or_default();
        *used += 1;
        if rank < least || *used > most || tier != name(rank) {
            return Err(format!("uses {benefit} as {tier} for the {used}. time"));
        }
        Ok(())
    }

    /// What another context asked for is refused for what is so; whether a stock was empty, the judge knows.
    pub(super) fn not_given(
        &self,
        reward: Option<&str>,
        benefit: Option<&str>,
        code: &str,
        now: i64,
    ) -> Result<(), String> {
        let known = reward.is_some_and(|reward| ["drink", "toy", "sticker"].contains(&reward));
        let used = |benefit: &str, yearly| self.used.get(&(benefit.to_owned(), year_of(yearly, now))).copied();
        let right = match (code, benefit.map(|benefit| (benefit, terms(benefit)))) {
            ("out_of_stock", None) => known,
            ("unknown_reward", None) => !known,
            ("limit_reached", None) => {
                let taken = self.rewarded.get(&("drink".to_owned(), day_of(now))).copied().unwrap_or_default();
                reward == Some("drink") && taken >= 1
            }
            ("out_of_stock", Some((benefit, _))) => ["closed-salon", "one-to-one"].contains(&benefit),
            ("unknown_benefit", Some((_, terms))) => terms.is_none(),
            ("tier_too_low", Some((_, Some((least, ..))))) => self.tiers.at(now) < least,
            ("limit_reached", Some((benefit, Some((_, most, yearly))))) => {
                used(benefit, yearly).unwrap_or_default() >= most
            }
            _ => false,
        };
        if right { Ok(()) } else { Err(format!("refuses {reward:?} {benefit:?}: {code}")) }
    }

    /// A use is taken back once, within 90 days, and its turn comes back in its own year.
    pub(super) fn unused(&mut self, used: u64, of: &str, now: i64) -> Result<(), String> {
        let of_use = |entry: &&Entry| match &entry.detail {
            Detail::BenefitReversal { used: reversed, .. } => *reversed == used,
            _ => entry.sequence == used,
        };
        let at = match self.entries.iter().filter(of_use).collect::<Vec<_>>()[..] {
            [Entry { detail: Detail::Benefit { benefit, .. }, recorded_at, .. }] if benefit == of => {
                recorded_at.as_millisecond()
            }
            ref found => return Err(format!("takes the use {used} of {of} back, of which there is {found:?}")),
        };
        if now - at >= 90 * DAY {
            return Err(format!("takes a use back after {} days", (now - at) / DAY));
        }
        *self.used.entry((of.to_owned(), year_of(of != "engraved-badge", at))).or_default() -= 1;
        Ok(())
    }

    /// A voucher is used once, in time, and not after its redemption was taken back.
    pub(super) fn used_voucher(&self, redemption: u64, of: &str, now: i64) -> Result<(), String> {
        let of_redemption = |entry: &&Entry| match &entry.detail {
            Detail::VoucherUse { redemption: used, .. } | Detail::Reverse { redemption: used, .. } => {
                *used == redemption
            }
            _ => entry.sequence == redemption,
        };
        match self.entries.iter().filter(of_redemption).collect::<Vec<_>>()[..] {
            [Entry { detail: Detail::Redeem { reward, voucher_expires_at: Some(until), .. }, .. }]
                if reward == of && until.as_millisecond() > now =>
            {
                Ok(())
            }
            ref found => Err(format!("uses the voucher of {redemption}, of which there is {found:?}")),
        }
    }

    pub(super) fn segment(&self) -> Option<String> {
        self.score.as_ref().map(|(_, segment, _)| segment.clone())
    }

    /// What time has done to the tier.
    pub(super) fn by_time(&mut self, entry: &Entry, now: i64) -> Wrong {
        let mut wrong = Vec::new();
        let segment = self.segment();
        let expected = self.tiers.settle(segment.as_deref(), now);
        let told = entry.settled.iter().filter_map(|settlement| match settlement {
            Settlement::Tier(change) => Some(Changed::from(change)),
            _ => None,
        });
        let told: Vec<Changed> = told.collect();
        if told != expected {
            wrong.push(format!("says time did {told:?} to the tier, not {expected:?}"));
        }
        wrong
    }

    /// What the member is to be told at an instant that was not to be told before another: what of, how much, and how many days before;
    /// status points that are missing are below zero.
    pub(crate) fn notices(&self, since: i64, now: i64) -> BTreeSet<(i64, i64, i64)> {
        let (mut books, mut tiers, segment) = (self.books.clone(), self.tiers.clone(), self.segment());
        books.settle(now);
        tiers.settle(segment.as_deref(), now);
        let days = |at: i64| {
            let told_at = |days: &i64| start_of(day_of(at) - days);
            [30, 7].into_iter().filter(|days| (since + 1..=now).contains(&told_at(days))).min()
        };
        let mut expiring = books.active.clone();
        for ((_, at), points) in &books.pending {
            *expiring.entry(*at).or_default() += points;
        }
        let lots = expiring.into_iter().filter_map(|(at, points)| Some((at, points, days(at)?)));
        let falling = tiers.falling(segment.as_deref());
        let falling = falling.and_then(|(_, at, missing)| Some((at, -missing, days(at)?)));
        lots.chain(falling).collect()
    }

    /// New scores must be those of the entries before, and of signals: of those that were noted when somebody looked.
    pub(super) fn rescored(&mut self, change: &ScoreChange, now: i64) -> Result<(), String> {
        let looked = self.seen.iter().rev().copied().map(Some).chain([None]);
        let mut found = looked.map(|seen| self.changed(change, scored(&self.entries, seen, day_of(now))));
        let first = found.next().unwrap_or_else(|| Err("is worked out from nothing".to_owned()));
        let score = first.or_else(|wrong| found.find_map(Result::ok).ok_or(wrong))?;
        self.score = Some(score);
        Ok(())
    }

    /// The scores that a change leads to, if it is the one that leads there.
    fn changed(&self, change: &ScoreChange, scored: Scored) -> Result<(Scores, String, BTreeSet<String>), String> {
        let Scored { scores, segment, tags } = scored;
        let tags: BTreeSet<String> = tags.into_iter().map(str::to_owned).collect();
        let before = self.score.as_ref();
        let had = before.map(|(_, _, tags)| tags.clone()).unwrap_or_default();
        let left = before.map(|(_, segment, _)| segment).filter(|left| *left != segment);
        let told = (change.scores, change.segment.as_str(), change.left.as_ref());
        if told != (scores, segment, left) || change.before != before.map(|(scores, _, _)| *scores) {
            return Err(format!("scores {told:?}, not {:?}", (scores, segment, left)));
        }
        let (tagged, untagged): (Vec<&String>, Vec<&String>) =
            (tags.difference(&had).collect(), had.difference(&tags).collect());
        if change.tagged.iter().ne(tagged) || change.untagged.iter().ne(untagged) {
            return Err(format!("tags {:?} and not {:?}", change.tagged, change.untagged));
        }
        let after = (scores, segment.to_owned(), tags);
        if before == Some(&after) { Err("changes no score".to_owned()) } else { Ok(after) }
    }

    /// The tier in force at an instant.
    pub(crate) fn tier(&self, at: i64) -> &'static str {
        name(self.tiers.at(at))
    }

    /// Has it a segment?
    pub(crate) fn is_scored(&self) -> bool {
        self.score.is_some()
    }

    /// What an evaluation at an instant would still change, of a member who was seen last on a day.
    pub(crate) fn unevaluated(&self, seen: Option<i64>, now: i64) -> Option<String> {
        if self.into().is_some() {
            return None;
        }
        let mut then = self.clone();
        let (by_time, by_facts) =
            (then.tiers.settle(self.segment().as_deref(), now), then.tiers.evaluate(self.segment().as_deref(), now));
        if !by_time.is_empty() || !by_facts.is_empty() {
            return Some(format!("the tier was not evaluated: {by_time:?} {by_facts:?}"));
        }
        let Scored { scores, segment, tags } = scored(&self.entries, seen, day_of(now));
        let acted = |entry: &Entry| {
            matches!(
                entry.detail,
                Detail::Earn { .. } | Detail::Refund { .. } | Detail::Redeem { cause: None, .. } | Detail::Hold { .. }
            )
        };
        let Some((known, in_segment, tagged)) = self.score.as_ref() else {
            return self.entries.iter().any(acted).then(|| "was never scored".to_owned());
        };
        let same = *known == scores && in_segment == segment && tagged.iter().map(String::as_str).eq(tags);
        (!same).then(|| format!("{known:?} {in_segment} is recorded, and {scores:?} {segment} is so"))
    }
}

/// From which rank on a benefit is had, how often, and whether in a year.
fn terms(benefit: &str) -> Option<(usize, i64, bool)> {
    match benefit {
        "birthday-gift" => Some((2, 1, true)),
        "engraved-badge" => Some((2, 1, false)),
        "closed-salon" => Some((3, 2, true)),
        "one-to-one" => Some((3, 1, true)),
        "free-shipping" => Some((1, i64::MAX, true)),
        _ => None,
    }
}

/// The year in which a use counts; 0 where it counts for ever.
fn year_of(yearly: bool, at: i64) -> i64 {
    if yearly { month_of(day_of(at)) / 12 } else { 0 }
}
