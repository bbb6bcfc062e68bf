//! Why an answer is not taken (rules: voice 15-17).

use serde_json::{Map, Value};

use super::answering::Wrong;
use crate::kernel::refusal::{Reused, refusals};

refusals! {
    /// Why an answer is not taken.
    VoiceRefusal {
        /// Some of it is no answer.
        Invalid InvalidAnswers ("invalid_answers" at "answers") {
            /// What, and why.
            errors: Vec<Wrong>,
        } = "some answers are none; `errors` names each question",
        /// The question was taken back.
        Gone SurveyCancelled ("survey_cancelled") = "the question was taken back",
        /// Its time is over.
        Gone SurveyClosed ("survey_closed") = "no answers are taken any more",
        /// There is another answer.
        Conflict AlreadyAnswered ("already_answered") {
            /// The first one, without its texts.
            first: Map<String, Value>,
        } = "it was answered before; an answer can be changed for 24 hours",
        /// There is no answer to change.
        Conflict NotAnswered ("not_answered") = "there is no answer to change",
        /// The answer is fixed.
        Conflict EditWindowClosed ("edit_window_closed") = "24 hours after it was given an answer is fixed",
        /// There is a newer version.
        Conflict EditedMeanwhile ("edited_meanwhile") {
            /// The newest.
            latest: u8,
        } = "the answer was changed meanwhile",
        /// It was changed too often.
        Conflict TooManyVersions ("too_many_versions") {
            /// The most versions.
            most: usize,
        } = "an answer has so many versions, and no more",
        | Reused,
    }
}

refusals! {
    /// A link leads nowhere.
    LinkRefusal {
        /// It was not made here, or what it led to is gone.
        NotFound UnknownLink ("unknown_link") = "the link leads to nothing that there is",
    }
}
