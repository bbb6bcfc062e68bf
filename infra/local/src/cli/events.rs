//! `events`: prints the document of all events that the types give; it is kept in docs/events.md.

#[derive(clap::Args)]
pub(super) struct Events {}

impl Events {
    pub(super) fn perform(self) -> anyhow::Result<()> {
        let Self {} = self;
        operator::terminal::say(format_args!("{}", local::events::document()?))
    }
}
