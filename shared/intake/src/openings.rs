//! What rows say that bring members over from another programme (rules: import 23 to 27).

use std::collections::BTreeMap;

use domain::kernel::cutover::Cutover;
use domain::kernel::time::Month;
use domain::ledger::opening_rows::{self, Counted, LotRow, NEVER, Read, StatusRow, TierRow};
use domain::members::identifier::Identifier;
use domain::members::import::Outcome;
use domain::programme::compiled::Programme;
use jiff::Timestamp;
use jiff::civil::Date;
use sheet::{CellFault, Cells, Column, Raw, Row, Stated};

use crate::columns::EXTERNAL_ID;
use crate::fault::Fault;
use crate::naming::{Naming, identity, number};
use crate::plan::Came;

/// Which part of what members had elsewhere a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parted {
    /// Points by their dates, or points that are owed.
    Lots,
    /// A tier each.
    Tiers,
    /// Status points by month.
    Status,
}

impl Parted {
    /// The columns that such a file may have.
    #[must_use]
    pub fn columns(self) -> Vec<Column> {
        let fields: &[(&str, bool)] = match self {
            Self::Lots => &[
                ("points", true),
                ("earned_on", false),
                ("expires_on", false),
                ("activates_on", false),
                ("last_activity", false),
                ("held_for", false),
                ("held_until", false),
            ],
            Self::Tiers => &[("tier", true), ("since", true), ("until", true)],
            Self::Status => &[("month", false), ("period_from", false), ("points", true), ("lifetime_points", false)],
        };
        let all = std::iter::once((EXTERNAL_ID, true)).chain(fields.iter().copied());
        all.map(|(field, required)| Column { field: field.to_owned(), required }).collect()
    }
}

/// What a row says.
#[derive(Debug, Clone)]
enum Said {
    Lot(LotRow),
    Tier(TierRow),
    /// Of a month or period, and in all.
    Status(Option<StatusRow>, Option<i64>),
}

/// How the rows of a file are read.
#[derive(Debug, Clone, Copy)]
pub struct OpeningReader<'a> {
    /// Which part it has.
    pub parted: Parted,
    /// Who each is about, and how its cells are read.
    pub naming: Naming<'a>,
}

/// The rows of one member.
#[derive(Debug, Clone)]
pub struct OfMember {
    /// What the source calls the member.
    pub named: Identifier,
    rows: Vec<(u32, Result<Said, Vec<Fault>>)>,
}

impl OpeningReader<'_> {
    /// Rows by their members, in the order of the first of each; those of nobody are refused.
    #[must_use]
    pub fn members(&self, rows: &[Row]) -> (Came, Vec<OfMember>) {
        let (mut came, mut members, mut places) = (Came::new(), Vec::<OfMember>::new(), BTreeMap::new());
        for row in rows {
            let said = self.said(row);
            match self.naming.named(row) {
                Ok(named) => {
                    let place = *places.entry(named.value.clone()).or_insert_with(|| {
                        members.push(OfMember { named, rows: Vec::new() });
                        members.len() - 1
                    });
                    if let Some(member) = members.get_mut(place) {
                        member.rows.push((row.number, said));
                    }
                }
                Err(fault) => {
                    let faults = std::iter::once(fault).chain(said.err().into_iter().flatten()).collect();
                    came.insert(row.number, (Outcome::Refused, faults));
                }
            }
        }
        (came, members)
    }

    fn said(&self, row: &Row) -> Result<Said, Vec<Fault>> {
        let mut faults = Vec::new();
        if let Err(fault) = row.fits(self.naming.header) {
            faults.push(Fault::cell("", fault));
        }
        let said = match self.parted {
            Parted::Lots => {
                let points = self.naming.needed(row, "points", &mut faults, Cells::integer);
                let earned_on = self.naming.stated(row, "earned_on", &mut faults, Cells::date);
                let expires_on = self.naming.stated(row, "expires_on", &mut faults, last_day);
                let activates_on = self.naming.stated(row, "activates_on", &mut faults, Cells::date);
                let last_activity = self.naming.stated(row, "last_activity", &mut faults, Cells::date);
                let held_for = self.naming.stated(row, "held_for", &mut faults, number);
                faults.extend(held_for.as_deref().and_then(|order| identity("held_for", order)));
                let held = (held_for, self.naming.stated(row, "held_until", &mut faults, Cells::date));
                points.map(|points| {
                    Said::Lot(LotRow { points, earned_on, expires_on, activates_on, last_activity, held })
                })
            }
            Parted::Tiers => {
                let tier = self.naming.needed(row, "tier", &mut faults, Cells::text);
                let since = self.naming.needed(row, "since", &mut faults, Cells::date);
                let until = self.naming.needed(row, "until", &mut faults, last_day);
                tier.zip(since).zip(until).map(|((tier, since), until)| Said::Tier(TierRow { tier, since, until }))
            }
            Parted::Status => {
                let month = self.naming.stated(row, "month", &mut faults, Cells::month);
                let since = self.naming.stated(row, "period_from", &mut faults, Cells::date);
                let lifetime = self.naming.stated(row, "lifetime_points", &mut faults, Cells::integer);
                let points = if lifetime.is_some() && month.is_none() && since.is_none() {
                    self.naming.stated(row, "points", &mut faults, Cells::integer)
                } else {
                    self.naming.needed(row, "points", &mut faults, Cells::integer)
                };
                let month = month.map(|month| Month(i32::from(month.year) * 100 + i32::from(month.month)));
                let of = match (month, since) {
                    (Some(month), None) => Some(Counted::Month(month)),
                    (None, Some(since)) => Some(Counted::Since(since)),
                    (Some(_), Some(_)) => {
                        faults.push(Fault::new("period_from", "two_dates", "one of the two is said, not both"));
                        None
                    }
                    (None, None) => {
                        if faults.is_empty() && (points.is_some() || lifetime.is_none()) {
                            let words = "neither the month is said nor since when the running period is counted";
                            faults.push(Fault::new("month", "missing_value", words));
                        }
                        None
                    }
                };
                let counted = of.zip(points).map(|(of, points)| StatusRow { of, points });
                Some(Said::Status(counted, lifetime))
            }
        };
        said.filter(|_| faults.is_empty()).ok_or(faults)
    }
}

/// A last day; `never` is one.
pub(crate) fn last_day(cells: Cells<'_>, raw: &Raw) -> Result<Stated<Date>, CellFault> {
    match cells.text(raw)? {
        Stated::Is(text) if text.eq_ignore_ascii_case("never") => Ok(Stated::Is(NEVER)),
        _ => cells.date(raw),
    }
}

/// Why a row is refused, in words.
fn words(fault: &opening_rows::Fault) -> &'static str {
    match fault.code {
        "missing_value" if fault.field.starts_with("held") => "points are held for a booking, until a day",
        "missing_value" => {
            "neither the day on which they were earned is said nor their last, nor that of the last activity"
        }
        "not_by_inactivity" => "points of this programme have dates of their own: say their last day",
        "two_dates" => "one of the two is said, not both",
        "out_of_range" => "these are more points than a member can have",
        "not_positive" => "must be more than 0",
        "expired" => "the last day is over",
        "in_future" => "that day is still to come",
        "dates_disordered" => "these days do not follow one another",
        "unknown_tier" => "the programme has no such tier",
        "out_of_window" => "must be the running month or one of the twelve before it",
        _ => "there is a row of this member already",
    }
}

impl OfMember {
    /// The first of its rows.
    #[must_use]
    pub fn first(&self) -> u32 {
        self.rows.first().map_or(0, |(number, _)| *number)
    }

    /// All of them.
    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        self.rows.iter().map(|(number, _)| *number).collect()
    }

    /// How many rows there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// What all rows bring over, and how many of them are good for longer than they say. A debt comes alone, or `net` of all rows.
    ///
    /// # Errors
    /// What came of each: one bad row refuses all.
    pub fn opening(&self, cutover: &Cutover, programme: &Programme, now: Timestamp) -> Result<Read, Came> {
        let mut bad: BTreeMap<u32, Vec<Fault>> = BTreeMap::new();
        let (mut lots, mut tiers, mut status, mut numbers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut all, mut told) = (Vec::new(), Vec::new());
        for (number, said) in &self.rows {
            match said {
                Ok(Said::Lot(lot)) => lots.push(lot.clone()),
                Ok(Said::Tier(tier)) => tiers.push(tier.clone()),
                Ok(Said::Status(counted, lifetime)) => {
                    all.extend(lifetime.map(|points| (told.len(), points)));
                    told.push(*number);
                    let Some(counted) = counted else { continue };
                    status.push(*counted);
                }
                Err(faults) => {
                    bad.insert(*number, faults.clone());
                    continue;
                }
            }
            numbers.push(*number);
        }
        let opening = if !lots.is_empty() {
            opening_rows::lots(&lots, cutover, programme, now)
        } else if !tiers.is_empty() {
            opening_rows::tiers(&tiers, programme, now).map(Read::from)
        } else {
            opening_rows::status(&status, programme, now).map(Read::from)
        };
        let lifetime = opening_rows::lifetime(&all);
        for (place, fault) in lifetime.as_ref().err().into_iter().flatten() {
            let Some(number) = told.get(*place) else { continue };
            bad.entry(*number).or_default().push(Fault::new(fault.field, fault.code, words(fault)));
        }
        let found = opening.as_ref().err().into_iter().flatten();
        for (place, fault) in found {
            let Some(number) = numbers.get(*place) else { continue };
            bad.entry(*number).or_default().push(Fault::new(fault.field, fault.code, words(fault)));
        }
        match (opening, bad.keys().next().copied()) {
            (Ok(read), None) => Ok(Read { lifetime: lifetime.ok().flatten(), ..read }),
            (_, first) => Err(self.refused_beside(first.unwrap_or_default(), bad)),
        }
    }

    /// Every row with what is wrong with it, or that another is.
    fn refused_beside(&self, first: u32, mut bad: BTreeMap<u32, Vec<Fault>>) -> Came {
        let sibling = || {
            let words = format!("row {first} of the same member is refused, and with it all of them");
            Fault::new(EXTERNAL_ID, "sibling_refused", words)
        };
        let row = |(number, _): &(u32, _)| {
            let faults = bad.remove(number).unwrap_or_else(|| vec![sibling()]);
            (*number, (Outcome::Refused, faults))
        };
        self.rows.iter().map(row).collect()
    }

    /// The same came of all its rows; a fault beside what is wrong with each.
    #[must_use]
    pub fn all(&self, outcome: Outcome, fault: Option<&Fault>) -> Came {
        let row = |(number, said): &(u32, Result<Said, Vec<Fault>>)| {
            let own = said.as_ref().err().into_iter().flatten();
            (*number, (outcome, fault.into_iter().chain(own).cloned().collect()))
        };
        self.rows.iter().map(row).collect()
    }
}
