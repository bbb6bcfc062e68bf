//! How well sources keep to what is expected of them: counted as it comes, judged every night.

use std::collections::BTreeMap;

use domain::kernel::change::{Change, Key};
use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::stamp::Stamp;
use domain::members::speaking::Speaker;
use domain::members::state::Member;
use domain::programme::setting::Setting;
use domain::programme::source::{Quality, Source};
use domain::quality::score::Share;
use domain::quality::traffic::{Reported, Traffic};
use domain::quality::watch::{Day, Watch, judge};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use lambda::{Failure, Private, Problem};
use serde_json::{Value, json};
use store::aggregate::{Operation, Read};
use store::{StoreError, traffic, watch};
use tokio::time::Instant;

/// So long after its midnight a local day is judged: what was on its way has arrived.
const NIGHT: SignedDuration = SignedDuration::from_mins(210);

/// How many days that no night has judged are made up for.
const MADE_UP: i32 = 7;

/// Facts that were accepted, by source: what the router counted in a batch of a stream.
pub(crate) type Counted = BTreeMap<String, Vec<Reported>>;

/// Reads the numbers of a message: `{"shop": [[occurred, recorded], ...]}`, in milliseconds since 1970.
pub(crate) fn counted(body: &Value) -> Result<(OperationId, Counted), Problem> {
    let invalid = || Problem::invalid("/reported", "is no list of instants by source");
    let name = body["id"].as_str().ok_or_else(|| Problem::invalid("/id", "is missing"))?;
    let instant = |value: &Value| Timestamp::from_millisecond(value.as_i64()?).ok();
    let one = |pair: &Value| Some(Reported { occurred_at: instant(&pair[0])?, recorded_at: instant(&pair[1])? });
    let of_source = |(source, list): (&String, &Value)| {
        let list: Option<Vec<Reported>> = list.as_array()?.iter().map(one).collect();
        Some((source.clone(), list?))
    };
    let counted: Option<Counted> = body["reported"].as_object().ok_or_else(invalid)?.iter().map(of_source).collect();
    Ok((OperationId::of_fact("reported", name, ""), counted.ok_or_else(invalid)?))
}

/// Takes numbers in: a message that comes again changes nothing.
pub(crate) async fn count(
    app: &Private,
    (operation, counted): &(OperationId, Counted),
    deadline: Instant,
) -> Result<(), Failure> {
    let (programmes, now) = (app.programmes().await?, app.now());
    let programme = programmes.at(now);
    for (source, reported) in counted {
        let declared = programme.document().source.iter().find(|declared| declared.id == *source);
        let in_time = declared.and_then(|declared| Some(declared.quality.as_ref()?.lag?.seconds));
        let mut days: BTreeMap<Date, Vec<Reported>> = BTreeMap::new();
        for one in reported {
            days.entry(programme.zone().date(one.recorded_at)).or_default().push(*one);
        }
        for (date, reported) in days {
            let decide = |traffic: &mut Traffic| traffic.count(&reported, in_time);
            add(app, (source, date), *operation, decide, deadline).await?;
        }
    }
    Ok(())
}

/// Counts fields of a member that a source has written.
pub(crate) async fn wrote(
    app: &Private,
    speaker: Speaker<'_>,
    member: &Member,
    operation: OperationId,
    deadline: Instant,
) -> Result<(), Failure> {
    let Speaker::Source(source) = speaker else { return Ok(()) };
    let Some(quality) = source.quality.as_ref().filter(|quality| !quality.complete.is_empty()) else { return Ok(()) };
    let date = app.programmes().await?.at(app.now()).zone().date(app.now());
    let filled = filled(quality, member);
    add(app, (&source.id, date), operation, |traffic| traffic.write(filled), deadline).await
}

/// How many of the fields that are expected are filled.
fn filled(quality: &Quality, member: &Member) -> Share {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let numerator = count(quality.complete.iter().filter(|field| member.knows(field)).count());
    Share { numerator, denominator: count(quality.complete.len()) }
}

async fn add(
    app: &Private,
    (source, date): (&str, Date),
    operation: OperationId,
    change: impl Fn(&mut Traffic),
    deadline: Instant,
) -> Result<(), Failure> {
    let programmes = app.programmes().await?;
    let now = app.now();
    let content = ContentHash::of(&json!([source, date]));
    let key = traffic(source, date);
    let stamp = Stamp { operation, content, occurred_at: now };
    let decide = |before: &Traffic, _: Setting<'_>| {
        let mut after = before.clone();
        change(&mut after);
        Ok(Change::to(after))
    };
    let setting = Setting { programmes: &programmes, now };
    let mut patience = app.patience(deadline);
    let added = app.store().run(Operation { key: &key, stamp }, setting, &mut patience, decide).await?;
    added.map(drop).map_err(|refusal| Problem::refused(&refusal).into())
}

/// Judges, of every source of which something is expected, the days that are over and that no night has judged yet.
///
/// # Errors
/// What the store says.
pub(crate) async fn judge_days(app: &Private, deadline: Instant) -> Result<(), StoreError> {
    let (programmes, now) = (app.programmes().await?, app.now());
    let programme = programmes.at(now);
    let today = programme.zone().clock(now).saturating_sub(NIGHT).date();
    for source in &programme.document().source {
        let Some(quality) = &source.quality else { continue };
        let key = watch(&source.id);
        let known = app.store().get::<Watch>(&key, Read::Strong).await?;
        let earliest = today.saturating_sub(MADE_UP.days());
        let from =
            known.and_then(|watch| watch.judged?.tomorrow().ok()).unwrap_or_else(|| today.saturating_sub(1.days()));
        let days: Vec<Date> = from.max(earliest).series(1.day()).take_while(|date| *date <= today).collect();
        let read = app.store().source_days(&source.id, &days).await?;
        for date in days.iter().filter(|date| **date < today) {
            let heard_at =
                read.traffic.range(..=today).filter_map(|(_, traffic)| traffic.last).map(|last| last.recorded_at).max();
            let day = Day { date: *date, shares: read.shares(*date), heard_at };
            judge_day(app, (&key, source, quality), &day, deadline).await?;
        }
    }
    Ok(())
}

async fn judge_day(
    app: &Private,
    (key, source, quality): (&Key, &Source, &Quality),
    day: &Day,
    deadline: Instant,
) -> Result<(), StoreError> {
    let (programmes, now) = (app.programmes().await?, app.now());
    let operation = OperationId::of_fact("quality", &source.id, &day.date.to_string());
    let stamp = Stamp { operation, content: ContentHash::of(&json!(day.date)), occurred_at: now };
    let setting = Setting { programmes: &programmes, now };
    let decide = |before: &Watch, setting: Setting<'_>| match before.judged {
        Some(judged) if judged >= day.date => Ok(Change::to(before.clone())),
        _ => Ok(judge(before, source, quality, day, setting.now)),
    };
    let mut patience = app.patience(deadline);
    let written = app.store().run(Operation { key, stamp }, setting, &mut patience, decide).await?;
    written.map(drop).map_err(|_reused| StoreError::bug("a day of a source is judged once"))
}
