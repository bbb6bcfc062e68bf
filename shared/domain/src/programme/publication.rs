//! Publishing: what a document becomes, and what it may not change.
//!
//! A document is known by the SHA-256 of its canonical form, a version by its number; a number points to one document for ever. What a
//! publication does is decided here as a whole and written as a whole: the list, the document, and what moves in the stocks.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::kernel::canonical::{Hash, canonical_json};
use crate::kernel::refusal::refusals;
use crate::kernel::time::Zone;
use crate::programme::compiled::Programme;
use crate::programme::desk::calendar::Calendar;
use crate::programme::document::Document;
use crate::programme::redemption::PayWithPoints;
use crate::programme::stock::{self, ChangingStock, Levels, Step};

/// How long a publication waits at least until it is in force, in seconds: every function looks for new versions once in 60 s, so all of
/// them know it by then.
const NOTICE_SECONDS: i64 = 90;

/// The largest canonical form, in bytes.
pub const LARGEST: usize = 300_000;

/// A version in the list of those that were published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Counts versions from 1, without gaps.
    pub number: u32,
    /// From when on it is in force; the first is from the beginning.
    pub from: Timestamp,
    /// The hash of its document.
    pub hash: Hash,
    /// Who published it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A published version with its document.
#[derive(Debug, Clone)]
pub struct Edition {
    /// Its place in the list.
    pub version: Version,
    /// What it says.
    pub programme: Arc<Programme>,
}

/// A document that somebody wants in force.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What it says; checked.
    pub document: &'a Document,
    /// From when on; as soon as may be if absent.
    pub from: Option<Timestamp>,
    /// Who asks.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// How things stand where the document is to be published.
#[derive(Debug, Clone, Copy)]
pub struct State<'a> {
    /// What was published so far, oldest first.
    pub editions: &'a [Edition],
    /// Is anything in the ledger?
    pub used: bool,
    /// The stocks that the document names.
    pub levels: &'a Levels,
}

/// What a publication does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// There is a new version.
    New(Publication),
    /// This very document was published last: nothing changes.
    Unchanged(Version),
}

/// What is written, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The version, for the end of the list.
    pub version: Version,
    /// The document's canonical form.
    pub canonical: String,
    /// What moves in the stocks.
    pub stock: Vec<Step>,
    /// The instant that was asked for is over or too near; the version is in force a little later.
    pub moved: bool,
}

/// What a publication came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The version: the new one, or the newest if nothing has changed.
    pub version: Version,
    /// It was published before, and nothing was written.
    pub unchanged: bool,
    /// The instant that was asked for was over or too near.
    pub moved: bool,
}

/// Something that entries rest on, and that a document would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fixed {
    /// Where it stands.
    pub field: &'static str,
    /// What it is.
    pub was: String,
    /// What it would be.
    pub is: String,
}

refusals! {
    /// Why a document is not published. Nothing is written.
    Publishing {
        /// Another document has this name.
        Conflict VersionTaken ("version_taken" at "programme/rules_version") {
            /// The name.
            rules_version: String,
            /// The version that has it.
            number: u32,
            /// A name that is free.
            next_free: String,
        } = "another document was published under this rules_version; a published version never changes",
        /// It would be in force before the newest version.
        Conflict Older ("older" at "from") {
            /// From when on it was to be in force.
            from: Timestamp,
            /// From when on the newest version is.
            newest_from: Timestamp,
        } = "a version cannot be in force from before the newest",
        /// What entries rest on does not change.
        Conflict FixedOnceUsed ("fixed_once_used") {
            /// What would.
            fixed: Vec<Fixed>,
        } = "the ledger has entries: what they rest on stays as it is",
        /// A member may hold a tier that the document does not have.
        Conflict TierWithoutSuccessor ("tier_without_successor" at "tier") {
            /// Those tiers.
            tiers: Vec<String>,
        } = "a member may hold a tier that the document does not have; the tier that takes its place says so: was = \"old-id\"",
        /// A calendar's dates are known for too short a time.
        Invalid CalendarRunsOut ("calendar_runs_out" at "calendar") {
            /// Those calendars.
            calendars: Vec<String>,
            /// For how many days they must be known.
            least_days: i32,
        } = "a calendar's dates must be known for 60 days after it is published: say `covers_until`, and the dates until then",
        /// The canonical form is too large.
        Invalid TooLarge ("too_large_document") {
            /// Its size, in bytes.
            bytes: usize,
            /// The most.
            most: usize,
        } = "the document is too large",
        | ChangingStock,
    }
}

impl Document {
    /// Its canonical form - sorted keys, defaults filled in, no comments - and the hash of that.
    ///
    /// # Panics
    /// It cannot be written as JSON, which every document can.
    #[must_use]
    pub fn canonical(&self) -> (String, Hash) {
        let canonical = canonical_json(&serde_json::to_value(self).expect("a document is plain data"));
        let hash = Hash::of(&canonical);
        (canonical, hash)
    }
}

/// Decides what publishing a document does.
///
/// # Errors
/// Why it is refused.
pub fn publish(request: Request<'_>, state: State<'_>) -> Result<Decision, Publishing> {
    let Request { document, from, by, now } = request;
    let (canonical, hash) = document.canonical();
    if canonical.len() > LARGEST {
        return Err(Publishing::TooLarge { bytes: canonical.len(), most: LARGEST });
    }
    let newest = state.editions.last();
    if let Some(newest) = newest.filter(|newest| newest.version.hash == hash) {
        return Ok(Decision::Unchanged(newest.version.clone()));
    }
    let calendars = running_out(document, now);
    if !calendars.is_empty() {
        return Err(Publishing::CalendarRunsOut { calendars, least_days: CALENDAR_DAYS });
    }
    free(&document.programme.rules_version, hash, state.editions)?;
    let earliest = now.saturating_add(SignedDuration::from_secs(NOTICE_SECONDS)).expect("a duration suits a timestamp");
    let earliest = if newest.is_some() { earliest } else { Timestamp::MIN };
    let asked = from.unwrap_or(now.max(earliest));
    let effective = asked.max(earliest);
    if let Some(newest) = newest {
        let newest_from = newest.version.from;
        if asked < newest_from {
            return Err(Publishing::Older { from: asked, newest_from });
        }
        if state.used {
            let fixed = fixed(newest.programme.document(), document);
            if !fixed.is_empty() {
                return Err(Publishing::FixedOnceUsed { fixed });
            }
            let tiers = without_successor(state.editions, document);
            if !tiers.is_empty() {
                return Err(Publishing::TierWithoutSuccessor { tiers });
            }
        }
    }
    let earlier = state.editions.iter().map(|edition| edition.programme.document());
    let stock = stock::moved(document, &earlier.collect::<Vec<_>>(), state.levels)?;
    let number = newest.map_or(0, |newest| newest.version.number).saturating_add(1);
    let version = Version { number, from: effective, hash, by: by.to_owned(), at: now };
    Ok(Decision::New(Publication { version, canonical, stock, moved: effective > asked }))
}

/// For how many days the dates of a calendar must be known.
const CALENDAR_DAYS: i32 = 60;

/// Calendars whose dates are known for too short a time.
fn running_out(document: &Document, now: Timestamp) -> Vec<String> {
    let Some(zone) = Zone::named(&document.programme.timezone) else { return Vec::new() };
    let today = zone.date(now);
    let ends = |calendar: &&Calendar| calendar.days_left(today).is_some_and(|days| days < CALENDAR_DAYS);
    document.calendar.iter().filter(ends).map(|calendar| calendar.id.clone()).collect()
}

/// Is the name free, or this document's own?
fn free(name: &str, hash: Hash, editions: &[Edition]) -> Result<(), Publishing> {
    let named = |edition: &&Edition| edition.programme.version() == name && edition.version.hash != hash;
    let Some(taken) = editions.iter().find(named) else { return Ok(()) };
    let names: BTreeSet<&str> = editions.iter().map(|edition| edition.programme.version()).collect();
    Err(Publishing::VersionTaken {
        rules_version: name.to_owned(),
        number: taken.version.number,
        next_free: next_free(name, &names),
    })
}

/// The next name of the same kind: `2026-01-01.1` becomes `2026-01-01.2`, `spring` becomes `spring.2`.
fn next_free(name: &str, taken: &BTreeSet<&str>) -> String {
    let numbered = name.rsplit_once('.').and_then(|(stem, last)| Some((stem, last.parse::<u32>().ok()?)));
    let (stem, last) = numbered.unwrap_or((name, 1));
    let mut names = (last.saturating_add(1)..).map(|number| format!("{stem}.{number}"));
    names.find(|name| !taken.contains(name.as_str())).expect("there are more numbers than versions")
}

/// What entries rest on and the document would change.
fn fixed(was: &Document, is: &Document) -> Vec<Fixed> {
    let revalued = is.redemption.revalue.is_some();
    let mut fixed = Vec::new();
    let (pays, paid) = (was.redemption.pay_with_points, is.redemption.pay_with_points);
    if pays.worth(paid.points) != paid.worth(pays.points) && !revalued {
        let said = |pay: PayWithPoints| format!("{} points = {} minor units", pay.points.0, pay.value_minor.0);
        fixed.push(Fixed { field: "redemption.pay_with_points", was: said(pays), is: said(paid) });
    }
    let unit = |document: &Document| document.points().map(|points| points.unit_value_minor.0.to_string());
    if let (Some(was), Some(is)) = (unit(was), unit(is))
        && was != is
        && !revalued
    {
        fixed.push(Fixed { field: "wallet.points.unit_value_minor", was, is });
    }
    let (was, is) = (&was.programme, &is.programme);
    for (field, before, after) in [
        ("programme.currency", was.currency.as_str(), is.currency.as_str()),
        ("programme.timezone", &was.timezone, &is.timezone),
        ("programme.order_ids", was.order_ids.name(), is.order_ids.name()),
    ] {
        if before != after {
            fixed.push(Fixed { field, was: before.to_owned(), is: after.to_owned() });
        }
    }
    fixed
}

/// Tiers of earlier versions that no tier of the document is, or takes the place of.
fn without_successor(editions: &[Edition], document: &Document) -> Vec<String> {
    let known: BTreeSet<&str> = document.tier.iter().flat_map(|tier| tier.names()).collect();
    let earlier = editions.iter().flat_map(|edition| &edition.programme.document().tier);
    let earlier: BTreeSet<&str> = earlier.flat_map(|tier| tier.names()).collect();
    earlier.difference(&known).map(|tier| (*tier).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_free_name_is_of_the_same_kind() {
        let check = |name: &str, taken: &[&str], free: &str| {
            assert_eq!(next_free(name, &taken.iter().copied().collect()), free);
        };
        check("2026-01-01.1", &["2026-01-01.1"], "2026-01-01.2");
        check("2026-01-01.1", &["2026-01-01.1", "2026-01-01.2"], "2026-01-01.3");
        check("spring", &["spring"], "spring.2");
        check("v1.x", &["v1.x", "v1.x.2"], "v1.x.3");
    }
}
