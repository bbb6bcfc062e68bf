//! Which replay a folder keeps: another one would mix two ledgers.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use domain::programme::document::Document;
use sam::machine::DATABASE;
use serde::{Deserialize, Serialize};

use super::script::Script;

/// What a folder remembers of its replay.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The file.
    pub file: String,
    /// The hash of its bytes.
    pub sha256: String,
    /// The currency of the amounts.
    pub currency: String,
    /// The version of the rules.
    pub rules_version: String,
    /// The hash of the programme.
    pub programme: String,
    /// A hash of each event. A longer file, or another copy, that tells all of them goes on with the same ledger.
    events: BTreeSet<String>,
}

/// The file that remembers it.
const FILE: &str = "replay.json";

impl Kept {
    /// What a script would leave behind.
    ///
    /// # Errors
    /// The programme cannot be written down.
    pub fn new(script: &Script, document: &Document) -> anyhow::Result<Self> {
        let events = script.history.events.iter().map(|event| {
            let (path, body) = event.request(&script.currency);
            hash(format!("{} {body}", path.join("/")).as_bytes())[..16].to_owned()
        });
        Ok(Self {
            file: script.file.clone(),
            sha256: script.sha256.clone(),
            currency: script.currency.clone(),
            rules_version: document.programme.rules_version.clone(),
            programme: hash(serde_json::to_string(document)?.as_bytes()),
            events: events.collect(),
        })
    }

    /// Takes a folder for this replay, or goes on in one that has it already.
    ///
    /// # Errors
    /// Another replay, or another ledger, is kept there.
    pub fn claim(&self, folder: &Path) -> anyhow::Result<()> {
        let file = folder.join(FILE);
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let kept: Self =
                    serde_json::from_str(&text).with_context(|| format!("{} is damaged", file.display()))?;
                ensure!(
                    kept.goes_on_in(self),
                    "another replay is kept here: {}; this one is {}. Name another folder with --data, or move {} away",
                    kept.words(),
                    self.words(),
                    folder.display()
                );
            }
            Err(_) => ensure!(
                !folder.join(DATABASE).exists(),
                "another replay is kept here: {} holds a ledger that does not say of which file. Name another folder with --data, or \
                 move it away",
                folder.display()
            ),
        }
        // Beside it first: a kill must not leave half of it.
        let beside = file.with_extension("new");
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let write =
            || std::fs::write(&beside, serde_json::to_string(self)?).and_then(|()| std::fs::rename(&beside, &file));
        write().with_context(|| format!("{} cannot be written", file.display()))
    }

    fn goes_on_in(&self, other: &Self) -> bool {
        self.currency == other.currency && self.programme == other.programme && self.events.is_subset(&other.events)
    }

    fn words(&self) -> String {
        let first = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
        format!(
            "{} (sha256 {}), {}, programme {} ({})",
            self.file,
            first(&self.sha256),
            self.currency,
            self.rules_version,
            first(&self.programme)
        )
    }
}

/// The SHA-256 of bytes, in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
