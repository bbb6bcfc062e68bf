//! Files that are kept of what follows from the code: `cargo run -- generate` writes them.

use sam::{definition, openapi};

use crate::events;
use crate::functions::operations;

/// Makes a file's text.
pub type Make = fn() -> anyhow::Result<String>;

/// The files, by their paths in the project.
pub const FILES: [(&str, Make); 3] = [
    ("docs/events.md", events::document),
    ("functions/account/openapi.json", || {
        Ok(format!("{}\n", serde_json::to_string_pretty(&openapi::document(&operations()))?))
    }),
    ("infra/sam/api.yaml", || Ok(definition::document(&operations()))),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_what_the_code_gives() {
        for (path, text) in FILES {
            let kept = std::fs::read_to_string(format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            assert!(kept == text().unwrap(), "{path}: run `cargo run -- generate`");
        }
    }
}
