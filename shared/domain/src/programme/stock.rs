//! Stock is state: a document says where it begins, a later one with another number moves it by the difference.
//!
//! The pieces that are left are counted by shards, so that a popular reward is not one hot item; beside them is kept how many were laid
//! in so far. Over how many shards a stock is spread only grows: it follows from the largest number that a published document names.

use std::collections::BTreeMap;

use crate::kernel::refusal::{Missing, Reused, refusals};
use crate::programme::benefit::OF_BENEFITS;
use crate::programme::document::Document;

/// The most writes of a publication's transaction that are of stocks: DynamoDB takes a hundred, and list and document are two.
const MOST_STEPS: usize = 98;

/// How a stock stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Level {
    /// How many pieces were laid in so far.
    pub given: i64,
    /// How many are left, by shard.
    pub left: BTreeMap<u32, i64>,
}

/// How stocks stand, by name; those that were never laid in are absent.
pub type Levels = BTreeMap<String, Level>;

/// A write of one item of a stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The stock.
    pub name: String,
    /// The shard; `None`: how many were laid in so far.
    pub shard: Option<u32>,
    /// By how much it changes.
    pub by: i64,
    /// The item is new.
    pub new: bool,
}

refusals! {
    /// Why a stock is not changed.
    ChangingStock {
        /// Pieces that were issued cannot be taken back.
        Conflict StockBelowIssued ("stock_below_issued") {
            /// The reward, or `benefit:` and the benefit.
            name: String,
            /// How many were laid in so far.
            given: i64,
            /// How many of them are gone.
            issued: i64,
            /// How many there would be in all.
            wanted: i64,
        } = "there would be fewer than were issued",
        /// More stocks would change than one transaction holds.
        Conflict TooManyStocks ("too_many_stocks") {
            /// How many writes it would take.
            writes: usize,
            /// The most.
            most: usize,
        } = "more stocks would change than one publication can hold; publish them in several",
    }
}

/// Pieces that somebody lays in, or takes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restock {
    /// The stock: a reward, or `benefit:` and the benefit.
    pub name: String,
    /// How many more; below zero: fewer.
    pub add: i64,
    /// Why, in words.
    pub reason: String,
    /// Who.
    pub by: String,
}

/// What a restocking came to, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restocked {
    /// How many pieces were laid in so far.
    pub given: i64,
    /// How many of them were left.
    pub left: i64,
}

refusals! {
    /// Why pieces are not laid in.
    Restocking {
        | Missing,
        | Reused,
        | ChangingStock,
    }
}

/// Decides a restocking on a stock as it stands; `None`: there is none of that name.
///
/// # Errors
/// There is no such stock, or fewer are left than would be taken out.
pub fn restock(command: &Restock, shards: u32, level: Option<&Level>) -> Result<(Vec<Step>, Restocked), Restocking> {
    let Some(level) = level else { return Err(Missing::NotFound { what: "stock" }.into()) };
    let steps = change(&command.name, command.add, shards, Some(level))?;
    let left: i64 = level.left.values().sum();
    let (given, left) = (level.given.saturating_add(command.add), left.saturating_add(command.add));
    Ok((steps, Restocked { given, left }))
}

/// How many shards count a stock of so many pieces: one up to 50, at most 16, so that the last pieces are found quickly.
#[must_use]
pub fn shards(pieces: u32) -> u32 {
    pieces.div_ceil(50).clamp(1, 16)
}

impl Document {
    /// The stocks that it names, and with how many pieces each begins.
    pub fn stocks(&self) -> impl Iterator<Item = (String, u32)> {
        let rewards = self.reward.iter().filter_map(|reward| Some((reward.id.clone(), reward.stock?)));
        let benefits = self.benefit.iter().filter_map(|benefit| Some((benefit.stock_name(), benefit.stock?)));
        rewards.chain(benefits)
    }

    /// With how many pieces a stock begins.
    #[must_use]
    pub fn stock(&self, name: &str) -> Option<u32> {
        match name.strip_prefix(OF_BENEFITS) {
            Some(id) => self.benefit.iter().find(|benefit| benefit.id == id)?.stock,
            None => self.reward.iter().find(|reward| reward.id == name)?.stock,
        }
    }
}

/// What a document changes in the stocks, after earlier ones, oldest first.
pub(super) fn moved(document: &Document, earlier: &[&Document], levels: &Levels) -> Result<Vec<Step>, ChangingStock> {
    let mut changes = Vec::new();
    for (name, pieces) in document.stocks() {
        let before = earlier.iter().rev().find_map(|document| document.stock(&name));
        let level = levels.get(&name);
        let given = level.map_or(0, |level| before.map_or(level.given, i64::from));
        let by = i64::from(pieces).saturating_sub(given);
        if by != 0 || level.is_none() {
            let most = earlier.iter().filter_map(|document| document.stock(&name)).chain([pieces]).map(shards).max();
            changes.push((name, by, most.unwrap_or(1), level));
        }
    }
    let mut most_shards = 16;
    loop {
        let steps =
            changes.iter().map(|(name, by, shards, level)| change(name, *by, (*shards).min(most_shards), *level));
        let steps = steps.collect::<Result<Vec<_>, _>>()?.concat();
        if steps.len() <= MOST_STEPS {
            return Ok(steps);
        }
        if most_shards == 1 {
            return Err(ChangingStock::TooManyStocks { writes: steps.len(), most: MOST_STEPS });
        }
        most_shards = most_shards.saturating_sub(1);
    }
}

/// The writes that change a stock by so many pieces, spread over shards. What is added is spread evenly; what is taken leaves the shards
/// level.
///
/// # Errors
/// Fewer are left than would be taken.
fn change(name: &str, by: i64, shards: u32, level: Option<&Level>) -> Result<Vec<Step>, ChangingStock> {
    let empty = Level::default();
    let Level { given, left } = level.unwrap_or(&empty);
    let in_all: i64 = left.values().sum();
    if in_all.saturating_add(by) < 0 {
        let (issued, wanted) = (given.saturating_sub(in_all), given.saturating_add(by));
        return Err(ChangingStock::StockBelowIssued { name: name.to_owned(), given: *given, issued, wanted });
    }
    let places: Vec<u32> = if by < 0 { left.keys().copied().collect() } else { (0..shards.max(1)).collect() };
    let spread = |pieces: i64, place: usize| {
        let count = i64::try_from(places.len()).unwrap_or(1).max(1);
        let place = i64::try_from(place).unwrap_or_default();
        pieces.div_euclid(count).saturating_add(i64::from(place < pieces.rem_euclid(count)))
    };
    let mut steps = vec![Step { name: name.to_owned(), shard: None, by, new: level.is_none() }];
    let mut owed = by.saturating_neg();
    for (place, &shard) in places.iter().enumerate() {
        let has = left.get(&shard).copied().unwrap_or_default();
        let by = if by < 0 {
            has.saturating_sub(spread(in_all.saturating_add(by), place)).clamp(0, owed).saturating_neg()
        } else {
            spread(by, place)
        };
        owed = owed.saturating_add(by);
        if by != 0 || level.is_none() {
            steps.push(Step { name: name.to_owned(), shard: Some(shard), by, new: level.is_none() });
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(left: &[i64], given: i64) -> Level {
        Level { given, left: (0..).zip(left.iter().copied()).collect() }
    }

    #[track_caller]
    fn check(by: i64, shards: u32, before: Option<Level>, after: &[i64]) {
        let steps = change("mug", by, shards, before.as_ref()).unwrap();
        let mut left = before.unwrap_or_default().left;
        let mut given = 0;
        for step in steps {
            match step.shard {
                Some(shard) => {
                    let pieces = left.entry(shard).or_default();
                    *pieces = pieces.saturating_add(step.by);
                }
                None => given = step.by,
            }
        }
        assert_eq!(given, by);
        assert_eq!(left.into_values().collect::<Vec<_>>(), after);
    }

    #[test]
    fn what_is_added_is_spread_and_what_is_taken_leaves_the_shards_level() {
        check(0, 1, None, &[0]);
        check(10, 3, None, &[4, 3, 3]);
        check(4, 2, Some(level(&[1, 1], 9)), &[3, 3]);
        check(3, 2, Some(level(&[5], 9)), &[7, 1]);
        check(-5, 3, Some(level(&[4, 3, 3], 10)), &[2, 2, 1]);
        check(-5, 3, Some(level(&[10, 0, 0], 10)), &[5, 0, 0]);
        check(-4, 3, Some(level(&[0, 5, 5], 12)), &[0, 2, 4]);
        check(-10, 3, Some(level(&[4, 3, 3], 10)), &[0, 0, 0]);
    }

    #[test]
    fn no_more_is_taken_than_is_left() {
        let refused = change("mug", -7, 2, Some(&level(&[3, 3], 10))).unwrap_err();
        let expected = ChangingStock::StockBelowIssued { name: "mug".to_owned(), given: 10, issued: 4, wanted: 3 };
        assert_eq!(refused, expected);
    }
}
