//! What is told of surveys and suggestions (voice). No words of members.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::answer::Answer;
use super::invitation::{About, Analysis, Invitation, Themed, Version};
use crate::kernel::event::facts;
use crate::programme::voice::form::Texts;
use crate::programme::voice::survey::Follows;

/// Which invitation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Of {
    /// The invitation.
    pub invitation: String,
    /// The survey.
    pub survey: String,
    /// By which version of the programme.
    pub survey_version: u32,
    /// What caused it.
    pub cause: String,
    /// What it belongs to.
    pub correlation: String,
    /// When it was made.
    pub invited_at: Timestamp,
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
}

/// An answer, complete in itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Response {
    /// Which version of it, from 1.
    pub version: u8,
    /// When it was first answered.
    pub answered_at: Timestamp,
    /// Has nobody anything to add?
    pub complete: bool,
    /// Numbers by question.
    pub scores: BTreeMap<String, i64>,
    /// Options by question.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, Vec<String>>,
    /// In which language its words are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// `negative`, `neutral` or `positive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<String>,
    /// How much so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment_score: Option<i32>,
    /// What it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub themes: Vec<Themed>,
    /// By which dictionaries its words were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dictionaries: Option<String>,
}

impl Of {
    /// Of an invitation.
    #[must_use]
    pub fn new(invitation: &Invitation) -> Self {
        Self {
            invitation: invitation.id.to_string(),
            survey: invitation.survey.clone(),
            survey_version: invitation.version,
            cause: invitation.cause.clone(),
            correlation: invitation.correlation.clone(),
            invited_at: invitation.issued_at,
            about: invitation.about.clone(),
        }
    }

    fn example() -> Self {
        Self {
            invitation: "5d41402abc4b2a76b9719d911017c592".into(),
            survey: "csat-ticket".into(),
            survey_version: 3,
            cause: "ticket:0b7c5f1be1b94a5f9a3fd5ce2b1e3c44:1".into(),
            correlation: "b1946ac92492d2347c6235b4d2611184".into(),
            invited_at: at(),
            about: About { locale: Some("zh-CN".into()), queue: Some("technical-support".into()), ..About::default() },
        }
    }
}

impl Response {
    /// The newest version of an invitation's answer.
    pub(super) fn of(invitation: &Invitation, version: &Version) -> Self {
        let mut scores = BTreeMap::new();
        let mut choices = BTreeMap::new();
        for (question, answer) in &version.answers {
            let chosen = match answer {
                Answer::Number(number) => {
                    scores.insert(question.clone(), *number);
                    continue;
                }
                Answer::Option(option) => vec![option.clone()],
                Answer::Options(options) => options.clone(),
                Answer::Yes(yes) => vec![if *yes { "yes" } else { "no" }.to_owned()],
                Answer::Date(date) => vec![date.to_string()],
                Answer::Text(_) | Answer::InProfile => continue,
            };
            choices.insert(question.clone(), chosen);
        }
        let analysis = invitation.analysis.as_ref();
        Self {
            version: invitation.version_number(),
            answered_at: invitation.versions.first().map_or(version.at, |first| first.at),
            complete: invitation.completed_at.is_some(),
            scores,
            choices,
            language: analysis.map(|analysis| analysis.language.clone()),
            sentiment: analysis.map(|analysis| analysis.sentiment.clone()),
            sentiment_score: analysis.map(|analysis| analysis.score),
            themes: analysis.map(|analysis| analysis.themes.clone()).unwrap_or_default(),
            dictionaries: analysis.map(|analysis| analysis.dictionaries.clone()),
        }
    }

    fn example() -> Self {
        Self {
            version: 1,
            answered_at: at(),
            complete: true,
            scores: BTreeMap::from([("score".into(), 2)]),
            choices: BTreeMap::new(),
            language: Some("zh".into()),
            sentiment: Some("negative".into()),
            sentiment_score: Some(-3_600),
            themes: vec![Themed {
                theme: "installation".into(),
                kind: "cause".into(),
                polarity: "negative".into(),
                sentence: 0,
            }],
            dictionaries: Some(Analysis::default().dictionaries),
        }
    }
}

/// What a score sets off.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Following {
    /// `ticket`, `reopen_and_escalate`, `note` or `invite`.
    #[serde(rename = "do")]
    pub does: String,
    /// The score.
    pub score: i64,
    /// To which queue; by the routes if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// With which service level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// To what the member is invited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Follows {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::ReopenAndEscalate => "reopen_and_escalate",
            Self::Invite => "invite",
        }
    }
}

/// Which suggestion.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Suggested {
    /// The suggestion.
    pub suggestion: String,
    /// Its theme.
    pub theme: String,
    /// What it is called, by language.
    pub title: Texts,
}

impl Suggested {
    fn example() -> Self {
        Self {
            suggestion: "0b7c5f1be1b94a5f9a3fd5ce2b1e3c44".into(),
            theme: "small-size".into(),
            title: Texts::from([("en".into(), "Smaller packs".into())]),
        }
    }
}

fn at() -> Timestamp {
    Timestamp::constant(1_772_416_800, 0)
}

facts! { VoiceFact:
    /// A member is invited to a survey.
    SurveyInvited = "perennial.voc.surveyinvited.v1" {
        /// Which invitation.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Why the member may be written to.
        purpose: String = "research".into(),
        /// The first instant at which no answer is taken any more.
        closes_at: Timestamp = at(),
    }
    /// A survey was answered.
    SurveyAnswered = "perennial.voc.surveyanswered.v1" {
        /// Which invitation.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// The answer.
        #[serde(flatten)]
        response: Response = Response::example(),
    }
    /// An answer was changed.
    SurveyRevised = "perennial.voc.surveyrevised.v1" {
        /// Which invitation.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// The answer as it is.
        #[serde(flatten)]
        response: Response = Response::example(),
        /// The numbers as they were.
        before: BTreeMap<String, i64> = BTreeMap::from([("score".into(), 9)]),
        /// What its score sets off now.
        #[serde(skip_serializing_if = "Option::is_none")]
        follow_up: Option<Following> = None,
    }
    /// An answer is complete.
    SurveyCompleted = "perennial.voc.surveycompleted.v1" {
        /// Which invitation.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// The answer.
        #[serde(flatten)]
        response: Response = Response::example(),
        /// What its score sets off.
        #[serde(skip_serializing_if = "Option::is_none")]
        follow_up: Option<Following> = Some(Following {
            does: "ticket".into(), score: 2, queue: Some("voice".into()), policy: Some("p2".into()), to: None,
        }),
    }
    /// A survey was not answered in time.
    SurveyExpired = "perennial.voc.surveyexpired.v1" {
        /// Which invitation.
        #[serde(flatten)]
        of: Of = Of::example(),
    }
    /// An invitation was taken back.
    SurveyCancelled = "perennial.voc.surveycancelled.v1" {
        /// Which invitation.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// Why.
        reason: String = "ticket_reopened".into(),
    }
    /// A member would not recommend the brand.
    DetractorDetected = "perennial.voc.detractordetected.v1" {
        /// By which invitation.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// The score.
        score: i64 = 3,
    }
    /// A member would.
    PromoterDetected = "perennial.voc.promoterdetected.v1" {
        /// By which invitation.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// The score.
        score: i64 = 10,
        /// To what the member is invited.
        to: String = "referral".into(),
    }
    /// The words of an answer were read with newer dictionaries.
    AnswerAnalysed = "perennial.voc.answeranalysed.v1" {
        /// Which invitation.
        #[serde(flatten)]
        of: Of = Of::example(),
        /// The answer.
        #[serde(flatten)]
        response: Response = Response::example(),
    }
    /// Somebody proposes what members wish.
    SuggestionLogged = "perennial.voc.suggestionlogged.v1" {
        /// Which.
        #[serde(flatten)]
        of: Suggested = Suggested::example(),
    }
    /// It will be done.
    SuggestionAccepted = "perennial.voc.suggestionaccepted.v1" {
        /// Which.
        #[serde(flatten)]
        of: Suggested = Suggested::example(),
    }
    /// It will not.
    SuggestionDeclined = "perennial.voc.suggestiondeclined.v1" {
        /// Which.
        #[serde(flatten)]
        of: Suggested = Suggested::example(),
        /// Why, by language.
        reason: Texts = Texts::from([("en".into(), "It would not keep fresh".into())]),
    }
    /// It is done, and a member who wished it is thanked.
    SuggestionShipped = "perennial.voc.suggestionshipped.v1" {
        /// Which.
        #[serde(flatten)]
        of: Suggested = Suggested::example(),
        /// Who is thanked.
        contributor: String = "m-1001".into(),
        /// What the thanks are known by: once for a suggestion and a member.
        thanks: String = "5d41402abc4b2a76b9719d911017c592".into(),
        /// What it belongs to.
        correlation: String = "b1946ac92492d2347c6235b4d2611184".into(),
    }
}
