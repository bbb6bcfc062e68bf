//! `events`: prints the document of all events that the types give; it is kept in docs/events.md.

#[derive(clap::Args)]
pub(super) struct Events {}

impl Events {
    #[expect(clippy::print_stdout, reason = "the document is what the command is to say")]
    pub(super) fn perform(self) -> anyhow::Result<()> {
        let Self {} = self;
        print!("{}", local::events::document()?);
        Ok(())
    }
}
