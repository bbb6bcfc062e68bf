//! `POST /v1/care/preview`: what will be done for a member, by the same decisions, and without a write.

use domain::care::{Ahead, Standing};
use domain::members::finding::Finding;
use jiff::SignedDuration;
use lambda::{Asked, Failure, Problem, Reply, Request};

use crate::context::Carer;
use crate::wire::preview::{PreviewReply, PreviewRequest};

pub(crate) async fn post(carer: &Carer, request: &Request) -> Result<Reply, Failure> {
    let Asked { member, body }: Asked<PreviewRequest> = request.about()?;
    let days = body.days()?;
    let view = carer.view().await?;
    let known = carer.known(&view, &member).await?;
    if known.person.standing == Standing::Erased {
        return Err(Problem::refused(&Finding::MemberErased).into());
    }
    let until = view.now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(view.now);
    let events = body.events(&known.member, (view.now, until), view.programmes.at(view.now))?;
    let care = carer.store().whole_care(&known.member, view.now).await?;
    let ahead = Ahead { from: view.now, until, events: &events, paused: &view.paused };
    let foreseen = care.foreseen(&known.person, &view.programmes, ahead);
    // What is pending then is told as it is planned then.
    let steps = foreseen.shown(&domain::care::Scene { now: until, ..view.scene(&known) });
    let comes = |step: &&domain::care::Shown| match &step.outcome {
        Some(outcome) => outcome.at >= view.now && !was_there(&care, step),
        None => false,
    };
    Ok(Reply::ok(&PreviewReply::new(&known.member, until, steps.iter().filter(comes))))
}

/// Had a step the same outcome before?
fn was_there(care: &domain::care::Care, step: &domain::care::Shown) -> bool {
    let filed = care.filed.values().filter_map(|filed| filed.enrolment.as_ref());
    let mut all = care.enrolments.iter().chain(filed);
    all.any(|own| {
        own.id(&care.member) == step.enrolment
            && own.steps.iter().any(|state| state.name() == step.step && state.outcome == step.outcome)
    })
}
