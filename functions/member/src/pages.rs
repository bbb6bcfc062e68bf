//! `GET` and `POST /p/{token}`: what a member agrees to, for whoever has the link: no sign-in, no script. A `GET` changes nothing, for
//! scanners of mail follow links.

use domain::kernel::refusal::Refusal as _;
use domain::members::consent::{Consenting, Said, Statement};
use domain::members::home::Home;
use domain::members::link::Link;
use domain::members::speaking::Speaker;
use domain::members::telling::{Rules, Telling, Told};
use lambda::{Failure, Private, Problem, Reply, Request};
use store::{NotWritten, StoredMember};

use crate::asked::Asked;
use crate::wire::page::view::{Preferences, STYLE, notice};
use crate::wire::page::words::Words;

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let asked = Asked::by(app, request, "page".to_owned()).await?;
    let Some(link) = followed(app, request).await? else { return Ok(unknown(request)) };
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
}

impl Done {
    /// The status, and what the page says; of an old link it says so anyway.
    fn told<'a>(&self, words: &'a Words) -> (u16, Option<&'a str>) {
        match self {
            Self::Saved | Self::Nobody => (200, Some(words.saved)),
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
    let (Some(said), Some(purpose)) = (field("said"), field("purpose")) else { return Ok(Done::Wrong) };
    let Ok(channel) = field("channel").map(str::parse).transpose() else { return Ok(Done::Wrong) };
    if said != "withdrawn" && !link.is_fresh(asked.now) {
        return Ok(Done::Old);
    }
    let version = field("version").and_then(|version| version.parse().ok());
    let subject = (purpose.to_owned(), channel);
    let statement = |said| Statement {
        purpose: purpose.to_owned(),
        channel,
        said,
        text: version.map(|version| (purpose.to_owned(), version)),
        at: asked.now,
        guardian: false,
    };
    let statement = match said {
        "given" => statement(Said::Given),
        "withdrawn" => statement(Said::Withdrawn),
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
    let says = Speaker::Member.says(asked.now);
    let told = Told { home: Home::default(), fields: Vec::new(), consents: vec![statement], says };
    let written = app.store().tell((&link.member, None), &told, asked.asking(), &mut asked.patience()).await?;
    Ok(match written {
        Ok(_) => Done::Saved,
        Err(NotWritten::Refused(refusal)) => Done::Refused(refusal),
        Err(NotWritten::Finding(_)) => Done::Nobody,
    })
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
    let page = Preferences { words, link, fresh, member: &member, rules, status: says };
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
