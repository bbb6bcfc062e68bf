//! What stands for KMS: keys that follow from their names.

use lambda::BoxFuture;
use sha2::{Digest as _, Sha256};
use store::{Master, Secret, Source};

/// The master key.
#[derive(Debug)]
pub(crate) struct Named;

fn key(name: &str) -> Secret {
    Secret::from(<[u8; 32]>::from(Sha256::digest(name)))
}

impl Master for Named {
    fn make<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(Secret, Vec<u8>), Source>> {
        Box::pin(async move { Ok((key(name), name.as_bytes().to_vec())) })
    }

    fn unwrap<'a>(&'a self, name: &'a str, _: &'a [u8]) -> BoxFuture<'a, Result<Secret, Source>> {
        Box::pin(async move { Ok(key(name)) })
    }
}
