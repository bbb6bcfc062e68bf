//! The directory a platform keeps its data in.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

const PORTS: &str = "ports.json";

/// Where the parts of a platform listen. While it runs, `ports.json` in its data directory says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// The HTTP API, and the issuer of tokens.
    pub api: u16,
    /// The embedded DynamoDB.
    pub dynamodb: u16,
    /// The embedded SQS.
    pub sqs: u16,
}

/// Where something listens on this machine.
#[must_use]
pub fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

impl Ports {
    /// The ports of the platform that runs on `data_dir`.
    pub fn of(data_dir: &Path) -> anyhow::Result<Self> {
        let none = || format!("no local platform is running on {}", data_dir.display());
        Ok(serde_json::from_str(&std::fs::read_to_string(data_dir.join(PORTS)).with_context(none)?)?)
    }
}

/// The directory, for one platform at a time.
pub struct DataDir {
    path: PathBuf,
    /// Held, not read: the system lets go of it when the process ends, however it ends.
    _lock: File,
}

impl DataDir {
    /// The directory, made if there is none, and kept from others.
    ///
    /// # Errors
    /// It cannot be used, or another platform runs on it.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let create = || {
            std::fs::create_dir_all(path)?;
            File::create(path.join("lock"))
        };
        let lock = create().with_context(|| format!("{} cannot be used", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another local platform is running on {}", path.display())
            }
            Err(TryLockError::Error(error)) => Err(error).context("the data directory cannot be locked"),
        }
    }

    /// A file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Lets other programs find the platform.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn publish(&self, ports: Ports) -> anyhow::Result<()> {
        Ok(std::fs::write(self.path.join(PORTS), serde_json::to_string(&ports)?)?)
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // Nothing to find any more; whoever finds the file nevertheless finds its ports closed.
        std::fs::remove_file(self.path.join(PORTS)).ok();
    }
}
