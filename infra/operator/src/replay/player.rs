//! Plays events against a platform.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use reqwest::{Response, StatusCode, Url};
use sam::Role;
use serde_json::Value;

use super::event::{Event, What};
use super::left_out::{Cause, LeftOut};
use super::stage::Stage;

/// How often the sweep of due accounts runs. Its answers do not depend on it, so a week is often enough.
const SWEEP_EVERY_DAYS: i64 = 7;
/// How often a call is made again that others were in the way of.
const TRIES: u32 = 5;

/// Plays events, and remembers what the platform refused.
pub(super) struct Player<'a, S> {
    stage: &'a S,
    swept_at: Timestamp,
    client: reqwest::Client,
    currency: &'a str,
    zone: &'a TimeZone,
    /// The local day, and whose orders of it may still be on their way to tiers and scores: when the last one of them was.
    day: Date,
    under_way: HashMap<&'a str, Timestamp>,
    pub(super) slowest: Duration,
    pub(super) replayed: u64,
    pub(super) refused: Vec<LeftOut>,
    /// Orders that the platform does not have: their returns would wait there for nothing.
    missing: HashSet<String>,
}

/// An event, left out for a cause.
fn left_out(event: &Event, cause: Cause, reason: &str) -> LeftOut {
    let (invoice, value_minor, what) = match &event.what {
        What::Order { invoice, lines } => {
            (invoice, lines.iter().map(|line| line.amount_minor).sum(), "the order".to_owned())
        }
        What::Refund { cancellation, invoice, amount_minor, .. } => {
            (cancellation, *amount_minor, format!("the refund of {invoice}"))
        }
    };
    let (line, invoice, member) = (event.line, invoice.clone(), event.member.clone());
    LeftOut { line, invoice, member, value_minor, cause, reason: format!("{what}: {reason}") }
}

impl<'a, S: Stage> Player<'a, S> {
    /// It begins at an instant, in a currency and a time zone.
    pub(super) fn new(stage: &'a S, currency: &'a str, zone: &'a TimeZone, from: Timestamp) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self {
            stage,
            swept_at: from,
            client,
            currency,
            zone,
            day: from.to_zoned(zone.clone()).date(),
            under_way: HashMap::new(),
            slowest: Duration::ZERO,
            replayed: 0,
            refused: Vec::new(),
            missing: HashSet::new(),
        })
    }

    /// Moves the clock to an instant, sweeping on the way.
    pub(super) async fn time_passes(&mut self, to: Timestamp) -> anyhow::Result<()> {
        loop {
            let sweep = self.swept_at + (SWEEP_EVERY_DAYS * 24).hours();
            if sweep > to {
                break;
            }
            self.rest().await?;
            self.stage.advance(sweep).await?;
            self.swept_at = sweep;
        }
        self.stage.set(to);
        Ok(())
    }

    /// Lets time go on to the end; what the last orders gave is done on their day.
    pub(super) async fn end(&mut self, until: Timestamp) -> anyhow::Result<()> {
        self.rest().await?;
        self.time_passes(until).await?;
        self.stage.advance(until).await?;
        self.stage.rest().await
    }

    async fn rest(&mut self) -> anyhow::Result<()> {
        self.under_way.clear();
        self.stage.rest().await
    }

    /// Plays an event at its time. Who shops again does so in the tier that the order before gave, and every order is evaluated on its
    /// day; what follows from the orders of others need not be waited for.
    pub(super) async fn play(&mut self, event: &'a Event) -> anyhow::Result<()> {
        let day = event.at.to_zoned(self.zone.clone()).date();
        let again = self.under_way.get(event.member.as_str()).is_some_and(|at| *at != event.at);
        if again || day != self.day {
            self.rest().await?;
            self.day = day;
        }
        self.time_passes(event.at).await?;
        self.under_way.insert(&event.member, event.at);
        self.report(event).await
    }

    async fn report(&mut self, event: &Event) -> anyhow::Result<()> {
        if let What::Refund { invoice, .. } = &event.what
            && self.missing.contains(invoice)
        {
            self.refused.push(left_out(event, Cause::OrderRefused, "the platform refused the order"));
            return Ok(());
        }
        let (path, body) = event.request(self.currency);
        let url = self.url(&path)?;
        for again in 1.. {
            let started = Instant::now();
            let token = self.stage.token(Role::Partner);
            let response = self.client.post(url.clone()).bearer_auth(token).json(&body).send().await?;
            self.slowest = self.slowest.max(started.elapsed());
            let status = response.status();
            if status.is_success() {
                self.replayed += u64::from(response.headers().contains_key("idempotency-replayed"));
                break;
            }
            let problem = problem(response).await;
            let code = problem["code"].as_str().unwrap_or_default();
            if code == "busy" || status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
                ensure!(again < TRIES, "{url}: {status} {problem}, {TRIES} times");
                tokio::time::sleep(Duration::from_millis(200) * again).await;
                continue;
            }
            let Some(cause) = cause(status, code) else { bail!("{url}: {status} {problem}") };
            self.refused.push(left_out(event, cause, &format!("{} ({code})", words(&problem))));
            if let (What::Order { invoice, .. }, Cause::Refused) = (&event.what, cause) {
                self.missing.insert(invoice.clone());
            }
            break;
        }
        Ok(())
    }

    fn url(&self, path: &[&str]) -> anyhow::Result<Url> {
        let mut url: Url = self.stage.url().parse().context("the platform's address")?;
        let mut segments = url.path_segments_mut().ok().context("the platform's address has no paths")?;
        segments.pop_if_empty().extend(path);
        drop(segments);
        Ok(url)
    }

    /// What is there to be read; `None` of a member that the platform does not know.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Option<Value>> {
        let token = self.stage.token(Role::Auditor);
        let response = self.client.get(format!("{}{path}", self.stage.url())).bearer_auth(token).send().await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        ensure!(response.status().is_success(), "{path}: {} {}", response.status(), response.text().await?);
        Ok(Some(response.json().await?))
    }
}

/// What the platform says of a refusal.
async fn problem(response: Response) -> Value {
    let text = response.text().await.unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn words(problem: &Value) -> String {
    let words = problem["detail"].as_str().map_or_else(|| problem.to_string(), str::to_owned);
    problem["pointer"].as_str().map_or_else(|| words.clone(), |pointer| format!("{pointer} {words}"))
}

/// Why an event is left out that the platform refuses; `None` if not the event is at fault.
fn cause(status: StatusCode, code: &str) -> Option<Cause> {
    match (status.as_u16(), code) {
        (_, "refund_window_closed") => Some(Cause::WindowClosed),
        (_, "conflicting_duplicate" | "idempotency_key_reused") => Some(Cause::Conflict),
        (400 | 404 | 409 | 413 | 422, code) if !code.is_empty() => Some(Cause::Refused),
        _ => None,
    }
}
