//! `GET` and `POST /p/{token}`: what a member agrees to, for whoever has the link: no sign-in, no script. A `GET` changes nothing, for
//! scanners of mail follow links.

use domain::kernel::id::EntryId;
use domain::kernel::refusal::Refusal as _;
use domain::members::consent::{Consenting, Said, Statement};
use domain::members::erasing::Because;
use domain::members::home::Home;
use domain::members::link::Link;
use domain::members::speaking::Speaker;
use domain::members::state::Member;
use domain::members::telling::{Rules, Telling, Told};
use futures_util::future::join;
use lambda::{Failure, Private, Problem, Reply, Request};
use store::{AskErasure, NotWritten, StoredMember};

use crate::access;
use crate::asked::Asked;
use crate::wire::page::data::{MyData, Wish, confirmation};
use crate::wire::page::frame::{STYLE, notice};
use crate::wire::page::view::Preferences;
use crate::wire::page::words::Words;

/// The purpose of what nobody waits for.
const MARKETING: &str = "marketing";

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let asked = Asked::by(app, request, "page".to_owned()).await?;
    let Some(link) = followed(app, request).await? else { return Ok(unknown(request)) };
    let wish: Option<String> = request.query("ask", "what is asked").ok().flatten();
    let wish = wish.as_deref().and_then(Wish::named).filter(|_| link.is_fresh(asked.now));
    if let Some(wish) = wish
        && let Ok(StoredMember { member, .. }) = app.store().member(app.keys(), &link.member, asked.now).await?
    {
        let rules = asked.rules();
        let words = words(request, member.locale.as_deref(), rules);
        return Ok(Reply::page(200, confirmation(words, wish, rules.privacy.cool_off_days), STYLE));
    }
    shown(app, request, &asked, (&link, None)).await
}

pub(crate) async fn post(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let Some(link) = followed(app, request).await? else { return Ok(unknown(request)) };
    let asked = Asked::by(app, request, format!("page:{}", link.member)).await?;
    let done = said(app, request, &asked, &link).await?;
    shown(app, request, &asked, (&link, Some(&done))).await
}

/// What came of what was said.
enum Done {
    Saved,
    /// The link is old.
    Old,
    /// The form is not one of ours.
    Wrong,
    /// Nobody is known by the link any more.
    Nobody,
    Refused(Telling),
    /// What is known of the member is being put together.
    Exports,
    /// It is to be had there.
    Download(String),
    /// The member is to be erased, or not any more.
    Erases,
    /// That is not possible now.
    NotNow,
}

impl Done {
    /// The status, and what the page says; of an old link it says so anyway.
    fn told<'a>(&self, words: &'a Words) -> (u16, Option<&'a str>) {
        match self {
            Self::Saved | Self::Nobody => (200, Some(words.saved)),
            Self::Exports | Self::Download(_) | Self::Erases => (200, None),
            Self::NotNow => (409, Some(words.refused)),
            Self::Old => (410, None),
            Self::Wrong => (400, Some(words.refused)),
            Self::Refused(Telling::Consenting(Consenting::GuardianNeeded { .. })) => (422, Some(words.guardian)),
            Self::Refused(Telling::Consenting(Consenting::TextNotInForce { .. })) => (422, Some(words.changed)),
            Self::Refused(refusal) => (lambda::status_of(refusal.class()), Some(words.refused)),
        }
    }
}

/// Does what the form says: agrees, takes back, confirms.
async fn said(app: &Private, request: &Request, asked: &Asked<'_>, link: &Link) -> Result<Done, Failure> {
    let form = request.form()?;
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let version = field("version").and_then(|version| version.parse().ok());
    let statement = |purpose: &str, channel, said| Statement {
        purpose: purpose.to_owned(),
        channel,
        said,
        text: version.map(|version| (purpose.to_owned(), version)),
        at: asked.now,
        guardian: false,
    };
    // What a mailbox sends by itself when its own button is pressed. Source: RFC 8058.
    if field("List-Unsubscribe") == Some("One-Click") {
        let Some(channel) = link.sent_by() else { return Ok(Done::Wrong) };
        return told(app, asked, link, statement(MARKETING, Some(channel), Said::Withdrawn)).await;
    }
    if let Some(said @ ("export" | "download" | "erase" | "keep")) = field("said") {
        return if link.is_fresh(asked.now) { of_data(app, asked, link, said).await } else { Ok(Done::Old) };
    }
    let (Some(said), Some(purpose)) = (field("said"), field("purpose")) else { return Ok(Done::Wrong) };
    let Ok(channel) = field("channel").map(str::parse).transpose() else { return Ok(Done::Wrong) };
    if said != "withdrawn" && !link.is_fresh(asked.now) {
        return Ok(Done::Old);
    }
    let subject = (purpose.to_owned(), channel);
    let statement = match said {
        "given" => statement(purpose, channel, Said::Given),
        "withdrawn" => statement(purpose, channel, Said::Withdrawn),
        // Who was written to by this channel has the link that was sent there, and nobody else.
        "confirmed" if channel.is_some() && link.sent_by() == channel => {
            let confirmed = app.store().confirm(&link.member, &subject, asked.asking(), &mut asked.patience()).await?;
            return Ok(match confirmed {
                Ok(()) => Done::Saved,
                Err(NotWritten::Refused(refusal)) => Done::Refused(refusal),
                Err(NotWritten::Finding(_)) => Done::Nobody,
            });
        }
        _ => return Ok(Done::Wrong),
    };
    told(app, asked, link, statement).await
}

/// What a member says is recorded.
async fn told(app: &Private, asked: &Asked<'_>, link: &Link, statement: Statement) -> Result<Done, Failure> {
    let says = Speaker::Member.says(asked.now);
    let told = Told { home: Home::default(), fields: Vec::new(), consents: vec![statement], says };
    let written = app.store().tell((&link.member, None), &told, asked.asking(), &mut asked.patience()).await?;
    Ok(match written {
        Ok(_) => Done::Saved,
        Err(NotWritten::Refused(refusal)) => Done::Refused(refusal),
        Err(NotWritten::Finding(_)) => Done::Nobody,
    })
}

/// Does what is asked of the member's data as a whole: a copy, to get it, that all of it be deleted, and that it be not.
async fn of_data(app: &Private, asked: &Asked<'_>, link: &Link, said: &str) -> Result<Done, Failure> {
    let store = app.store();
    let found = store.member(app.keys(), &link.member, asked.now).await?;
    let Ok(StoredMember { member: Member { id, .. }, .. }) = found else { return Ok(Done::Nobody) };
    let (asking, patience) = (asked.asking(), &mut asked.patience());
    let done = match said {
        "export" => store.ask_access(&id, None, asking, patience).await?.ok().map(|export| (export, Done::Exports)),
        "download" => {
            let export = store.access_export(&id).await?.map(|(export, _)| export);
            let link = match &export {
                Some(export) => access::link(app, export).await?,
                None => None,
            };
            return Ok(link.map_or(Done::NotNow, |(url, _)| Done::Download(url)));
        }
        "erase" => {
            let ask = AskErasure { because: Because::Asked, at_once: false, by: None, reason: None };
            let erased = store.ask_erasure(&id, ask, asking, patience).await?;
            return Ok(if erased.is_ok() { Done::Erases } else { Done::NotNow });
        }
        _ => {
            let Some(request) = store.erasure_asked(&id).await? else { return Ok(Done::NotNow) };
            let erasure = EntryId { member: id, sequence: request.n };
            let kept = store.revoke_erasure(&erasure, None, asking, patience).await?;
            return Ok(if kept.is_some_and(|kept| kept.is_ok()) { Done::Saved } else { Done::NotNow });
        }
    };
    let Some((export, done)) = done else { return Ok(Done::Nobody) };
    if !export.rests() {
        app.tell_members(&access::message(&id)).await?;
    }
    Ok(done)
}

async fn followed(app: &Private, request: &Request) -> Result<Option<Link>, Failure> {
    let token: String = request.parameter("token", "page")?;
    Ok(app.store().followed(app.keys(), &token).await?)
}

async fn shown(
    app: &Private,
    request: &Request,
    asked: &Asked<'_>,
    (link, done): (&Link, Option<&Done>),
) -> Result<Reply, Failure> {
    let stored = app.store().member(app.keys(), &link.member, asked.now).await?;
    let rules = asked.rules();
    let Ok(StoredMember { member, .. }) = stored else {
        let words = words(request, None, rules);
        return Ok(Reply::page(200, notice(words, words.nobody), STYLE));
    };
    let words = words(request, member.locale.as_deref(), rules);
    let fresh = link.is_fresh(asked.now);
    let (status, says) = done.map_or((200, None), |done| done.told(words));
    let (export, erasure) = join(app.store().access_export(&member.id), app.store().erasure_asked(&member.id)).await;
    let (export, erasure) = (export?.map(|(export, _)| export), erasure?);
    let zone = rules.terms.zone;
    let url = match done {
        Some(Done::Download(url)) => Some(url.as_str()),
        _ => None,
    };
    let erased_at = erasure.filter(|request| request.revoked_at.is_none()).and_then(|request| request.due(zone));
    let data = MyData { export: export.as_ref(), erased_at, url, zone, now: asked.now };
    let page = Preferences { words, link, fresh, member: &member, rules, status: says, data };
    Ok(Reply::page(status, page.page(), STYLE))
}

/// In the language that is asked for, or the member's, or the programme's first.
fn words(request: &Request, own: Option<&str>, rules: Rules<'_>) -> &'static Words {
    let asked: Option<String> = request.query("lang", "a language").ok().flatten();
    let first = || rules.members.locales.first().map(String::as_str);
    Words::of(asked.as_deref().or(own).or_else(first).unwrap_or_default())
}

fn unknown(request: &Request) -> Reply {
    let asked: Option<String> = request.query("lang", "a language").ok().flatten();
    let words = Words::of(asked.as_deref().unwrap_or_default());
    Reply::page(Problem::not_found("page").status, notice(words, words.unknown), STYLE)
}
