//! `openapi`: prints the OpenAPI document that the code gives; it is kept in functions/account/openapi.json.

#[derive(clap::Args)]
pub(super) struct OpenApi {}

impl OpenApi {
    #[expect(clippy::print_stdout, reason = "the document is what the command is to say")]
    pub(super) fn perform(self) -> anyhow::Result<()> {
        let Self {} = self;
        println!("{}", serde_json::to_string_pretty(&sam::openapi::document(&local::functions::operations()))?);
        Ok(())
    }
}
