//! Conditions of rules: CEL expressions over declared attributes.
//!
//! CEL was chosen because it always ends: there are no loops, the macros (comprehensions) are switched off, a source is
//! at most [`Condition::MAX_BYTES`], so its cost is linear in its size. A condition that fails to evaluate (a missing
//! attribute, a wrong type) does not match, and the explanation says why.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use cel::{Context, Env, Program, Value};
use serde::{Deserialize, Serialize};

/// A value that a condition can read. There are no floats.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "must be a text, a whole number, or true or false")]
pub enum Scalar {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Text of at most 256 bytes.
    Text(String),
}

impl Scalar {
    fn to_cel(&self) -> Value {
        match self {
            Self::Boolean(value) => Value::Bool(*value),
            Self::Integer(value) => Value::Int(*value),
            Self::Text(value) => Value::String(Arc::new(value.clone())),
        }
    }
}

/// What a condition sees: attribute name to value.
pub type Variables = BTreeMap<String, Scalar>;

/// A compiled condition.
#[derive(Debug)]
pub struct Condition {
    source: String,
    program: Program,
    reads: Vec<String>,
}

fn environment() -> Arc<Env> {
    static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();
    Arc::clone(ENVIRONMENT.get_or_init(|| Arc::new(Env::default().with_optional_support(false).with_stdlib())))
}

impl Condition {
    /// The longest source, in bytes.
    pub const MAX_BYTES: usize = 2048;

    /// Compiles a condition that may read `sample`'s names, and tries it on `sample`'s values.
    ///
    /// # Errors
    /// Says what is wrong: too long, not CEL, an undeclared name, or not a true-or-false expression.
    pub fn compile(source: &str, sample: &Variables) -> Result<Self, String> {
        if source.len() > Self::MAX_BYTES {
            return Err(format!("a condition is at most {} bytes", Self::MAX_BYTES));
        }
        let program = environment().compile(source).map_err(|error| format!("not a CEL expression: {error}"))?;
        let mut reads: Vec<String> = program.references().variables().iter().map(|&name| name.to_owned()).collect();
        reads.sort_unstable();
        if let Some(unknown) = reads.iter().find(|name| !sample.contains_key(*name)) {
            return Err(format!("`{unknown}` is not declared; known: {}", names(sample)));
        }
        let condition = Self { source: source.to_owned(), program, reads };
        condition.holds(sample)?;
        Ok(condition)
    }

    /// Compiles a condition on what may be there or not: what is not there, no condition on it holds.
    ///
    /// # Errors
    /// Says what is wrong: too long, or not CEL.
    pub fn compile_open(source: &str) -> Result<Self, String> {
        if source.len() > Self::MAX_BYTES {
            return Err(format!("a condition is at most {} bytes", Self::MAX_BYTES));
        }
        let program = environment().compile(source).map_err(|error| format!("not a CEL expression: {error}"))?;
        let mut reads: Vec<String> = program.references().variables().iter().map(|&name| name.to_owned()).collect();
        reads.sort_unstable();
        Ok(Self { source: source.to_owned(), program, reads })
    }

    /// As written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names it reads, sorted.
    #[must_use]
    pub fn reads(&self) -> &[String] {
        &self.reads
    }

    /// The whole numbers that are written in it.
    pub fn integers(&self) -> impl Iterator<Item = i64> {
        // Outside of texts, which end with the quote that they begin with.
        let mut quote = None;
        let plain = self.source.chars().map(move |letter| match (quote, letter) {
            (None, '"' | '\'') => {
                quote = Some(letter);
                ' '
            }
            (Some(open), _) if open == letter => {
                quote = None;
                ' '
            }
            (Some(_), _) => ' ',
            (None, letter) => letter,
        });
        let words: String = plain.collect();
        let word = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
        words.split(word).filter_map(|word| word.parse().ok()).collect::<Vec<i64>>().into_iter()
    }

    /// Does it only compare names with whole numbers? Then it turns at the numbers that are written in it.
    #[must_use]
    pub fn compares_with_numbers(&self) -> bool {
        let calculates = self.source.contains(['+', '-', '*', '/', '%', '?']);
        let ends = |side: &str, last: bool| {
            let mut words = side.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            let word = if last { words.rfind(|word| !word.is_empty()) } else { words.find(|word| !word.is_empty()) };
            word.is_some_and(|word| word.parse::<i64>().is_ok())
        };
        let sides: Vec<&str> = self.source.split(['<', '>', '=', '!']).filter(|side| !side.trim().is_empty()).collect();
        !calculates && sides.windows(2).all(|pair| ends(pair[0], true) || ends(pair[1], false))
    }

    /// Does it hold?
    ///
    /// # Errors
    /// Why it could not be decided; callers treat that as "does not match" and keep the reason.
    pub fn holds(&self, variables: &Variables) -> Result<bool, String> {
        self.holds_with(variables, &[])
    }

    /// The same, with lists of texts beside single values: `'vip' in tags`.
    ///
    /// # Errors
    /// As [`Condition::holds`].
    pub fn holds_with(&self, variables: &Variables, lists: &[(&str, &[String])]) -> Result<bool, String> {
        let mut context = Context::with_env(environment());
        for name in &self.reads {
            if let Some(value) = variables.get(name) {
                context.add_variable_from_value(name.as_str(), value.to_cel());
            }
        }
        for (name, texts) in lists.iter().filter(|(name, _)| self.reads.iter().any(|read| read == name)) {
            let texts = texts.iter().map(|text| Value::String(Arc::new(text.clone()))).collect();
            context.add_variable_from_value(*name, Value::List(Arc::new(texts)));
        }
        match self.program.execute(&context) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(other) => Err(format!("gives {:?}, not true or false", other.type_of())),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn names(variables: &Variables) -> String {
    variables.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
