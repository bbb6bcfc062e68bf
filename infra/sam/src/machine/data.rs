//! The directory a platform keeps its data in.

use std::{
    fs::{File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};
use serde::{Deserialize, Serialize};

const PORTS: &str = "ports.json";
const LOCK: &str = "lock";
const FORMAT_FILE: &str = "format";
/// The embedded DynamoDB; a folder without it holds nothing yet.
pub const DATABASE: &str = "dynamodb.sqlite";
/// What stands for KMS's master key: without it nothing personal in the folder can be read.
pub const KEYS: &str = "keys";
/// What is in a data directory, and how it is written. A change that this program could not read adds one, and a line in
/// CHANGELOG.md says how a directory is brought over.
pub const FORMAT: u32 = 3;

/// Where the parts of a platform listen. While it runs, `ports.json` in its data directory says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// The HTTP API, and the issuer of tokens.
    pub api: u16,
    /// The embedded DynamoDB.
    pub dynamodb: u16,
    /// The embedded SQS.
    pub sqs: u16,
    /// What stands for KMS.
    pub kms: u16,
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
        std::fs::create_dir_all(path).with_context(|| format!("{} cannot be used", path.display()))?;
        let Some(lock) = Self::lock(path)? else { bail!("another local platform is running on {}", path.display()) };
        let this = Self { path: path.to_owned(), _lock: lock };
        this.settle()?;
        Ok(this)
    }

    /// The directory of a platform that does not run, with what it holds; nothing if it runs.
    ///
    /// # Errors
    /// None has ever run on it, or it cannot be used.
    pub fn at_rest(path: &Path) -> anyhow::Result<Option<Self>> {
        let none = "no platform has ever run on";
        ensure!(path.join(DATABASE).exists(), "{none} {}: `cargo run` starts one", path.display());
        let at_rest = Self::lock(path)?.map(|lock| Self { path: path.to_owned(), _lock: lock });
        format(path)?;
        Ok(at_rest)
    }

    /// Says its format, if nothing is in it yet.
    fn settle(&self) -> anyhow::Result<()> {
        if format(&self.path)?.is_none() {
            std::fs::write(self.file(FORMAT_FILE), format!("{FORMAT}\n"))?;
        }
        Ok(())
    }

    /// The lock of a directory, held until it is dropped; nothing if a platform runs there.
    ///
    /// # Errors
    /// The directory cannot be used.
    pub fn lock(path: &Path) -> anyhow::Result<Option<File>> {
        let lock = File::create(path.join(LOCK)).with_context(|| format!("{} cannot be used", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).context("the data directory cannot be locked"),
        }
    }

    /// Its files, but what only a running platform needs, and what was left half written.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let passing = |name: &str| name == LOCK || name == PORTS || name.ends_with(".new") || name.ends_with(".next");
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_file() && !passing(&entry.file_name().to_string_lossy()) {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
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

/// The format of a directory, which is ours; nothing if there is nothing in it. A database that does not say is from before it had to:
/// it is of the first.
///
/// # Errors
/// It is another.
pub fn format(path: &Path) -> anyhow::Result<Option<u32>> {
    let said = match std::fs::read_to_string(path.join(FORMAT_FILE)) {
        Ok(said) => said,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if !path.join(DATABASE).exists() {
                return Ok(None);
            }
            "1".to_owned()
        }
        Err(error) => return Err(error).with_context(|| format!("the format of {} cannot be read", path.display())),
    };
    let said = said.trim();
    ensure!(
        said == FORMAT.to_string(),
        "{} is of format {said}, and this program keeps format {FORMAT}: run the version of Perennial that wrote it (CHANGELOG.md says \
         how a folder is brought from one format to another), or move the folder away to begin anew",
        path.display()
    );
    Ok(Some(FORMAT))
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // Nothing to find any more; whoever finds the file nevertheless finds its ports closed.
        std::fs::remove_file(self.path.join(PORTS)).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_of_another_format_is_refused_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        drop(DataDir::open(directory.path()).unwrap());
        assert_eq!(std::fs::read_to_string(directory.path().join("format")).unwrap(), format!("{FORMAT}\n"));
        drop(DataDir::open(directory.path()).unwrap());
        let (before, after) = ((FORMAT - 1).to_string(), format!("{}\n", FORMAT + 1));
        for said in [&after, &before, "0", "", "one"] {
            std::fs::write(directory.path().join("format"), said).unwrap();
            let error = format!("{:#}", DataDir::open(directory.path()).err().unwrap());
            assert!(
                error.contains(&format!("is of format {}, and this program keeps format {FORMAT}", said.trim())),
                "{error}"
            );
            assert!(error.contains("CHANGELOG.md"), "it says how to go on: {error}");
            assert_eq!(std::fs::read_to_string(directory.path().join("format")).unwrap(), said);
        }
    }

    #[test]
    fn a_database_that_says_no_format_is_of_the_first() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(DATABASE), "").unwrap();
        let error = format!("{:#}", DataDir::open(directory.path()).err().unwrap());
        assert!(error.contains("is of format 1, and"), "{error}");
    }

    #[test]
    fn a_directory_has_one_platform_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let error = format!("{:#}", DataDir::at_rest(directory.path()).err().unwrap());
        assert!(error.starts_with("no platform has ever run on"), "{error}");
        let running = DataDir::open(directory.path()).unwrap();
        std::fs::write(running.file(DATABASE), "").unwrap();
        assert!(DataDir::open(directory.path()).is_err());
        assert!(DataDir::at_rest(directory.path()).unwrap().is_none());
        drop(running);
        assert!(DataDir::at_rest(directory.path()).unwrap().is_some());
    }
}
