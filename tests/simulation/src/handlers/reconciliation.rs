//! Reconciliation. It reads the stream beside the router, and closes the days that are over; what its checkpoints say is checked
//! when the world is quiet.

use super::{Handler, Scenario, fired};
use crate::handlers::earn::long_history;

pub(super) const HANDLER: Handler = Handler {
    function: "reconciliation",
    handle: |context, trigger| {
        Box::pin(async move { lambda::handle(&::reconciliation::FUNCTION, &context.reconciler, trigger).await })
    },
    wishes: &[],
    scenarios,
    check: |_, _| Vec::new(),
};

/// Its schedule.
pub(crate) const SCHEDULE: &str = "ReconciliationFunctionCloseDays";

fn scenarios() -> Vec<Scenario> {
    let watched = |_: &_| fired(SCHEDULE, "reconciliation");
    vec![Scenario { about: SCHEDULE, before: long_history(), hours: 24, watched }]
}
