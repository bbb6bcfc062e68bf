//! Two members are one person: what the survivor has then, and what each has again when that was a mistake (rules: members 17-23).

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::kernel::id::MemberId;
use crate::kernel::membership::MemberState;
use crate::kernel::quantity::Points;
use crate::kernel::refusal::refusals;
use crate::members::consent::{Consent, Consents, Record as Consented, Said, may_keep};
use crate::members::field::Provenance;
use crate::members::identifier::Index;
use crate::members::profile::BIRTHDAY;
use crate::members::state::{Member, State};
use crate::members::telling::Rules;

/// The most members that one stands for, those included that came with others.
pub const MOST_ABSORBED: usize = 20;

refusals! {
    /// Two members cannot be made one.
    Merging {
        /// They are one already.
        Invalid SameMember ("same_member" at "absorb") = "a member is not merged with itself",
        /// One of them is neither active nor suspended.
        Conflict NotMergeable ("not_mergeable") {
            /// Which.
            member: MemberId,
            /// Where that member stands.
            state: &'static str,
        } = "only members who are active or suspended are merged",
        /// The survivor stands for many already.
        Conflict TooManyAbsorbed ("too_many_absorbed") {
            /// The most.
            most: usize,
        } = "a member stands for no more others",
        /// One decides on what one gains by.
        Forbidden SelfBenefit ("self_benefit") = "who merges may be neither of the two",
        /// A second person has to ask for it too, and this is the first.
        Forbidden SameApprover ("same_approver") = "the one who asked may not approve",
    }
}

refusals! {
    /// Two members cannot be taken apart.
    Unmerging {
        /// The survivor was merged again since.
        Conflict LaterMerge ("later_merge") {
            /// With or into whom: that is undone first.
            member: MemberId,
        } = "another merge of the survivor came later; undo that first",
        /// It was too long ago.
        Conflict TooLate ("too_late") = "the merge was too long ago",
        /// They are not one.
        NotFound NotMerged ("not_found") = "the survivor does not stand for this member",
        /// One decides on what one gains by.
        Forbidden SelfBenefit ("self_benefit") = "who takes them apart may be neither of the two",
    }
}

/// What is remembered of a merge, to undo it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its name.
    pub merge: String,
    /// Who survives.
    pub survivor: MemberId,
    /// Who was absorbed.
    pub absorbed: MemberId,
    /// When.
    pub at: Timestamp,
    /// The entry of the survivor's account.
    pub entry: u64,
    /// Where both stood.
    pub stood: (MemberState, MemberState),
    /// Fields that came from the absorbed, and who had said so.
    pub copied: Vec<(String, Provenance)>,
    /// What the survivor had agreed to.
    pub consents: Consents,
    /// Who came with the absorbed.
    pub with: Vec<MemberId>,
    /// The identifiers that both had said were theirs.
    pub disputed: Vec<Index>,
    /// By what it was undone, if it was.
    pub undone: Option<Undone>,
}

/// What a merge was undone by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The operation.
    pub operation: String,
    /// Points that did not come back.
    pub not_returned: Points,
}

/// What a merge makes of both members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The survivor.
    pub survivor: Member,
    /// The absorbed.
    pub absorbed: Member,
    /// Fields that came from the absorbed.
    pub copied: Vec<(String, Provenance)>,
    /// What is recorded of the survivor's consents.
    pub records: Vec<Consented>,
}

/// As the account knows it; a member who left or was merged cannot be merged.
fn mergeable(member: &Member) -> Result<MemberState, Merging> {
    match member.state {
        State::Active => Ok(MemberState::Active),
        State::Suspended => Ok(MemberState::Suspended),
        State::Closed { .. } | State::Merged { .. } => {
            Err(Merging::NotMergeable { member: member.id.clone(), state: member.state.name() })
        }
    }
}

/// Where both stand: the survivor, the absorbed.
///
/// # Errors
/// They are one, one of them has left or was merged, or the survivor stands for too many.
pub fn check(survivor: &Member, absorbed: &Member) -> Result<(MemberState, MemberState), Merging> {
    if survivor.id == absorbed.id {
        return Err(Merging::SameMember);
    }
    let stood = (mergeable(survivor)?, mergeable(absorbed)?);
    if survivor.absorbed.len().saturating_add(absorbed.absorbed.len()).saturating_add(1) > MOST_ABSORBED {
        return Err(Merging::TooManyAbsorbed { most: MOST_ABSORBED });
    }
    Ok(stood)
}

/// Makes two members one: the survivor's values, empty ones and those to `take` from the absorbed; consents withdrawn if either is; tags
/// united; suspended if either is; enrolled when the earlier was.
#[must_use]
pub fn join(survivor: &Member, absorbed: &Member, take: &BTreeSet<String>, rules: Rules<'_>) -> Joined {
    let (mut after, mut gone) = (survivor.clone(), absorbed.clone());
    let mut copied = Vec::new();
    for (field, known) in &absorbed.profile.fields {
        let taken = take.contains(field) || !survivor.profile.fields.contains_key(field);
        if taken && known.value.is_some() && survivor.profile.fields.get(field) != Some(known) {
            copied.push((field.clone(), known.provenance.clone()));
            after.profile.fields.insert(field.clone(), known.clone());
            if field == BIRTHDAY {
                after.profile.birthday = absorbed.profile.birthday;
            }
        }
    }
    let mut records = Vec::new();
    for (subject, other) in &absorbed.consents {
        let both = after.consents.get(subject).map_or_else(|| other.clone(), |own| stronger(own, other).clone());
        if after.consents.get(subject) != Some(&both) {
            records.push(Consented { subject: subject.clone(), consent: both.clone(), superseded: false });
            after.consents.insert(subject.clone(), both);
        }
    }
    for (tag, until) in &absorbed.tags {
        let longest = after.tags.get(tag).map_or(*until, |own| (*own).max(*until));
        after.tags.insert(tag.clone(), longest);
    }
    if absorbed.state == State::Suspended {
        after.state = State::Suspended;
    }
    after.joined_on = survivor.joined_on.into_iter().chain(absorbed.joined_on).min();
    after.enrolled_at = survivor.enrolled_at.min(absorbed.enrolled_at);
    after.zone = after.zone.or_else(|| absorbed.zone.clone());
    after.locale = after.locale.or_else(|| absorbed.locale.clone());
    if after.countries.is_empty() {
        after.countries.clone_from(&absorbed.countries);
    }
    after.absorbed.extend(absorbed.absorbed.iter().cloned().chain([absorbed.id.clone()]));
    gone.state = State::Merged { into: survivor.id.clone() };
    let consents = after.consents.clone();
    let agrees = |purpose: &str| may_keep(rules.terms, &consents, purpose, rules.today);
    let says = Provenance { source: "merge".to_owned(), rank: 0, at: rules.now };
    let _forgotten = after.profile.forget(rules.schema, &says, &agrees);
    Joined { survivor: after, absorbed: gone, copied, records }
}

/// The consent that counts of two: a withdrawal before one that was given, that before one that waits; of two alike the later.
fn stronger<'a>(own: &'a Consent, other: &'a Consent) -> &'a Consent {
    let weight = |consent: &Consent| match consent.said {
        Said::Withdrawn => 2,
        Said::Given => 1,
        Said::Pending => 0,
    };
    if (weight(other), other.at) > (weight(own), own.at) { other } else { own }
}

/// May a merge be undone now?
///
/// # Errors
/// Another one of the survivor came later, or it was too long ago.
pub fn undoes(survivor: &Member, merged: &Merged, rules: Rules<'_>) -> Result<(), Unmerging> {
    if let State::Merged { into } = &survivor.state {
        return Err(Unmerging::LaterMerge { member: into.clone() });
    }
    if merged.survivor != survivor.id {
        return Err(Unmerging::NotMerged);
    }
    match survivor.absorbed.last() {
        Some(newest) if *newest == merged.absorbed => {}
        Some(newest) => return Err(Unmerging::LaterMerge { member: newest.clone() }),
        None => return Err(Unmerging::NotMerged),
    }
    if rules.is_within(merged.at, rules.members.unmerge_days) { Ok(()) } else { Err(Unmerging::TooLate) }
}

/// Takes two members apart: fields that were copied and are as they came go, a withdrawal since counts for both, what was given since
/// stays with the survivor.
#[must_use]
pub fn part(survivor: &Member, absorbed: &Member, merged: &Merged) -> Joined {
    let (mut stays, mut goes) = (survivor.clone(), absorbed.clone());
    for (field, provenance) in &merged.copied {
        if stays.profile.fields.get(field).is_some_and(|known| known.provenance == *provenance) {
            stays.profile.fields.remove(field);
        }
    }
    let mut records = Vec::new();
    for (subject, consent) in survivor.consents.clone() {
        if consent.at > merged.at {
            if consent.said == Said::Withdrawn {
                goes.consents.insert(subject, consent);
            }
        } else if let Some(before) = merged.consents.get(&subject).filter(|before| **before != consent) {
            records.push(Consented { subject: subject.clone(), consent: before.clone(), superseded: false });
            stays.consents.insert(subject, before.clone());
        } else if !merged.consents.contains_key(&subject) {
            stays.consents.remove(&subject);
        }
    }
    stays.absorbed.retain(|member| *member != merged.absorbed && !merged.with.contains(member));
    if (&stays.state, merged.stood) == (&State::Suspended, (MemberState::Active, MemberState::Suspended)) {
        stays.state = State::Active;
    }
    goes.state = if merged.stood.1 == MemberState::Suspended { State::Suspended } else { State::Active };
    Joined { survivor: stays, absorbed: goes, copied: Vec::new(), records }
}
