//! What a sentence comes to, unit by unit.

use crate::lexicon::Word;

/// A part of a sentence.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    /// A word of the lexicon.
    Known(Word),
    /// Anything else.
    Other,
    /// What negation and degree do not reach beyond.
    Stop,
}

/// What a weight of 1 comes to: a number that halves and quarters divide.
pub(crate) const ONE: i32 = 400;
/// How many units before a word may turn it.
pub(crate) const TURNING: usize = 4;
/// How many units before a word may make it stronger or weaker.
const DEGREE: usize = 2;

/// Adds the units of a sentence up: above nothing if it is meant well.
pub(crate) fn weigh(units: &[Unit], turning: usize) -> i32 {
    let (mut sum, mut times) = (0_i32, 1_i32);
    for (place, unit) in units.iter().enumerate() {
        let Unit::Known(word) = unit else { continue };
        if word.contrasts {
            times = 2;
        }
        if word.weight == 0 {
            continue;
        }
        let before = || units[..place].iter().rev().map_while(reached);
        let turns = before().take(turning).flatten().filter(|word| word.turns).count();
        let degree = before().take(DEGREE).flatten().find(|word| word.degree > 0).map_or(100, |word| word.degree);
        let mut weight = word.weight.saturating_mul(ONE).saturating_mul(degree).div_euclid(100);
        if turns.checked_rem(2) == Some(1) {
            weight = weight.saturating_mul(-3).div_euclid(4);
        }
        sum = sum.saturating_add(weight.saturating_mul(times));
    }
    sum
}

/// A unit before a word, if it is reached.
#[expect(clippy::option_option, reason = "not reached, or reached and unknown")]
fn reached(unit: &Unit) -> Option<Option<Word>> {
    match unit {
        Unit::Stop => None,
        Unit::Other => Some(None),
        Unit::Known(word) => Some(Some(*word)),
    }
}
