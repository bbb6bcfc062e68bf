//! `token`: a token for the local API, whether or not the platform is running.

use std::path::Path;

use sam::Role;
use sam::machine::{Clock, Issuer, Ports, url};

/// The port of the HTTP API, unless another was asked for.
const PORT: u16 = 8080;

#[derive(clap::Args)]
pub struct Token {
    /// What the caller is to the programme.
    #[arg(long, value_parser = role)]
    role: Role,
    /// Who the caller is; for a member, the member's id.
    #[arg(long, value_name = "ID")]
    sub: String,
    /// The port of the HTTP API; the one of the running platform, unless given.
    #[arg(long)]
    port: Option<u16>,
}

impl Token {
    #[expect(clippy::print_stdout, reason = "the token is what the command is to say")]
    pub(super) fn perform(self, data: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(data)?;
        let running = || Ports::of(data).map_or(PORT, |ports| ports.api);
        let url = url(self.port.unwrap_or_else(running));
        let issuer = Issuer::open(Some(&data.join("issuer.key")), &url, Clock::System)?;
        println!("{}", issuer.token(self.role, &self.sub));
        Ok(())
    }
}

/// A role by its name.
fn role(name: &str) -> Result<Role, String> {
    let known = || Role::ALL.map(Role::name).join(", ");
    Role::ALL.into_iter().find(|role| role.name() == name).ok_or_else(|| format!("a role is one of {}", known()))
}
