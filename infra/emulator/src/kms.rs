//! What stands for KMS: one master key, in a file that is made at the first start and read by nobody else. It wraps keys as KMS does,
//! bound to their encryption context, and is never handed out.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

/// The master key.
pub struct MasterKey([u8; 32]);

/// What is asked: to make a key, or to unwrap one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    #[serde(default)]
    key_id: String,
    #[serde(default)]
    encryption_context: BTreeMap<String, String>,
    #[serde(default)]
    ciphertext_blob: String,
}

impl MasterKey {
    /// The key in a file, made if there is none; without a file, one that ends with the process.
    ///
    /// # Errors
    /// The file is no key, or cannot be written.
    pub fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else { return Self::made() };
        if file.exists() {
            let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
            let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
            return bytes
                .map(Self)
                .with_context(|| format!("{} is no key: restore it, or move the folder away", file.display()));
        }
        let key = Self::made()?;
        let mut kept = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        writeln!(kept, "{}", STANDARD.encode(key.0))?;
        kept.sync_all()?;
        Ok(key)
    }

    fn made() -> anyhow::Result<Self> {
        Ok(Self(random()?))
    }

    fn sealing(&self) -> anyhow::Result<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.0).map_err(|_unspecified| anyhow!("this is no key"))
    }

    fn wrap(&self, context: &str, key: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut wrapped = key.to_vec();
        let nonce = self.sealing()?.seal_in_place_append_tag(Aad::from(context), &mut wrapped);
        let nonce = nonce.map_err(|_unspecified| anyhow!("nothing is wrapped"))?;
        Ok([nonce.as_ref(), &wrapped[..]].concat())
    }

    fn unwrap(&self, context: &str, wrapped: &[u8]) -> Option<Vec<u8>> {
        let (nonce, wrapped) = wrapped.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut wrapped = wrapped.to_vec();
        let key = self.sealing().ok()?.open_in_place(nonce, Aad::from(context), &mut wrapped).ok()?;
        Some(key.to_vec())
    }

    /// Carries out a call of KMS's API, as its header `X-Amz-Target` names it: the status and the body of the answer.
    #[must_use]
    pub fn carry_out(&self, operation: &str, body: &[u8]) -> (u16, Value) {
        let asked = serde_json::from_slice(body).map_err(|_no_json| "SerializationException");
        match asked.and_then(|asked| self.answer(operation, &asked)) {
            Ok(answer) => (200, answer),
            Err(code) => (400, json!({ "__type": code })),
        }
    }

    fn answer(&self, operation: &str, asked: &Asked) -> Result<Value, &'static str> {
        let context =
            serde_json::to_string(&asked.encryption_context).map_err(|_never| "InvalidCiphertextException")?;
        match operation {
            "TrentService.GenerateDataKey" => {
                let key = random().map_err(|_unspecified| "KMSInternalException")?;
                let wrapped = self.wrap(&context, &key).map_err(|_unspecified| "KMSInternalException")?;
                Ok(json!({
                    "KeyId": asked.key_id, "Plaintext": STANDARD.encode(key), "CiphertextBlob": STANDARD.encode(wrapped),
                }))
            }
            "TrentService.Decrypt" => {
                let wrapped =
                    STANDARD.decode(&asked.ciphertext_blob).map_err(|_no_base64| "InvalidCiphertextException")?;
                let key = self.unwrap(&context, &wrapped).ok_or("InvalidCiphertextException")?;
                Ok(json!({ "KeyId": asked.key_id, "Plaintext": STANDARD.encode(key) }))
            }
            _ => Err("UnsupportedOperationException"),
        }
    }
}

fn random() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_unspecified| anyhow!("the system gives no randomness"))?;
    Ok(bytes)
}

/// The keys' endpoint.
pub(crate) fn router(master: Arc<MasterKey>) -> axum::Router {
    axum::Router::new().fallback(answer).with_state(master)
}

async fn answer(State(master): State<Arc<MasterKey>>, headers: HeaderMap, body: Bytes) -> Response {
    let operation = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (status, answer) = master.carry_out(operation, &body);
    (StatusCode::from_u16(status).unwrap_or_default(), Json(answer)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(master: &MasterKey, operation: &str, asked: Value) -> Result<Value, &'static str> {
        master.answer(&format!("TrentService.{operation}"), &serde_json::from_value(asked).unwrap())
    }

    // rule: privacy 14
    #[test]
    fn a_key_is_unwrapped_by_the_same_file_and_context_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys");
        let master = MasterKey::open(Some(&file)).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let context = json!({"name": "branch#1"});
        let made = ask(&master, "GenerateDataKey", json!({"KeyId": "k", "EncryptionContext": context})).unwrap();
        let wrapped = |context: &Value| json!({"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": context});
        let again = MasterKey::open(Some(&file)).unwrap();
        assert_eq!(ask(&again, "Decrypt", wrapped(&context)).unwrap()["Plaintext"], made["Plaintext"]);
        for other in [json!({}), json!({"name": "branch#2"})] {
            assert_eq!(ask(&again, "Decrypt", wrapped(&other)), Err("InvalidCiphertextException"));
        }
        let other = MasterKey::open(None).unwrap();
        assert_eq!(ask(&other, "Decrypt", wrapped(&context)), Err("InvalidCiphertextException"));
        assert_eq!(ask(&again, "ScheduleKeyDeletion", json!({})), Err("UnsupportedOperationException"));
        std::fs::write(&file, "nonsense").unwrap();
        let error = MasterKey::open(Some(&file)).err().unwrap().to_string();
        assert!(error.contains("restore it"), "{error}");
    }
}
