//! What is known of a member, field by field: each value with where it came from (rules: members 13-14).
//!
//! A value stands until a better one comes: of a source of higher rank, or of the same rank and true later. So it does not
//! matter in which order systems tell what they know.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::programme::members::is_country;

/// The longest text, in characters, unless it is declared otherwise.
pub const TEXT: usize = 200;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A date, without a time.
    Date(Date),
    /// Text, or one of the choices.
    Text(String),
    /// Some of the choices, in the order of their declaration.
    Choices(Vec<String>),
}

/// Which values a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// Text of at most so many characters, without control characters but line feeds.
    Text {
        /// The most characters.
        longest: usize,
    },
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A date from 1900-01-01 to today.
    Date,
    /// One of some.
    Choice(Vec<String>),
    /// Any of some.
    Choices(Vec<String>),
    /// A country, ISO 3166 alpha-2.
    Country,
}

impl FieldType {
    /// Reads a value; texts are cleaned.
    ///
    /// # Errors
    /// What the field takes instead.
    pub fn read(&self, value: &Json, today: Date) -> Result<Value, String> {
        let text = value.as_str().map(super::text::cleaned);
        match (self, text) {
            (Self::Text { longest }, Some(text)) => {
                let control = |letter: char| letter.is_control() && letter != '\n';
                let fits = text.chars().count() <= *longest && !text.chars().any(control);
                let words = "characters, none of them a control character but line feeds";
                fits.then_some(Value::Text(text)).ok_or_else(|| format!("must be at most {longest} {words}"))
            }
            (Self::Integer, _) => value.as_i64().map(Value::Integer).ok_or_else(|| "must be a whole number".to_owned()),
            (Self::Boolean, _) => value.as_bool().map(Value::Boolean).ok_or_else(|| "must be true or false".to_owned()),
            (Self::Date, Some(text)) => date(&text, today),
            (Self::Choice(options), Some(text)) => {
                options.contains(&text).then_some(Value::Text(text)).ok_or_else(|| one_of(options))
            }
            (Self::Choices(options), _) => {
                let chosen: Option<Vec<&str>> =
                    value.as_array().map(|items| items.iter().filter_map(Json::as_str).collect());
                let known = |chosen: &Vec<&str>| chosen.iter().all(|item| options.iter().any(|option| option == item));
                let whole = |chosen: &Vec<&str>| value.as_array().is_some_and(|items| items.len() == chosen.len());
                let chosen = chosen.filter(|chosen| whole(chosen) && known(chosen)).ok_or_else(|| some_of(options))?;
                let picked = options.iter().filter(|option| chosen.contains(&option.as_str())).cloned();
                Ok(Value::Choices(picked.collect()))
            }
            (Self::Country, Some(text)) => is_country(&text)
                .then_some(Value::Text(text))
                .ok_or_else(|| "must be two capital letters, such as CN".to_owned()),
            (Self::Text { .. } | Self::Country, None) => Err("must be a text".to_owned()),
            (Self::Date, None) => Err(NOT_A_DATE.to_owned()),
            (Self::Choice(options), None) => Err(one_of(options)),
        }
    }
}

const NOT_A_DATE: &str = "must be a date such as 1990-05-17, from 1900-01-01 to today";

fn date(text: &str, today: Date) -> Result<Value, String> {
    // `2026-05-17` and nothing else that the library would read.
    let date: Option<Date> = text.parse().ok().filter(|date: &Date| date.to_string() == text);
    let fits = |date: &Date| *date >= jiff::civil::date(1900, 1, 1) && *date <= today;
    date.filter(fits).map(Value::Date).ok_or_else(|| NOT_A_DATE.to_owned())
}

fn one_of(options: &[String]) -> String {
    format!("must be one of {}", options.join(", "))
}

fn some_of(options: &[String]) -> String {
    format!("must be a list of some of {}", options.join(", "))
}

/// How far ahead of ours another's clock may be.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Until when what is said now may be true.
pub(super) fn latest(now: Timestamp) -> Timestamp {
    now.saturating_add(SKEW).unwrap_or(Timestamp::MAX)
}

/// Who says so, how much it counts, and since when it is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Which source; `member` and `agent` among them.
    pub source: String,
    /// The higher counts: a member's own word 40, an agent's 30, a source's as declared.
    pub rank: u8,
    /// When it was true.
    pub at: Timestamp,
}

/// What a write of a value does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It takes effect.
    Changes,
    /// The value is the same, and now known from here.
    Follows,
    /// Nothing: the same is known already, and from somewhere better.
    Same,
    /// Nothing: another is known from somewhere better, and is kept.
    Kept,
}

/// Decides a write of `value` (nothing clears) over what is known (rules: members 14). What was cleared is known too: it does
/// not come back with the next synchronisation.
#[must_use]
pub fn decide<V: PartialEq>(known: Option<(&Option<V>, &Provenance)>, value: &Option<V>, says: &Provenance) -> Outcome {
    let Some((old, held)) = known else {
        return if value.is_some() { Outcome::Changes } else { Outcome::Follows };
    };
    let counts = (says.rank, says.at) > (held.rank, held.at);
    match (old == value, counts) {
        (true, true) => Outcome::Follows,
        (true, false) => Outcome::Same,
        (false, true) => Outcome::Changes,
        (false, false) => Outcome::Kept,
    }
}
