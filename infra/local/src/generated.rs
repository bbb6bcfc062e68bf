//! Files that are kept of what follows from the code: `cargo run -- generate` writes them.

use std::path::Path;

use sam::{definition, examples, openapi};

use crate::events;
use crate::functions::operations;

/// Makes a file's text; the root of the project has the examples.
pub type Make = fn(&Path) -> anyhow::Result<String>;

/// The files, by their paths in the project.
pub const FILES: [(&str, Make); 3] = [
    ("docs/events.md", |_| events::document()),
    ("functions/account/openapi.json", api),
    ("infra/sam/api.yaml", |_| Ok(definition::document(&operations()))),
];

/// The OpenAPI document, with the example of every route.
///
/// # Errors
/// A route has no example, or there is one that is of no use.
pub fn api(root: &Path) -> anyhow::Result<String> {
    let operations = operations();
    let examples = examples::read(root, &operations)?;
    Ok(format!("{}\n", serde_json::to_string_pretty(&openapi::document(&operations, &examples))?))
}

#[cfg(test)]
mod tests;
