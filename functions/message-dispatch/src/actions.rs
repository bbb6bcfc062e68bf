//! `GET` and `POST /a/{token}`: what can be done in a message, with one press. Looking at it changes nothing, for scanners of mail follow links.

use std::collections::BTreeSet;

use domain::care::{Claim, KeyId, Scene};
use domain::kernel::id::OperationId;
use domain::messages::Record;
use domain::programme::setting::Setting;
use jiff::ToSpan as _;
use lambda::{Failure, Reply, Request};
use store::StoreError;

use crate::context::Dispatcher;
use crate::wire::page::{STYLE, Shown, page};

/// What an address begins with that does something.
const ACTION: &str = "1.a.1.";

/// The address of what can be done in a message, without the host.
///
/// # Errors
/// The key cannot be had.
pub(crate) async fn token(dispatcher: &Dispatcher, message: &str) -> Result<String, StoreError> {
    dispatcher.store().signed(dispatcher.keys(), &format!("{ACTION}{message}")).await
}

pub(crate) async fn get(dispatcher: &Dispatcher, request: &Request) -> Result<Reply, Failure> {
    let Some((record, _)) = followed(dispatcher, request).await? else { return Ok(unknown()) };
    let shown = if record.acted_at.is_some() { Shown::Done } else { stands(dispatcher, &record).await? };
    Ok(shown_as(&record, shown))
}

pub(crate) async fn post(dispatcher: &Dispatcher, request: &Request) -> Result<Reply, Failure> {
    // Who loses a race looks again: whoever won has done it.
    for _ in 0..3 {
        let Some((record, version)) = followed(dispatcher, request).await? else { return Ok(unknown()) };
        if record.acted_at.is_some() {
            return Ok(shown_as(&record, Shown::Done));
        }
        let shown = stands(dispatcher, &record).await?;
        if shown != Shown::Open {
            return Ok(shown_as(&record, shown));
        }
        let (programmes, now) = (dispatcher.programmes().await?, dispatcher.now());
        let Some((acted, fact)) = record.act(now) else { return Ok(unknown()) };
        let operation = OperationId::of_fact("/perennial/messages", &record.id, "action");
        let setting = Setting { programmes: &programmes, now };
        if dispatcher.store().keep_message((&acted, version), (&[fact], operation), setting).await? {
            return Ok(shown_as(&acted, Shown::Done));
        }
    }
    Err(StoreError::Busy.into())
}

/// The message that an address leads to; none if it was not made here.
async fn followed(dispatcher: &Dispatcher, request: &Request) -> Result<Option<(Record, u64)>, Failure> {
    let token: String = request.parameter("token", "page")?;
    let text = dispatcher.store().unsigned(dispatcher.keys(), &token).await?;
    let Some(id) = text.and_then(|text| text.strip_prefix(ACTION)) else { return Ok(None) };
    Ok(dispatcher.store().message(id).await?.filter(|(record, _)| record.action.is_some()))
}

/// Can it still be done? Until the end of the date that its step is counted from, and while its journey has not ended.
async fn stands(dispatcher: &Dispatcher, record: &Record) -> Result<Shown, Failure> {
    let (programmes, now) = (dispatcher.programmes().await?, dispatcher.now());
    let known = dispatcher.store().care_person(&record.member, programmes.at(now), now).await?;
    let key = KeyId::of(&record.of.journey, &record.of.key);
    let care = dispatcher.store().care_about(&known.member, key, now).await?;
    let paused = BTreeSet::new();
    let scene = Scene { programmes: &programmes, person: &known.person, paused: &paused, now };
    let Ok(message) = record.id.parse() else { return Ok(Shown::Over) };
    let Claim::Stands { enrolment, .. } = care.claim(key, message, &scene) else { return Ok(Shown::Over) };
    let zone = scene.zone();
    let last = enrolment.anchor.date(&zone).max(zone.date(now).min(zone.date(record.message.latest_at)));
    let ends = last.checked_add(1.day()).map(|next| zone.start_of(next)).unwrap_or(record.message.latest_at);
    Ok(if now < ends { Shown::Open } else { Shown::Late })
}

fn shown_as(record: &Record, shown: Shown) -> Reply {
    let status = match shown {
        Shown::Open | Shown::Done => 200,
        Shown::Over | Shown::Late => 410,
        Shown::Unknown => 404,
    };
    Reply::page(status, page(record.locale.as_deref().unwrap_or_default(), shown), STYLE)
}

fn unknown() -> Reply {
    Reply::page(404, page("", Shown::Unknown), STYLE)
}
