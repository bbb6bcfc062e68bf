//! What has become known of surveys by asking.

use serde_json::Value;

use crate::contexts::wish::Wish;

/// What later wishes refer to.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Suggestions.
    pub(crate) suggestions: Vec<String>,
}

impl Known {
    /// Hears an answer that is a success.
    pub(crate) fn hear(&mut self, wish: &Wish, answer: &Value) {
        if wish.what == "proposes" {
            self.suggestions.extend(answer["suggestion"].as_str().map(str::to_owned));
        }
    }
}
