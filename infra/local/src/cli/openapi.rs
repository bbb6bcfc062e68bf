//! `openapi`: prints the OpenAPI document that routes, types and the examples in this folder give; it is kept in
//! functions/account/openapi.json.

use std::path::Path;

use local::generated::api;

#[derive(clap::Args)]
pub(super) struct OpenApi {}

impl OpenApi {
    #[expect(clippy::print_stdout, reason = "the document is what the command is to say")]
    pub(super) fn perform(self) -> anyhow::Result<()> {
        let Self {} = self;
        print!("{}", api(Path::new("."))?);
        Ok(())
    }
}
