//! Why a function cannot start.

use std::fmt;

use store::{Source, StoreError};

use crate::failure::Chain;

/// Why a function cannot start.
#[derive(Debug)]
pub enum BootError {
    /// An environment variable is not set.
    Missing(&'static str),
    /// The file of roots to trust cannot be read.
    Roots(std::io::Error),
    /// The first read failed.
    Store(StoreError),
    /// The runtime failed.
    Runtime(Source),
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "the environment variable {name} is not set"),
            Self::Roots(error) => write!(f, "cannot read the file that TRUSTED_ROOTS names: {error}"),
            Self::Store(error) => write!(f, "cannot load the programme: {}", Chain::of(error)),
            Self::Runtime(error) => write!(f, "the Lambda runtime failed: {error}"),
        }
    }
}

impl std::error::Error for BootError {}
