//! `GET /v1/sources`, `/v1/sources/{source}/quality`: which systems report, what for, and how well they keep to what is expected.

use domain::kernel::refusal::Missing;
use domain::programme::source::Source;
use jiff::ToSpan as _;
use jiff::civil::Date;
use lambda::{Failure, Private, Problem, Reply, Request};

use crate::wire::source::{QualityReply, SourceView, SourcesReply};

/// For how many days the traffic of a source is told.
const DAYS: i32 = 30;

/// The most days of which quality is told at once.
const MOST: usize = 92;

pub(crate) async fn list(app: &Private, _: &Request) -> Result<Reply, Failure> {
    let (programmes, now) = (app.programmes().await?, app.now());
    let programme = programmes.at(now);
    let today = programme.zone().date(now);
    let first = today.saturating_sub((DAYS - 1).days());
    let dates: Vec<Date> = first.series(1.day()).take_while(|date| *date <= today).collect();
    let mut sources = Vec::new();
    for source in &programme.document().source {
        sources.push(SourceView::new(source, &app.store().source_days(&source.id, &dates).await?, today));
    }
    Ok(Reply::ok(&SourcesReply { sources }))
}

/// A source by its id.
fn named<'a>(sources: &'a [Source], id: &str) -> Result<&'a Source, Failure> {
    let found = sources.iter().find(|source| source.id == id);
    found.ok_or_else(|| Problem::refused(&Missing::NotFound { what: "source" }).into())
}

pub(crate) async fn quality(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let id: String = request.parameter("source", "source")?;
    let date = |name| request.query::<Date>(name, "a date such as 2026-11-22");
    let (from, to) = (date("from")?, date("to")?);
    let (programmes, now) = (app.programmes().await?, app.now());
    let programme = programmes.at(now);
    let source = named(&programme.document().source, &id)?;
    let to = to.unwrap_or_else(|| programme.zone().date(now));
    let from = from.unwrap_or_else(|| to.saturating_sub(6.days()));
    let dates: Vec<Date> = from.series(1.day()).take_while(|date| *date <= to).collect();
    if dates.is_empty() || dates.len() > MOST {
        return Err(Problem::bad_request("invalid_parameter", "from `from` to `to` it must be 1 to 92 days").into());
    }
    let days = app.store().source_days(&source.id, &dates).await?;
    Ok(Reply::ok(&QualityReply::new(source, &days, &dates)))
}
