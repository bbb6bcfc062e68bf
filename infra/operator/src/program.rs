//! How a program of this kind begins and ends.

use std::io::Write as _;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use crate::terminal::Unread;

/// Does what was asked for. What is logged on the way goes to standard error, `usual` of it unless `RUST_LOG` says otherwise; what is
/// wrong in the end is said there, too.
pub async fn perform(usual: &str, asked: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.log_internal_errors(false).compact().init();
    match asked.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Unread>() => ExitCode::SUCCESS,
        Err(error) => {
            // Whom should it be told that there is no standard error either?
            writeln!(std::io::stderr(), "error: {error:#}").ok();
            ExitCode::FAILURE
        }
    }
}
