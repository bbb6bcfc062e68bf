//! `code`: the code that was sent to an identifier of a member last, of the platform that runs on this machine.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::kernel::id::MemberId;
use operator::say;
use sam::machine::{Ports, config, url};
use sam::template::Stack;

#[derive(clap::Args)]
pub(super) struct Code {
    /// The member.
    member: MemberId,
    /// The number of the identifier, as the member's view shows it.
    n: u32,
    /// The template that runs.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
}

impl Code {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let ports = Ports::of(data)?;
        let stack = Stack::read(&self.template, &url(ports.sqs))?;
        let aws = config([&url(ports.dynamodb), &url(ports.sqs), &url(ports.kms), "", ""]);
        let sent = local::codes::sent(&aws, &stack, (&self.member, self.n), lambda::Clock::system()).await?;
        let code = sent.with_context(|| format!("no code was sent to identifier {} of {}", self.n, self.member))?;
        say!("{code}")
    }
}
