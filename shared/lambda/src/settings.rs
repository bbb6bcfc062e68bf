//! The one place that reads the environment.

use store::Tables;

use crate::BootError;

/// What a function is told by the template.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The names of the tables.
    pub tables: Tables,
    /// The queue of `tier-evaluation`; only the router is told.
    pub tier_queue: Option<String>,
}

impl Settings {
    /// From the process's environment.
    ///
    /// # Errors
    /// A variable is missing.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Result<Self, BootError> {
        Self::from(|name| std::env::var(name).ok())
    }

    /// From any source of variables.
    ///
    /// # Errors
    /// A variable is missing.
    pub fn from(variable: impl Fn(&str) -> Option<String>) -> Result<Self, BootError> {
        let required = |name: &'static str| variable(name).ok_or(BootError::Missing(name));
        let tables = Tables {
            accounts: required("ACCOUNTS_TABLE")?,
            pages: required("PAGES_TABLE")?,
            catalogue: required("CATALOGUE_TABLE")?,
            checkpoints: required("CHECKPOINTS_TABLE")?,
        };
        Ok(Self { tables, tier_queue: variable("TIER_QUEUE_URL") })
    }
}
