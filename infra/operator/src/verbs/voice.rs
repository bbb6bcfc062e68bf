//! `voice reanalyse`: the words of all answers are read anew, by the dictionaries as they are now. `voice learn`: a model of the brand's own is
//! learnt from them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::programme::compiled::Programmes;
use sam::machine::Clock;
use store::{Jitter, Patience};
use surveys::{Dictionaries, Surveys};
use tokio::time::Instant;

use super::tables::Everything;
use crate::learning::{ENOUGH, Learnt, learnt, sample};
use crate::say;

/// How long one answer may take.
const LONGEST: Duration = Duration::from_secs(60);

/// What can be done with what members have written.
#[derive(clap::Subcommand)]
pub enum Voice {
    /// Read the words of all answers anew; what says something else now is told, and the newest counts. A second time finds nothing.
    Reanalyse(Answers),
    /// Learn a model from scored answers in Chinese, 2,000 at least, and keep it if it reads those that it has not learnt from better than what is
    /// shipped.
    Learn(Answers),
}

/// Which answers.
#[derive(clap::Args)]
pub struct Answers {
    /// The deployed key that wraps those of members, its id or ARN.
    #[arg(long, value_name = "KEY", requires = "surveys_table")]
    member_key: Option<String>,
    #[command(flatten)]
    tables: Everything,
}

impl Voice {
    /// What it works on.
    pub(super) fn tables(&self) -> &Everything {
        match self {
            Self::Reanalyse(answers) | Self::Learn(answers) => &answers.tables,
        }
    }

    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        match self {
            Self::Reanalyse(answers) => answers.reanalyse(data).await,
            Self::Learn(answers) => answers.learn(data).await,
        }
    }
}

impl Answers {
    async fn learn(self, data: &Path) -> anyhow::Result<()> {
        let keys = self.tables.keys(data, self.member_key.as_deref()).await?;
        let store = self.tables.store(data).await?;
        let programmes = store.programmes(&Programmes::default()).await?;
        let (mut samples, mut after) = (Vec::new(), None);
        loop {
            let (answers, next) = store.answered(after.as_deref()).await?;
            for id in answers {
                let now = Clock::System.now();
                let Some(kept) = store.invitation(&keys, id, now).await? else { continue };
                let by = programmes.numbered(kept.invitation.version).unwrap_or_else(|| programmes.at(now));
                samples.extend(sample(&kept.invitation, by));
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        if samples.len() < ENOUGH {
            return say!("{} answers say something in Chinese with a clear score; {ENOUGH} are enough", samples.len());
        }
        let learnt = learnt(&samples);
        let Learnt { from, held_back, shipped, own, .. } = &learnt;
        say!(
            "learnt from {from} answers; of {held_back} others what is shipped reads {shipped} as they were scored, the model {own}"
        )?;
        if !learnt.is_better() {
            return say!("that is not better by a point: it is not kept");
        }
        let hash = store.keep_model(&learnt.model.write()).await?;
        say!("write into the programme, and publish it:\n[voice]\nmodel = \"{hash}\"")
    }

    async fn reanalyse(self, data: &Path) -> anyhow::Result<()> {
        let keys = self.tables.keys(data, self.member_key.as_deref()).await?;
        let store = self.tables.store(data).await?;
        let programmes = Arc::new(store.programmes(&Programmes::default()).await?);
        let dictionaries = Dictionaries::default();
        let (mut read, mut changed, mut after) = (0_u64, 0_u64, None);
        loop {
            let now = Clock::System.now();
            let (store, keys, programmes, dictionaries) = (&store, &keys, Arc::clone(&programmes), &dictionaries);
            dictionaries.ready(store, programmes.at(now)).await?;
            let surveys = Surveys { store, keys, programmes, dictionaries, now };
            let (answers, next) = store.answered(after.as_deref()).await?;
            for id in answers {
                let mut patience = Patience::until(Instant::now() + LONGEST, Jitter::random());
                changed += u64::from(surveys.reanalyse(id, &mut patience).await?);
                read += 1;
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        say!("{read} answers were read, {changed} of them say something else now")
    }
}
