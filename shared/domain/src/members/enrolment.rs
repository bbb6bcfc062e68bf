//! A source presents somebody: who it is, what is new of the member, and what that changes for others (rules: members 7, 8).

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::id::MemberId;
use crate::kernel::refusal::refusals;
use crate::members::bringing::Brought;
use crate::members::conflict::{Claimed, Conflict, Outcome, Pair};
use crate::members::consent::Record;
use crate::members::facts::MemberFact;
use crate::members::identifier::{Identifier, Index};
use crate::members::leaving::unreachable;
use crate::members::profile::{BY_MEMBER, Written};
use crate::members::resolution::{Holder, Link, Presented, resolve};
use crate::members::state::{Held, Member, State, TooMany};
use crate::members::tag::{Tags, given};
use crate::members::telling::{Rules, Telling, Told, agreed, tell};
use crate::planted;
use crate::programme::members::Matched;

refusals! {
    /// Somebody cannot be enrolled, or what is said of a member cannot be written.
    Enrolling {
        /// Nobody has this id.
        NotFound UnknownMember ("unknown_member") = "there is no such member",
        /// There was.
        Gone MemberErased ("member_erased") = "the member was erased",
        /// It was somebody's who was erased, and is kept from coming back but by the person.
        Gone ErasedIdentity ("erased_identity") {
            /// Of which kind.
            kind: String,
        } = "this belonged to somebody who was erased; only the person can bring it back",
        /// Who enrols has not been shown the notice that is in force.
        Invalid NoticeMissing ("notice_missing" at "notice") {
            /// The version that is.
            in_force: u32,
        } = "name the version of the notice that was shown: the one in force",
        /// The member has left.
        Conflict MemberClosed ("member_closed") = "the member has closed the account",
        | Telling,
        | TooMany,
    }
}

/// How a member is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// As a source calls it; who is not known so is somebody new, or found by what is verified.
    Name(Identifier, Index),
    /// By its own id: it is there already.
    Id(MemberId),
}

/// Who is presented, by whom, and what is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The id of a member who is new.
    pub new: MemberId,
    /// How the member is called.
    pub called: Called,
    /// Identifiers, in the order in which they are presented.
    pub identifiers: Vec<(Identifier, Presented)>,
    /// What is said of the member.
    pub told: Told,
    /// What a file says beside it.
    pub brought: Brought,
    /// The version of the notice that the member was shown.
    pub notice: Option<u32>,
}

impl Enrolment {
    /// Of somebody of whom something is said, and nothing presented yet.
    #[must_use]
    pub fn of(new: MemberId, called: Called, told: Told) -> Self {
        Self { new, called, identifiers: Vec::new(), told, brought: Brought::default(), notice: None }
    }

    /// Presents one more identifier; one that is presented twice is one, and verified if either is.
    pub fn present(&mut self, identifier: Identifier, presented: Presented) {
        match self.identifiers.iter_mut().find(|(_, known)| known.index == presented.index) {
            Some((_, known)) => known.verified |= presented.verified,
            None => self.identifiers.push((identifier, presented)),
        }
    }
}

/// What is known of those whom it may be about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The member who is called so.
    pub named: Option<MemberId>,
    /// Whose each identifier is.
    pub holders: Vec<Option<Holder>>,
    /// All of these, as they are.
    pub members: BTreeMap<MemberId, Member>,
    /// Conflicts among them.
    pub conflicts: BTreeMap<Pair, Conflict>,
    /// What belonged to people who were erased, and is kept from coming back.
    pub erased: BTreeSet<Index>,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// The member afterwards.
    pub member: Member,
    /// The member is new.
    pub new: bool,
    /// The member has the name by which the source calls it; not if it has as many as a member can have.
    pub named: bool,
    /// By which kind the member was found, if not by what the source calls it.
    pub matched_by: Option<Matched>,
    /// What became of each identifier, in order.
    pub links: Vec<Link>,
    /// Fields that changed, and those that are kept.
    pub written: Written,
    /// Tags that are given by it, each with its last local day.
    pub tagged: Tags,
    /// What is recorded of consents, of this member and of others.
    pub records: Vec<(MemberId, Record)>,
    /// Others, from whom an identifier moved, afterwards.
    pub others: BTreeMap<MemberId, Member>,
    /// Conflicts that have something new to decide, afterwards.
    pub conflicts: BTreeMap<Pair, Conflict>,
    /// What was opened: with whom, which identifier, by its place.
    pub opened: Vec<(MemberId, usize)>,
}

/// Decides what comes of it.
///
/// # Errors
/// The member has left; or something that is said is not acceptable, and then nothing is done.
pub fn enrol(enrolment: &Enrolment, known: &Known, rules: Rules<'_>) -> Result<Enrolled, Enrolling> {
    admitted(enrolment, known, rules)?;
    let presented = enrolment.identifiers.iter().zip(&known.holders);
    let presented: Vec<_> = presented.map(|((_, presented), holder)| (presented.clone(), holder.clone())).collect();
    let resolution = resolve(rules.members, known.named.as_ref(), &presented, rules.now);
    let found = resolution.member.as_ref().and_then(|member| known.members.get(member)).cloned();
    let new = found.is_none();
    let source = &enrolment.told.says.source;
    let member = found.unwrap_or_else(|| Member::enrolled(enrolment.new.clone(), source.clone(), rules.now));
    if matches!(member.state, State::Closed { .. }) {
        return Err(Enrolling::MemberClosed);
    }
    noticed(new, enrolment, rules)?;
    let mut enrolled = Enrolled {
        member,
        new,
        named: true,
        matched_by: resolution.matched_by,
        links: resolution.links,
        written: Written::default(),
        tagged: Tags::new(),
        records: Vec::new(),
        others: BTreeMap::new(),
        conflicts: BTreeMap::new(),
        opened: Vec::new(),
    };
    let held = |identifier, index, verified: bool| Held {
        n: 0,
        identifier,
        index,
        verified_at: verified.then_some(rules.now),
        source: source.clone(),
        at: rules.now,
        contact: false,
    };
    // Who has many names is found by what is verified, and not refused for one name more.
    if let Called::Name(identifier, index) = enrolment.called.clone() {
        enrolled.named = enrolled.member.link(held(identifier, index, false)).is_ok();
    }
    for (place, link) in enrolled.links.clone().iter().enumerate() {
        let (identifier, presented) = &enrolment.identifiers[place];
        let (with, outcome) = match link {
            Link::Linked | Link::Own => (None, None),
            Link::Moved { from } => (Some(from), Some(Outcome::Moved)),
            Link::Stayed { with } => (Some(with), Some(Outcome::Stayed)),
        };
        if outcome != Some(Outcome::Stayed) {
            enrolled.member.link(held(identifier.clone(), presented.index, presented.verified))?;
        }
        if let (Some(other), Some(outcome)) = (with, outcome) {
            if outcome == Outcome::Moved {
                enrolled.moves(other, presented, known, rules);
            }
            let without = if outcome == Outcome::Moved { other.clone() } else { enrolled.member.id.clone() };
            let claimed = Claimed {
                kind: presented.kind.clone(),
                index: presented.index,
                hint: presented.hint.clone(),
                presented_at: rules.now,
                source: source.clone(),
                outcome,
                without,
            };
            enrolled.opens(other, claimed, place, known);
        }
    }
    let heard = tell(&mut enrolled.member, &enrolment.told, rules)?;
    enrolled.written = heard.written;
    enrolled.tagged = enrolment.brought.apply(&mut enrolled.member, rules.terms.zone);
    let own = enrolled.member.id.clone();
    enrolled.records.extend(heard.records.into_iter().map(|record| (own.clone(), record)));
    Ok(enrolled)
}

/// Who enrols anew has been shown the notice that is in force.
fn noticed(new: bool, enrolment: &Enrolment, rules: Rules<'_>) -> Result<(), Enrolling> {
    let in_force = rules.terms.in_force(&rules.privacy.notice, rules.today).map(|notice| notice.version);
    match in_force.filter(|_| new && enrolment.told.says.source == BY_MEMBER) {
        Some(in_force) if enrolment.notice != Some(in_force) => Err(Enrolling::NoticeMissing { in_force }),
        _ => Ok(()),
    }
}

/// Who is called by an id is a member; and what belonged to somebody who was erased comes back by the person alone, whatever systems send
/// every night.
fn admitted(enrolment: &Enrolment, known: &Known, rules: Rules<'_>) -> Result<(), Enrolling> {
    if matches!(enrolment.called, Called::Id(_)) && known.named.is_none() {
        return Err(Enrolling::UnknownMember);
    }
    if rules.is_own(&enrolment.told.says.source) {
        return Ok(());
    }
    let called = match &enrolment.called {
        Called::Name(identifier, index) => Some((identifier, *index)),
        Called::Id(_) => None,
    };
    let presented = enrolment.identifiers.iter().map(|(identifier, presented)| (identifier, presented.index));
    match called.into_iter().chain(presented).find(|(_, index)| known.erased.contains(index)) {
        Some((identifier, _)) => Err(Enrolling::ErasedIdentity { kind: identifier.kind.to_string() }),
        None => Ok(()),
    }
}

impl Enrolled {
    /// An identifier leaves another member, and with it the consent to write there.
    fn moves(&mut self, other: &MemberId, presented: &Presented, known: &Known, rules: Rules<'_>) {
        let Some(before) = self.others.get(other).or_else(|| known.members.get(other)) else { return };
        let mut after = before.clone();
        if !planted!("bug-identifier-left") {
            after.unlink(presented.index);
        }
        let ended = unreachable(&mut after, &presented.kind, rules.now);
        self.records.extend(ended.into_iter().map(|record| (other.clone(), record)));
        self.others.insert(other.clone(), after);
    }

    fn opens(&mut self, other: &MemberId, claimed: Claimed, place: usize, known: &Known) {
        let Some(pair) = Pair::of(&self.member.id, other) else { return };
        let before = self.conflicts.get(&pair).or_else(|| known.conflicts.get(&pair)).cloned();
        let mut conflict = before.unwrap_or_else(|| Conflict::new(pair.clone()));
        if conflict.present(claimed) {
            self.opened.push((other.clone(), place));
            self.conflicts.insert(pair, conflict);
        }
    }

    /// What others are told of it, by member.
    #[must_use]
    pub fn facts(&self, enrolment: &Enrolment) -> BTreeMap<MemberId, Vec<MemberFact>> {
        let source = &enrolment.told.says.source;
        let mut facts: BTreeMap<MemberId, Vec<MemberFact>> = BTreeMap::new();
        let mut own = Vec::new();
        own.extend(self.new.then(|| MemberFact::MemberEnrolled { source: source.clone() }));
        for (link, (identifier, _)) in self.links.iter().zip(&enrolment.identifiers) {
            let (kind, source) = (identifier.kind.to_string(), source.clone());
            if let Link::Moved { from } = link {
                let (kind, source) = (kind.clone(), source.clone());
                let unlinked = MemberFact::IdentifierUnlinked { kind, source, because: "moved".to_owned() };
                facts.entry(from.clone()).or_default().push(unlinked);
            }
            if matches!(link, Link::Linked | Link::Moved { .. }) {
                own.push(MemberFact::IdentifierLinked { kind, source });
            }
        }
        let conflicts = self.conflicts.keys().map(Pair::id);
        own.extend(conflicts.map(|conflict| MemberFact::IdentityConflictDetected { conflict }));
        own.extend(self.written.fact(source));
        own.extend(self.tagged.iter().map(|(tag, until)| given(tag, *until)));
        facts.entry(self.member.id.clone()).or_default().extend(own);
        for (member, record) in &self.records {
            facts.entry(member.clone()).or_default().extend(agreed(record));
        }
        facts
    }

    /// Is there anything to write?
    #[must_use]
    pub fn changes(&self, known: &Known) -> bool {
        let before = known.members.get(&self.member.id);
        before != Some(&self.member)
            || !self.others.is_empty()
            || !self.conflicts.is_empty()
            || !self.records.is_empty()
    }
}
