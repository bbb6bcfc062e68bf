//! What is known of the person, as much as the caller may see, and what the person did.

use domain::kernel::id::MemberId;
use domain::members::looking::Retention;
use domain::members::tag::current;
use domain::members::telling::Rules;
use lambda::Failure;
use serde_json::{Value, json};

use super::looking::{NEWEST, Shown, View};
use crate::told;
use crate::wire::consent::ConsentsReply;
use crate::wire::place::TrailPlace;
use crate::wire::profile::{MemberReply, Seeing};
use crate::wire::trail::{TrailReply, is_shown};

/// Everything that is known, as the caller sees it.
fn known(view: &View<'_>) -> Result<Value, Failure> {
    let programme = view.programmes.at(view.now);
    let seeing = Seeing::of(view.principal, &programme.document().source);
    let retention = Retention::of(Rules::of(programme, view.now));
    Ok(json!(MemberReply::new(view.stored()?, view.asked, seeing, retention)))
}

pub(super) async fn profile(view: &View<'_>) -> Result<Shown, Failure> {
    let mut known = known(view)?;
    if let Some(known) = known.as_object_mut() {
        known.retain(|name, _| !["member", "merged_from", "identifiers", "tags"].contains(&name.as_str()));
    }
    Ok(Shown::whole(known))
}

pub(super) async fn identifiers(view: &View<'_>) -> Result<Shown, Failure> {
    let mut all = known(view)?["identifiers"].as_array().cloned().unwrap_or_default();
    all.reverse(); // the newest first
    Ok(Shown::list(all, || format!("/v1/members/{}", view.member)))
}

pub(super) async fn consents(view: &View<'_>) -> Result<Shown, Failure> {
    let rules = Rules::of(view.programmes.at(view.now), view.now);
    let mut all = json!(ConsentsReply::new(&view.stored()?.member, rules, None))["consents"].take();
    let mut all = all.as_array_mut().map(std::mem::take).unwrap_or_default();
    all.sort_by(|one, other| other["at"].as_str().cmp(&one["at"].as_str()));
    Ok(Shown::list(all, || view.address("consents")))
}

/// Those that were given by hand, each with its last day, and those that were worked out.
pub(super) async fn tags(view: &View<'_>) -> Result<Shown, Failure> {
    let today = view.programmes.at(view.now).zone().date(view.now);
    let by_hand = current(&view.stored()?.member.tags, today);
    let by_hand = by_hand.map(|(tag, until)| json!({"tag": tag, "until": until}));
    let computed = view.account().await?.score.iter().flat_map(|score| &score.tags).map(|tag| json!({"tag": tag}));
    Ok(Shown::list(by_hand.chain(computed).collect(), || format!("/v1/members/{}", view.member)))
}

pub(super) async fn trail(view: &View<'_>) -> Result<Shown, Failure> {
    let everybody: Vec<MemberId> = view.stored()?.member.everybody().cloned().collect();
    let trail = told::read(view.app.store(), &everybody, TrailPlace::default(), (NEWEST, is_shown)).await?;
    let trail = TrailReply::new(&everybody[0], &trail);
    let next = trail.next.map(|next| view.address(&format!("trail?after={next}")));
    Ok(Shown { data: json!(trail.items), next })
}
