//! `backup` and `restore`: the folder in which a local platform keeps its data.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use sam::machine::{DATABASE, DataDir, format};

use crate::say;

#[derive(clap::Args)]
pub struct Backup {
    /// The folder to make.
    folder: PathBuf,
}

#[derive(clap::Args)]
pub struct Restore {
    /// A folder that `backup` has made.
    folder: PathBuf,
}

impl Backup {
    pub(super) fn perform(self, data: &Path) -> anyhow::Result<()> {
        ensure!(!self.folder.exists(), "{} is there already: a backup makes its folder", self.folder.display());
        let Some(_at_rest) = DataDir::at_rest(data)? else {
            bail!("a platform is running on {}: stop it first, so that its data stands still", data.display());
        };
        let (part, bytes) = copy(data, &self.folder)?;
        put(&part, &self.folder)?;
        say!("{} holds what {} holds, {bytes} bytes.", self.folder.display(), data.display())
    }
}

impl Restore {
    pub(super) fn perform(self, data: &Path) -> anyhow::Result<()> {
        let whole = self.folder.join(DATABASE).exists() && format(&self.folder)?.is_some();
        ensure!(whole, "{} is no backup: it has no {DATABASE} or no format", self.folder.display());
        // None may run on what is there; whether it is damaged or of another format does not matter, it is only moved.
        let running = || format!("a platform is running on {}: stop it first", data.display());
        let lock = if data.exists() { Some(DataDir::lock(data)?.with_context(running)?) } else { None };
        let (part, bytes) = copy(&self.folder, data)?;
        let mut aside = None;
        if lock.is_some() {
            let free = (1..).map(|number| beside(data, &format!("before-{number}"))).find(|path| !path.exists());
            let free = free.context("there is no free name")?;
            put(data, &free)?;
            aside = Some(free);
        }
        put(&part, data)?;
        say!("{} holds what {} holds, {bytes} bytes.", data.display(), self.folder.display())?;
        match aside {
            Some(aside) => say!("What it held before is in {}.", aside.display()),
            None => Ok(()),
        }
    }
}

/// Gives a folder another name.
fn put(folder: &Path, name: &Path) -> anyhow::Result<()> {
    std::fs::rename(folder, name).with_context(|| format!("{} cannot be moved to {}", folder.display(), name.display()))
}

/// A folder beside another: its name, and what is added to it.
fn beside(folder: &Path, added: &str) -> PathBuf {
    let plain: PathBuf = folder.components().collect(); // without a slash at its end
    PathBuf::from(format!("{}.{added}", plain.display()))
}

/// Copies the files of one data directory to a folder beside another, whose name it gets when it is whole; returns their bytes, too.
fn copy(from: &Path, to: &Path) -> anyhow::Result<(PathBuf, u64)> {
    let part = beside(to, "part");
    if part.exists() {
        std::fs::remove_dir_all(&part).with_context(|| format!("{} cannot be removed", part.display()))?;
    }
    std::fs::create_dir_all(&part).with_context(|| format!("{} cannot be made", part.display()))?;
    let mut bytes = 0;
    for file in DataDir::files(from)? {
        let name = file.file_name().context("a file has a name")?;
        let copied = part.join(name);
        bytes += std::fs::copy(&file, &copied).with_context(|| format!("{} cannot be copied", file.display()))?;
        std::fs::File::open(&copied)?.sync_all()?;
    }
    Ok((part, bytes))
}
