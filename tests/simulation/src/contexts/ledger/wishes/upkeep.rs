//! The hourly sweep. Its schedule fires by the template; that nothing due is left is checked when the world is quiet.

use super::super::stories;
use crate::contexts::handler::Handler;

pub(crate) const HANDLER: Handler = Handler {
    function: "upkeep",
    handle: |context, trigger| {
        Box::pin(async move { lambda::handle(&::upkeep::FUNCTION, &context.app, trigger).await })
    },
    wishes: &[],
    stories: stories::upkeep::all,
};
