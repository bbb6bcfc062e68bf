//! What a context registers: everything that the rooms for all of them need of it.

use domain::programme::document::Document;
use serde_json::Value;

use super::audit::Begun;
use super::handler::Handler;
use crate::bug::Bug;
use crate::tables::Reply;

/// Reads every item of a table.
pub(crate) type Dump<'a> = &'a dyn Fn(&str) -> Vec<Value>;

/// A context.
pub(crate) struct Context {
    /// Who takes part in it.
    pub(crate) handlers: &'static [Handler],
    /// Its tables, as the template names them.
    pub(crate) tables: &'static [&'static str],
    /// What a programme needs, besides the default one's, for everything to happen.
    pub(crate) programme: fn(&mut Document),
    /// An auditor who has read everything there is, and what is wrong with it.
    pub(crate) audit: fn(Dump<'_>) -> Begun,
    /// Mistakes that show at the seam of the SDK.
    pub(crate) mistakes: Mistakes,
    /// These, and those that are made in the product itself.
    pub(crate) bugs: &'static [Bug],
}

/// Changes to what is said at the seam of the SDK, by the mistake that is planted.
pub(crate) struct Mistakes {
    /// Changes what is asked.
    pub(crate) ask: fn(&str, &mut Value),
    /// Is it not even asked, and taken for done?
    pub(crate) is_skipped: fn(&str, &Value) -> bool,
    /// Changes what is heard.
    pub(crate) hear: fn(&str, &Value, Reply) -> Reply,
}
