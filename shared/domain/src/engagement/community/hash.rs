//! What content is known by: the same words and the same images are the same.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use crate::kernel::canonical::{Hash, hexadecimal};

hexadecimal!(
    /// What content is known by.
    Fingerprint,
    32
);

impl Fingerprint {
    /// Of a text, whatever its case and white space, and of images, whatever their order.
    #[must_use]
    pub fn of(text: &str, urls: &[String]) -> Self {
        let text: String = text.nfkc().collect::<String>().to_lowercase();
        let mut whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut urls: Vec<&String> = urls.iter().collect();
        urls.sort_unstable();
        for url in urls {
            whole.push('\n');
            whole.push_str(url);
        }
        Self(Hash::of(&whole).0)
    }
}
