//! Mistakes with surveys.

use crate::bug::bugs;

bugs! {
    "store" "bug-answer-counted-twice" Story("PUT /v1/surveys/{token}/responses")
        "An answer earns each time that it is changed, for what is told the ledger has another name then.";
    "store" "bug-suggestion-thanked-twice" Story("SurveyIntakeFunctionVoiceTick")
        "Whoever wished something is told again by a run that begins where one has died.";
}
