//! Tags by hand (rules: members 27).

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::kernel::refusal::refusals;
use crate::members::facts::MemberFact;
use crate::programme::tag::{Tag, Tagger};

refusals! {
    /// A tag that cannot be given or taken.
    Tagging {
        /// The dictionary has no such tag.
        Invalid UnknownTag ("unknown_tag" at "tag") = "the dictionary has no such tag",
        /// It is worked out, and given by nobody.
        Conflict ComputedTag ("computed_tag" at "tag") = "this tag is computed; nobody gives or takes it",
        /// Others may give it.
        Forbidden NotYourTag ("forbidden" at "tag") = "your role does not give this tag",
        /// It would have ended.
        Invalid AlreadyOver ("expired" at "until") {
            /// The first date until which it could be given.
            earliest: Date,
        } = "the tag would have ended already",
    }
}

/// What is told of a tag that was given.
#[must_use]
pub fn given(tag: &str, until: Date) -> MemberFact {
    MemberFact::TagAdded { tag: tag.to_owned(), kind: "manual".to_owned(), until: until.to_string() }
}

/// The tags that a member was given by hand, each with its last local day.
pub type Tags = BTreeMap<String, Date>;

/// Somebody gives a tag.
#[derive(Debug, Clone, Copy)]
pub struct Giving<'a> {
    /// Which.
    pub tag: &'a str,
    /// By whom.
    pub by: Tagger,
    /// Its last local day, if it is said.
    pub until: Option<Date>,
}

/// Decides until when a tag is given: by default for its `valid_days` after today; giving it again only lengthens.
///
/// # Errors
/// There is no such tag to give, the role does not give it, or it would have ended.
pub fn give(dictionary: &[Tag], held: &Tags, giving: Giving<'_>, today: Date) -> Result<Date, Tagging> {
    let Giving { tag, by, until } = giving;
    let known = manual(dictionary, tag, by)?;
    if until.is_some_and(|until| until < today) {
        return Err(Tagging::AlreadyOver { earliest: today });
    }
    let days = i64::from(known.valid_days.unwrap_or_default());
    let until = until.unwrap_or_else(|| today.saturating_add(days.days()));
    Ok(held.get(tag).map_or(until, |held| until.max(*held)))
}

/// May it be taken? One that left the dictionary may be, by anybody who gives tags.
///
/// # Errors
/// It is computed, unknown and not held, or the role does not give it.
pub fn take(dictionary: &[Tag], held: &Tags, tag: &str, by: Tagger) -> Result<(), Tagging> {
    match manual(dictionary, tag, by) {
        Err(Tagging::UnknownTag) if held.contains_key(tag) => Ok(()),
        found => found.map(|_known| ()),
    }
}

/// The tags that have not ended on a local date. A tag ends at the start of the day after its last.
pub fn current(held: &Tags, today: Date) -> impl Iterator<Item = (&str, Date)> {
    held.iter().filter(move |(_, until)| today <= **until).map(|(tag, until)| (tag.as_str(), *until))
}

fn manual<'a>(dictionary: &'a [Tag], tag: &str, by: Tagger) -> Result<&'a Tag, Tagging> {
    let known = dictionary.iter().find(|known| known.id == tag).ok_or(Tagging::UnknownTag)?;
    if !known.manual {
        return Err(Tagging::ComputedTag);
    }
    if known.who.contains(&by) { Ok(known) } else { Err(Tagging::NotYourTag) }
}
