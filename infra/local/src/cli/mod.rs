//! The command line. Without a command it runs the platform.

mod entries;
mod events;
mod export;
mod generate;
mod openapi;
mod publish;
mod queue;
mod replay;
mod run;
mod tables;
mod token;
mod verify;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Runs everything that template.yaml deploys on this machine.
#[derive(Parser)]
#[command(name = "cargo run --", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Run,
    /// The directory the platform keeps its data in.
    #[arg(long, global = true, value_name = "DIR", default_value = ".local")]
    data: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Print a token for the local API.
    Token(token::Token),
    /// Replay an order history on a platform of its own, and sum up.
    Replay(replay::Replay),
    /// Check a programme and put it in force.
    Publish(publish::Publish),
    /// Show a member's whole ledger, and check it.
    Entries(entries::Entries),
    /// Write the ledger to files, as DynamoDB's own export does.
    Export(export::Export),
    /// Prove an export: no network, no tables, only its files.
    Verify(verify::Verify),
    /// Print the OpenAPI document.
    #[command(name = "openapi")]
    OpenApi(openapi::OpenApi),
    /// Print the document of all events.
    Events(events::Events),
    /// Write the files that follow from the code: the API's description and definition, the document of all events.
    Generate(generate::Generate),
    /// Look at the queues of the running platform.
    #[command(subcommand)]
    Queue(queue::Queue),
}

impl Arguments {
    /// Does what was asked for.
    pub(crate) async fn perform(self) -> anyhow::Result<()> {
        match self.command {
            None => self.run.perform(self.data).await,
            Some(Command::Replay(replay)) => replay.perform(&self.data).await,
            Some(Command::Publish(publish)) => publish.perform(&self.data).await,
            Some(Command::Entries(entries)) => entries.perform(&self.data).await,
            Some(Command::Export(export)) => export.perform(&self.data).await,
            Some(Command::Verify(verify)) => verify.perform(),
            Some(Command::OpenApi(openapi)) => openapi.perform(),
            Some(Command::Events(events)) => events.perform(),
            Some(Command::Generate(generate)) => generate.perform(),
            Some(Command::Token(token)) => token.perform(&self.data),
            Some(Command::Queue(queue)) => queue.perform(&self.data).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
        for line in
            ["local", "local --port 9 --data x", "local token --role admin --sub me --data x", "local queue list"]
        {
            assert!(Arguments::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }
}
