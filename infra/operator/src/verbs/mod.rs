//! The commands, as the command line names them.

mod check;
mod entries;
mod erase;
mod export;
mod folder;
mod import;
mod keys;
mod kinds;
mod programme;
mod publish;
mod queue;
mod status;
mod tables;
mod token;
mod trial;
mod verify;
mod voice;

use std::path::Path;

use clap::Subcommand;

pub use tables::of as tables;

/// What an operator may ask for, of the local platform or of deployed tables.
#[derive(Subcommand)]
pub enum Verb {
    /// Print a token for the local API.
    Token(token::Token),
    /// Check a programme and put it in force.
    Publish(publish::Publish),
    /// The versions of the programme: list, show, diff, rollback.
    #[command(subcommand)]
    Programme(programme::Programme),
    /// Look what is wrong with which row of a spreadsheet of members. No network, no tables: nothing is taken in.
    Check(check::Check),
    /// Show a member's whole ledger, and check it.
    Entries(entries::Entries),
    /// Take a spreadsheet in: its rows become members, each checked; what is wrong with which row is told.
    Import(import::Import),
    /// Write the ledger to files, as DynamoDB's own export does.
    Export(export::Export),
    /// Prove an export: no network, no tables, only its files.
    Verify(verify::Verify),
    /// After a table was restored: erase again whoever was erased.
    Erase(erase::Erase),
    /// Make a new key of members: that under which identifiers are looked up.
    Keys(keys::Keys),
    /// What members have written: read anew, after lexicons or themes have changed.
    #[command(subcommand)]
    Voice(voice::Voice),
    /// Look at the queues of the running platform.
    #[command(subcommand)]
    Queue(queue::Queue),
    /// Tell what the folder of a local platform holds, its size, and the programme in force.
    Status(status::Status),
    /// Copy the folder of a local platform that does not run.
    Backup(folder::Backup),
    /// Put a backup in the place of the folder; what it holds is moved aside.
    Restore(folder::Restore),
}

impl Verb {
    /// The template of the local platform whose tables it reads, if those are all that it needs: then the platform need not run.
    #[must_use]
    pub fn reads_tables(&self) -> Option<&Path> {
        match self {
            Self::Entries(entries) => entries.local(),
            Self::Export(export) => export.local(),
            Self::Erase(erase) => erase.tables.local(),
            Self::Keys(keys) => keys.tables.local(),
            Self::Voice(voice) => voice.tables().local(),
            Self::Status(status) => Some(&status.template),
            _ => None,
        }
    }

    /// Does it; `data` is the directory of the local platform.
    ///
    /// # Errors
    /// What cannot be done, in words for a terminal.
    pub async fn perform(self, data: &Path) -> anyhow::Result<()> {
        match self {
            Self::Token(token) => token.perform(data),
            Self::Publish(publish) => publish.perform(data).await,
            Self::Programme(programme) => programme.perform(data).await,
            Self::Check(check) => check.perform(),
            Self::Entries(entries) => entries.perform(data).await,
            Self::Import(import) => import.perform(data).await,
            Self::Export(export) => export.perform(data).await,
            Self::Verify(verify) => verify.perform(),
            Self::Erase(erase) => erase.perform(data).await,
            Self::Keys(keys) => keys.perform(data).await,
            Self::Queue(queue) => queue.perform(data).await,
            Self::Voice(voice) => voice.perform(data).await,
            Self::Status(status) => status.perform(data).await,
            Self::Backup(backup) => backup.perform(data),
            Self::Restore(restore) => restore.perform(data),
        }
    }
}
