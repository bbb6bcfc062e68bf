//! What the account must remember of a member, besides the points.

use std::collections::BTreeMap;

use super::super::calendar::{DAY, day_of, first_of};
use super::super::remembered::{Boost, Remembered};
use super::{BACKDATE_DAYS, BOOST_CAP, MOST_RUNS, Member};

impl Member {
    /// All of it, as of the newest entry.
    pub(super) fn remembered(&self) -> Remembered {
        let boosts = self.boost.into_iter().map(|(from, until)| Boost {
            rule: "tutorial-double".to_owned(),
            multiplier: "2".to_owned(),
            cap: BOOST_CAP,
            from,
            until,
        });
        let runs = self.runs();
        let streaks = (!runs.is_empty()).then(|| ("checkin".to_owned(), runs));
        Remembered {
            counters: self.counters(),
            streaks: streaks.into_iter().collect(),
            boosts: boosts.collect(),
            score: self.score.clone(),
            standings: self.tiers.standings(),
            openings: self.openings.clone(),
            cutovers: self.cutovers.clone(),
        }
    }

    /// What limits have counted, in periods into which something may still fall.
    pub(super) fn counters(&self) -> BTreeMap<(String, char, i64), i64> {
        let newest_at = self.newest_at();
        let (today, oldest) = (day_of(newest_at), day_of(newest_at.saturating_sub((BACKDATE_DAYS + 1) * DAY)));
        let of_rules = self.paid.iter().filter(|((_, month), _)| first_of(month + 1) > oldest);
        let of_rules = of_rules.map(|((rule, month), count)| (((*rule).to_owned(), 'm', first_of(*month)), *count));
        let of_rewards = self.rewarded.iter().filter(|((reward, day), _)| reward == "drink" && *day == today);
        let of_rewards = of_rewards.map(|((reward, day), count)| ((format!("reward:{reward}"), 'd', *day), *count));
        let of_benefits = self.used.iter().filter(|((benefit, year), _)| {
            benefit != "free-shipping" && (*year == 0 || first_of((year + 1) * 12) > today)
        });
        let of_benefits = of_benefits.map(|((benefit, year), count)| {
            let (period, start) = if *year == 0 { ('e', 0) } else { ('y', first_of(year * 12)) };
            ((format!("benefit:{benefit}"), period, start), *count)
        });
        of_rules.chain(of_rewards).chain(of_benefits).filter(|(_, count)| *count > 0).collect()
    }

    /// The newest runs of days on which the member checked in.
    fn runs(&self) -> Vec<(i64, i64)> {
        let mut runs: Vec<(i64, i64)> = Vec::new();
        for day in &self.checkins {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == *day => *last = *day,
                _ => runs.push((*day, *day)),
            }
        }
        runs.split_off(runs.len().saturating_sub(MOST_RUNS))
    }
}
