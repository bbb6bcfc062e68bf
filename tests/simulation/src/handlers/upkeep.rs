//! The hourly sweep. Its schedule fires by the template; that nothing due is left is checked when the world is quiet.

use serde_json::json;

use super::{Handler, Scenario, Way, Wish};
use crate::handlers::earn::long_history;

pub(super) const HANDLER: Handler = Handler {
    function: "upkeep",
    handle: |context, trigger| {
        Box::pin(async move { lambda::handle(&::upkeep::FUNCTION, &context.app, trigger).await })
    },
    wishes: &[],
    scenarios,
    check: |_, _| Vec::new(),
};

/// The event of a schedule.
pub(crate) fn fired(name: &str, function: &'static str) -> Wish {
    let payload = json!({
        "version": "0", "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": {},
        "resources": [format!("arn:aws:scheduler:us-east-1:000000000000:schedule/default/{name}")],
    });
    Wish {
        way: Way::Invoke(function),
        member: String::new(),
        what: format!("schedule {name}"),
        payload,
        repeatable: false,
        keyed: false,
        order: None,
        refusals: &[],
        poison: false,
    }
}

fn scenarios() -> Vec<Scenario> {
    let watched = |_: &_| fired("UpkeepFunctionSettleDueAccounts", "upkeep");
    let about = "UpkeepFunctionSettleDueAccounts";
    vec![
        Scenario { about, before: Vec::new(), hours: 0, watched },
        Scenario { about, before: long_history(), hours: 24 * 20, watched },
    ]
}
