//! `token`: a token for the local API, whether or not the platform is running.

use std::path::Path;

use anyhow::ensure;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use domain::kernel::id::MemberId;
use sam::Role;
use sam::machine::{Clock, Issuer, Ports, url};

use crate::say;

/// The port of the HTTP API, unless another was asked for.
const PORT: u16 = 8080;

#[derive(clap::Args)]
pub struct Token {
    /// What the caller is to the programme.
    #[arg(long, value_parser = PossibleValuesParser::new(Role::ALL.map(Role::name)).map(|name| role(&name)))]
    role: Role,
    /// Who the caller is; for a member, the member's id.
    #[arg(long, value_name = "ID")]
    sub: String,
    /// The port of the HTTP API; the one of the running platform, unless given.
    #[arg(long)]
    port: Option<u16>,
}

impl Token {
    pub(super) fn perform(self, data: &Path) -> anyhow::Result<()> {
        let key = data.join("issuer.key");
        ensure!(key.exists(), "no platform has ever run on {}: `cargo run` starts one", data.display());
        ensure!(
            (1..=128).contains(&self.sub.len()) && !self.sub.chars().any(char::is_control),
            "--sub has 1 to 128 bytes without control characters"
        );
        if self.role == Role::Member {
            self.sub.parse::<MemberId>().map_err(|wrong| anyhow::anyhow!("--sub {}: {wrong}", self.sub))?;
        }
        let running = || Ports::of(data).map_or(PORT, |ports| ports.api);
        let url = url(self.port.unwrap_or_else(running));
        let issuer = Issuer::open(Some(&key), &url, Clock::System)?;
        say!("{}", issuer.token(self.role, &self.sub))
    }
}

/// A role by its name, which is one of the possible values.
fn role(name: &str) -> Role {
    Role::ALL.into_iter().find(|role| role.name() == name).expect("a role has this name")
}
