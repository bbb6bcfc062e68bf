//! Words and what they weigh: `data/zh.tsv`, `data/en.tsv`.
//!
//! A line is word, classes, weight, degree in per cent, with tabs between. The classes, joined by `+` where a word is of several:
//!
//! | class | a word that |
//! |---|---|
//! | `pos`, `neg` | says how something is meant, with a weight of 1 to 4 |
//! | `not` | turns what follows |
//! | `deg` | makes what follows stronger or weaker: `degree` per cent of it |
//! | `but` | makes what follows count double, to the end of its sentence |
//! | `nil` | means nothing, and keeps a shorter word in it from being found |
//!
//! A word of English that ends in `*` is the beginning of words.

use std::collections::HashMap;

/// What a word does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Word {
    /// What it weighs: above nothing if it is meant well.
    pub(crate) weight: i32,
    /// How much it makes of what follows, in per cent; 0: it does not.
    pub(crate) degree: i32,
    /// Does it turn what follows?
    pub(crate) turns: bool,
    /// Does what follows count double?
    pub(crate) contrasts: bool,
}

/// The words of a language.
#[derive(Debug)]
pub(crate) struct Lexicon {
    words: HashMap<&'static str, Word>,
    /// The most letters of the words that begin with a letter.
    longest: HashMap<char, usize>,
    /// Beginnings of words.
    stems: HashMap<&'static str, Word>,
    /// Several words in a row, by the first.
    phrases: HashMap<&'static str, Vec<(&'static str, Word)>>,
}

impl Lexicon {
    /// Reads the lines of a file.
    ///
    /// # Panics
    /// A line is none of ours: the file is part of the program.
    pub(crate) fn read(lines: &'static str) -> Self {
        let mut lexicon =
            Self { words: HashMap::new(), longest: HashMap::new(), stems: HashMap::new(), phrases: HashMap::new() };
        for line in lines.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (word, means) = line_of(line).unwrap_or_else(|| panic!("`{line}` is no line of a lexicon"));
            if let Some(stem) = word.strip_suffix('*') {
                lexicon.stems.insert(stem, means);
                continue;
            }
            if let Some((first, _)) = word.split_once(' ') {
                lexicon.phrases.entry(first).or_default().push((word, means));
                continue;
            }
            lexicon.words.insert(word, means);
            let (first, letters) = (word.chars().next().unwrap_or_default(), word.chars().count());
            let longest = lexicon.longest.entry(first).or_default();
            *longest = letters.max(*longest);
        }
        lexicon
    }

    /// The longest word that a text begins with, and its length in bytes.
    pub(crate) fn longest(&self, text: &str) -> Option<(usize, Word)> {
        let first = text.chars().next()?;
        let most = *self.longest.get(&first)?;
        let ends: Vec<usize> =
            text.char_indices().take(most).map(|(at, letter)| at.saturating_add(letter.len_utf8())).collect();
        let found = |end: &usize| text.get(..*end).and_then(|word| self.words.get(word)).map(|word| (*end, *word));
        ends.iter().rev().find_map(found)
    }

    /// Several words in a row.
    pub(crate) fn whole_phrase(&self, words: &[&str]) -> Option<Word> {
        let first = words.first()?;
        self.phrases
            .get(first)?
            .iter()
            .find(|(phrase, _)| phrase.split(' ').eq(words.iter().copied()))
            .map(|(_, means)| *means)
    }

    /// A word as a whole, or by the longest of its beginnings.
    pub(crate) fn whole(&self, word: &str) -> Option<Word> {
        let stem = || {
            let ends = word.char_indices().map(|(at, letter)| at.saturating_add(letter.len_utf8()));
            let ends: Vec<usize> = ends.collect();
            ends.iter().rev().find_map(|end| self.stems.get(&word[..*end]))
        };
        self.words.get(word).or_else(stem).copied()
    }
}

fn line_of(line: &'static str) -> Option<(&'static str, Word)> {
    let mut fields = line.split('\t');
    let (word, classes) = (fields.next()?, fields.next()?);
    let (weight, degree): (i32, i32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let mut means = Word { degree, ..Word::default() };
    for class in classes.split('+') {
        match class {
            "pos" => means.weight = weight,
            "neg" => means.weight = weight.checked_neg()?,
            "not" => means.turns = true,
            "but" => means.contrasts = true,
            "deg" | "nil" => {}
            _ => return None,
        }
    }
    Some((word, means))
}
