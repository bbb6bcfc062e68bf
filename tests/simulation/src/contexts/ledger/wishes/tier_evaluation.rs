//! Tiers and segments. Its queue is fed by the router; a floor is wished for now and then.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::stories;
use crate::contexts::handler::Handler;
use crate::contexts::known::Known;
use crate::contexts::wish::{Wish, http};

pub(crate) const HANDLER: Handler = Handler {
    function: "tier-evaluation",
    handle: |context, trigger| {
        Box::pin(async move { lambda::handle(&::tier_evaluation::FUNCTION, &context.app, trigger).await })
    },
    wishes: &[(3, floor)],
    stories: stories::tier_evaluation::all,
};

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
