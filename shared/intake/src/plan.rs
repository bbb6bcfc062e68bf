//! In which order the rows of a part are done: several at once, but those that name the same one after the other (rules: import 20, 21).

use std::collections::{BTreeMap, HashSet};

use domain::members::import::Outcome;
use sheet::Row;

use crate::fault::Fault;
use crate::row::{Reader, Verdict};
use crate::said::MemberRow;
use crate::twice::{Seen, repeated};

/// What came of rows, by their numbers.
pub type Came = BTreeMap<u32, (Outcome, Vec<Fault>)>;

/// A row that is applied: its number, what it says, and what is worth to be told of it.
pub type Applied = (u32, MemberRow, Vec<Fault>);

/// What is to be done with the rows of a part.
#[derive(Debug, Default)]
pub struct Plan {
    /// Rows that are done with: what is wrong with them.
    came: Came,
    /// Rows that are applied. Those of a wave name nobody twice; a wave is done when those before it are.
    waves: Vec<Vec<Applied>>,
    /// Rows that say what a row before them did, with its number.
    repeats: Vec<(u32, u32)>,
}

impl Plan {
    /// Of rows, in their order.
    #[must_use]
    pub fn new(rows: &[Row], reader: &Reader<'_>) -> Self {
        let (mut plan, mut seen) = (Self::default(), Seen::default());
        let (mut wave, mut names) = (Vec::new(), HashSet::new());
        for row in rows {
            match reader.judge(row, &mut seen) {
                Verdict::Refused(faults) => drop(plan.came.insert(row.number, (Outcome::Refused, faults))),
                Verdict::Same { first } => plan.repeats.push((row.number, first)),
                Verdict::Apply(read, warnings) => {
                    let own = read.identifiers.iter().map(|(identifier, _)| identifier).chain([&read.named]);
                    let own: Vec<_> = own.cloned().collect();
                    if own.iter().any(|identifier| names.contains(identifier)) {
                        plan.waves.push(std::mem::take(&mut wave));
                        names.clear();
                    }
                    names.extend(own);
                    wave.push((row.number, *read, warnings));
                }
            }
        }
        plan.waves.push(wave);
        plan
    }

    /// When all waves are done: what repeats a row that was refused in the end is refused, too.
    pub fn ends(repeats: &[(u32, u32)], came: &mut Came) {
        for (row, first) in repeats {
            let done = came.get(first).is_some_and(|(outcome, _)| *outcome != Outcome::Refused);
            let again =
                if done { (Outcome::Unchanged, Vec::new()) } else { (Outcome::Refused, vec![repeated(*first)]) };
            came.insert(*row, again);
        }
    }

    /// Its parts: what is done with, the waves, and what [`Plan::ends`] wants.
    #[must_use]
    pub fn into_parts(self) -> (Came, Vec<Vec<Applied>>, Vec<(u32, u32)>) {
        (self.came, self.waves, self.repeats)
    }
}
