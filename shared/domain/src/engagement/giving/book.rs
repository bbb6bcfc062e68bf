//! The book of a project: a line for each date with movements, each chained to the one before.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::kernel::canonical::{Hash, canonical_json};
use crate::kernel::merkle::{Beside, climb, path, root};
use crate::kernel::quantity::Minor;

/// A movement, dated by its recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// What moved: the name of a gift, or the month of a payment.
    pub name: String,
    /// Whose, if it is a member's.
    pub member: Option<String>,
    /// Which way.
    pub moved: Moved,
    /// How much.
    pub amount: Minor,
}

/// Which way money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// The company gave it for an order.
    Booked,
    /// A member gave points.
    Donated,
    /// It came back.
    Reversed,
    /// It was paid to the project.
    Disbursed,
}

/// A date of a book that is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which project's.
    pub project: String,
    /// Which date.
    pub date: Date,
    /// What was booked.
    pub booked: Closed,
    /// What members gave.
    pub donated: Closed,
    /// What came back.
    pub reversed: Closed,
    /// What was paid.
    pub disbursed: Closed,
    /// What is there afterwards.
    pub balance: Minor,
    /// The Merkle root of the movements.
    pub root: Hash,
    /// SHA-256 of the line before and of this one.
    pub hash: Hash,
}

/// Sum and number of a date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The sum.
    pub sum: Minor,
    /// How many.
    pub count: u64,
}

impl Movement {
    /// Its leaf in the tree of its date.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        let line = json!({"amount": self.amount, "member": self.member, "moved": self.moved, "name": self.name});
        Hash::leaf(&canonical_json(&line))
    }
}

/// Closes a date: its movements, in the order of their names.
#[must_use]
pub fn close(project: &str, before: Option<&Line>, date: Date, movements: &[Movement]) -> Line {
    let leaves: Vec<Hash> = sorted(movements).into_iter().map(Movement::leaf).collect();
    let closed = |moved: Moved| {
        let these = movements.iter().filter(|movement| movement.moved == moved);
        Closed { sum: these.clone().map(|movement| movement.amount).sum(), count: these.map(|_| 1).sum() }
    };
    let [booked, donated, reversed, disbursed] =
        [Moved::Booked, Moved::Donated, Moved::Reversed, Moved::Disbursed].map(closed);
    let carried = before.map_or(Minor::ZERO, |line| line.balance);
    let line = Line {
        project: project.to_owned(),
        date,
        booked,
        donated,
        reversed,
        disbursed,
        balance: carried + booked.sum + donated.sum - reversed.sum - disbursed.sum,
        root: root(&leaves),
        hash: Hash::GENESIS,
    };
    Line { hash: line.link(before), ..line }
}

/// In the order in which they stand in the tree of their date.
fn sorted(movements: &[Movement]) -> Vec<&Movement> {
    let mut sorted: Vec<&Movement> = movements.iter().collect();
    sorted.sort_by_key(|movement| (&movement.member, &movement.name, movement.moved));
    sorted
}

/// The path from a movement to the line of its date: it tells nothing of the others but hashes.
#[must_use]
pub fn proof(movement: &Movement, movements: &[Movement]) -> Option<Vec<Beside>> {
    let sorted = sorted(movements);
    let place = sorted.iter().position(|other| *other == movement)?;
    let leaves: Vec<Hash> = sorted.into_iter().map(Movement::leaf).collect();
    path(&leaves, place)
}

impl Line {
    /// Does a path lead from a movement to this line?
    #[must_use]
    pub fn holds(&self, movement: &Movement, path: &[Beside]) -> bool {
        climb(movement.leaf(), path) == self.root
    }

    fn link(&self, before: Option<&Self>) -> Hash {
        let content = json!({
            "project": self.project, "date": self.date, "balance": self.balance, "root": self.root,
            "booked": self.booked, "donated": self.donated, "reversed": self.reversed, "disbursed": self.disbursed,
        });
        Hash::link(before.map_or(Hash::GENESIS, |line| line.hash), &canonical_json(&content))
    }

    fn follows(&self, before: Option<&Self>) -> bool {
        let carried = before.map_or(Minor::ZERO, |line| line.balance);
        let balance = carried + self.booked.sum + self.donated.sum - self.reversed.sum - self.disbursed.sum;
        let later = before.is_none_or(|before| before.date < self.date && before.project == self.project);
        later && balance == self.balance && balance >= Minor::ZERO && self.hash == self.link(before)
    }
}

/// The first line of a book that does not follow from those before it.
#[must_use]
pub fn verify(lines: &[Line]) -> Option<&Line> {
    let before = std::iter::once(None).chain(lines.iter().map(Some));
    lines.iter().zip(before).find(|(line, before)| !line.follows(*before)).map(|(line, _)| line)
}
