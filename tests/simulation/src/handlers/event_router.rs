//! The router. Nobody asks for it: it reads the stream, and every fact must reach the queue of those who evaluate it.

use super::{Handler, Scenario};
use crate::handlers::earn::stories_of_facts;

pub(super) const HANDLER: Handler = Handler {
    function: "event-router",
    handle: |context, trigger| {
        Box::pin(async move { lambda::handle(&::event_router::FUNCTION, &context.router, trigger).await })
    },
    wishes: &[],
    scenarios,
    check: |_, _| Vec::new(),
};

fn scenarios() -> Vec<Scenario> {
    stories_of_facts("AccountsTable")
}
