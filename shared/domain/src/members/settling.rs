//! A person has decided whose the identifiers of a conflict are: what becomes of the two members (rules: members 9).

use jiff::Timestamp;

use crate::kernel::id::MemberId;
use crate::kernel::refusal::refusals;
use crate::members::conflict::{Claimed, Conflict, Decision, Resolving};
use crate::members::consent::Record;
use crate::members::facts::MemberFact;
use crate::members::leaving::unreachable;
use crate::members::state::{Held, Member, TooMany};

refusals! {
    /// What was decided cannot be carried out.
    Settling {
        /// The two cannot become one.
        Conflict NotMergeable ("not_mergeable") = "these two members cannot become one",
        | Resolving,
        | TooMany,
    }
}

/// What a person decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How.
    pub decision: Decision,
    /// Of a merge: who stays.
    pub survivor: Option<MemberId>,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The conflict afterwards.
    pub conflict: Conflict,
    /// Both members afterwards.
    pub members: [Member; 2],
    /// Consents that end with an identifier that moves, and whose.
    pub records: Vec<(MemberId, Record)>,
    /// Identifiers that moved, and to whom.
    pub moved: Vec<(Claimed, MemberId)>,
}

/// Carries out what a person decides of a conflict between two members, all of it or nothing.
///
/// # Errors
/// Nothing is open, it cannot be decided so, or somebody would have too many identifiers.
pub fn settle(
    conflict: &Conflict,
    members: [Member; 2],
    verdict: &Verdict,
    now: Timestamp,
) -> Result<Settled, Settling> {
    let mut after = conflict.clone();
    let open = after.resolve(verdict.decision, verdict.survivor.as_ref())?;
    let mut settled = Settled { conflict: after, members, records: Vec::new(), moved: Vec::new() };
    match verdict.decision {
        Decision::Keep => {}
        // That is not of the two alone: see `merging`.
        Decision::Merge => return Err(Settling::NotMergeable),
        Decision::Move => open.into_iter().try_for_each(|claimed| settled.moves(claimed, now))?,
        Decision::Share => open.iter().try_for_each(|claimed| settled.shares(claimed))?,
    }
    Ok(settled)
}

impl Settled {
    /// Who has an identifier, and who has not; nothing if it has left both since.
    fn sides(&mut self, claimed: &Claimed) -> Option<(&mut Member, &mut Member)> {
        let [one, other] = &mut self.members;
        let (holder, without) = if one.id == claimed.without { (other, one) } else { (one, other) };
        holder.has(claimed.index).is_some_and(|held| !held.contact).then_some((holder, without))
    }

    /// It goes to who does not have it, and is not verified there.
    fn moves(&mut self, claimed: Claimed, now: Timestamp) -> Result<(), Settling> {
        let Some((holder, without)) = self.sides(&claimed) else { return Ok(()) };
        let Some(held) = holder.unlink(claimed.index) else { return Ok(()) };
        let ended = unreachable(holder, &claimed.kind, now);
        let (from, to) = (holder.id.clone(), without.id.clone());
        without.link(Held { verified_at: None, at: now, source: claimed.source.clone(), ..held })?;
        self.records.extend(ended.into_iter().map(|record| (from.clone(), record)));
        self.moved.push((claimed, to));
        Ok(())
    }

    /// The other is written to there as well, and not found by it.
    fn shares(&mut self, claimed: &Claimed) -> Result<(), Settling> {
        let Some((holder, without)) = self.sides(claimed) else { return Ok(()) };
        let Some(held) = holder.has(claimed.index).cloned() else { return Ok(()) };
        without.link(Held { verified_at: None, contact: true, source: claimed.source.clone(), ..held })?;
        Ok(())
    }

    /// What others are told of it, of one of the two.
    #[must_use]
    pub fn facts(&self, of: &MemberId) -> Vec<MemberFact> {
        let moved = self.moved.iter().map(|(claimed, to)| {
            let (kind, source) = (claimed.kind.to_string(), claimed.source.clone());
            if to == of {
                MemberFact::IdentifierLinked { kind, source }
            } else {
                MemberFact::IdentifierUnlinked { kind, source, because: "moved".to_owned() }
            }
        });
        let records = self.records.iter().filter(|(whose, _)| whose == of);
        moved.chain(records.filter_map(|(_, record)| crate::members::telling::agreed(record))).collect()
    }
}
