//! What somebody has written, read: in which language, how it is meant, and what it is about (rules: voice 21-24).
//!
//! Pure and exact: no clock, no input or output, no float, the same answer for the same text and the same dictionaries for ever, which
//! [`Versions`] name. It knows no other crate of ours.
//!
//! | file | what |
//! |---|---|
//! | `plain` | letters as they are compared |
//! | `language` | which language |
//! | `sentence` | where sentences and clauses end |
//! | `lexicon` | words and what they weigh, read from `data/` |
//! | `weighing` | what a clause comes to: negation, degree, what follows a "but" |
//! | `chinese`, `english` | units and how they are found |
//! | `model` | hashed character n-grams, asked where the lexicon is silent |
//! | `learning` | how a model is learnt: for commands, behind a feature |
//! | `theme` | a brand's own dictionary of themes and wishes |
//! | `analysis` | all of it together |
#![warn(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

mod analysis;
mod chinese;
mod english;
mod language;
#[cfg(feature = "learning")]
mod learning;
mod lexicon;
mod model;
mod plain;
mod sentence;
mod theme;
mod weighing;

pub use self::analysis::{
    Analysis, Polarity, Versions, analyse, is_an_issue, score_by_lexicon, score_by_model, score_with,
};
pub use self::language::Language;
#[cfg(feature = "learning")]
pub use self::learning::{Sample, learn};
pub use self::model::{BUCKETS, LONGEST_GRAM, Model, bucket, grams};
pub use self::plain::plain;
pub use self::theme::{Dictionary, Found, Kind, Theme, Wishes};
