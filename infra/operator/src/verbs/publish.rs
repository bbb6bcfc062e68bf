//! `publish`: checks a programme and puts it in force.

use std::path::{Path, PathBuf};

use domain::programme::publication::Published;
use domain::programme::reading::not_in_force;
use jiff::Timestamp;
use sam::machine::Clock;

use super::tables::Tables;
use crate::{programme, say};

#[derive(clap::Args)]
pub struct Publish {
    /// The programme.
    #[arg(default_value = "programme.toml")]
    file: PathBuf,
    /// From when on it is in force; in 90 seconds if absent, when every function knows it. Facts from before are decided by the version
    /// before.
    #[arg(long)]
    from: Option<Timestamp>,
    /// Only check it.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    at: At,
}

/// Where programmes are published, and by whom.
#[derive(clap::Args)]
pub(super) struct At {
    /// Who publishes; the name of the user of this machine if absent.
    #[arg(long, value_name = "NAME", env = "USER", default_value = "operator", hide_env_values = true)]
    pub(super) by: String,
    #[command(flatten)]
    pub(super) tables: Tables,
    /// The template whose tables a local platform runs.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    pub(super) template: PathBuf,
}

impl Publish {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let document = programme::read(&self.file)?;
        if self.check {
            say!("{} is sound.", self.file.display())?;
            let later = not_in_force(&document);
            if !later.is_empty() {
                say!("Checked, and not in force yet: {}.", later.join(", "))?;
            }
            return Ok(());
        }
        let At { by, tables, template } = self.at;
        let store = tables.store(data, &template).await?;
        let published = programme::publish(&store, &document, self.from, (&by, Clock::System.now())).await?;
        say!("{}", said(&published, &document.programme.rules_version))
    }
}

/// What came of it.
pub(super) fn said(published: &Published, name: &str) -> String {
    let Published { version, unchanged, moved } = published;
    let (number, from) = (version.number, version.from);
    if *unchanged {
        return format!("Version {name} is what was published last, as number {number}, effective_at {from}.");
    }
    let why =
        if *moved { " The instant that was asked for is over or too near: it is in force from then on." } else { "" };
    format!("Version {name} is published as number {number}, effective_at {from}.{why}")
}
