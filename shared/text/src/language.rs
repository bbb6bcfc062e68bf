//! Which language.

use crate::plain::{is_han, is_kana};

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Chinese.
    Zh,
    /// Japanese.
    Ja,
    /// English, and whatever is neither of the two.
    En,
}

impl Language {
    /// Of a text: Japanese if it has kana, Chinese if a fifth of its letters are Han, else English.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let letters = text.chars().filter(|letter| letter.is_alphabetic());
        let (mut all, mut han) = (0_usize, 0_usize);
        for letter in letters {
            if is_kana(letter) {
                return Self::Ja;
            }
            all = all.saturating_add(1);
            han = han.saturating_add(usize::from(is_han(letter)));
        }
        if han > 0 && han.saturating_mul(5) >= all { Self::Zh } else { Self::En }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}
