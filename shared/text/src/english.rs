//! Units of English: words, and several in a row where the lexicon has them so.

use std::sync::OnceLock;

use crate::lexicon::{Lexicon, Word};
use crate::sentence::ends_a_clause;
use crate::weighing::{Unit, weigh};

pub(crate) const DATA: &str = include_str!("../data/en.tsv");
/// How many units before a word may turn it: one more than in Chinese, for articles and the like.
const TURNING: usize = 5;
/// The most words in a row of the lexicon.
const MOST_WORDS: usize = 4;

fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| Lexicon::read(DATA))
}

/// The words of a text, and what stands between them; with `wasn't` and `was n't` made alike.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let (mut found, mut start) = (Vec::new(), None);
    for (at, letter) in text.char_indices() {
        let inside = letter.is_alphanumeric() || matches!(letter, '\'' | '-' | '&');
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push(&text[from..at]);
                start = None;
            }
            _ => {}
        }
        if !inside && ends_a_clause(letter) {
            found.push(&text[at..at.saturating_add(letter.len_utf8())]);
        }
    }
    found.extend(start.map(|from| &text[from..]));
    found
}

/// Is it a word, and no mark?
pub(crate) fn is_word(token: &str) -> bool {
    token.chars().any(char::is_alphanumeric)
}

/// What a sentence comes to.
pub(crate) fn score(sentence: &str) -> i32 {
    let tokens = tokens(sentence);
    let (mut units, mut place) = (Vec::new(), 0_usize);
    while let Some(token) = tokens.get(place) {
        // "No smell and easy to use": what is joined is not turned with it.
        if !is_word(token) || *token == "and" {
            units.push(Unit::Stop);
            place = place.saturating_add(1);
            continue;
        }
        let (taken, unit) = several(&tokens[place..]).unwrap_or_else(|| (1, alone(token)));
        units.push(unit);
        place = place.saturating_add(taken);
    }
    weigh(&units, TURNING)
}

fn several(tokens: &[&str]) -> Option<(usize, Unit)> {
    (2..=MOST_WORDS.min(tokens.len())).rev().find_map(|taken| {
        let word = lexicon().whole_phrase(&tokens[..taken])?;
        Some((taken, Unit::Known(word)))
    })
}

fn alone(token: &str) -> Unit {
    let word = token.trim_matches(['\'', '-']);
    let turning = Word { turns: true, ..Word::default() };
    // As `don't`, `do n't` and `can 't` are written.
    if word.ends_with("n't") || token == "'t" {
        return Unit::Known(turning);
    }
    let known = lexicon().whole(word).or_else(|| lexicon().whole(word.strip_suffix("'s")?));
    known.map_or(Unit::Other, Unit::Known)
}
