//! Letters as they are compared.

use unicode_normalization::UnicodeNormalization;

/// The letters of a text as they are compared: compatible forms made one (NFKC: `Ａ`, `A`), in lower case, typographic quotes plain.
#[must_use]
pub fn plain(text: &str) -> String {
    let quote = |letter| match letter {
        '\u{2018}' | '\u{2019}' | '\u{02bc}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        other => other,
    };
    text.nfkc().flat_map(char::to_lowercase).map(quote).collect()
}

/// Is it a letter of Chinese writing?
pub(crate) fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Is it a letter of the two syllabaries of Japanese?
pub(crate) fn is_kana(letter: char) -> bool {
    matches!(letter, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{ff66}'..='\u{ff9d}')
}
