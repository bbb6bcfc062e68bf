//! `/v1/suggestions`: what members wish, from proposed to shipped.

use domain::kernel::change::Change;
use domain::kernel::id::MemberId;
use domain::kernel::stamp::Stamp;
use domain::programme::setting::Setting;
use domain::programme::voice::form::Texts;
use domain::voice::{Suggestion, SuggestionId, SuggestionRefusal};
use jiff::Timestamp;
use lambda::{Failure, Keyed, Problem, Reply, Request};
use store::Store;
use store::aggregate::{Operation, Read};
use surveys::{Surveys, noting};

use crate::context::Surveyor;
use crate::invitations::parsed;
use crate::wire::suggestion::{
    AcceptRequest, DeclineRequest, MOST, Nothing, ProposeRequest, SuggestionReply, SuggestionsReply,
};

/// So many are shown at once.
const PAGE: i32 = 50;

type Moved = Result<Change<Suggestion>, SuggestionRefusal>;
type Wished = Vec<(MemberId, String)>;

pub(crate) async fn list(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let after: Option<SuggestionId> = request.query("after", "a suggestion")?;
    let (suggestions, more) = surveyor.store().suggestions(after, PAGE).await?;
    Ok(Reply::ok(&SuggestionsReply::new(&suggestions, more)))
}

pub(crate) async fn propose(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body: ProposeRequest { theme, title, members }, stamp } = request.keyed(surveyor.now())?;
    let surveys = surveyor.surveys().await?;
    let known = surveys.programme().document().theme.iter().any(|known| known.id == theme);
    Problem::unless([
        if known { Ok(()) } else { Err(Problem::invalid("/theme", "there is no such theme")) },
        shaped("/title", &title),
    ])?;
    let id = SuggestionId::of(&theme, &stamp.operation.to_string());
    let wished = wished(&surveys, id, &members).await?;
    let decide = |_: &Suggestion, now| noting(Suggestion::propose(id, &theme, title.clone(), now), &wished, now);
    let (suggestion, replayed) = done((surveyor, &surveys), request, (id, stamp), decide).await?;
    let reply = SuggestionReply::new(&suggestion);
    let reply = if replayed { Reply::ok(&reply) } else { Reply::created(&reply) };
    Ok(reply.replayed(replayed))
}

pub(crate) async fn accept(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let (id, Keyed { body: AcceptRequest { members }, stamp }) = keyed(surveyor, request)?;
    let surveys = surveyor.surveys().await?;
    let wished = wished(&surveys, id, &members).await?;
    let accept = |suggestion: &Suggestion, now| noting(suggestion.accept(now)?, &wished, now);
    moved((surveyor, &surveys), request, (id, stamp), accept).await
}

pub(crate) async fn ship(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let (id, Keyed { body: Nothing {}, stamp }) = keyed(surveyor, request)?;
    let surveys = surveyor.surveys().await?;
    moved((surveyor, &surveys), request, (id, stamp), Suggestion::ship).await
}

pub(crate) async fn decline(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let (id, Keyed { body: DeclineRequest { reason }, stamp }) = keyed(surveyor, request)?;
    shaped("/reason", &reason)?;
    let surveys = surveyor.surveys().await?;
    moved((surveyor, &surveys), request, (id, stamp), |suggestion, now| suggestion.decline(reason.clone(), now)).await
}

fn keyed<T: serde::de::DeserializeOwned>(
    surveyor: &Surveyor,
    request: &Request,
) -> Result<(SuggestionId, Keyed<T>), Failure> {
    // A request is read before what it is about is looked for.
    let id: String = request.parameter("suggestion_id", "suggestion")?;
    let keyed = request.keyed_for(("suggestion_id", &id), surveyor.now())?;
    Ok((request.parameter("suggestion_id", "suggestion")?, keyed))
}

/// A suggestion that there is goes on.
async fn moved(
    (surveyor, surveys): (&Surveyor, &Surveys<'_>),
    request: &Request,
    (id, stamp): (SuggestionId, Stamp),
    decide: impl Fn(&Suggestion, Timestamp) -> Moved,
) -> Result<Reply, Failure> {
    let there = surveys.store.get::<Suggestion>(&Store::suggestion_key(id), Read::Strong).await?;
    there.ok_or_else(|| Problem::not_found("suggestion"))?;
    let (suggestion, replayed) = done((surveyor, surveys), request, (id, stamp), decide).await?;
    Ok(Reply::ok(&SuggestionReply::new(&suggestion)).replayed(replayed))
}

async fn done(
    (surveyor, surveys): (&Surveyor, &Surveys<'_>),
    request: &Request,
    (id, stamp): (SuggestionId, Stamp),
    decide: impl Fn(&Suggestion, Timestamp) -> Moved,
) -> Result<(Suggestion, bool), Failure> {
    let (setting, mut patience) = (surveys.setting(), surveyor.patience(request.deadline));
    let operation = Operation { key: &Store::suggestion_key(id), stamp };
    let decide = |suggestion: &Suggestion, setting: Setting<'_>| decide(suggestion, setting.now);
    let done = surveys.store.run(operation, setting, &mut patience, decide).await?;
    done.map(|done| (done.state, done.replayed)).map_err(|refusal| Failure::refused(&refusal))
}

/// Members who are chosen by hand and not noted yet.
async fn wished(surveys: &Surveys<'_>, id: SuggestionId, members: &[String]) -> Result<Wished, Failure> {
    if members.len() > MOST {
        return Err(Problem::invalid("/members", "are 20 at most").into());
    }
    let chosen = surveys.chosen(id, &parsed(members)?).await?;
    Ok(chosen.map_err(|place| Problem::invalid(format!("/members/{place}"), "is no member who is here"))?)
}

/// Words in some languages.
fn shaped(at: &str, texts: &Texts) -> Result<(), Problem> {
    let fits = |words: &String| (1..=200).contains(&words.trim().chars().count());
    let fits = (1..=10).contains(&texts.len()) && texts.values().all(fits);
    if fits { Ok(()) } else { Err(Problem::invalid(at, "has 1 to 200 characters in each of 1 to 10 languages")) }
}
