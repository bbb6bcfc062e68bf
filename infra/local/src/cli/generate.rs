//! `generate`: writes what follows from the code to the files that are kept of it.

use std::path::Path;

use anyhow::{Context as _, ensure};
use local::generated::FILES;

#[derive(clap::Args)]
pub(super) struct Generate {}

impl Generate {
    pub(super) fn perform(self) -> anyhow::Result<()> {
        let Self {} = self;
        ensure!(
            Path::new("template.yaml").exists(),
            "this is not the folder of the project: there is no template.yaml"
        );
        let mut done = Vec::new();
        for (path, text) in FILES {
            let text = text(Path::new("."))?;
            if std::fs::read_to_string(path).is_ok_and(|kept| kept == text) {
                done.push(format!("{path} is up to date"));
                continue;
            }
            std::fs::write(path, text).with_context(|| format!("{path} cannot be written"))?;
            done.push(format!("{path} is written"));
        }
        operator::say!("{}", done.join("\n"))
    }
}
