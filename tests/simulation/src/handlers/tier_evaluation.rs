//! Tiers and segments. Its queue is fed by the router; a floor is wished for now and then.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Handler, Known, Scenario, Wish, http};
use crate::handlers::earn::{long_history, stories_of_facts};
use crate::handlers::fired;

pub(super) const HANDLER: Handler = Handler {
    function: "tier-evaluation",
    handle: |context, trigger| {
        Box::pin(async move { lambda::handle(&::tier_evaluation::FUNCTION, &context.app, trigger).await })
    },
    wishes: &[(3, floor)],
    scenarios,
    check: |_, _| Vec::new(),
};

const SCHEDULE: &str = "TierEvaluationFunctionBeginDay";

fn floor(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let member = known.member(rng);
    let tier = ["silver", "gold", "black"][rng.usize(0..3)];
    let until = now + SignedDuration::from_hours(rng.i64(-24..24 * 400));
    let body = json!({"tier": tier, "until": until, "reason": "goodwill"});
    let path = format!("/v1/members/{member}/tier-floors");
    let key = format!("k-{}", known.count);
    let what = format!("floor {tier}");
    http(("tier-evaluation", "POST", &path), (&member, &what), body, Some(key))
}

/// Somebody who has every benefit.
pub(super) fn floored() -> Wish {
    let body = json!({"tier": "black", "until": "2026-12-31T16:00:00Z", "reason": "goodwill"});
    http(("tier-evaluation", "POST", "/v1/members/m-0/tier-floors"), ("m-0", "floor"), body, Some("k".to_owned()))
}

fn scenarios() -> Vec<Scenario> {
    let about = "POST /v1/members/{member_id}/tier-floors";
    let mut stories = vec![
        Scenario { about, before: Vec::new(), hours: 0, watched: |_| floored() },
        Scenario {
            about: SCHEDULE,
            before: long_history(),
            hours: 24 * 500,
            watched: |_| fired(SCHEDULE, "tier-evaluation"),
        },
    ];
    stories.extend(stories_of_facts("TierQueue"));
    stories
}
