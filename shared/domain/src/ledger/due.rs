//! What time does to an account: points activate and expire, holds and tiers end; and what the member is to be told in time.

use jiff::Timestamp;

use crate::kernel::quantity::Points;
use crate::kernel::time::add_days;
use crate::ledger::account::Account;
use crate::ledger::membership::Membership;
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
        account.holds.retain(|_, hold| hold.until > now || planted!("bug-hold-never-ends"));
        let held = |lot: &Timestamp| account.pockets.held.keys().any(|(_, held)| held == lot);
        account.grace.retain(|lot| *lot > now || held(lot));
        (account, settled)
    }

    /// The instant at which the ledger next has to say what time does to the account. What somebody waits for is due on its day: a
    /// hold ends, a tier's period or grace ends, a score may change. What the clock alone tells anybody - points that can be spent, points
    /// that expired - waits for the next entry, for as many days as the programme lets it.
    #[must_use]
    pub fn due(&self, setting: Setting<'_>) -> Option<Timestamp> {
        if matches!(self.membership, Membership::Erased | Membership::Merged { .. }) {
            return None;
        }
        let points = setting.programmes.at(setting.now).points();
        let expiry = self.pockets.active.keys().next();
        let expiry = expiry.map(|expires_at| add_days(*expires_at, points.record_expiry_within_days));
        let activation = self.pockets.pending.keys().next();
        let activation = activation.map(|(at, _)| add_days(*at, points.record_activation_within_days));
        let release = self.holds.values().map(|hold| hold.until).min();
        let tier = self.tiers.due(setting.programmes);
        let score = self.score.as_ref().and_then(|score| score.turns.first());
        [expiry, activation, release, tier, score].into_iter().flatten().min()
    }

    /// What the member is to be told at the setting's time that was not to be told before an instant: points that expire and a tier that
    /// falls, so many days before. Of several notices of one thing the last counts. It is worked out and not recorded: whoever asks for
    /// days one after the other is told everything once.
    #[must_use]
    pub fn notices(&self, since: Timestamp, setting: Setting<'_>) -> Vec<Notice> {
        if matches!(self.membership, Membership::Erased | Membership::Merged { .. }) {
            return Vec::new();
        }
        let programme = setting.programmes.at(setting.now);
        let (account, _) = self.settled(setting);
        let told = |days: &[i32], at: Timestamp| {
            let is_now = |days: &i32| {
                let told_at = programme.zone().start_of_day_after(at, days.saturating_neg());
                since < told_at && told_at <= setting.now
            };
            days.iter().copied().filter(is_now).min()
        };
        let days = &programme.points().notify_before_expiry_days;
        let mut lots = account.pockets.active.clone();
        for (&(_, expires_at), &points) in &account.pockets.pending {
            *lots.entry(expires_at).or_default() += points;
        }
        let expiring = lots.into_iter().filter_map(|(expires_at, points)| {
            Some(Notice::Expiring { expires_at, points, days: told(days, expires_at)? })
        });
        let falling = account.tiers.falling(setting.programmes, account.segment());
        let days = &programme.document().tiers.notify_before_downgrade_days;
        let falling = falling.and_then(|(tier, falls_at, missing)| {
            Some(Notice::Falling { tier, falls_at, missing, days: told(days, falls_at)? })
        });
        expiring.chain(falling).collect()
    }
}

/// Something that a member is told in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Points will expire.
    Expiring {
        /// When.
        expires_at: Timestamp,
        /// How many.
        points: Points,
        /// How many days before.
        days: i32,
    },
    /// The tier will fall.
    Falling {
        /// Which.
        tier: String,
        /// When.
        falls_at: Timestamp,
        /// How many status points are missing to keep it.
        missing: Points,
        /// How many days before.
        days: i32,
    },
}
