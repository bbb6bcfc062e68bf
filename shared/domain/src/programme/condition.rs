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

    /// Does it hold?
    ///
    /// # Errors
    /// Why it could not be decided; callers treat that as "does not match" and keep the reason.
    pub fn holds(&self, variables: &Variables) -> Result<bool, String> {
        let mut context = Context::with_env(environment());
        for name in &self.reads {
            if let Some(value) = variables.get(name) {
                context.add_variable_from_value(name.as_str(), value.to_cel());
            }
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
mod tests {
    use super::*;

    fn sample() -> Variables {
        [
            ("net_minor", Scalar::Integer(0)),
            ("channel", Scalar::Text(String::new())),
            ("first_order", Scalar::Boolean(false)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    #[test]
    fn a_condition_reads_declared_attributes_only() {
        let condition = Condition::compile("net_minor >= 10000 && channel == '小程序'", &sample()).unwrap();
        assert_eq!(condition.reads(), ["channel", "net_minor"]);
        let mut facts = sample();
        facts.insert("net_minor".into(), Scalar::Integer(12_000));
        facts.insert("channel".into(), Scalar::Text("小程序".into()));
        assert_eq!(condition.holds(&facts), Ok(true));
        facts.remove("channel");
        assert!(condition.holds(&facts).is_err(), "a missing attribute is no match, with a reason");
    }

    #[test]
    fn what_is_not_a_bounded_condition_is_refused() {
        for wrong in [
            "net_minor >=",
            "price > 3",
            "net_minor + 1",
            "[1,2,3].all(x, x > 0)",
            "[1,2].map(x, x * 2).size() > 0",
            "net_minor > 'a'",
            &format!("net_minor > 0 {}", "&& net_minor > 0 ".repeat(200)),
        ] {
            assert!(Condition::compile(wrong, &sample()).is_err(), "{wrong}");
        }
    }
}
