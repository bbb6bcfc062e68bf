//! Replays an order history through the HTTP API, of a platform whose clock follows the file or of one that runs elsewhere.

mod arguments;
pub mod history;
mod remote;
mod summary;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use domain::programme::document::Document;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use sam::Role;
use serde_json::{Value, json};

pub use arguments::Arguments;
use history::{Event, History, What};
pub use remote::Remote;
pub use summary::Summary;

/// Where a history is played.
pub trait Stage {
    /// Where the HTTP API is.
    fn url(&self) -> &str;

    /// A token for the replay in a role.
    fn token(&self, role: Role) -> String;

    /// Shows another time, if the clock is the replay's; what is due by then waits.
    fn set(&self, to: Timestamp);

    /// Shows another time, and does what is due by then.
    fn advance(&self, to: Timestamp) -> impl Future<Output = anyhow::Result<()>>;

    /// Waits until what follows from the calls so far has been done.
    fn rest(&self) -> impl Future<Output = anyhow::Result<()>>;
}

/// What is played.
pub struct Script {
    /// The history, which has at least one event.
    pub history: History,
    /// The currency of the amounts.
    pub currency: String,
    /// When it begins.
    pub from: Timestamp,
    /// Until when time goes on.
    pub until: Timestamp,
}

/// How often the sweep of due accounts runs. Its answers do not depend on it, so a week is often enough.
const SWEEP_EVERY_DAYS: i64 = 7;

impl Script {
    /// Reads a history, in the time zone and the currency of a programme; time goes on until `until`, or the last event.
    ///
    /// # Errors
    /// The file cannot be read, has no order in it, or goes on for longer.
    pub fn read(file: &Path, programme: &Document, until: Option<Timestamp>) -> anyhow::Result<Self> {
        let zone = TimeZone::get(&programme.programme.timezone).context("the programme's time zone")?;
        let text = std::fs::File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let history =
            History::read(text, &zone).with_context(|| format!("{} is not an order history", file.display()))?;
        let (Some(first), Some(last)) = (history.events.first(), history.events.last()) else {
            bail!("{} has no order in it", file.display())
        };
        let until = until.unwrap_or(last.at);
        ensure!(until >= last.at, "the history goes on until {}", last.at);
        let from = first.at;
        Ok(Self { history, currency: programme.programme.currency.clone(), from, until })
    }

    /// Plays it and sums up what the ledger says.
    ///
    /// # Errors
    /// The platform answers something unexpected.
    pub async fn play(&self, stage: &impl Stage, progress: bool) -> anyhow::Result<Summary> {
        let mut player = Player::new(stage, self)?;
        let bar = if progress { bar(self.history.events.len()) } else { ProgressBar::hidden() };
        for event in &self.history.events {
            player.time_passes(event.at).await?;
            player.play(event).await?;
            stage.rest().await?; // whoever shops next does so in the tier that this order gave
            bar.inc(1);
        }
        player.time_passes(self.until).await?;
        stage.advance(self.until).await?;
        stage.rest().await?;
        bar.finish_and_clear();
        player.sum_up(&self.history).await
    }
}

fn bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {eta} left");
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Plays events against a platform.
struct Player<'a, S> {
    stage: &'a S,
    swept_at: Timestamp,
    client: reqwest::Client,
    currency: &'a str,
    slowest: Duration,
    replayed: u64,
}

impl<'a, S: Stage> Player<'a, S> {
    fn new(stage: &'a S, script: &'a Script) -> anyhow::Result<Self> {
        let (swept_at, currency) = (script.from, script.currency.as_str());
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { stage, swept_at, client, currency, slowest: Duration::ZERO, replayed: 0 })
    }

    /// Moves the clock to an instant, sweeping on the way.
    async fn time_passes(&mut self, to: Timestamp) -> anyhow::Result<()> {
        loop {
            let sweep = self.swept_at + (SWEEP_EVERY_DAYS * 24).hours();
            if sweep > to {
                break;
            }
            self.stage.advance(sweep).await?;
            self.swept_at = sweep;
        }
        self.stage.set(to);
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
        let token = self.stage.token(Role::Partner);
        let request = self.client.post(format!("{}{path}", self.stage.url())).bearer_auth(token).json(&body);
        let response = request.send().await?;
        self.slowest = self.slowest.max(started.elapsed());
        let replayed = response.headers().contains_key("idempotency-replayed");
        self.replayed += u64::from(replayed);
        ensure!(response.status().is_success(), "{path}: {} {}", response.status(), response.text().await?);
        Ok(())
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let token = self.stage.token(Role::Auditor);
        let response = self.client.get(format!("{}{path}", self.stage.url())).bearer_auth(token).send().await?;
        ensure!(response.status().is_success(), "{path}: {} {}", response.status(), response.text().await?);
        Ok(response.json().await?)
    }
}
