//! S3, modelled: objects by their paths, as they were put last.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::tables::Reply;

/// Objects, all of them text.
#[derive(Debug, Default)]
pub(crate) struct Objects(BTreeMap<String, String>);

/// A request of S3 as an operation and what it says.
pub(crate) fn asked(method: &str, uri: &str, bytes: &[u8]) -> (String, Value) {
    let operation = match method {
        "PUT" => "PutObject",
        "GET" => "GetObject",
        "HEAD" => "HeadObject",
        "DELETE" => "DeleteObject",
        _ => "OtherObject",
    };
    let path = uri.split('?').next().unwrap_or_default();
    (operation.to_owned(), json!({ "Path": path, "Text": String::from_utf8_lossy(bytes) }))
}

impl Objects {
    /// Puts an object, or has it.
    pub(crate) fn carry_out(&mut self, operation: &str, body: &Value) -> Reply {
        let path = body["Path"].as_str().unwrap_or_default();
        match (operation, self.0.get(path)) {
            ("PutObject", _) => {
                self.0.insert(path.to_owned(), body["Text"].as_str().unwrap_or_default().to_owned());
                (200, String::new())
            }
            ("DeleteObject", _) => {
                self.0.remove(path);
                (204, String::new())
            }
            ("GetObject" | "HeadObject", Some(text)) => (200, text.clone()),
            ("HeadObject", None) => (404, String::new()),
            ("GetObject", None) => (404, "<Error><Code>NoSuchKey</Code></Error>".to_owned()),
            _ => (501, String::new()),
        }
    }
}
