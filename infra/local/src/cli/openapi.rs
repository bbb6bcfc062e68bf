//! `openapi`: prints the OpenAPI document that routes, types and the examples in this folder give; it is kept in
//! functions/account/openapi.json.

use std::path::Path;

use local::generated::api;

#[derive(clap::Args)]
pub(super) struct OpenApi {}

impl OpenApi {
    pub(super) fn perform(self) -> anyhow::Result<()> {
        let Self {} = self;
        operator::say!("{}", api(Path::new("."))?.trim_end())?;
        Ok(())
    }
}
