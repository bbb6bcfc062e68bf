//! The function `member`, and what is asked of it.

use super::wishes::{agrees, changes, looks, presents};
use super::{erasing, exporting, stories};
use crate::contexts::handler::Handler;
use crate::drawn;

pub(crate) const HANDLER: Handler = Handler {
    function: "member",
    handle: |context, trigger| {
        Box::pin(async move {
            let asked = drawn::asked(&trigger);
            drawn::drawing(&asked, lambda::handle(&::member::FUNCTION, &context.member, trigger)).await
        })
    },
    wishes: &[(6, presents), (2, changes), (2, agrees), (2, looks)],
    stories: || stories::all().into_iter().chain(erasing::all()).chain(exporting::all()).collect(),
};
