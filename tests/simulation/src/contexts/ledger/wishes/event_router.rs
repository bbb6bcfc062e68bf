//! The router. Nobody asks for it: it reads the stream, and every fact must reach the queue of those who evaluate it.

use super::super::stories;
use crate::contexts::handler::Handler;

pub(crate) const HANDLER: Handler = Handler {
    function: "event-router",
    handle: |context, trigger| {
        Box::pin(async move { lambda::handle(&::event_router::FUNCTION, &context.router, trigger).await })
    },
    wishes: &[],
    stories: stories::event_router::all,
};
