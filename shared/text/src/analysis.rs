//! All of it together.

use crate::chinese;
use crate::english;
use crate::language::Language;
use crate::model::{self, Model};
use crate::plain::plain;
use crate::sentence::sentences;
use crate::theme::{Dictionary, Found, Kind, fingerprint};

/// How something is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Polarity {
    /// Ill.
    Negative,
    /// Neither.
    Neutral,
    /// Well.
    Positive,
}

impl Polarity {
    /// Of a score.
    #[must_use]
    pub const fn of(score: i32) -> Self {
        match score {
            ..=-1 => Self::Negative,
            0 => Self::Neutral,
            1.. => Self::Positive,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Neutral => "neutral",
            Self::Positive => "positive",
        }
    }
}

/// What a text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analysis {
    /// In which language it is.
    pub language: Language,
    /// How it is meant as a whole.
    pub sentiment: Polarity,
    /// How much so; [`Analysis::ONE`] is a word of weight 1.
    pub score: i32,
    /// What it is about, by theme, each once: with how its first sentence is meant that has an opinion, and which that is, from 0.
    pub themes: Vec<(Found, Polarity, usize)>,
    /// By which dictionaries.
    pub versions: Versions,
}

impl Analysis {
    /// The score of a word of weight 1.
    pub const ONE: i32 = crate::weighing::ONE;
}

/// Which dictionaries a text was read with: another dictionary, another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Versions {
    /// Of the lexicons and the model.
    pub words: u64,
    /// Of the brand's themes.
    pub themes: u64,
}

impl Versions {
    /// Those that are in force.
    #[must_use]
    pub fn of(dictionary: &Dictionary) -> Self {
        static WORDS: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
        let words = *WORDS.get_or_init(|| {
            let parts = [chinese::DATA.as_bytes(), english::DATA.as_bytes(), model::DATA];
            fingerprint(&parts.map(|part| fingerprint(part).to_le_bytes()).concat())
        });
        Self { words, themes: dictionary.version() }
    }
}

/// Up to how many letters a word of the lexicon says more than many small signs.
const SHORT: usize = 40;
/// How sure the model must be to speak where the lexicon is silent of a short text.
const SURE: i32 = 600;

/// Reads a text.
#[must_use]
pub fn analyse(text: &str, dictionary: &Dictionary) -> Analysis {
    let plain = plain(text);
    let language = Language::of(&plain);
    let sentences = sentences(&plain);
    let scores: Vec<i32> = sentences.iter().map(|sentence| of_sentence(sentence, language)).collect();
    let words = scores.iter().copied().fold(0, i32::saturating_add);
    let own = dictionary.model().filter(|_| language == Language::Zh);
    let score = own.map_or_else(|| of_text(&plain, language, words, Model::shipped()), |own| own.score(&plain));
    let mut themes: Vec<(Found, Polarity, usize)> = Vec::new();
    for (place, (sentence, score)) in sentences.iter().zip(&scores).enumerate() {
        for found in dictionary.find(sentence) {
            let means = Polarity::of(*score);
            match themes.iter_mut().find(|(known, ..)| *known == found) {
                None => themes.push((found, means, place)),
                Some((_, known, at)) if *known == Polarity::Neutral => (*known, *at) = (means, place),
                Some(_) => {}
            }
        }
    }
    themes.sort();
    Analysis { language, sentiment: Polarity::of(score), score, themes, versions: Versions::of(dictionary) }
}

/// What a text comes to as a whole. Of Chinese the lexicon and the model speak together where the text is long; of a short one the
/// lexicon alone, or where that is silent the model, if it is sure. So no trade that the model has not learnt from is read worse than by
/// the lexicon alone (docs/text.md).
fn of_text(plain: &str, language: Language, words: i32, model: &Model) -> i32 {
    if language != Language::Zh {
        return words;
    }
    let letters = plain.chars().filter(|letter| !letter.is_whitespace()).count();
    if letters <= SHORT && words != 0 {
        return words;
    }
    let grams = model.score(plain);
    if letters > SHORT {
        return words.div_euclid(2).saturating_add(grams);
    }
    if grams.saturating_abs() >= SURE { grams } else { 0 }
}

fn of_sentence(sentence: &str, language: Language) -> i32 {
    match language {
        Language::Zh => chinese::score(sentence),
        Language::En => english::score(sentence),
        Language::Ja => 0,
    }
}

/// What a text comes to with a model in the place of the one that is shipped: to measure it.
#[must_use]
pub fn score_with(text: &str, model: &Model) -> i32 {
    let plain = plain(text);
    of_text(&plain, Language::of(&plain), score_by_lexicon(text), model)
}

/// What the lexicon of its language alone says of a text.
#[must_use]
pub fn score_by_lexicon(text: &str) -> i32 {
    let plain = plain(text);
    let language = Language::of(&plain);
    sentences(&plain).iter().map(|sentence| of_sentence(sentence, language)).fold(0, i32::saturating_add)
}

/// What the model alone says of a text.
#[must_use]
pub fn score_by_model(text: &str) -> i32 {
    Model::shipped().score(&plain(text))
}

/// Is a theme an issue? One that goes wrong and is meant ill, or neither in an answer whose score is low.
#[must_use]
pub fn is_an_issue(kind: Kind, means: Polarity, low: bool) -> bool {
    kind == Kind::Cause && (means == Polarity::Negative || (low && means == Polarity::Neutral))
}
