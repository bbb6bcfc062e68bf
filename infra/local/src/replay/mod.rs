//! Replays an order history through the HTTP API, on a platform of its own whose clock follows the file.

pub mod history;
mod summary;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::clock::{Clock, VirtualClock};
use crate::issuer::Role;
use crate::platform::{Platform, Settings};
use crate::{functions, programme};
use history::{Event, History, What};
pub use summary::Summary;

/// What to replay, and how.
pub struct Replay {
    /// The history.
    pub file: PathBuf,
    /// The template of the platform.
    pub template: PathBuf,
    /// The programme.
    pub programme: PathBuf,
    /// Where the platform keeps its data; a replay that was ended goes on there.
    pub data_dir: Option<PathBuf>,
    /// The currency of the amounts, if not the programme's.
    pub currency: Option<String>,
    /// Until when the clock goes on after the last event.
    pub until: Option<Timestamp>,
    /// Show a progress bar.
    pub progress: bool,
}

/// How often the sweep of due accounts runs. Its answers do not depend on it, so a week is often enough.
const SWEEP_EVERY_DAYS: i64 = 7;

impl Replay {
    /// Replays the history and sums up what the ledger says.
    ///
    /// # Errors
    /// The file cannot be read, the platform cannot start, or it answers something unexpected.
    pub async fn run(self) -> anyhow::Result<(Summary, History)> {
        let mut document = programme::read(&self.programme)?;
        if let Some(currency) = self.currency {
            document.programme.currency = currency;
        }
        let zone = TimeZone::get(&document.programme.timezone).context("the programme's time zone")?;
        let file =
            std::fs::File::open(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let history =
            History::read(file, &zone).with_context(|| format!("{} is not an order history", self.file.display()))?;
        let (Some(first), Some(last)) = (history.events.first(), history.events.last()) else {
            bail!("{} has no order in it", self.file.display())
        };
        let until = self.until.unwrap_or(last.at);
        ensure!(until >= last.at, "the history goes on until {}", last.at);
        let clock = VirtualClock::new(first.at);
        let settings = Settings {
            template: self.template,
            programme: Some(document.clone()),
            data_dir: self.data_dir,
            port: 0,
            clock: Clock::Virtual(clock.clone()),
            registry: functions::registry(),
        };
        let platform = Platform::start(settings).await?;
        let mut player = Player::new(&platform, clock, document.programme.currency)?;
        let bar = if self.progress { bar(history.events.len()) } else { ProgressBar::hidden() };
        for event in &history.events {
            player.time_passes(event.at).await?;
            player.play(event).await?;
            platform.rest().await?; // whoever shops next does so in the tier that this order gave
            bar.inc(1);
        }
        player.time_passes(until).await?;
        platform.advance(until).await?;
        platform.rest().await?;
        bar.finish_and_clear();
        let summary = player.sum_up(&history).await?;
        platform.stop().await?;
        Ok((summary, history))
    }
}

fn bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {eta} left");
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Plays events against a platform.
struct Player<'a> {
    platform: &'a Platform,
    clock: VirtualClock,
    swept_at: Timestamp,
    client: reqwest::Client,
    currency: String,
    slowest: Duration,
    replayed: u64,
}

impl<'a> Player<'a> {
    fn new(platform: &'a Platform, clock: VirtualClock, currency: String) -> anyhow::Result<Self> {
        let swept_at = clock.now();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { platform, clock, swept_at, client, currency, slowest: Duration::ZERO, replayed: 0 })
    }

    /// Moves the clock to an instant, sweeping on the way.
    async fn time_passes(&mut self, to: Timestamp) -> anyhow::Result<()> {
        loop {
            let sweep = self.swept_at + (SWEEP_EVERY_DAYS * 24).hours();
            if sweep > to {
                break;
            }
            self.platform.advance(sweep).await?;
            self.swept_at = sweep;
        }
        self.clock.set(to);
        Ok(())
    }

    async fn play(&mut self, event: &Event) -> anyhow::Result<()> {
        let (path, body) = match &event.what {
            What::Order { invoice, lines } => {
                let lines: Vec<Value> = lines
                    .iter()
                    .map(|line| json!({"sku": line.stock_code, "quantity": line.quantity, "amount_minor": line.amount_minor}))
                    .collect();
                let data = json!({"order_id": invoice, "currency": self.currency, "lines": lines});
                let body = json!({
                    "specversion": "1.0", "type": "order.paid", "source": "replay", "id": invoice,
                    "subject": event.member, "time": event.at, "data": data,
                });
                ("/v1/activities".to_owned(), body)
            }
            What::Refund { id, invoice, amount_minor } => {
                let body = json!({
                    "source": "replay", "id": id, "member": event.member, "time": event.at, "amount_minor": amount_minor,
                });
                (format!("/v1/orders/{invoice}/refunds"), body)
            }
        };
        let started = Instant::now();
        let token = self.platform.token(Role::Partner, "replay");
        let request = self.client.post(format!("{}{path}", self.platform.url())).bearer_auth(token).json(&body);
        let response = request.send().await?;
        self.slowest = self.slowest.max(started.elapsed());
        let replayed = response.headers().contains_key("idempotency-replayed");
        self.replayed += u64::from(replayed);
        ensure!(response.status().is_success(), "{path}: {} {}", response.status(), response.text().await?);
        Ok(())
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let token = self.platform.token(Role::Auditor, "replay");
        let response = self.client.get(format!("{}{path}", self.platform.url())).bearer_auth(token).send().await?;
        ensure!(response.status().is_success(), "{path}: {} {}", response.status(), response.text().await?);
        Ok(response.json().await?)
    }
}
