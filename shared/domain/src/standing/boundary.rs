//! The end of a period or of a grace: what becomes of a tier when it passes.

use crate::kernel::quantity::Points;
use crate::planted;
use crate::programme::compiled::{Programme, Programmes};
use crate::programme::tier::{Downgrade, Tier};
use crate::standing::qualification::{Evidence, Reached, Standing, by_segment, threshold};
use crate::standing::record::Transition;

/// The highest tier whose threshold the points meet; `None` is the base tier.
pub(crate) fn best(programme: &Programme, status: Points) -> Option<&Tier> {
    programme.tiers().rev().find(|tier| tier.rank > 0 && tier.threshold <= status.0)
}

/// What the passing of a boundary does to a tier, and what it becomes; `None`: the base tier.
pub(super) fn passed(
    standing: &Standing,
    programmes: &Programmes,
    evidence: Evidence<'_>,
) -> (Transition, Option<Standing>) {
    let at = standing.boundary(programmes);
    let programme = programmes.at(at);
    let rules = &programme.document().tiers;
    let own = programme.rank(&standing.tier);
    let kept = standing.kept_by() >= threshold(programme, &standing.tier)
        || by_segment(programme, &standing.tier, own, evidence).is_some()
        || rules.downgrade == Downgrade::None;
    if kept {
        return (Transition::Renewed, Some(standing.renewed(programme)));
    }
    if !standing.in_grace && standing.grace_end(programmes) > at && !planted!("bug-no-grace") {
        return (Transition::GraceStarted, Some(Standing { in_grace: true, ..standing.clone() }));
    }
    let below = programme.tiers().rev().find(|tier| tier.rank > 0 && tier.rank < own);
    let below = match rules.downgrade {
        Downgrade::FullReassess => best(programme, evidence.rolling(programme, at)).filter(|tier| tier.rank < own),
        Downgrade::OneDown | Downgrade::None => below,
    };
    let below = if planted!("bug-falls-to-the-bottom") { None } else { below };
    (Transition::Downgraded, below.map(|tier| Standing::fresh(tier, Reached::Kept, (programme, at, at))))
}
