//! `/v1/suggestions`: what members wish, from proposed to shipped.

use domain::kernel::change::Change;
use domain::kernel::id::MemberId;
use domain::programme::setting::Setting;
use domain::programme::voice::form::Texts;
use domain::voice::{Suggestion, SuggestionId, SuggestionRefusal};
use jiff::Timestamp;
use lambda::{Failure, Keyed, Problem, Reply, Request};
use store::Store;
use store::aggregate::{Operation, Read};

use crate::context::{Surveyor, View};
use crate::wire::suggestion::{
    AcceptRequest, DeclineRequest, MOST, Nothing, ProposeRequest, SuggestionReply, SuggestionsReply,
};

/// So many are shown at once.
const PAGE: i32 = 50;

pub(crate) async fn list(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let after: Option<SuggestionId> = request.query("after", "a suggestion")?;
    let (suggestions, more) = surveyor.store().suggestions(after, PAGE).await?;
    Ok(Reply::ok(&SuggestionsReply::new(&suggestions, more)))
}

pub(crate) async fn propose(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body: ProposeRequest { theme, title, members }, stamp } = request.keyed(surveyor.now())?;
    let view = surveyor.view().await?;
    let known = view.programmes.at(view.now).document().theme.iter().any(|known| known.id == theme);
    Problem::unless([
        if known { Ok(()) } else { Err(Problem::invalid("/theme", "there is no such theme")) },
        shaped("/title", &title),
    ])?;
    let id = SuggestionId::of(&theme, &stamp.operation.to_string());
    let wished = wished(surveyor, &view, id, &members).await?;
    let decide = |_: &Suggestion, setting: Setting<'_>| {
        let proposed = Suggestion::propose(id, &theme, title.clone(), setting.now);
        let mut change = proposed.state.note(&wished, None, setting.now)?;
        change.facts = proposed.facts;
        Ok(change)
    };
    let (setting, mut patience) = (view.setting(), surveyor.patience(request.deadline));
    let key = Store::suggestion_key(id);
    let done = surveyor.store().run(Operation { key: &key, stamp }, setting, &mut patience, decide).await?;
    let done = done.map_err(|refusal| Failure::refused(&refusal))?;
    let reply = SuggestionReply::new(&done.state);
    let reply = if done.replayed { Reply::ok(&reply) } else { Reply::created(&reply) };
    Ok(reply.replayed(done.replayed))
}

pub(crate) async fn accept(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let (id, Keyed { body: AcceptRequest { members }, stamp }) = keyed(surveyor, request)?;
    let view = surveyor.view().await?;
    let wished = wished(surveyor, &view, id, &members).await?;
    moved((surveyor, &view), request, (id, stamp), |suggestion, now| {
        let accepted = suggestion.accept(now)?;
        let mut change = accepted.state.note(&wished, None, now)?;
        change.facts = accepted.facts;
        Ok(change)
    })
    .await
}

pub(crate) async fn ship(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let (id, Keyed { body: Nothing {}, stamp }) = keyed(surveyor, request)?;
    let view = surveyor.view().await?;
    moved((surveyor, &view), request, (id, stamp), Suggestion::ship).await
}

pub(crate) async fn decline(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let (id, Keyed { body: DeclineRequest { reason }, stamp }) = keyed(surveyor, request)?;
    shaped("/reason", &reason)?;
    let view = surveyor.view().await?;
    moved((surveyor, &view), request, (id, stamp), |suggestion, now| suggestion.decline(reason.clone(), now)).await
}

fn keyed<T: serde::de::DeserializeOwned>(
    surveyor: &Surveyor,
    request: &Request,
) -> Result<(SuggestionId, Keyed<T>), Failure> {
    let id: SuggestionId = request.parameter("suggestion_id", "suggestion")?;
    Ok((id, request.keyed_for(("suggestion_id", &id.to_string()), surveyor.now())?))
}

/// A suggestion that there is goes on.
async fn moved(
    (surveyor, view): (&Surveyor, &View<'_>),
    request: &Request,
    (id, stamp): (SuggestionId, domain::kernel::stamp::Stamp),
    decide: impl Fn(&Suggestion, Timestamp) -> Result<Change<Suggestion>, SuggestionRefusal>,
) -> Result<Reply, Failure> {
    let key = Store::suggestion_key(id);
    let there = surveyor.store().get::<Suggestion>(&key, Read::Strong).await?;
    there.ok_or_else(|| Problem::not_found("suggestion"))?;
    let (setting, mut patience) = (view.setting(), surveyor.patience(request.deadline));
    let operation = Operation { key: &key, stamp };
    let decide = |suggestion: &Suggestion, setting: Setting<'_>| decide(suggestion, setting.now);
    let done = surveyor.store().run(operation, setting, &mut patience, decide).await?;
    let done = done.map_err(|refusal| Failure::refused(&refusal))?;
    Ok(Reply::ok(&SuggestionReply::new(&done.state)).replayed(done.replayed))
}

/// Members who are chosen by hand and not noted yet, each with what that belongs to: nothing else.
async fn wished(
    surveyor: &Surveyor,
    view: &View<'_>,
    id: SuggestionId,
    members: &[String],
) -> Result<Vec<(MemberId, String)>, Failure> {
    if members.len() > MOST {
        return Err(Problem::invalid("/members", "are 20 at most").into());
    }
    let mut chosen = Vec::with_capacity(members.len());
    for (place, member) in members.iter().enumerate() {
        let at = format!("/members/{place}");
        let member: Result<MemberId, String> = member.parse();
        let member = member.map_err(|_words| Problem::invalid(&at, "is no member's id"))?;
        let invitee = surveyor.store().invitee(&member).await?.filter(|invitee| invitee.is_open);
        let invitee = invitee.ok_or_else(|| Problem::invalid(&at, "is no member who is here"))?;
        let correlation = domain::kernel::id::OperationId::of_fact("suggestion", &id.to_string(), member.as_str());
        chosen.push((invitee.member, correlation.to_string()));
    }
    let _ = view;
    Ok(surveyor.store().not_noted(id, chosen).await?)
}

/// Words in some languages.
fn shaped(at: &str, texts: &Texts) -> Result<(), Problem> {
    let fits = |words: &String| (1..=200).contains(&words.trim().chars().count());
    let fits = (1..=10).contains(&texts.len()) && texts.values().all(fits);
    if fits { Ok(()) } else { Err(Problem::invalid(at, "has 1 to 200 characters in each of 1 to 10 languages")) }
}
