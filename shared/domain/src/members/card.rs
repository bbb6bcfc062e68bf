//! Numbers of a programme's cards (rules: members 4).

use regex_lite::Regex;

use crate::members::unreadable::Unreadable;

/// What card numbers look like.
#[derive(Debug)]
pub(super) struct Cards {
    pattern: Regex,
    luhn: bool,
}

impl Cards {
    /// By a pattern of the whole number, with or without a check digit.
    pub(super) fn new(pattern: &str, luhn: bool) -> Result<Self, String> {
        let pattern = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| format!("not a pattern: {error}"))?;
        Ok(Self { pattern, luhn })
    }

    /// Reads a number.
    pub(super) fn read(&self, text: &str) -> Result<String, Unreadable> {
        let plain: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
        let plain = plain.to_uppercase();
        let fits = (4..=32).contains(&plain.len())
            && plain.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        if !fits || !self.pattern.is_match(&plain) {
            return Err(Unreadable::NotACard);
        }
        if self.luhn && !passes_luhn(&plain) {
            return Err(Unreadable::CardCheckDigit);
        }
        Ok(plain)
    }
}

/// The check digit of ISO/IEC 7812-1, of digits alone.
fn passes_luhn(card: &str) -> bool {
    let mut sum: u32 = 0;
    for (place, letter) in card.chars().rev().enumerate() {
        let Some(digit) = letter.to_digit(10) else { return false };
        let doubled = if place % 2 == 1 { digit.saturating_mul(2) } else { digit };
        sum = sum.saturating_add(if doubled > 9 { doubled.saturating_sub(9) } else { doubled });
    }
    sum.is_multiple_of(10)
}
