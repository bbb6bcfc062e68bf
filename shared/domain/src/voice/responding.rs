//! An answer is given, repeated, or changed (rules: voice 15-19).

use jiff::Timestamp;

use super::answer::{Answer, Answered, texts};
use super::answering::Wrong;
use super::facts::{Of, Response, VoiceFact};
use super::following;
use super::invitation::{Analysis, Invitation, State, Version};
use super::refusal::VoiceRefusal;
use crate::kernel::change::Change;
use crate::programme::compiled::Programme;
use crate::programme::voice::survey::Survey;

/// An answer as it comes.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What the form makes of it.
    pub answered: Result<Answered, Vec<Wrong>>,
    /// What its words mean.
    pub analysis: Option<Analysis>,
    /// Which version it changes; none: it is the first.
    pub base: Option<u8>,
    /// Is it complete? What comes as JSON is; of a page its last step.
    pub complete: bool,
}

/// What an answer came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Responded {
    /// There is a version more.
    New {
        /// The invitation afterwards.
        change: Box<Change<Invitation>>,
        /// What goes to the member's profile, in the same transaction.
        profile: Vec<(String, Answer)>,
        /// The version's number.
        version: u8,
    },
    /// It was said before: nothing changes, and the newest version is answered.
    Replayed {
        /// The newest version's number.
        version: u8,
    },
}

/// Decides on an answer. `survey` and `programme` are those that the invitation was made by.
///
/// # Errors
/// Why it is not taken.
pub fn respond(
    invitation: &Invitation,
    reply: &Reply,
    (survey, programme): (Option<&Survey>, &Programme),
    now: Timestamp,
) -> Result<Responded, VoiceRefusal> {
    let latest = invitation.version_number();
    let said = reply.answered.as_ref().ok().map(|answered| answered.content);
    let says = |version: &Version| Some(version.content) == said;
    let repeated = match reply.base {
        None => invitation.versions.iter().any(says),
        Some(base) => {
            invitation.versions.get(usize::from(base)).is_some_and(says) || invitation.latest().is_some_and(says)
        }
    };
    if repeated {
        return Ok(finished(invitation, reply, (survey, programme), now));
    }
    if invitation.state == State::Cancelled {
        return Err(VoiceRefusal::SurveyCancelled);
    }
    let changes = reply.base.is_some() && !invitation.versions.is_empty();
    if now >= invitation.closes_at && !changes {
        return Err(VoiceRefusal::SurveyClosed);
    }
    let answered = reply.answered.clone().map_err(|errors| VoiceRefusal::InvalidAnswers { errors })?;
    match (reply.base, invitation.versions.first()) {
        (None, None) => {}
        (None, Some(first)) => return Err(VoiceRefusal::AlreadyAnswered { first: without_texts(first) }),
        (Some(_), None) => return Err(VoiceRefusal::NotAnswered),
        (Some(base), Some(_)) => {
            if invitation.fixed_at().is_some_and(|fixed| now >= fixed) {
                return Err(VoiceRefusal::EditWindowClosed);
            }
            if base != latest {
                return Err(VoiceRefusal::EditedMeanwhile { latest });
            }
        }
    }
    let most = Invitation::MOST_VERSIONS;
    let characters: usize = texts(&answered.answers).map(|text| text.chars().count()).sum();
    let written = invitation.characters().saturating_add(characters);
    let keeps = invitation.versions.is_empty() || written <= Invitation::MOST_CHARACTERS;
    if invitation.versions.len() >= most || !keeps {
        return Err(VoiceRefusal::TooManyVersions { most });
    }
    Ok(answer(invitation, reply, answered, (survey, programme), now))
}

fn answer(
    invitation: &Invitation,
    reply: &Reply,
    answered: Answered,
    (survey, programme): (Option<&Survey>, &Programme),
    now: Timestamp,
) -> Responded {
    let mut after = invitation.clone();
    let before = invitation.latest().map(|version| Response::of(invitation, version).scores);
    let version = Version { answers: answered.answers, content: answered.content, at: now };
    after.versions.push(version.clone());
    after.state = State::Answered;
    after.analysis.clone_from(&reply.analysis);
    let number = after.version_number();
    let completes = after.completed_at.is_none() && reply.complete;
    let mut facts = Vec::new();
    if let Some(before) = before {
        // What was complete stays so: a change sets off what its score says.
        let (follow_up, others) = if after.completed_at.is_some() {
            following::follow(&mut after, survey, programme)
        } else {
            (None, Vec::new())
        };
        let response = Response::of(&after, &version);
        facts.push(VoiceFact::SurveyRevised { of: Of::new(&after), response, before, follow_up });
        facts.extend(others);
    } else {
        let response = Response { complete: completes, ..Response::of(&after, &version) };
        facts.push(VoiceFact::SurveyAnswered { of: Of::new(&after), response });
    }
    let mut change = if completes { following::complete(after, survey, programme, now) } else { Change::to(after) };
    facts.append(&mut change.facts);
    change.facts = facts;
    Responded::New { change: Box::new(change), profile: answered.profile, version: number }
}

/// What was said before changes nothing, but that the last step of a page completes it.
fn finished(
    invitation: &Invitation,
    reply: &Reply,
    (survey, programme): (Option<&Survey>, &Programme),
    now: Timestamp,
) -> Responded {
    let version = invitation.version_number();
    let completes = reply.complete && invitation.state == State::Answered && invitation.completed_at.is_none();
    if !completes {
        return Responded::Replayed { version };
    }
    let change = Box::new(following::complete(invitation.clone(), survey, programme, now));
    Responded::New { change, profile: Vec::new(), version }
}

fn without_texts(version: &Version) -> serde_json::Map<String, serde_json::Value> {
    let plain = version.answers.iter().filter(|(_, answer)| !matches!(answer, Answer::Text(_) | Answer::InProfile));
    plain.map(|(id, answer)| (id.clone(), answer.value())).collect()
}

/// The words of the newest answer, as they are read.
#[must_use]
pub fn words(invitation: &Invitation) -> String {
    let newest = invitation.latest().into_iter().flat_map(|version| texts(&version.answers));
    newest.collect::<Vec<_>>().join("\n")
}

/// Reads the words of an answer again, with newer dictionaries; nothing if they say the same.
#[must_use]
pub fn reanalyse(invitation: &Invitation, analysis: Analysis) -> Option<Change<Invitation>> {
    let version = invitation.latest()?.clone();
    let known = invitation.analysis.as_ref();
    (known != Some(&analysis)).then(|| {
        let after = Invitation { analysis: Some(analysis), ..invitation.clone() };
        let response = Response::of(&after, &version);
        let of = Of::new(&after);
        Change::to(after).telling(VoiceFact::AnswerAnalysed { of, response })
    })
}

/// Takes the words out of an answer, in all its versions: scores and themes stay. Nothing if it has none.
#[must_use]
pub fn redact(invitation: &Invitation) -> Option<Change<Invitation>> {
    let mut after = invitation.clone();
    for version in &mut after.versions {
        version.answers.retain(|_, answer| !matches!(answer, Answer::Text(_)));
    }
    (after != *invitation).then(|| Change::to(after))
}
