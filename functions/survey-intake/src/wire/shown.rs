//! What a member was asked and answered.

use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use domain::members::state::Member;
use domain::voice::{Invitation, InvitationId, State};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use store::AnswersPage;

use super::answer::{without_words, words};

/// What a member was asked and answered, the newest first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SurveysReply {
    /// The member.
    member: String,
    /// The id that was asked for, if another member stands for that one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_from: Option<String>,
    /// Under which id these are kept.
    of: String,
    /// Under which others there are some: ask with `of`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<String>,
    /// Invitations and answers.
    surveys: Vec<InvitationView>,
    /// Give it as `after` to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// An invitation and its answer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct InvitationView {
    /// The invitation; `/v1/responses/{invitation}/text` is what was written.
    invitation: String,
    /// What leads to its form, `/s/{token}`: for the member itself, as long as it can be answered or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// The survey.
    survey: String,
    /// `waiting`, `invited`, `answered`, `expired` or `cancelled`.
    state: State,
    /// What caused it.
    cause: String,
    /// When it was made.
    issued_at: Timestamp,
    /// When it is or was sent.
    send_at: Timestamp,
    /// When it closes.
    closes_at: Timestamp,
    /// The ticket that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    /// The order that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    /// When it was first answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<Timestamp>,
    /// Is nothing more to be said?
    complete: bool,
    /// The number of the newest version.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u8>,
    /// Its answers, but words.
    #[serde(skip_serializing_if = "Map::is_empty")]
    answers: Map<String, Value>,
    /// What was written, for the member itself.
    #[serde(skip_serializing_if = "Map::is_empty")]
    words: Map<String, Value>,
    /// `negative`, `neutral` or `positive`: how what was written is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentiment: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    themes: Vec<String>,
}

impl SurveysReply {
    pub(crate) fn new(
        member: &Member,
        (asked, whose): (&MemberId, &MemberId),
        page: &AnswersPage,
        tokens: Option<&BTreeMap<InvitationId, String>>,
    ) -> Self {
        let others = member.everybody().filter(|one| *one != whose);
        Self {
            member: member.id.to_string(),
            merged_from: (member.id != *asked).then(|| asked.to_string()),
            of: whose.to_string(),
            others: others.map(ToString::to_string).collect(),
            surveys: page.invitations.iter().map(|one| InvitationView::new(one, tokens)).collect(),
            next: page.next.map(|next| next.to_string()),
        }
    }
}

impl InvitationView {
    /// With links and words where there are tokens.
    fn new(invitation: &Invitation, tokens: Option<&BTreeMap<InvitationId, String>>) -> Self {
        let analysis = invitation.analysis.as_ref();
        Self {
            invitation: invitation.id.to_string(),
            token: tokens.and_then(|tokens| tokens.get(&invitation.id)).cloned(),
            survey: invitation.survey.clone(),
            state: invitation.state,
            cause: invitation.cause.clone(),
            issued_at: invitation.issued_at,
            send_at: invitation.send_at,
            closes_at: invitation.closes_at,
            ticket: invitation.about.ticket.clone(),
            order: invitation.about.order.clone(),
            answered_at: invitation.versions.first().map(|first| first.at),
            complete: invitation.completed_at.is_some(),
            version: invitation.latest().map(|_| invitation.version_number()),
            answers: without_words(invitation),
            words: if tokens.is_some() { words(invitation) } else { Map::new() },
            sentiment: analysis.map(|analysis| analysis.sentiment.clone()),
            themes: analysis.into_iter().flat_map(|analysis| &analysis.themes).map(|one| one.theme.clone()).collect(),
        }
    }
}

/// What was written in an answer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct TextReply {
    /// The invitation.
    response: String,
    /// The words of its newest version, by question.
    text: Map<String, Value>,
}

impl TextReply {
    pub(crate) fn new(invitation: &Invitation) -> Self {
        Self { response: invitation.id.to_string(), text: words(invitation) }
    }
}
