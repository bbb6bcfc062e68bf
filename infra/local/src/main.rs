//! `cargo run`: the local platform, and the commands that go with it.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    // The embedded database warns of every condition that does not hold, which is the product's daily bread.
    operator::perform("warn,dynoxide=error", cli::Arguments::parse().perform()).await
}
