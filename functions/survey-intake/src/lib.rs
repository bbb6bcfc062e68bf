//! Surveys: members are asked at the right moment and not too often; an answer becomes numbers, themes and what follows of them; what members
//! wish is done or not, and who wished it is thanked once.
//!
//! Whom to ask comes from the queue `voice`; what is due is done every five minutes, and from nine o'clock on whoever has a turn is asked. The
//! form is a page without a script, and an API, for whoever has the link; looking at it changes nothing.

mod answers;
mod context;
mod forms;
mod invitations;
mod page;
mod queue;
mod shown;
mod suggestions;
mod texts;
mod tick;
mod wire;

use domain::kernel::refusal::{Missing, Refusal as _};
use domain::members::finding::Finding;
use domain::members::telling::Telling;
use domain::programme::source::Sourcing;
use domain::voice::{LinkRefusal, SuggestionRefusal, VoiceRefusal};
use lambda::{Access, Consumer, Function, Key, Method, Route, Run, Scope, Shape, Whose, anything, call, reply};
use wire::answer::{AnswerReply, ChangeRequest, FirstRequest};
use wire::form::{FormReply, FormRequest, NextReply};
use wire::invitation::{InvitationsReply, InvitationsRequest};
use wire::shown::{SurveysReply, TextReply};
use wire::suggestion::{AcceptRequest, DeclineRequest, Nothing, ProposeRequest, SuggestionReply, SuggestionsReply};
use wire::survey::SurveyReply;

pub use context::Surveyor;

const LANG: (&str, &str) = ("lang", "The language of the answer");

const ROUTES: &[Route<Surveyor>] = &[
    Route {
        method: Method::Get,
        path: "/s/{token}",
        id: "showSurvey",
        says: "The form as a page, for whoever has the link. It changes nothing.",
        access: Access::Open,
        key: Key::Read,
        shape: Shape::page(
            &[LANG, ("edit", "`1`: to change the answer"), ("q.*", "An answer to show as chosen, by question")],
            &[anything(200, "The page")],
        ),
        refuses: &[],
        call: call!(page::get),
    },
    Route {
        method: Method::Post,
        path: "/s/{token}",
        id: "submitSurvey",
        says: "What the page sends. The answer leads back to the page.",
        access: Access::Open,
        key: Key::Business,
        shape: Shape::page(
            &[LANG, ("edit", "`1`: to change the answer"), ("q.*", "Not read")],
            &[anything(303, "Look at the page")],
        ),
        refuses: &[],
        call: call!(page::post),
    },
    Route {
        method: Method::Get,
        path: "/v1/surveys/{token}",
        id: "getSurvey",
        says: "What an invitation asks and where it stands, for whoever has the link. It changes nothing.",
        access: Access::Open,
        key: Key::Read,
        shape: Shape::asked(&[LANG], &[reply::<SurveyReply>(200, "What is asked")]),
        refuses: &[LinkRefusal::CODES],
        call: call!(answers::get),
    },
    Route {
        method: Method::Post,
        path: "/v1/surveys/{token}/responses",
        id: "answerSurvey",
        says: "Answer. What was said before is answered again; anything else is refused with the first answer.",
        access: Access::Open,
        key: Key::Business,
        shape: Shape::of::<FirstRequest>(&[
            reply::<AnswerReply>(201, "It is taken"),
            reply::<AnswerReply>(200, "It was said before"),
        ]),
        refuses: &[LinkRefusal::CODES, VoiceRefusal::CODES, Telling::CODES],
        call: call!(answers::post),
    },
    Route {
        method: Method::Put,
        path: "/v1/surveys/{token}/responses",
        id: "changeAnswer",
        says: "Change the answer, within 24 hours: all versions are kept, the newest counts.",
        access: Access::Open,
        key: Key::Business,
        shape: Shape::of::<ChangeRequest>(&[reply::<AnswerReply>(200, "It is changed, or was")]),
        refuses: &[LinkRefusal::CODES, VoiceRefusal::CODES, Telling::CODES],
        call: call!(answers::put),
    },
    Route {
        method: Method::Post,
        path: "/v1/invitations",
        id: "inviteMembers",
        says: "Invite members to a survey that is sent by hand. Each is invited, or not, and told why.",
        access: Access::Of(Scope::SurveysInvite, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<InvitationsRequest>(&[reply::<InvitationsReply>(200, "What came of each")]),
        refuses: &[],
        call: call!(invitations::post),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/surveys",
        id: "listSurveys",
        says: "What a member was asked and answered, the newest first. Words are shown to the member alone.",
        access: Access::Of(Scope::SurveysRead, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(
            &[("after", "What `next` of the last answer said"), ("of", "A member whom this one stands for")],
            &[reply::<SurveysReply>(200, "Invitations and answers")],
        ),
        refuses: &[Finding::CODES],
        call: call!(shown::get),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/forms/{form}",
        id: "submitForm",
        says: "Fill in a form whose questions are about the member: registration, preferences. What it says goes to the profile.",
        access: Access::Of(Scope::MembersWrite, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::of::<FormRequest>(&[reply::<FormReply>(200, "What came of it")]),
        refuses: &[Finding::CODES, Telling::CODES, Sourcing::CODES, VoiceRefusal::CODES, Missing::CODES],
        call: call!(forms::post),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/forms/{form}/next",
        id: "getNextQuestion",
        says: "The first question of a form that the member's profile has no answer to, and that was neither asked nor declined lately.",
        access: Access::Of(Scope::MembersWrite, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<NextReply>(200, "The question, if there is one")]),
        refuses: &[Finding::CODES, Missing::CODES],
        call: call!(forms::next),
    },
    Route {
        method: Method::Get,
        path: "/v1/responses/{response_id}/text",
        id: "readAnswer",
        says: "What was written in an answer.",
        access: Access::Of(Scope::VoiceText, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<TextReply>(200, "The words")]),
        refuses: &[Missing::CODES],
        call: call!(texts::get),
    },
    Route {
        method: Method::Delete,
        path: "/v1/responses/{response_id}/text",
        id: "redactAnswer",
        says: "Take what was written out of all versions of an answer, for good. Scores and themes stay.",
        access: Access::Of(Scope::PrivacyManage, Whose::Nobody),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<TextReply>(200, "There are no words any more")]),
        refuses: &[Missing::CODES],
        call: call!(texts::delete),
    },
    Route {
        method: Method::Get,
        path: "/v1/suggestions",
        id: "listSuggestions",
        says: "What members wish, and where each stands.",
        access: Access::Of(Scope::SuggestionsWrite, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(&[("after", "A suggestion")], &[reply::<SuggestionsReply>(200, "Suggestions")]),
        refuses: &[],
        call: call!(suggestions::list),
    },
    Route {
        method: Method::Post,
        path: "/v1/suggestions",
        id: "proposeSuggestion",
        says: "Propose what members wish.",
        access: Access::Of(Scope::SuggestionsWrite, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<ProposeRequest>(&[
            reply::<SuggestionReply>(201, "It is proposed"),
            reply::<SuggestionReply>(200, "It was before"),
        ]),
        refuses: &[SuggestionRefusal::CODES],
        call: call!(suggestions::propose),
    },
    Route {
        method: Method::Post,
        path: "/v1/suggestions/{suggestion_id}/acceptance",
        id: "acceptSuggestion",
        says: "It will be done: whoever wished it is found.",
        access: Access::Of(Scope::SuggestionsWrite, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<AcceptRequest>(&[reply::<SuggestionReply>(200, "It is accepted")]),
        refuses: &[SuggestionRefusal::CODES],
        call: call!(suggestions::accept),
    },
    Route {
        method: Method::Post,
        path: "/v1/suggestions/{suggestion_id}/shipping",
        id: "shipSuggestion",
        says: "It is done: whoever wished it is found once more, and told and thanked once.",
        access: Access::Of(Scope::SuggestionsWrite, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<Nothing>(&[reply::<SuggestionReply>(200, "It is shipped")]),
        refuses: &[SuggestionRefusal::CODES],
        call: call!(suggestions::ship),
    },
    Route {
        method: Method::Post,
        path: "/v1/suggestions/{suggestion_id}/decline",
        id: "declineSuggestion",
        says: "It will not be done, and why.",
        access: Access::Of(Scope::SuggestionsWrite, Whose::Nobody),
        key: Key::Header,
        shape: Shape::of::<DeclineRequest>(&[reply::<SuggestionReply>(200, "It is declined")]),
        refuses: &[SuggestionRefusal::CODES],
        call: call!(suggestions::decline),
    },
];

/// The function.
pub const FUNCTION: Function<Surveyor> = Function {
    name: "survey-intake",
    routes: ROUTES,
    queues: &[Consumer { queue: "VoiceQueue", wants: surveys::WANTS, work: call!(queue::take, deadline) }],
    streams: &[],
    schedules: &[Run { work: call!(tick::run) }],
};
