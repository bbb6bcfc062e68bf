//! Reconciliation. It reads the stream beside the router, and closes the days that are over; what its checkpoints say is checked
//! when the world is quiet.

use super::super::stories;
use crate::contexts::handler::Handler;

pub(crate) const HANDLER: Handler = Handler {
    function: "reconciliation",
    handle: |context, trigger| {
        Box::pin(async move { lambda::handle(&::reconciliation::FUNCTION, &context.reconciler, trigger).await })
    },
    wishes: &[],
    stories: stories::reconciliation::all,
};
