//! Units of Chinese: the longest word of the lexicon at each place, else a letter. No segmentation.

use std::sync::OnceLock;

use crate::lexicon::Lexicon;
use crate::sentence::ends_a_clause;
use crate::weighing::{TURNING, Unit, weigh};

pub(crate) const DATA: &str = include_str!("../data/zh.tsv");

fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| Lexicon::read(DATA))
}

/// What a sentence comes to.
pub(crate) fn score(sentence: &str) -> i32 {
    let lexicon = lexicon();
    let (mut units, mut rest) = (Vec::new(), sentence);
    while let Some(letter) = rest.chars().next() {
        let mut length = letter.len_utf8();
        if let Some((longer, word)) = lexicon.longest(rest) {
            length = longer;
            units.push(Unit::Known(word));
        } else if ends_a_clause(letter) {
            units.push(Unit::Stop);
        } else if !letter.is_whitespace() {
            units.push(Unit::Other);
        }
        rest = &rest[length..];
    }
    weigh(&units, TURNING)
}
