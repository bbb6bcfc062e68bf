//! The command line. Without a command it runs the platform.

mod code;
mod events;
mod generate;
mod openapi;
mod page;
mod replay;
mod run;
mod welcome;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use operator::Verb;

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
    #[command(flatten)]
    Verb(Verb),
    /// Replay an order history on a platform of its own, and sum up.
    Replay(replay::Replay),
    /// Print the code that was sent to an identifier of a member last: on this machine nobody sends it.
    Code(code::Code),
    /// Print the address of a member's page of preferences.
    Page(page::Page),
    /// Print the OpenAPI document.
    #[command(name = "openapi")]
    OpenApi(openapi::OpenApi),
    /// Print the document of all events.
    Events(events::Events),
    /// Write the files that follow from the code: the API's description and definition, the document of all events.
    Generate(generate::Generate),
}

impl Arguments {
    /// Does what was asked for.
    pub(crate) async fn perform(self) -> anyhow::Result<()> {
        match self.command {
            None => self.run.perform(self.data).await,
            Some(Command::Verb(verb)) => {
                let _tables = match verb.reads_tables() {
                    Some(template) => emulator::AtRest::open(template, &self.data).await?,
                    None => None,
                };
                verb.perform(&self.data).await
            }
            Some(Command::Replay(replay)) => replay.perform(&self.data).await,
            Some(Command::Code(code)) => code.perform(&self.data).await,
            Some(Command::Page(page)) => page.perform(&self.data).await,
            Some(Command::OpenApi(openapi)) => openapi.perform(),
            Some(Command::Events(events)) => events.perform(),
            Some(Command::Generate(generate)) => generate.perform(),
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
        for line in [
            "local",
            "local --port 9 --data x",
            "local token --role admin --sub me --data x",
            "local queue list",
            "local code m-1 2",
            "local page m-1 --sent-by email",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }
}
