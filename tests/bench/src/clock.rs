//! The time of the functions: the machine's, moved by a file that a preloaded library reads (`tests/clock.c`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::ensure;
use jiff::{SignedDuration, Timestamp};

/// A wall clock that can be moved.
pub(crate) struct Clock {
    library: PathBuf,
    file: PathBuf,
    /// By how many seconds it is ahead.
    ahead: AtomicI64,
}

impl Clock {
    /// One that is ahead by so much, or behind.
    pub(crate) fn new(root: &Path, directory: &Path, ahead: SignedDuration) -> anyhow::Result<Self> {
        let (library, file) = (directory.join("clock.so"), directory.join("ahead"));
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-shared", "-fPIC", "-o"]).args([&library, &root.join("tests/clock.c")]);
        ensure!(compiler.status()?.success(), "tests/clock.c does not compile");
        let clock = Self { library, file, ahead: AtomicI64::new(ahead.as_secs()) };
        clock.write()?;
        Ok(clock)
    }

    fn write(&self) -> anyhow::Result<()> {
        use std::io::Write as _;
        // In place: it is mapped.
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(&self.file)?;
        Ok(file.write_all(&self.ahead.load(Ordering::Relaxed).to_ne_bytes())?)
    }

    /// What the functions take for the time.
    pub(crate) fn now(&self) -> Timestamp {
        now() + SignedDuration::from_secs(self.ahead.load(Ordering::Relaxed))
    }

    /// Moves it on.
    pub(crate) fn advance(&self, by: SignedDuration) -> anyhow::Result<()> {
        self.ahead.fetch_add(by.as_secs(), Ordering::Relaxed);
        self.write()
    }

    /// What a function must be told.
    pub(crate) fn environment(&self) -> [(String, String); 2] {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        [("LD_PRELOAD".to_owned(), text(&self.library)), ("STORY_CLOCK".to_owned(), text(&self.file))]
    }
}

/// The time of this machine.
#[expect(clippy::disallowed_methods, reason = "the one place here that reads the clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
