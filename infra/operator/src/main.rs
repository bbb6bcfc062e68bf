//! `perennial`: what operators do, of the local platform and of deployed tables, without the platform.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use operator::{Verb, replay};

/// What operators of a loyalty programme do at a terminal. The platform itself is started by `cargo run`.
#[derive(Parser)]
#[command(name = "perennial", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The directory in which a local platform keeps its data.
    #[arg(long, global = true, value_name = "DIR", default_value = ".local")]
    data: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Verb(Verb),
    /// Replay an order history through the HTTP API of a platform, and sum up. It goes by its own clock: what lies too far in the
    /// past for its rules, it refuses.
    Replay(Replay),
}

#[derive(clap::Args)]
struct Replay {
    #[command(flatten)]
    script: replay::Arguments,
    /// The platform, e.g. http://127.0.0.1:8080.
    #[arg(long, value_name = "URL")]
    to: String,
    /// A token of an administrator.
    #[arg(long, value_name = "TOKEN", env = "PERENNIAL_TOKEN", hide_env_values = true)]
    token: String,
}

impl Arguments {
    async fn perform(self) -> anyhow::Result<()> {
        match self.command {
            Command::Verb(verb) => verb.perform(&self.data).await,
            Command::Replay(Replay { script: arguments, to, token }) => {
                let (_, script) = arguments.read(None, &self.data)?;
                let played = script.play(&replay::Remote { url: to, token }).await?;
                arguments.report(&played, &self.data)
            }
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    operator::perform("warn", Arguments::parse().perform()).await
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
        for line in [
            "entries m-1",
            "publish --check",
            "programme list",
            "programme diff 1 2",
            "programme rollback 1 --by ada",
            "replay h.csv --to http://x --token t",
            "queue list --data x",
        ] {
            assert!(Arguments::try_parse_from(format!("perennial {line}").split(' ')).is_ok(), "{line}");
        }
        assert!(Arguments::try_parse_from(["perennial"]).is_err(), "it starts nothing by itself");
    }
}
