//! What time does to an account: points activate and expire, holds and tiers end, the member is told in time.

use jiff::Timestamp;

use crate::kernel::time::{Zone, add_days};
use crate::ledger::account::Account;
use crate::ledger::settlement::Settlement;
use crate::planted;
use crate::programme::setting::Setting;
use crate::standing::qualification::Evidence;

impl Account {
    /// The account as it is at the setting's time, and what time has done to it since it was written.
    #[must_use]
    pub fn settled(&self, setting: Setting<'_>) -> (Self, Vec<Settlement>) {
        let Setting { programmes, now } = setting;
        let mut account = self.clone();
        let mut settled = account.pockets.pass(&self.holds, now);
        let evidence = Evidence { months: &self.qualifying, segment: self.segment() };
        let tiers = account.tiers.pass(programmes, evidence, now);
        settled.extend(tiers.into_iter().map(Settlement::Tier));
        settled.extend(account.notices(setting));
        account.holds.retain(|_, hold| hold.until > now || planted!("bug-hold-never-ends"));
        let held = |lot: &Timestamp| account.pockets.held.keys().any(|(_, held)| held == lot);
        account.grace.retain(|lot| *lot > now || held(lot));
        (account, settled)
    }

    /// The instant at which the ledger next has to say what time does to the account: points expire, a hold ends, a tier's period
    /// or grace ends, a score may change, the member is to be told of something that is near, or points have been spendable for
    /// as long as the programme lets that go unsaid.
    #[must_use]
    pub fn due(&self, setting: Setting<'_>) -> Option<Timestamp> {
        let expiry = self.pockets.active.keys().next().copied();
        let activation = self.activation_due(setting);
        let release = self.holds.values().map(|hold| hold.until).min();
        let tier = self.tiers.due(setting.programmes);
        let score = self.score.as_ref().and_then(|score| score.next);
        let notice = self.notices_of(setting).map(|(at, _)| at).min();
        [expiry, activation, release, tier, score, notice].into_iter().flatten().min()
    }

    /// When the ledger has to say that points became spendable: some days later, but before it has to say anything more of them.
    fn activation_due(&self, setting: Setting<'_>) -> Option<Timestamp> {
        let programme = setting.programmes.at(setting.now);
        let points = programme.points();
        let due = |&(activates_at, expires_at): &(Timestamp, Timestamp)| {
            let latest = add_days(activates_at, points.record_activation_within_days).min(expires_at);
            let told = told_before(programme.zone(), &points.notify_before_expiry_days, expires_at).map(|(at, _)| at);
            told.filter(|at| self.is_untold(*at)).map(|at| at.max(activates_at)).chain([latest]).min()
        };
        self.pockets.pending.keys().filter_map(due).min()
    }

    /// What the member is to be told, and when: points that expire and a tier that falls, so many days before. What was to be
    /// told before the account was last written has been told.
    fn notices_of(&self, setting: Setting<'_>) -> impl Iterator<Item = (Timestamp, Settlement)> {
        let programme = setting.programmes.at(setting.now);
        let days = &programme.points().notify_before_expiry_days;
        let expiring = self.pockets.active.iter().flat_map(move |(&expires_at, &points)| {
            told_before(programme.zone(), days, expires_at)
                .map(move |(at, days)| (at, Settlement::Expiring { expires_at, points, days }))
        });
        let falling = self.tiers.falling(setting.programmes, self.segment());
        let days = &programme.document().tiers.notify_before_downgrade_days;
        let falling = falling.into_iter().flat_map(move |(tier, falls_at, missing)| {
            told_before(programme.zone(), days, falls_at).map(move |(at, days)| {
                (at, Settlement::DowngradeUpcoming { tier: tier.clone(), at: falls_at, missing, days })
            })
        });
        expiring.chain(falling).filter(|(at, _)| self.is_untold(*at))
    }

    /// Was the account last written before an instant, so that what is to be told then is yet to be told?
    fn is_untold(&self, at: Timestamp) -> bool {
        self.written_at.is_some_and(|written| written < at)
    }

    /// What the member is to be told now; of several notices of one thing that come late, the last.
    fn notices(&self, setting: Setting<'_>) -> Vec<Settlement> {
        let about = |notice: &Settlement| match notice {
            Settlement::Expiring { expires_at, .. } => Some(*expires_at),
            _ => None,
        };
        let mut due: Vec<_> = self.notices_of(setting).filter(|(at, _)| *at <= setting.now).collect();
        due.sort_by_key(|(at, _)| *at);
        let mut told: Vec<Settlement> = Vec::new();
        for (_, notice) in due {
            told.retain(|earlier| about(earlier) != about(&notice));
            told.push(notice);
        }
        told
    }
}

/// The instants at which a member is told of a change at `at`, so many days before it.
fn told_before<'a>(zone: &'a Zone, days: &'a [i32], at: Timestamp) -> impl Iterator<Item = (Timestamp, i32)> + 'a {
    days.iter().map(move |&days| (zone.start_of_day_after(at, days.saturating_neg()), days))
}
