//! What there is to tell of tiers, segments and tags.

use jiff::Timestamp;

use crate::kernel::event::facts;
use crate::kernel::quantity::{Minor, Points};
use crate::programme::segment::{Measures, Scores};
use crate::standing::record::{ScoreChange, TierChange, Transition};

/// The end of a period, in examples.
const UNTIL: Timestamp = Timestamp::constant(1_827_504_000, 0);

/// Scores, in examples.
const SCORES: Scores = Scores { r: 5, f: 3, m: 4, l: 3, s: 1 };

/// What they are worked out from, in examples.
const MEASURES: Measures = Measures {
    days_since_order: 0,
    orders: 5,
    spent_minor: Minor(312_000),
    active_quarters: 2,
    lifetime_value_minor: Minor(208_000),
    influence: 0,
    days_since_activity: 0,
    tenure_days: 120,
};

facts! { StandingFact:
    /// The tier rose.
    TierUpgraded = "perennial.tier.tierupgraded.v1" {
        /// The tier before.
        from: String = "silver".into(),
        /// The tier now.
        tier: String = "gold".into(),
        /// The end of its period.
        until: Option<Timestamp> = Some(UNTIL),
        /// The segment that qualified, if it was not the points.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        segment: Option<String> = None,
        /// It had been reached and revoked before in the same period: no second ceremony.
        regained: bool = false,
    }
    /// The tier was kept for another period.
    TierRenewed = "perennial.tier.tierrenewed.v1" {
        /// The tier.
        tier: String = "gold".into(),
        /// The end of its period.
        until: Option<Timestamp> = Some(UNTIL),
    }
    /// The tier was not kept; benefits stay during a grace in which it still can be.
    TierGraceStarted = "perennial.tier.tiergracestarted.v1" {
        /// The tier.
        tier: String = "gold".into(),
        /// The end of the grace.
        until: Option<Timestamp> = Some(UNTIL),
        /// Status points missing to keep it.
        missing: Points = Points(1_200),
    }
    /// The tier fell.
    TierDowngraded = "perennial.tier.tierdowngraded.v1" {
        /// The tier before.
        from: String = "gold".into(),
        /// The tier now.
        tier: String = "silver".into(),
        /// The end of its period; absent for the base tier.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp> = Some(UNTIL),
    }
    /// A refund took the ground from a new tier.
    TierRevoked = "perennial.tier.tierrevoked.v1" {
        /// The tier before.
        from: String = "silver".into(),
        /// The tier now.
        tier: String = "member".into(),
    }
    /// A late fact gave a tier back.
    TierReinstated = "perennial.tier.tierreinstated.v1" {
        /// The tier before.
        from: String = "member".into(),
        /// The tier now.
        tier: String = "silver".into(),
        /// The end of its period.
        until: Option<Timestamp> = Some(UNTIL),
    }
    /// The lowest tier was set by hand.
    TierFloorSet = "perennial.tier.tierfloorset.v1" {
        /// The tier.
        tier: String = "gold".into(),
        /// Until when.
        until: Timestamp = UNTIL,
        /// One of the programme's reasons.
        reason: String = "goodwill".into(),
    }
    /// The tier will fall soon.
    TierDowngradeUpcoming = "perennial.tier.tierdowngradeupcoming.v1" {
        /// The tier.
        tier: String = "gold".into(),
        /// When.
        at: Timestamp = UNTIL,
        /// Status points missing to keep it.
        missing: Points = Points(1_200),
        /// How many days before.
        days: i32 = 7,
    }
    /// A benefit came with the tier.
    BenefitGranted = "perennial.tier.benefitgranted.v1" {
        /// The benefit.
        benefit: String = "early-access".into(),
        /// The tier that it came with.
        tier: String = "gold".into(),
    }
    /// A benefit went with the tier.
    BenefitWithdrawn = "perennial.tier.benefitwithdrawn.v1" {
        /// The benefit.
        benefit: String = "early-access".into(),
        /// The tier now.
        tier: String = "gold".into(),
    }
    /// A benefit was used.
    BenefitConsumed = "perennial.tier.benefitconsumed.v1" {
        /// The benefit.
        benefit: String = "engraved-badge".into(),
        /// The tier that it came with.
        tier: String = "gold".into(),
        /// What it was used for, in the words of the context that asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<String> = None,
    }
    /// The scores may have changed with what the member did, or took back: somebody is to work them out anew.
    RescoreWanted = "perennial.seg.rescorewanted.v1" {}
    /// RFM-LS scores changed.
    ScoreChanged = "perennial.seg.scorechanged.v1" {
        /// The scores now.
        scores: Scores = SCORES,
        /// The scores before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Scores> = Some(Scores { r: 4, ..SCORES }),
        /// What they are worked out from.
        measures: Measures = MEASURES,
    }
    /// The member left a segment.
    SegmentLeft = "perennial.seg.segmentleft.v1" {
        /// Which.
        segment: String = "new".into(),
    }
    /// The member entered a segment.
    SegmentEntered = "perennial.seg.segmententered.v1" {
        /// Which.
        segment: String = "high_value_active".into(),
    }
    /// A tag of the dictionary marks the member now.
    TagAdded = "perennial.mem.tagadded.v1" {
        /// Which.
        tag: String = "high-value".into(),
    }
    /// A tag marks the member no longer.
    TagRemoved = "perennial.mem.tagremoved.v1" {
        /// Which.
        tag: String = "active".into(),
    }
}

/// What a change of a tier tells.
pub(crate) fn tier_moved(change: &TierChange) -> Vec<StandingFact> {
    let TierChange { from, tier, until, .. } = change.clone();
    let moved = from != tier;
    let fact = match change.change {
        Transition::Upgraded if moved => {
            let (segment, regained) = (change.segment.clone(), change.regained);
            Some(StandingFact::TierUpgraded { from, tier, until, segment, regained })
        }
        Transition::Renewed => Some(StandingFact::TierRenewed { tier, until }),
        Transition::GraceStarted => {
            let missing = (change.needed - change.status).or_zero();
            Some(StandingFact::TierGraceStarted { tier, until, missing })
        }
        Transition::Downgraded | Transition::FloorEnded if moved => {
            Some(StandingFact::TierDowngraded { from, tier, until })
        }
        Transition::Revoked if moved => Some(StandingFact::TierRevoked { from, tier }),
        Transition::Reinstated if moved => Some(StandingFact::TierReinstated { from, tier, until }),
        // A floor holds the tier: nothing that the member would notice.
        _ => None,
    };
    fact.into_iter().chain(benefits_moved(change)).collect()
}

/// What a change of a tier does to benefits.
pub(crate) fn benefits_moved(change: &TierChange) -> Vec<StandingFact> {
    let tier = || change.tier.clone();
    let granted = change.granted.iter().cloned().map(|benefit| StandingFact::BenefitGranted { benefit, tier: tier() });
    let gone = change.withdrawn.iter().cloned().map(|benefit| StandingFact::BenefitWithdrawn { benefit, tier: tier() });
    granted.chain(gone).collect()
}

/// What a change of scores tells.
pub(crate) fn rescored(score: &ScoreChange) -> Vec<StandingFact> {
    let ScoreChange { scores, before, measures, .. } = *score;
    let mut facts = vec![StandingFact::ScoreChanged { scores, before, measures }];
    if score.left.is_some() || before.is_none() {
        facts.extend(score.left.clone().map(|segment| StandingFact::SegmentLeft { segment }));
        facts.push(StandingFact::SegmentEntered { segment: score.segment.clone() });
    }
    facts.extend(score.tagged.iter().cloned().map(|tag| StandingFact::TagAdded { tag }));
    facts.extend(score.untagged.iter().cloned().map(|tag| StandingFact::TagRemoved { tag }));
    facts
}
