//! Models that brands have learnt from their own answers, each under its hash, never overwritten.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::canonical::Hash;
use sha2::{Digest as _, Sha256};

use crate::attribute::{bytes, text};
use crate::error::{contradicts, damaged};
use crate::table::{CATALOGUE, ID};
use crate::{Store, StoreError};

/// The attribute that holds the bytes.
const BYTES: &str = "b";

fn key(hash: Hash) -> AttributeValue {
    text(format!("model#{hash}"))
}

impl Store {
    /// Keeps a model; its hash.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn keep_model(&self, model: &[u8]) -> Result<Hash, StoreError> {
        let hash = Hash(Sha256::digest(model).into());
        let put = self.dynamodb.put_item().table_name(&self.tables.catalogue).item(ID, key(hash));
        put.item(BYTES, bytes(model)).send().await?;
        Ok(hash)
    }

    /// A model by its hash; none if it was not kept here.
    ///
    /// # Errors
    /// What DynamoDB says, or it is not what was kept.
    pub async fn model(&self, hash: Hash) -> Result<Option<Vec<u8>>, StoreError> {
        let get = self.dynamodb.get_item().table_name(&self.tables.catalogue).key(ID, key(hash));
        let Some(item) = get.send().await?.item else { return Ok(None) };
        let model = item.get(BYTES).and_then(|value| value.as_b().ok()).ok_or_else(|| damaged(BYTES).of(CATALOGUE))?;
        let is_whole = Hash(Sha256::digest(model.as_ref()).into()) == hash;
        if is_whole { Ok(Some(model.as_ref().to_vec())) } else { Err(contradicts(BYTES).of(CATALOGUE).into()) }
    }
}
