//! Which tables a command works on: those of the running local platform, or deployed ones.

use std::path::Path;

use anyhow::Context as _;
use aws_config::BehaviorVersion;
use lambda::Settings;
use sam::machine::{self, Ports, url};
use sam::template::{self, Stack};
use store::{Store, Tables as Names};

/// The tables of a stack, as its functions are told their names.
#[must_use]
pub fn of(stack: &Stack) -> Option<Names> {
    let told = |function: &template::Function| Settings::from(|name| function.environment.get(name).cloned()).ok();
    stack.functions.iter().find_map(told).map(|settings| settings.tables)
}

/// Without these, the tables of the running local platform.
#[derive(clap::Args)]
pub(super) struct Tables {
    /// A deployed table `accounts`, as the stack's outputs name it; the AWS credentials are those of the environment.
    #[arg(long, value_name = "NAME", requires_all = ["pages_table", "catalogue_table", "facts_table", "checkpoints_table"])]
    accounts_table: Option<String>,
    /// The deployed table `pages`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    pages_table: Option<String>,
    /// The deployed table `catalogue`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    catalogue_table: Option<String>,
    /// The deployed table `facts`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    facts_table: Option<String>,
    /// The deployed table `checkpoints`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    checkpoints_table: Option<String>,
}

impl Tables {
    /// Those of the running local platform.
    pub(super) fn local() -> Self {
        Self {
            accounts_table: None,
            pages_table: None,
            catalogue_table: None,
            facts_table: None,
            checkpoints_table: None,
        }
    }

    /// Are they those of a local platform?
    pub(super) fn are_local(&self) -> bool {
        self.accounts_table.is_none()
    }

    /// The store on them.
    pub(super) async fn store(self, data: &Path, template: &Path) -> anyhow::Result<Store> {
        let ledger = self.accounts_table.zip(self.pages_table);
        let deployed = ledger.zip(self.catalogue_table).zip(self.facts_table.zip(self.checkpoints_table));
        let (config, names) = if let Some((((accounts, pages), catalogue), (facts, checkpoints))) = deployed {
            let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
            (
                config,
                Names { accounts, pages, catalogue, facts, checkpoints, contexts: std::collections::BTreeMap::new() },
            )
        } else {
            let ports = Ports::of(data)?;
            let stack = Stack::read(template, &url(ports.sqs))?;
            let names = of(&stack).context("the template has no function with tables")?;
            (machine::config(&url(ports.dynamodb), &url(ports.sqs)), names)
        };
        Ok(Store::new(aws_sdk_dynamodb::Client::new(&config), names))
    }
}
