//! Bytes that nobody can guess: the system's; in a simulation, such as can be drawn again.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand;

use crate::StoreError;

/// Fills bytes; false if it cannot.
type Fill = dyn Fn(&mut [u8]) -> bool + Send + Sync;

/// Where nonces, keys and ids come from.
#[derive(Clone)]
pub struct Draw(Arc<Fill>);

impl fmt::Debug for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draw")
    }
}

impl Draw {
    /// From the system.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(|bytes| rand::fill(bytes).is_ok()))
    }

    /// From something that can be repeated: for tests alone.
    #[must_use]
    pub fn by(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |bytes| {
            fill(bytes);
            true
        }))
    }

    /// The next bytes.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub(crate) fn bytes<const N: usize>(&self) -> Result<[u8; N], StoreError> {
        let mut bytes = [0; N];
        if (self.0)(&mut bytes) { Ok(bytes) } else { Err(StoreError::bug("the system gives no randomness")) }
    }
}
