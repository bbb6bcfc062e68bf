//! What a member was asked and answered.

use domain::voice::{Answer, Invitation};
use serde_json::{Map, Value, json};

/// An invitation with the newest answer to it; every version, with its words, for the member.
pub(crate) fn answered(invitation: &Invitation, whole: bool) -> Value {
    let said = |answers: &domain::voice::Answers| -> Map<String, Value> {
        let kept = answers.iter().filter(|(_, answer)| whole || !matches!(answer, Answer::Text(_)));
        kept.map(|(question, answer)| (question.clone(), answer.value())).collect()
    };
    let versions =
        invitation.versions.iter().map(|version| json!({"at": version.at, "answers": said(&version.answers)}));
    let mut shown = json!({
        "invitation": invitation.id, "survey": invitation.survey, "state": invitation.state, "cause": invitation.cause,
        "issued_at": invitation.issued_at, "closes_at": invitation.closes_at, "about": invitation.about,
        "complete": invitation.completed_at.is_some(),
    });
    if whole {
        shown["versions"] = versions.collect();
    } else if let Some(latest) = invitation.latest() {
        (shown["answered_at"], shown["answers"]) = (json!(latest.at), said(&latest.answers).into());
    }
    if let Some(analysis) = &invitation.analysis {
        (shown["sentiment"], shown["themes"]) = (json!(analysis.sentiment), json!(analysis.themes));
    }
    shown
}
