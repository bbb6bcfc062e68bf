//! `page`: the address of a member's page of preferences, on the platform that runs on this machine.

use std::path::{Path, PathBuf};

use domain::kernel::id::MemberId;
use domain::programme::channel::Channel;
use operator::say;
use sam::machine::{Ports, config, url};
use sam::template::Stack;

#[derive(clap::Args)]
pub(super) struct Page {
    /// The member.
    member: MemberId,
    /// As a channel sends it: by that link a consent for the channel is confirmed.
    #[arg(long, value_name = "CHANNEL")]
    sent_by: Option<Channel>,
    /// The template that runs.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
}

impl Page {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let ports = Ports::of(data)?;
        let stack = Stack::read(&self.template, &url(ports.sqs))?;
        let aws = config([&url(ports.dynamodb), &url(ports.sqs), &url(ports.kms), "", ""]);
        let of = (&self.member, self.sent_by);
        let path = local::codes::page(&aws, &stack, of, lambda::Clock::system()).await?;
        say!("{}{path}", url(ports.api))
    }
}
