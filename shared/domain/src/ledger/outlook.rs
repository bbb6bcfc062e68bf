//! What a member's tier rests on, and what becomes of it: the answer to "how far am I?".

use jiff::Timestamp;
use jiff::civil::Date;

use crate::kernel::quantity::Points;
use crate::ledger::account::Account;
use crate::ledger::benefit::counter;
use crate::programme::compiled::{Programme, Programmes};
use crate::programme::setting::Setting;
use crate::programme::tier::Alternative;
use crate::standing::qualification::{Evidence, Floor};

/// A member's tier, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// The tier in force.
    pub tier: String,
    /// Since when; absent for who never left the base tier.
    pub since: Option<Timestamp>,
    /// Status points of the months that an upgrade looks at.
    pub status: Points,
    /// What was earned in all in other programmes.
    pub lifetime: Points,
    /// The period of the tier reached; absent for the base tier.
    pub period: Option<TierPeriod>,
    /// A lowest tier set by hand.
    pub floor: Option<Floor>,
    /// The next higher tier; absent at the top.
    pub next: Option<Next>,
    /// Benefits of the tier in force.
    pub benefits: Vec<Entitlement>,
}

/// The period of a tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierPeriod {
    /// The tier that was reached; a floor may hold a higher one.
    pub tier: String,
    /// Facts from then on count.
    pub start: Timestamp,
    /// Until then, exclusive.
    pub end: Timestamp,
    /// The end of the grace after it.
    pub grace_end: Timestamp,
    /// The period is over, the grace runs.
    pub in_grace: bool,
    /// Status points of the period so far.
    pub points: Points,
    /// How many are needed to keep the tier.
    pub needed: Points,
    /// How many are missing; none if the segment keeps it.
    pub missing: Points,
    /// The tier at the end of the grace if nothing more is earned.
    pub projected: String,
}

/// The next higher tier, and why the member is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The tier.
    pub tier: String,
    /// Status points needed.
    pub threshold: Points,
    /// How many are missing.
    pub missing: Points,
    /// Another way to it.
    pub alternative: Option<Alternative>,
    /// The member's segment, to hold against that.
    pub segment: Option<String>,
}

/// A benefit that comes with the tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// The benefit.
    pub benefit: String,
    /// What it is, for people.
    pub description: String,
    /// How often it can still be used in the running period; absent: as often as one likes.
    pub left: Option<i64>,
    /// When the count begins anew; absent if it never does.
    pub resets_on: Option<Date>,
}

/// How a settled account stands.
#[must_use]
pub fn outlook(account: &Account, setting: Setting<'_>) -> Outlook {
    let Setting { programmes, now } = setting;
    let programme = programmes.at(now);
    let tiers = &account.tiers;
    let evidence = Evidence { months: &account.qualifying, segment: account.segment() };
    let tier = programme.tier_or_base(tiers.at(now)).to_owned();
    let status = evidence.rolling(programme, now);
    let above = programme.tiers().find(|higher| higher.rank > programme.rank(&tier));
    let next = above.map(|higher| Next {
        tier: higher.id.clone(),
        threshold: Points(higher.threshold),
        missing: (Points(higher.threshold) - status).or_zero(),
        alternative: higher.alternative.clone(),
        segment: account.segment().map(str::to_owned),
    });
    let benefits = programme.tier(&tier).map_or(&[][..], |tier| &tier.benefits);
    Outlook {
        since: tiers.spans.iter().rev().find(|span| span.since <= now).map(|span| span.since),
        status,
        lifetime: account.lifetime,
        period: period(account, programmes, now),
        floor: tiers.floor.clone(),
        next,
        benefits: benefits.iter().map(|benefit| entitlement(account, programme, benefit, now)).collect(),
        tier,
    }
}

fn period(account: &Account, programmes: &Programmes, now: Timestamp) -> Option<TierPeriod> {
    let standing = account.tiers.standing()?;
    let grace_end = standing.grace_end(programmes);
    let programme = programmes.at(now);
    let needed = Points(programme.tier(&standing.tier).map_or(0, |tier| tier.threshold));
    let falling = account.tiers.falling(programmes, account.segment());
    let (after, _) = account.settled(Setting { programmes, now: grace_end });
    Some(TierPeriod {
        tier: programme.tier_name(&standing.tier).to_owned(),
        start: standing.start,
        end: standing.end,
        grace_end,
        in_grace: standing.in_grace,
        points: standing.kept_by(),
        needed,
        missing: falling.map_or(Points::ZERO, |(_, _, missing)| missing),
        projected: programme.tier_or_base(after.tier_at(grace_end)).to_owned(),
    })
}

fn entitlement(account: &Account, programme: &Programme, id: &str, now: Timestamp) -> Entitlement {
    let benefit = programme.benefit(id);
    let counted = benefit.and_then(|benefit| counter(programme, benefit, now));
    Entitlement {
        benefit: id.to_owned(),
        description: benefit.map(|benefit| benefit.description.clone()).unwrap_or_default(),
        left: counted.as_ref().map(|(counter, count)| count.saturating_sub(account.counted(counter)).max(0)),
        resets_on: counted.and_then(|(counter, _)| counter.period.end(counter.start)),
    }
}
