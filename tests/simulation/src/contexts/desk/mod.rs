//! The service desk: every ticket has an owner and a clock, each clock is told of once, and nothing is given that is in no budget.

mod auditor;
mod bugs;
mod stories;

use super::context::{Context, Mistakes};
use super::handler::Handler;
use crate::drawn;

/// What it registers.
pub(crate) const CONTEXT: Context = Context {
    handlers: &[DESK],
    tables: auditor::TABLES,
    // A second person is asked sooner, so that somebody is.
    programme: |document| {
        if let Some(pack) = &mut document.emergency_pack {
            (pack.approval_above_minor, pack.per_member_30d) = (Some(2_000), 0);
        }
    },
    audit: auditor::from_scratch,
    mistakes: Mistakes { ask: |_, _| {}, is_skipped: |_, _| false, hear: |_, _, reply| reply },
    bugs: bugs::BUGS,
};

const DESK: Handler = Handler {
    function: "service-desk",
    handle: |context, trigger| {
        Box::pin(async move {
            let asked = drawn::asked(&trigger);
            drawn::drawing(&asked, lambda::handle(&::service_desk::FUNCTION, &*context.member, trigger)).await
        })
    },
    wishes: &[],
    stories: stories::stories,
};
