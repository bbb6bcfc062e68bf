//! Who is it that a source presents, and whose are the identifiers then (rules: members 6-8)?

use jiff::Timestamp;

use crate::kernel::id::MemberId;
use crate::kernel::time::add_days;
use crate::members::identifier::{Index, Kind};
use crate::programme::members::{Matched, Members};

/// An identifier as a request presents it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// Of which kind.
    pub kind: Kind,
    /// What stands for it.
    pub index: Index,
    /// A masked hint for people.
    pub hint: String,
    /// Verified by its source, as a card always is?
    pub verified: bool,
}

/// The live member whose an identifier is: who absorbed another stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub member: MemberId,
    /// The newest verification.
    pub verified_at: Option<Timestamp>,
}

/// What becomes of an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// It was nobody's, and is the member's now.
    Linked,
    /// It is the member's already; if it is presented verified, that is newer.
    Own,
    /// It was another's, who had not verified it, and is the member's now.
    Moved {
        /// Whose it was.
        from: MemberId,
    },
    /// It is another's, and stays there.
    Stayed {
        /// Whose it is.
        with: MemberId,
    },
}

/// Who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The member, if there is one already.
    pub member: Option<MemberId>,
    /// By which kind it was found, if not by what the source calls it.
    pub matched_by: Option<Matched>,
    /// What becomes of each identifier, in their order.
    pub links: Vec<Link>,
}

/// Who is it? `named` is the member whom the source calls so, and each identifier comes with its holder.
#[must_use]
pub fn resolve(
    rules: &Members,
    named: Option<&MemberId>,
    presented: &[(Presented, Option<Holder>)],
    now: Timestamp,
) -> Resolution {
    let found = if named.is_some() { None } else { matched(rules, presented, now) };
    let member = named.or(found.map(|(member, _)| member)).cloned();
    let links = presented.iter().map(|(presented, holder)| match holder {
        None => Link::Linked,
        Some(holder) if Some(&holder.member) == member.as_ref() => Link::Own,
        Some(_) if !presented.kind.is_unique() => Link::Linked,
        Some(holder) if presented.verified && !holds(rules, &presented.kind, holder, now) => {
            Link::Moved { from: holder.member.clone() }
        }
        Some(holder) => Link::Stayed { with: holder.member.clone() },
    });
    let links = links.collect();
    Resolution { member, matched_by: found.map(|(_, by)| by), links }
}

/// Who holds verified what is presented verified: by the first kind of the programme, then by the first of the request.
fn matched<'a>(
    rules: &Members,
    presented: &'a [(Presented, Option<Holder>)],
    now: Timestamp,
) -> Option<(&'a MemberId, Matched)> {
    rules.r#match.iter().find_map(|by| {
        let found = presented.iter().filter(|(presented, _)| presented.verified && Kind::from(*by) == presented.kind);
        let mut holders = found.filter_map(|(presented, holder)| Some((presented, holder.as_ref()?)));
        let holder = holders.find(|(presented, holder)| holds(rules, &presented.kind, holder, now));
        holder.map(|(_, holder)| (&holder.member, *by))
    })
}

/// Does somebody hold it verified? A phone for so many times 24 hours after its newest verification: numbers are given to new people.
fn holds(rules: &Members, kind: &Kind, holder: &Holder, now: Timestamp) -> bool {
    holder.verified_at.is_some_and(|at| *kind != Kind::Phone || now < add_days(at, rules.recycle_days))
}
