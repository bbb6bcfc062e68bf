//! Text as people paste it: what cannot be seen is dropped, what looks the same is the same.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// In Unicode's NFKC, without format characters (category Cf) and without white space at the ends (rules: members 1).
#[must_use]
pub fn cleaned(text: &str) -> String {
    // Once more after dropping: what stood apart may compose now.
    let composed: String = text.nfkc().filter(|letter| is_seen(*letter)).nfkc().collect();
    composed.trim().to_owned()
}

/// The same in NFC, for the names that others gave: full width stays what it is.
#[must_use]
pub fn cleaned_as_given(text: &str) -> String {
    let composed: String = text.nfc().filter(|letter| is_seen(*letter)).nfc().collect();
    composed.trim().to_owned()
}

fn is_seen(letter: char) -> bool {
    letter.general_category() != GeneralCategory::Format
}
