//! What follows an answer: it is complete once, and its score sets something off, each once (rules: voice 18, 19).

use jiff::Timestamp;

use super::answer::Answer;
use super::facts::{Following, Of, Response, VoiceFact};
use super::invitation::Invitation;
use crate::kernel::change::Change;
use crate::programme::compiled::Programme;
use crate::programme::voice::form::Form;
use crate::programme::voice::survey::{FollowUp, Follows, Survey};

/// What follows a score that is high after one that was low.
const NOTE: &str = "note";

/// Completes an answer, and tells what its score sets off.
pub(super) fn complete(
    mut after: Invitation,
    survey: Option<&Survey>,
    programme: &Programme,
    at: Timestamp,
) -> Change<Invitation> {
    after.completed_at = Some(at);
    let (follow_up, others) = follow(&mut after, survey, programme);
    let of = Of::new(&after);
    let version = after.latest().expect("what is complete was answered").clone();
    let response = Response::of(&after, &version);
    let change = Change::to(after).telling(VoiceFact::SurveyCompleted { of, response, follow_up });
    others.into_iter().fold(change, Change::telling)
}

/// What the newest score sets off that nothing has before: for the desk, and for others.
pub(super) fn follow(
    after: &mut Invitation,
    survey: Option<&Survey>,
    programme: &Programme,
) -> (Option<Following>, Vec<VoiceFact>) {
    let Some((survey, score)) = survey.zip(score(after, survey, programme)) else { return (None, Vec::new()) };
    let of = Of::new(after);
    let mut others = Vec::new();
    if survey.on_detractor.as_ref().is_some_and(|follow| follow.heeds(score) && !after.done.contains(&follow.r#do)) {
        others.push(VoiceFact::DetractorDetected { of: of.clone(), score });
    }
    let mut told = None;
    for follow in survey.on_low().filter(|follow| follow.heeds(score)) {
        if told.is_none() && after.done.insert(follow.r#do) {
            told = Some(following(follow, score));
        }
    }
    // What a low score opened is left alone by a high one, and hears of it.
    let opened = [Follows::Ticket, Follows::ReopenAndEscalate].iter().any(|opened| after.done.contains(opened));
    if told.is_none() && opened && !survey.on_low().any(|follow| follow.heeds(score)) {
        told = Some(Following { does: NOTE.to_owned(), score, queue: None, policy: None, to: None });
    }
    let promoter = survey.on_promoter.as_ref().filter(|follow| follow.heeds(score));
    if let Some(follow) = promoter.filter(|follow| after.done.insert(follow.r#do)) {
        let to = follow.to.clone().unwrap_or_default();
        match follow.r#do {
            Follows::Invite => others.push(VoiceFact::PromoterDetected { of, score, to }),
            Follows::Ticket | Follows::ReopenAndEscalate => told = told.or_else(|| Some(following(follow, score))),
        }
    }
    (told, others)
}

fn following(follow: &FollowUp, score: i64) -> Following {
    Following {
        does: follow.r#do.name().to_owned(),
        score,
        queue: follow.queue.clone(),
        policy: follow.policy.clone(),
        to: follow.to.clone(),
    }
}

/// The score of the newest version: the answer to the question with a scale.
fn score(invitation: &Invitation, survey: Option<&Survey>, programme: &Programme) -> Option<i64> {
    let form = &programme.form(&survey?.form)?.written;
    score_of(form, invitation)
}

fn score_of(form: &Form, invitation: &Invitation) -> Option<i64> {
    match invitation.latest()?.answers.get(&form.scored()?.id)? {
        Answer::Number(number) => Some(*number),
        _ => None,
    }
}
