//! Which tables a command works on: those of the running local platform, or deployed ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use aws_config::BehaviorVersion;
use lambda::Settings;
use sam::machine::{self, Ports, url};
use sam::template::{self, Stack};
use store::table::{CLAIMS, ERASURES, MEMBER_KEYS, MEMBERS, SIGNALS, SURVEYS};
use store::{Keys, Store, Tables as Names};

/// The tables of a stack, as its functions are told their names: those of a context are told to the functions that use them alone.
#[must_use]
pub fn of(stack: &Stack) -> Option<Names> {
    let told = |function: &template::Function| Settings::from(|name| function.environment.get(name).cloned()).ok();
    let all = stack.functions.iter().filter_map(told).map(|settings| settings.tables);
    all.reduce(|mut tables, other| {
        tables.contexts.extend(other.contexts);
        tables
    })
}

/// Who names one table of a stack names them all.
const OTHERS: [&str; 6] =
    ["pages_table", "catalogue_table", "stock_table", "vouchers_table", "facts_table", "checkpoints_table"];

/// Without these, the tables of the running local platform.
#[derive(clap::Args)]
pub(super) struct Tables {
    /// A deployed table `accounts`, as the stack's outputs name it; the AWS credentials are those of the environment.
    #[arg(long, value_name = "NAME", requires_all = OTHERS)]
    accounts_table: Option<String>,
    /// The deployed table `pages`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    pages_table: Option<String>,
    /// The deployed table `catalogue`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    catalogue_table: Option<String>,
    /// The deployed table `stock`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    stock_table: Option<String>,
    /// The deployed table `vouchers`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    vouchers_table: Option<String>,
    /// The deployed table `facts`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    facts_table: Option<String>,
    /// The deployed table `checkpoints`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    checkpoints_table: Option<String>,
}

/// Beside them, the deployed tables of members.
#[derive(clap::Args)]
struct MemberTables {
    /// The deployed table `members`.
    #[arg(long, value_name = "NAME", requires = "accounts_table")]
    members_table: Option<String>,
    /// The deployed table `claims`.
    #[arg(long, value_name = "NAME", requires = "members_table")]
    claims_table: Option<String>,
    /// The deployed table `member-keys`.
    #[arg(long, value_name = "NAME", requires = "members_table")]
    member_keys_table: Option<String>,
    /// The deployed table `signals`.
    #[arg(long, value_name = "NAME", requires = "members_table")]
    signals_table: Option<String>,
    /// The deployed table `erasures`.
    #[arg(long, value_name = "NAME", requires = "members_table")]
    erasures_table: Option<String>,
    /// The deployed table `surveys`.
    #[arg(long, value_name = "NAME", requires = "members_table")]
    surveys_table: Option<String>,
}

impl MemberTables {
    /// As the store names them.
    fn contexts(self) -> BTreeMap<&'static str, String> {
        let named = [
            (MEMBERS, self.members_table),
            (CLAIMS, self.claims_table),
            (MEMBER_KEYS, self.member_keys_table),
            (SIGNALS, self.signals_table),
            (ERASURES, self.erasures_table),
            (SURVEYS, self.surveys_table),
        ];
        named.into_iter().filter_map(|(table, name)| Some((table.name, name?))).collect()
    }
}

/// What a command works on that is about members too.
#[derive(clap::Args)]
pub(super) struct Everything {
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    members: MemberTables,
    /// The template whose tables a local platform runs.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
}

impl Everything {
    /// The template of the local platform, if it is that one's tables.
    pub(super) fn local(&self) -> Option<&Path> {
        self.tables.are_local().then_some(self.template.as_path())
    }

    /// The store on them.
    pub(super) async fn store(self, data: &Path) -> anyhow::Result<Store> {
        self.tables.store_with(self.members.contexts(), data, &self.template).await
    }

    /// The keys of members: those of the local platform, or under a deployed master key.
    pub(super) async fn keys(&self, data: &Path, deployed: Option<&str>) -> anyhow::Result<Keys> {
        let (config, key) = if let Some(key) = deployed {
            (aws_config::load_defaults(BehaviorVersion::latest()).await, key.to_owned())
        } else {
            let ports = Ports::of(data)?;
            let stack = Stack::read(&self.template, &url(ports.sqs))?;
            let key = stack.functions.iter().find_map(|function| function.environment.get("MEMBER_KEY")).cloned();
            let key = key.context("the template has no master key of members")?;
            (machine::config([&url(ports.dynamodb), &url(ports.sqs), &url(ports.kms), "", ""]), key)
        };
        Ok(lambda::keys_under(&config, key))
    }
}

impl Tables {
    /// Those of the running local platform.
    pub(super) fn local() -> Self {
        Self {
            accounts_table: None,
            pages_table: None,
            catalogue_table: None,
            stock_table: None,
            vouchers_table: None,
            facts_table: None,
            checkpoints_table: None,
        }
    }

    /// Are they those of a local platform?
    pub(super) fn are_local(&self) -> bool {
        self.accounts_table.is_none()
    }

    /// The deployed ones, if they are named.
    fn named(self) -> Option<Names> {
        Some(Names {
            accounts: self.accounts_table?,
            pages: self.pages_table?,
            catalogue: self.catalogue_table?,
            stock: self.stock_table?,
            vouchers: self.vouchers_table?,
            facts: self.facts_table?,
            checkpoints: self.checkpoints_table?,
            contexts: BTreeMap::new(),
        })
    }

    /// The store on them.
    pub(super) async fn store(self, data: &Path, template: &Path) -> anyhow::Result<Store> {
        self.store_with(BTreeMap::new(), data, template).await
    }

    /// The store on them, and on deployed tables of contexts.
    async fn store_with(
        self,
        contexts: BTreeMap<&'static str, String>,
        data: &Path,
        template: &Path,
    ) -> anyhow::Result<Store> {
        let (config, names) = if let Some(names) = self.named() {
            let names = Names { contexts, ..names };
            (aws_config::load_defaults(BehaviorVersion::latest()).await, names)
        } else {
            let ports = Ports::of(data)?;
            let stack = Stack::read(template, &url(ports.sqs))?;
            let names = of(&stack).context("the template has no function with tables")?;
            (machine::config([&url(ports.dynamodb), &url(ports.sqs), "", "", ""]), names)
        };
        Ok(Store::new(aws_sdk_dynamodb::Client::new(&config), names))
    }
}
