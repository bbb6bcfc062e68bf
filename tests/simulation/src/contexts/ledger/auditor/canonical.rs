//! The text that is hashed, written by the auditor itself: JSON with sorted keys and no white space, and the hashes over it.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256.
pub(super) type Hash = [u8; 32];

/// Plain data as the one text that stands for it.
pub(crate) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::String(string) => quote(string, text),
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            text.push('{');
            for (place, name) in names.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                quote(name, text);
                text.push(':');
                write(&fields[name], text);
            }
            text.push('}');
        }
    }
}

/// A string as RFC 8785 writes it: only what must be escaped is.
fn quote(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            control if control < ' ' => text.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => text.push(other),
        }
    }
    text.push('"');
}

/// The hash of an entry: of the hash before it, then its text.
pub(super) fn link(previous: Hash, text: &str) -> Hash {
    Sha256::new().chain_update(previous).chain_update(text).finalize().into()
}

/// SHA-256 over parts, each preceded by its length: so many of the first bytes, in hexadecimal.
pub(super) fn of_parts(parts: &[&[u8]], bytes: usize) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize()[..bytes])
}

/// What identifies a step that can happen once to an entry; or, of something that nobody asked for, its own place in the ledger.
pub(super) fn of_step(sequence: u64, step: &str) -> String {
    of_parts(&[b"step", &sequence.to_be_bytes(), step.as_bytes()], 16)
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{canonical, hex, link, of_step};

    #[test]
    fn the_same_data_has_one_text() {
        let value = json!({"b": [1, -2, null, true], "a": {"d": "\u{1}\"\\\n中", "c": {}}, "": []});
        assert_eq!(
            canonical(&value),
            "{\"\":[],\"a\":{\"c\":{},\"d\":\"\\u0001\\\"\\\\\\n中\"},\"b\":[1,-2,null,true]}"
        );
    }

    #[test]
    fn hashes_are_those_of_the_standard() {
        // By `sha256sum` and by Python's hashlib.
        let linked = "365aa7d8f7f9402c4b9434502b4cc89ddb09fe50d7cd95b493b834c62d5a5370";
        assert_eq!(hex(&link([0; 32], "abc")), linked);
        assert_eq!(of_step(7, "settle"), "0a4b4dac876a1f8a6b1f3a192958bb65");
    }
}
