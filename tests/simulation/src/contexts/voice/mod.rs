//! Surveys: who is asked, what is answered, what members wish. They take part in the stories that are about them, with care and messages.

mod auditor;
mod bugs;
pub(crate) mod known;
mod stories;

use domain::programme::document::Document;
use domain::programme::reading::read;

use super::context::{Context, Mistakes};
use super::handler::Handler;
use crate::drawn;

/// What it registers.
pub(crate) const CONTEXT: Context = Context {
    handlers: &[SURVEYS],
    tables: auditor::TABLES,
    programme,
    audit: auditor::from_scratch,
    mistakes: Mistakes { ask: |_, _| {}, is_skipped: |_, _| false, hear: |_, _, reply| reply },
    bugs: bugs::BUGS,
};

const SURVEYS: Handler = Handler {
    function: "survey-intake",
    handle: |context, trigger| {
        Box::pin(async move {
            let (_, _, surveyor) = context.care.as_ref().expect("care takes part");
            let asked = drawn::asked(&trigger);
            drawn::drawing(&asked, lambda::handle(&::survey_intake::FUNCTION, surveyor, trigger)).await
        })
    },
    wishes: &[],
    stories: stories::of_surveys,
};

/// The journey that sends invitations, where the default programme has none.
const SECTIONS: &str = r#"
[[journey]]
id = "survey-invitation"
enter = "voc.surveyinvited"
key = ["invitation"]
purpose = "service"
steps = [ { id = "ask", at = "PT0S", valid_for = "PT72H", do = ["email", "in_app"], template = "survey-invitation", action = "answer" } ]
[[template]]
id = "survey-invitation"
[template.text.zh-CN]
subject = "想听听您的意见"
mail = "只需一分钟：{{ action_link }}"
inbox = "只需一分钟：{{ action_link }}"
"#;

fn programme(document: &mut Document) {
    let text = format!("{}{SECTIONS}", include_str!("../../../../../programme.toml"));
    if document.journey.iter().all(|journey| journey.id != "survey-invitation") {
        let whole = read(&text).expect("sections");
        document.journey.extend(whole.journey.into_iter().filter(|journey| journey.id == "survey-invitation"));
        document.template.extend(whole.template.into_iter().filter(|template| template.id == "survey-invitation"));
    }
}
