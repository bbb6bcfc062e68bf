//! What files are called, and known by.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The list of what stays when an import is undone.
pub const LIST: &str = "undo.csv";

/// Where the files of an import are.
#[must_use]
pub fn file(import: &str, name: &str) -> String {
    format!("imports/{import}/{name}")
}

/// The hash of bytes, in hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a file is known by: its bytes, and how they are read.
#[must_use]
pub fn content(hash: &str, mapping: &Value) -> String {
    sha256(format!("{}\n{mapping}", hash.to_lowercase()).as_bytes())
}
