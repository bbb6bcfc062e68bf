//! Care and messages: what is done for members when, and that nothing is sent twice. They take part in the stories that are about them.

mod auditor;
pub(crate) mod known;
mod stories;

use super::context::{Context, Mistakes};
use super::handler::Handler;
use crate::drawn;

/// What it registers.
pub(crate) const CONTEXT: Context = Context {
    handlers: &[CARE, MESSAGES],
    tables: auditor::TABLES,
    programme: |_| {},
    audit: auditor::from_scratch,
    mistakes: Mistakes { ask: |_, _| {}, is_skipped: |_, _| false, hear: |_, _, reply| reply },
    bugs: &[],
};

const CARE: Handler = Handler {
    function: "care-journey",
    handle: |context, trigger| {
        Box::pin(async move {
            let (carer, ..) = context.care.as_ref().expect("care takes part");
            lambda::handle(&::care_journey::FUNCTION, carer, trigger).await
        })
    },
    wishes: &[],
    stories: stories::of_care,
};

const MESSAGES: Handler = Handler {
    function: "message-dispatch",
    handle: |context, trigger| {
        Box::pin(async move {
            let (_, dispatcher, _) = context.care.as_ref().expect("care takes part");
            let asked = drawn::asked(&trigger);
            drawn::drawing(&asked, lambda::handle(&::message_dispatch::FUNCTION, dispatcher, trigger)).await
        })
    },
    wishes: &[],
    stories: stories::of_messages,
};
