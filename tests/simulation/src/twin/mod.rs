//! The simulator's twin in real processes: the local platform is killed (SIGKILL) at random moments under load, started
//! again, asked again for everything that it had not answered, and audited.
//!
//! At the end the entries of all statements and the acknowledged writes must be the same things, one for one: nothing that
//! was promised is missing, nothing was done twice, and nothing that was refused was done.

mod ledger;
mod life;
mod platform;
mod report;
mod request;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use fastrand::Rng;
use tokio::task::JoinSet;

use crate::contexts;
use crate::tables::{Embedded, Tables};
use ledger::Ledger;
use life::Life;
pub use platform::serve;
use platform::{Access, PATIENCE, Process};
pub use report::Report;

/// What a platform has acknowledged, at least, when it is killed under load.
const AT_STAKE: usize = 40;
const CALLERS: usize = 16;
/// How many acknowledged requests are sent again after the last kill.
const SAMPLE: u32 = 200;
/// A message that lost a race comes back after a minute, or at once after a kill.
const TIME_TO_DRAIN: Duration = Duration::from_secs(5);

/// Kills a platform so often; it is this program that is started as one.
///
/// # Errors
/// The platform cannot be started, or does not answer when nobody kills it.
pub fn run(kills: u32, seed: u64) -> anyhow::Result<Report> {
    run_program(&std::env::current_exe()?, kills, seed)
}

/// As [`run`], with the path of the simulator's program.
///
/// # Errors
/// The platform cannot be started, or does not answer when nobody kills it.
pub fn run_program(program: &Path, kills: u32, seed: u64) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let started = Instant::now();
        let mut twin = Twin::new(program, seed)?;
        for kill in 1..=kills {
            twin.round(kill).await.with_context(|| format!("round {kill}"))?;
        }
        let (ledger, audited) = twin.finish().await?;
        let mut life = twin.life();
        life.judge(&ledger);
        if audited != u64::try_from(ledger.len())? {
            let wrong = format!("the statements show {} entries, the tables have {audited}", ledger.len());
            life.report.violations.push(wrong);
        }
        life.report.kills = kills;
        life.report.seconds = started.elapsed().as_secs();
        Ok(std::mem::take(&mut life.report))
    })
}

/// The one who starts and kills.
struct Twin {
    program: PathBuf,
    folder: tempfile::TempDir,
    rng: Rng,
    life: Arc<Mutex<Life>>,
    /// The platform was ready once, so its tables are there.
    has_served: bool,
}

impl Twin {
    fn new(program: &Path, seed: u64) -> anyhow::Result<Self> {
        let mut rng = Rng::with_seed(seed);
        let life = Arc::new(Mutex::new(Life::new(rng.u64(..))));
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("data"))?;
        std::fs::create_dir(folder.path().join("copy"))?;
        Ok(Self { program: program.to_owned(), folder, rng, life, has_served: false })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        lock(&self.life)
    }

    async fn start(&mut self) -> anyhow::Result<(Process, Access)> {
        let mut process = Process::start(&self.program, &self.data())?;
        let access = process.ready(&self.data()).await?;
        self.has_served = true;
        Ok((process, access))
    }

    /// Starts the platform, kills it while it starts or while it is busy, and audits what it left.
    async fn round(&mut self, kill: u32) -> anyhow::Result<()> {
        if self.rng.u32(0..4) == 0 {
            let process = Process::start(&self.program, &self.data())?;
            tokio::time::sleep(Duration::from_millis(self.rng.u64(0..500))).await;
            drop(process);
        } else {
            let (process, access) = self.start().await?;
            let over = Arc::new(AtomicBool::new(false));
            let before = self.life().acknowledged.len();
            let mut callers = self.callers(&access, &over);
            tokio::time::sleep(Duration::from_millis(self.rng.u64(200..1_500))).await;
            // However busy the machine is, something stands to be lost.
            let begun = Instant::now();
            while self.life().acknowledged.len() < before + AT_STAKE && begun.elapsed() < PATIENCE {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            drop(process); // the kill
            over.store(true, Ordering::Relaxed);
            while let Some(ended) = callers.join_next().await {
                ended?;
            }
        }
        if self.has_served {
            let (_, wrong) = self.audit()?;
            self.life().report.violations.extend(wrong.into_iter().map(|what| format!("after kill {kill}: {what}")));
        }
        Ok(())
    }

    /// Callers who send what there is to send until nothing is left, or it is over.
    fn callers(&self, access: &Access, over: &Arc<AtomicBool>) -> JoinSet<()> {
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let (access, life, over) = (access.clone(), Arc::clone(&self.life), Arc::clone(over));
            callers.spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let Some((place, request)) = lock(&life).next() else { return };
                    let answer = access.send(&request).await;
                    let heard = answer.is_some();
                    lock(&life).hear(place, answer);
                    if !heard {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
            });
        }
        callers
    }

    /// Audits a copy of the tables: to open a database after a kill mends it, and that is the platform's to do.
    fn audit(&self) -> anyhow::Result<(u64, Vec<String>)> {
        let copy = self.folder.path().join("copy");
        // What was written last is in the second file; the third is made anew.
        for name in ["dynamodb.sqlite", "dynamodb.sqlite-wal", "dynamodb.sqlite-shm"] {
            let (from, to) = (self.data().join(name), copy.join(name));
            if to.exists() {
                std::fs::remove_file(&to)?;
            }
            if from.exists() && !name.ends_with("-shm") {
                std::fs::copy(from, to)?;
            }
        }
        let tables = Embedded::open(&copy.join("dynamodb.sqlite"))?;
        let (audits, wrong) = contexts::audit(&|table| tables.dump(table));
        Ok((audits.iter().map(|audit| audit.entries()).sum(), wrong))
    }

    /// Nobody kills any more: everything is answered, a sample is asked again, the queue runs empty. Returns what the
    /// statements say, and how many entries the tables have.
    async fn finish(&mut self) -> anyhow::Result<(Ledger, u64)> {
        let (mut process, mut access) = self.start().await?;
        self.life().closing = Some(SAMPLE);
        let started = Instant::now();
        loop {
            self.callers(&access, &Arc::default()).join_all().await;
            if self.life().open.is_empty() || started.elapsed() > PATIENCE {
                break;
            }
        }
        let members = self.life().members.clone();
        let (started, mut restarted) = (Instant::now(), Instant::now());
        let ledger = loop {
            let ledger = Ledger::read(&access, members.clone()).await?;
            if self.life().undelivered(&ledger) == 0 || started.elapsed() > PATIENCE {
                break ledger;
            }
            if restarted.elapsed() > TIME_TO_DRAIN {
                drop(process);
                (process, access) = self.start().await?;
                restarted = Instant::now();
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        drop(process);
        let (audited, wrong) = self.audit()?;
        self.life().report.violations.extend(wrong.into_iter().map(|what| format!("at the end: {what}")));
        Ok((ledger, audited))
    }
}

fn lock(life: &Mutex<Life>) -> MutexGuard<'_, Life> {
    life.lock().unwrap_or_else(PoisonError::into_inner)
}
